// SPDX-License-Identifier: BSD-2-Clause
#include "sink/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/escape.h"
#include "lib/hash.h"

#define ANCESTORS_MAX 64
#define GROUPS_SAID 8

/* No padding: it is a key. */
struct task_id {
	uint64_t tid, start_ns;
};

/* A task that was seen: the first parent that it had is the one that it was born of. */
struct seen {
	struct task_id id;
	struct nsv_task parent;	   /* all 0: not known */
	bool concerns;		   /* it belongs to the story */
	struct nsv_identity *told; /* as it was told of last, with its groups; NULL: not yet */
	UT_hash_handle hh;
};

struct seen_userns {
	struct nsv_ns ns;
	struct task_id first; /* the first task that was seen in it */
	bool concerns;
	UT_hash_handle hh;
};

struct seen_cgroup {
	uint64_t id;
	char *text; /* "pod UID", "container ID" */
	char uid[NSV_POD_UID_LEN];
	uint64_t pod;
	UT_hash_handle hh;
};

/* A sentence about what is, and not about what happens: each walk says it anew. */
struct said {
	char *text;
	UT_hash_handle hh;
};

struct explain {
	const char *id;
	bool found;
	uint64_t seq; /* of the event that led to it; before that, of the last one */
	struct seen *tasks;
	struct seen_userns *userns;
	struct seen_cgroup *cgroups;

	/* what the finding is about */
	char **pods; /* their uids */
	size_t n_pods, cap_pods;
	uint32_t *mounts;
	size_t n_mounts, cap_mounts;
	bool capability;

	struct said *said;
	FILE *out; /* the sentence that is being made */
	char *text;
	size_t len;
};

struct explain *explain_new(const char *id)
{
	struct explain *explain = xcalloc(1, sizeof(*explain));

	explain->id = id;
	explain->out = xmemstream(&explain->text, &explain->len);
	return explain;
}

void explain_free(struct explain *explain)
{
	struct seen *task, *next_task;
	struct seen_userns *ns, *next_ns;
	struct seen_cgroup *cgroup, *next_cgroup;
	struct said *said, *next_said;

	if (!explain)
		return;
	HASH_ITER(hh, explain->tasks, task, next_task) {
		HASH_DEL(explain->tasks, task);
		free(task->told);
		free(task);
	}
	HASH_ITER(hh, explain->userns, ns, next_ns) {
		HASH_DEL(explain->userns, ns);
		free(ns);
	}
	HASH_ITER(hh, explain->cgroups, cgroup, next_cgroup) {
		HASH_DEL(explain->cgroups, cgroup);
		free(cgroup->text);
		free(cgroup);
	}
	HASH_ITER(hh, explain->said, said, next_said) {
		HASH_DEL(explain->said, said);
		free(said->text);
		free(said);
	}
	fclose(explain->out);
	free(explain->text);
	for (size_t i = 0; i < explain->n_pods; i++)
		free(explain->pods[i]);
	free(explain->pods);
	free(explain->mounts);
	free(explain);
}

/* ---- what was seen ---- */

static struct seen *find_task(const struct explain *explain, const struct nsv_task *task)
{
	const struct task_id id = {.tid = task->tid, .start_ns = task->start_ns};
	struct seen *found;

	HASH_FIND(hh, explain->tasks, &id, sizeof(id), found);
	return found;
}

static void learn_task(struct explain *explain, const struct nsv_task *task,
		       const struct nsv_task *parent)
{
	struct seen *seen = find_task(explain, task);

	if (!seen) {
		seen = xcalloc(1, sizeof(*seen));
		seen->id = (struct task_id){.tid = task->tid, .start_ns = task->start_ns};
		table_add(explain->tasks, id, seen);
	}
	if (parent && parent->tid && !seen->parent.tid)
		seen->parent = *parent;
}

static struct seen_userns *find_userns(const struct explain *explain, const struct nsv_ns *ns)
{
	struct seen_userns *found;

	HASH_FIND(hh, explain->userns, ns, sizeof(*ns), found);
	return found;
}

