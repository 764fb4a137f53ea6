// SPDX-License-Identifier: BSD-2-Clause
#include "engine/say.h"

#include <string.h>

#include "lib/escape.h"

const char *say_space(enum id_space space)
{
	return space == SPACE_UID ? "UID" : "GID";
}

const char *say_id_kind(enum id_space space)
{
	return space == SPACE_UID ? "uid" : "gid";
}

const char *cause_name(enum nsv_cause cause)
{
	static const char *const names[] = {"",		  "walk",	"exec",
					    "fork",	  "attach",	"credentials",
					    "namespaces", "capability", "exit"};

	return names[cause];
}

const char *ns_kind_name(enum nsv_ns_kind kind)
{
	static const char *const names[NSV_NS_KINDS] = {"user", "mnt", "pid",	 "net",
							"ipc",	"uts", "cgroup", "time"};

	return names[kind];
}

const char *say_pod(const struct offences *to, const struct pod *pod)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];
	struct pod_name *known;

	HASH_FIND_STR(to->engine->names, pod->uid, known);
	if (!known)
		return say(to, "pod %s", pod->uid);
	return say(to, "pod %s/%s",
		   escape(namespace, sizeof(namespace), known->namespace, sizeof(known->namespace)),
		   escape(name, sizeof(name), known->name, sizeof(known->name)));
}

const char *say_process(const struct offences *to, const struct nsv_task *task,
			const char comm[NSV_COMM_LEN])
{
	char escaped[ESCAPED_SIZE(NSV_COMM_LEN)];

	escape(escaped, sizeof(escaped), comm, NSV_COMM_LEN);
	if (task->tid != task->tgid)
		return say(to, "thread %u of process %u (\"%s\")", task->tid, task->tgid, escaped);
	return say(to, "process %u (\"%s\")", task->tgid, escaped);
}

const char *say_task(const struct offences *to, const struct task *task)
{
	return say_process(to, &task->id.task, task->id.comm);
}

const char *say_userns(const struct offences *to, const struct userns *ns)
{
	if (ns->node_or_above)
		return say(to, "the node's user namespace %llu", ns->ns.inum);
	return say(to, "user namespace %llu", ns->ns.inum);
}

const char *say_range(const struct offences *to, enum id_space space, struct id_range range)
{
	uint32_t first = node_id(to->engine, space, range.first);

	if (range.first == range.last)
		return say(to, "%u", first);
	return say(to, "%u-%u", first, first + (range.last - range.first));
}

const char *say_host_ids(const struct offences *to, enum id_space space, struct id_range range)
{
	return say(to, "host %s%s %s", say_space(space), range.first == range.last ? "" : "s",
		   say_range(to, space, range));
}

const char *say_ranges(const struct offences *to, enum id_space space, const struct range_set *set)
{
	const char *text = set->n ? "" : "none";

	for (size_t i = 0; i < set->n && i < 3; i++)
		text = say(to, "%s%s%s", text, i ? ", " : "", say_range(to, space, set->v[i]));
	return set->n > 3 ? say(to, "%s and %zu more", text, set->n - 3) : text;
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

const char *say_container(const struct offences *to, const struct container *container)
{
	char id[ESCAPED_SIZE(12)], name[ESCAPED_SIZE(NSV_NAMESPACE_LEN)];

	if (!container->id[0] && !container->first)
		return "a container that has ended";
	if (!container->id[0])
		return say(to, "the container of process %u", container->first->id.task.tgid);
	escape(id, sizeof(id), container->id, 12);
	if (!container->bundle)
		return say(to, "container %s", id);
	if (container->bundle->kind == NSV_BUNDLE_SANDBOX)
		return say(to, "the sandbox %s", id);
	return say(to, "container %s \"%s\"", id,
		   escape(name, sizeof(name), container->bundle->name,
			  sizeof(container->bundle->name)));
}
