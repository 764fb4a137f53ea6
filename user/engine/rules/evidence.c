// SPDX-License-Identifier: BSD-2-Clause
/* What rules have in common: a violation, what shows it, and how to see it by hand. */
#include "engine/rules/rule.h"

#include "lib/escape.h"

#include <string.h>

void set_ids(struct violations *to, struct evidence *evidence, const char *what,
	     enum id_space space, struct id_range range)
{
	evidence->id_what = what;
	evidence->ids.first = node_id(to->engine, space, range.first);
	evidence->ids.last = evidence->ids.first + (range.last - range.first);
}

struct violation *add(struct violations *to, const struct pod *pod, int natural,
		      struct party subject)
{
	struct violation *violation;

	xgrow(to->v, to->n, &to->cap);
	violation = &to->v[to->n++];
	*violation = (struct violation){
		.rule = to->rule,
		.natural = natural,
		.key = {.rule = to->rule, .pod = pod->cgroup, .kind = subject.kind},
		.evidence.subject = subject,
	};
	if (subject.kind == PARTY_PROCESS) {
		violation->key.a = subject.process.task.tid;
		violation->key.b = subject.process.task.start_ns;
	} else {
		violation->key.a = subject.userns.inum;
		violation->key.b = subject.userns.id;
	}
	return violation;
}

bool needs_text(struct violations *to, const struct violation *violation)
{
	return !to->is_old || !to->is_old(to->engine, &violation->key) ||
	       to->old++ < EVIDENCE_SHOWN;
}

/* A task of the pod in its base namespace, or any; NULL: the pod has ended. */
const struct task *task_in(const struct pod *pod, const struct userns *ns)
{
	for (size_t t = 0; t < pod->n_tasks; t++)
		if (pod->tasks[t]->userns == ns)
			return pod->tasks[t];
	return pod->n_tasks ? pod->tasks[0] : NULL;
}

/* How to see two maps. Either may be NULL: its namespace has no task of its own. */
const char *check_maps(const struct violations *to, const struct task *one,
		       const struct task *other, enum id_space space)
{
	const char *kind = describe_id_kind(space);

	if (!one)
		one = other;
	if (!one)
		return NULL;
	if (!other || one == other)
		return describe(to, "cat /proc/%u/%s_map", one->id.task.tgid, kind);
	return describe(to, "cat /proc/%u/%s_map /proc/%u/%s_map", one->id.task.tgid, kind,
			other->id.task.tgid, kind);
}

/* How to see a pod's map. */
const char *check_map(const struct violations *to, const struct pod *pod, const struct userns *base,
		      enum id_space space)
{
	return check_maps(to, task_in(pod, base), NULL, space);
}

int isolated_severity(const struct pod *pod)
{
	return pod->n_bases ? SEVERITY_CRITICAL : SEVERITY_POLICY;
}

const struct mount_view *view_mount(const struct violations *to, const struct nsv_mount_name *name,
				    bool has_root, const char *point)
{
	struct mount_view *view = arena_calloc(&to->engine->arena, 1, sizeof(*view));

	view->id = name->id;
	view->major = name->dev >> 20;
	view->minor = name->dev & ((1U << 20) - 1);
	view->type = describe(to, "%s", name->type);
	view->root = has_root ? describe(to, "%s", name->root) : NULL;
	view->point = point ? describe(to, "%s", point) : NULL;
	return view;
}

/* 'mount 512 (ext4, 8:1 "/srv/data")' */
const char *describe_mount(const struct violations *to, const struct mount_view *mount)
{
	char type[ESCAPED_SIZE(NSV_FS_TYPE_LEN)], root[ESCAPED_SIZE(NSV_PATH_LEN)];

	escape(type, sizeof(type), mount->type, strlen(mount->type));
	if (!mount->root)
		return describe(to, "mount %u (%s, %u:%u)", mount->id, type, mount->major,
				mount->minor);
	escape(root, sizeof(root), mount->root, strlen(mount->root));
	return describe(to, "mount %u (%s, %u:%u \"%s\")", mount->id, type, mount->major,
			mount->minor, root);
}