static void learn_identity(struct explain *explain, const struct nsv_identity *id)
{
	const struct nsv_ns *ns = &id->ns[NSV_NS_USER].ns;
	struct seen_userns *userns;

	learn_task(explain, &id->task, id->has.known & NSV_HAS_PARENT ? &id->parent : NULL);
	if (!(id->has.known & 1U << NSV_NS_USER) || find_userns(explain, ns))
		return;
	userns = xcalloc(1, sizeof(*userns));
	userns->ns = *ns;
	userns->first = (struct task_id){.tid = id->task.tid, .start_ns = id->task.start_ns};
	table_add(explain->userns, ns, userns);
}

static struct seen_cgroup *find_cgroup(const struct explain *explain, uint64_t id)
{
	struct seen_cgroup *found;

	HASH_FIND(hh, explain->cgroups, &id, sizeof(id), found);
	return found;
}

static void learn_cgroup(struct explain *explain, const struct nsv_cgroup *event)
{
	char container[ESCAPED_SIZE(NSV_CONTAINER_LEN)], uid[ESCAPED_SIZE(NSV_POD_UID_LEN)];
	struct seen_cgroup *cgroup;
	size_t size;
	FILE *text;

	if (find_cgroup(explain, event->id))
		return;
	cgroup = xcalloc(1, sizeof(*cgroup));
	cgroup->id = event->id;
	cgroup->pod = event->pod;
	memcpy(cgroup->uid, event->uid, sizeof(cgroup->uid) - 1);
	text = xmemstream(&cgroup->text, &size);
	if (event->kind == NSV_CGROUP_POD)
		fprintf(text, "pod %s", escape(uid, sizeof(uid), event->uid, sizeof(event->uid)));
	else
		fprintf(text, "%s %s", event->kind == NSV_CGROUP_MONITOR ? "monitor" : "container",
			escape(container, sizeof(container), event->container,
			       sizeof(event->container)));
	fclose(text);
	table_add(explain->cgroups, id, cgroup);
}

void explain_learn(struct explain *explain, const struct nsv_event *event)
{
	const struct nsv_activity *activity = (const void *)event;

	explain->seq = event->seq;
	if (event->type == NSV_IDENTITY)
		learn_identity(explain, (const void *)event);
	else if (event->type == NSV_CGROUP)
		learn_cgroup(explain, (const void *)event);
	else if (event->type == NSV_ACTIVITY && activity->cause == NSV_CAUSE_FORK)
		learn_task(explain, &activity->task, &activity->parent);
}

/* ---- whom the finding concerns ---- */

static void concern_task(struct explain *explain, const struct nsv_task *task)
{
	struct seen *seen = find_task(explain, task);

	for (int i = 0; i < ANCESTORS_MAX && seen && !seen->concerns; i++) {
		seen->concerns = true;
		seen = seen->parent.tid ? find_task(explain, &seen->parent) : NULL;
	}
}

static void concern_userns(struct explain *explain, const struct nsv_ns *ns)
{
	struct seen_userns *seen = ns->inum ? find_userns(explain, ns) : NULL;
	struct nsv_task first = {};

	if (!seen)
		return;
	seen->concerns = true;
	first.tid = seen->first.tid;
	first.start_ns = seen->first.start_ns;
	concern_task(explain, &first);
}

static bool concerns_pod(const struct explain *explain, const char *uid)
{
	for (size_t i = 0; i < explain->n_pods; i++)
		if (!strncmp(explain->pods[i], uid, NSV_POD_UID_LEN))
			return true;
	return false;
}

static void concern_pod(struct explain *explain, const char *uid)
{
	if (!uid || concerns_pod(explain, uid))
		return;
	xgrow(explain->pods, explain->n_pods, &explain->cap_pods);
	explain->pods[explain->n_pods++] = xstrdup(uid);
}

static void concern_party(struct explain *explain, const struct party *party)
{
	if (party->kind == PARTY_PROCESS)
		concern_task(explain, &party->process.task);
	if (party->kind == PARTY_USERNS)
		concern_userns(explain, &party->userns);
	concern_pod(explain, party->pod);
}

