// SPDX-License-Identifier: BSD-2-Clause
#include "engine/rules/rule.h"

#include <string.h>

#include "lib/escape.h"

/* More is looked up in vain only where somebody makes them for that. */
#define ANCESTORS_MAX 64

const char *describe_space(enum id_space space)
{
	return space == SPACE_UID ? "UID" : "GID";
}

const char *describe_id_kind(enum id_space space)
{
	return space == SPACE_UID ? "uid" : "gid";
}

const char *describe_pod(const struct violations *to, const struct pod *pod)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];
	struct pod_name *known;

	HASH_FIND_STR(to->engine->names, pod->uid, known);
	if (!known)
		return describe(to, "pod %s", pod->uid);
	return describe(to, "pod %s/%s",
			escape(namespace, sizeof(namespace), known->namespace,
			       sizeof(known->namespace)),
			escape(name, sizeof(name), known->name, sizeof(known->name)));
}

const char *describe_process(const struct violations *to, const struct nsv_task *task,
			     const char comm[NSV_COMM_LEN])
{
	char escaped[ESCAPED_SIZE(NSV_COMM_LEN)];

	escape(escaped, sizeof(escaped), comm, NSV_COMM_LEN);
	if (task->tid != task->tgid)
		return describe(to, "thread %u of process %u (\"%s\")", task->tid, task->tgid,
				escaped);
	return describe(to, "process %u (\"%s\")", task->tgid, escaped);
}

const char *describe_task(const struct violations *to, const struct task *task)
{
	return describe_process(to, &task->id.task, task->id.comm);
}

/* Of its ancestors in the pod, itself included, the one that came from outside; NULL: none was seen to. */
static const struct task *find_origin(const struct task *task)
{
	const struct task *at = task->leader ?: task;

	for (int i = 0; at && at->pod == task->pod && i < ANCESTORS_MAX; i++, at = at->parent)
		if (at->came_in)
			return at;
	return NULL;
}

const char *describe_origin(const struct violations *to, const struct task *task)
{
	const struct task *origin = find_origin(task);

	if (!origin)
		return "";
	return describe(to, ", %s%swhich came into the pod from outside%s,",
			origin == task ? "" : "of ",
			origin == task ? "" : describe(to, "%s, ", describe_task(to, origin)),
			origin->came_foreign ?
				", as with nsenter, and never was in its user namespace" :
				"");
}

const char *describe_userns(const struct violations *to, const struct userns *ns)
{
	if (ns->node_or_above)
		return describe(to, "the node's user namespace %llu", ns->ns.inum);
	return describe(to, "user namespace %llu", ns->ns.inum);
}

const char *describe_range(const struct violations *to, enum id_space space, struct id_range range)
{
	uint32_t first = node_id(to->engine, space, range.first);

	if (range.first == range.last)
		return describe(to, "%u", first);
	return describe(to, "%u-%u", first, first + (range.last - range.first));
}

const char *describe_host_ids(const struct violations *to, enum id_space space,
			      struct id_range range)
{
	return describe(to, "host %s%s %s", describe_space(space),
			range.first == range.last ? "" : "s", describe_range(to, space, range));
}

const char *describe_ranges(const struct violations *to, enum id_space space,
			    const struct range_set *set)
{
	const char *text = set->n ? "" : "none";

	for (size_t i = 0; i < set->n && i < 3; i++)
		text = describe(to, "%s%s%s", text, i ? ", " : "",
				describe_range(to, space, set->v[i]));
	return set->n > 3 ? describe(to, "%s and %zu more", text, set->n - 3) : text;
}

const char *describe_container(const struct violations *to, const struct container *container)
{
	char id[ESCAPED_SIZE(12)], name[ESCAPED_SIZE(NSV_NAMESPACE_LEN)];

	if (!container->id[0] && !container->first)
		return "a container that has ended";
	if (!container->id[0])
		return describe(to, "the container of process %u", container->first->id.task.tgid);
	escape(id, sizeof(id), container->id, 12);
	if (!container->bundle)
		return describe(to, "container %s", id);
	if (container->bundle->kind == NSV_BUNDLE_SANDBOX)
		return describe(to, "the sandbox %s", id);
	return describe(to, "container %s \"%s\"", id,
			escape(name, sizeof(name), container->bundle->name,
			       sizeof(container->bundle->name)));
}

const char *describe_capability(const struct violations *to, unsigned capability)
{
	return capability_name(capability) ?: describe(to, "CAP_%u", capability);
}

struct party party_userns(const struct userns *ns, const struct pod *pod)
{
	return (struct party){.kind = PARTY_USERNS, .userns = ns->ns, .pod = pod ? pod->uid : NULL};
}

struct party party_task(const struct task *task)
{
	struct party party = {
		.kind = PARTY_PROCESS,
		.process.task = task->id.task,
		.userns = task->id.ns[NSV_NS_USER].ns,
		.pod = task->pod ? task->pod->uid : NULL,
	};

	memcpy(party.process.comm, task->id.comm, NSV_COMM_LEN);
	return party;
}

struct party party_pod(const struct pod *pod)
{
	return (struct party){.kind = PARTY_POD, .pod = pod->uid};
}