void explain_finding(struct explain *explain, const struct finding_event *finding)
{
	if (explain->found || strcmp(finding->id, explain->id) || !finding->n_evidence)
		return;
	explain->found = true;
	concern_pod(explain, finding->uid);
	for (size_t i = 0; i < finding->n_evidence; i++) {
		const struct evidence *evidence = &finding->evidence[i];

		concern_party(explain, &evidence->subject);
		concern_party(explain, &evidence->other);
		explain->capability = explain->capability || evidence->capability;
		if (!evidence->mount)
			continue;
		xgrow(explain->mounts, explain->n_mounts, &explain->cap_mounts);
		explain->mounts[explain->n_mounts++] = evidence->mount->id;
	}
}

bool explain_has_found(const struct explain *explain)
{
	return explain->found;
}

bool explain_is_last(const struct explain *explain, const struct nsv_event *event)
{
	return event->seq >= explain->seq;
}

/* ---- the story ---- */

static void put_task(FILE *out, const struct nsv_task *task, const char *comm)
{
	char text[ESCAPED_SIZE(NSV_COMM_LEN)];

	if (task->tid != task->tgid)
		fprintf(out, "thread %u of ", task->tid);
	fprintf(out, "process %u", task->tgid);
	if (comm)
		fprintf(out, " (\"%s\")", escape(text, sizeof(text), comm, NSV_COMM_LEN));
}

static void put_parent(FILE *out, const struct explain *explain, const struct seen *seen)
{
	const struct seen *parent;

	if (!seen->parent.tid)
		return;
	parent = find_task(explain, &seen->parent);
	fputs(", child of ", out);
	put_task(out, &seen->parent, parent && parent->told ? parent->told->comm : NULL);
}

static void put_cause(FILE *out, const struct nsv_identity *id)
{
	static const char *const does[] = {
		[NSV_CAUSE_WALK] = "is there",
		[NSV_CAUSE_EXEC] = "executes",
		[NSV_CAUSE_FORK] = "is made",
		[NSV_CAUSE_ATTACH] = "is moved to another cgroup",
		[NSV_CAUSE_CRED] = "changes its credentials",
		[NSV_CAUSE_NS] = "changes its namespaces",
		[NSV_CAUSE_CAP] = "is found changed at a capability check",
		[NSV_CAUSE_EXIT] = "exits",
	};
	char exe[ESCAPED_SIZE(NSV_EXE_LEN)];

	fputs(id->cause <= NSV_CAUSE_EXIT && does[id->cause] ? does[id->cause] : "is there", out);
	if (id->cause == NSV_CAUSE_EXEC && id->has.known & NSV_HAS_EXE)
		fprintf(out, " \"%s\"", escape(exe, sizeof(exe), id->exe, sizeof(id->exe)));
}

/* Four IDs, which mostly are the same. Returns true if it said something. */
static bool put_ids(FILE *out, const char *what, const __u32 *was, const __u32 *is)
{
	static const char *const kinds[] = {"real ", "effective ", "saved ", "file system "};
	bool same = true;

	if (was && !memcmp(was, is, NSV_ID_KINDS * sizeof(*is)))
		return false;
	for (int i = 1; i < NSV_ID_KINDS; i++)
		same = same && is[i] == is[0] && (!was || was[i] == was[0]);
	for (int i = 0; i < (same ? 1 : NSV_ID_KINDS); i++) {
		if (was && was[i] == is[i])
			continue;
		fprintf(out, ", %s%s ", same ? "" : kinds[i], what);
		if (was)
			fprintf(out, "%u -> ", was[i]);
		fprintf(out, "%u", is[i]);
	}
	return true;
}

static bool groups_equal(const struct nsv_identity *a, const struct nsv_identity *b)
{
	return a->ngroups == b->ngroups && a->ngroups_sent == b->ngroups_sent &&
	       !memcmp(nsv_identity_groups(a), nsv_identity_groups(b),
		       a->ngroups_sent * sizeof(__u32));
}

static bool put_groups(FILE *out, const struct nsv_identity *was, const struct nsv_identity *is)
{
	const __u32 *groups = nsv_identity_groups(is);

	if (was ? groups_equal(was, is) : !is->ngroups)
		return false;
	fprintf(out, ", %s", is->ngroups ? "groups" : "no groups");
	for (uint32_t i = 0; i < is->ngroups_sent && i < GROUPS_SAID; i++)
		fprintf(out, " %u", groups[i]);
	if (is->ngroups > GROUPS_SAID)
		fprintf(out, " and %u more", is->ngroups - GROUPS_SAID);
	return true;
}

/* Of a task that was not told of, only its user namespace. */
static bool put_namespaces(FILE *out, struct explain *explain, const struct nsv_identity *was,
			   const struct nsv_identity *is)
{
	struct seen_userns *userns;
	bool any = false;

	for (int kind = 0; kind < NSV_NS_KINDS; kind++) {
		const struct nsv_ns *now = &is->ns[kind].ns;

		if (!(is->has.known & 1U << kind) || (!was && kind != NSV_NS_USER) ||
		    (was && (!(was->has.known & 1U << kind) ||
			     !memcmp(&was->ns[kind].ns, now, sizeof(*now)))))
			continue;
		fprintf(out, ", %s namespace ", ns_kind_name((enum nsv_ns_kind)kind));
		if (was)
			fprintf(out, "%" PRIu64 " -> ", (uint64_t)was->ns[kind].ns.inum);
		fprintf(out, "%" PRIu64, (uint64_t)now->inum);
		userns = kind == NSV_NS_USER ? find_userns(explain, now) : NULL;
		if (userns)
			userns->concerns = true;
		any = true;
	}
	return any;
}

static const char *place(const struct explain *explain, uint64_t cgroup)
{
	const struct seen_cgroup *seen = cgroup ? find_cgroup(explain, cgroup) : NULL;

	return seen ? seen->text : cgroup ? "a cgroup that is gone" : "no pod";
}

static bool put_place(FILE *out, const struct explain *explain, const struct nsv_identity *was,
		      const struct nsv_identity *is)
{
	if (!(is->has.known & NSV_HAS_POD))
		return false;
	if (!was) {
		fprintf(out, ", in %s", place(explain, is->container ?: is->pod));
		return true;
	}
	if (!(was->has.known & NSV_HAS_POD))
		return false;
	if (was->container == is->container && was->cgroup_pod == is->cgroup_pod)
		return false;
	fprintf(out, ", %s -> %s", place(explain, was->cgroup_pod ? was->container : 0),
		place(explain, is->cgroup_pod && is->cgroup_pod == is->pod ? is->container :
									     is->cgroup_pod));
	return true;
}

static bool put_state(FILE *out, const struct nsv_identity *was, const struct nsv_identity *is)
{
	const bool knew = was && was->has.known & NSV_HAS_STATE;

	if (!(is->has.known & NSV_HAS_STATE) || !is->state || (knew && was->state == is->state))
		return false;
	fputs(is->state == NSV_STATE_ENTRANT ? ", an entrant" : ", a workload process", out);
	return true;
}

static void remember(struct seen *seen, const struct nsv_identity *id)
{
	free(seen->told);
	seen->told = xcalloc(1, id->h.len);
	memcpy(seen->told, id, id->h.len);
}

/* True if there is something to say. */
static bool tell_identity(struct explain *explain, const struct nsv_identity *id, FILE *out)
{
	struct seen *seen = find_task(explain, &id->task);
	const struct nsv_identity *was;
	bool any;

	if (!seen || !seen->concerns)
		return false;
	was = seen->told;
	any = !was || id->cause == NSV_CAUSE_EXEC;
	put_task(out, &id->task, id->comm);
	if (!was)
		put_parent(out, explain, seen);
	fputc(' ', out);
	put_cause(out, id);
	any |= put_ids(out, "kuid", was ? was->uid : NULL, id->uid);
	any |= put_ids(out, "kgid", was ? was->gid : NULL, id->gid);
	any |= put_groups(out, was, id);
	any |= put_namespaces(out, explain, was, id);
	any |= put_place(out, explain, was, id);
	any |= put_state(out, was, id);
	remember(seen, id);
	return any;
}

static bool tell_activity(const struct explain *explain, const struct nsv_activity *activity,
			  FILE *out)
{
	const struct seen *seen = find_task(explain, &activity->task);

	if (!seen || !seen->concerns || activity->cause != NSV_CAUSE_EXIT)
		return false;
	put_task(out, &activity->task, activity->comm);
	fputs(" exits", out);
	return true;
}

static void put_extents(FILE *out, const char *what, const struct nsv_extent *extent, uint32_t n)
{
	fprintf(out, ", %s map", what);
	for (uint32_t i = 0; i < n && i < GROUPS_SAID; i++)
		fprintf(out, "%s %u-%u -> %u", i ? "," : "", extent[i].first,
			extent[i].first + extent[i].count - 1, extent[i].host);
	if (n > GROUPS_SAID)
		fprintf(out, " and %u more", n - GROUPS_SAID);
	if (!n)
		fputs(" not written yet", out);
}

static bool tell_userns(const struct explain *explain, const struct nsv_userns *ns, FILE *out)
{
	struct seen_userns *seen = find_userns(explain, &ns->ns);

	/* That it is there is nothing new; its maps are. */
	if (!seen || !seen->concerns || !(ns->has.known & NSV_HAS_MAPS))
		return false;
	fprintf(out, "user namespace %" PRIu64 ", level %u, made by kuid %u", (uint64_t)ns->ns.inum,
		ns->level, ns->owner);
	if (ns->has.known & NSV_HAS_NS_PARENT)
		fprintf(out, ", below %" PRIu64, (uint64_t)ns->parent.inum);
	put_extents(out, "UID", nsv_userns_uids(ns), ns->n_uid);
	put_extents(out, "GID", nsv_userns_gids(ns), ns->n_gid);
	return true;
}

static bool tell_cgroup(const struct explain *explain, const struct nsv_cgroup *event, FILE *out)
{
	const struct seen_cgroup *cgroup = find_cgroup(explain, event->id);
	const struct seen_cgroup *pod = find_cgroup(explain, event->pod);
	char path[ESCAPED_SIZE(NSV_CGROUP_PATH_LEN)];

	if (!cgroup || !pod || !concerns_pod(explain, pod->uid))
		return false;
	fprintf(out, "%s, its cgroup is \"%s\"", cgroup->text,
		escape(path, sizeof(path), event->path, event->h.len - sizeof(*event)));
	return true;
}

static bool tell_name(const struct explain *explain, const struct nsv_pod_name *name, FILE *out)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], text[ESCAPED_SIZE(NSV_POD_NAME_LEN)];

	if (!concerns_pod(explain, name->uid))
		return false;
	fprintf(out, "pod %.*s is named %s/%s", NSV_POD_UID_LEN, name->uid,
		escape(namespace, sizeof(namespace), name->namespace, sizeof(name->namespace)),
		escape(text, sizeof(text), name->name, sizeof(name->name)));
	return true;
}

static bool tell_policy(const struct nsv_policy *policy, FILE *out)
{
	static const char *const names[] = {"?", "require", "observe", "ignore"};

	fprintf(out, "policy %s, no host ID below %u for pods",
		names[policy->policy <= NSV_POLICY_IGNORE ? policy->policy : 0],
		policy->min_host_id);
	return true;
}

static bool tell_lost(const struct nsv_lost *lost, FILE *out)
{
	const uint64_t n = nsv_lost_sum(lost);

	if (n)
		fprintf(out, "%" PRIu64 " events were lost before this: something may be missing",
			n);
	return n;
}

static bool tell_capability(const struct explain *explain, const struct nsv_cap *cap, FILE *out)
{
	const struct seen_cgroup *pod = find_cgroup(explain, cap->key.pod);

	if (!explain->capability || !pod || !concerns_pod(explain, pod->uid))
		return false;
	put_task(out, &cap->task, cap->comm);
	fprintf(out, " in user namespace %" PRIu64 " asks for capability %u over %" PRIu64 ": %s",
		(uint64_t)cap->task_ns.inum, cap->key.capability, (uint64_t)cap->asked_ns.inum,
		cap->key.flags & NSV_CHECK_GRANTED ? "granted" : "stopped");
	return true;
}

static void put_mount(FILE *out, const struct nsv_mount_name *mount,
		      const struct nsv_extent *extent, uint32_t n_uid, uint32_t n_gid)
{
	char type[ESCAPED_SIZE(NSV_FS_TYPE_LEN)], root[ESCAPED_SIZE(NSV_PATH_LEN)];

	fprintf(out, "mount %u of %s \"%s\"", mount->id,
		escape(type, sizeof(type), mount->type, sizeof(mount->type)),
		escape(root, sizeof(root), mount->root, sizeof(mount->root)));
	if (!n_uid && !n_gid)
		return;
	put_extents(out, "UID", extent, n_uid);
	put_extents(out, "GID", extent + n_uid, n_gid);
}

static bool concerns_mount(const struct explain *explain, uint32_t id)
{
	for (size_t i = 0; i < explain->n_mounts; i++)
		if (explain->mounts[i] == id)
			return true;
	return false;
}

static bool tell_idmap(const struct explain *explain, const struct nsv_idmap *idmap, FILE *out)
{
	const struct seen *maker = find_task(explain, &idmap->task);

	if (!concerns_mount(explain, idmap->mount.id) &&
	    (!explain->n_mounts || !maker || !maker->concerns))
		return false;
	put_task(out, &idmap->task, idmap->comm);
	fputs(" makes an idmapped mount, ", out);
	put_mount(out, &idmap->mount, nsv_idmap_uids(idmap), idmap->n_uid, idmap->n_gid);
	return true;
}

static bool tell_mount(const struct explain *explain, const struct nsv_mount *mount, FILE *out)
{
	const struct seen_cgroup *pod = find_cgroup(explain, mount->pod);
	char point[ESCAPED_SIZE(NSV_PATH_LEN)];

	if (!concerns_mount(explain, mount->mount.id) || !pod || !concerns_pod(explain, pod->uid))
		return false;
	fprintf(out, "%s has at \"%s\" ", pod->text,
		escape(point, sizeof(point), mount->point, sizeof(mount->point)));
	put_mount(out, &mount->mount, nsv_mount_uids(mount), mount->n_uid, mount->n_gid);
	return true;
}

static bool tell(struct explain *explain, const struct nsv_event *event, FILE *out)
{
	switch (event->type) {
	case NSV_POLICY:
		return tell_policy((const void *)event, out);
	case NSV_POD_NAME:
		return tell_name(explain, (const void *)event, out);
	case NSV_CGROUP:
		return tell_cgroup(explain, (const void *)event, out);
	case NSV_USERNS:
		return tell_userns(explain, (const void *)event, out);
	case NSV_IDENTITY:
		return tell_identity(explain, (const void *)event, out);
	case NSV_ACTIVITY:
		return tell_activity(explain, (const void *)event, out);
	case NSV_LOST:
		return tell_lost((const void *)event, out);
	case NSV_CAP:
		return tell_capability(explain, (const void *)event, out);
	case NSV_IDMAP:
		return tell_idmap(explain, (const void *)event, out);
	case NSV_MOUNT:
		return tell_mount(explain, (const void *)event, out);
	default:
		return false;
	}
}

static bool is_new(struct explain *explain)
{
	struct said *said;

	HASH_FIND_STR(explain->said, explain->text, said);
	if (said)
		return false;
	said = xcalloc(1, sizeof(*said));
	said->text = xstrdup(explain->text);
	table_add_str(explain->said, text, said);
	return true;
}

static bool happens(const struct nsv_event *event)
{
	return event->type == NSV_IDENTITY || event->type == NSV_ACTIVITY ||
	       event->type == NSV_LOST || event->type == NSV_IDMAP;
}

void explain_tell(struct explain *explain, const struct nsv_event *event,
		  void (*say)(void *ctx, const struct nsv_event *event, const char *text),
		  void *ctx)
{
	bool any;

	rewind(explain->out);
	any = tell(explain, event, explain->out);
	fputc('\0', explain->out);
	fflush(explain->out);
	if (any && (happens(event) || is_new(explain)))
		say(ctx, event, explain->text);
}
