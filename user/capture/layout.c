// SPDX-License-Identifier: BSD-2-Clause
#include "capture/layout.h"

#include <nsvigil/keyframe.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* RECORD is the struct; each macro is one or more fields. */
#define AT(member)                                                                                 \
	.offset = offsetof(struct RECORD, member), .size = sizeof(((struct RECORD *)0)->member)
#define NUMBER_AS(member, called)                                                                  \
	{                                                                                          \
		.name = (called), AT(member)                                                       \
	}
#define NUMBER(member) NUMBER_AS(member, #member)
#define KEY(member)                                                                                \
	{                                                                                          \
		.name = #member, .key = true, AT(member)                                           \
	}
#define SIGNED(member)                                                                             \
	{                                                                                          \
		.name = #member, .kind = FIELD_SIGNED, AT(member)                                  \
	}
#define TEXT(member)                                                                               \
	{                                                                                          \
		.name = #member, .kind = FIELD_TEXT, AT(member)                                    \
	}
#define BYTES(member)                                                                              \
	{                                                                                          \
		.name = #member, .kind = FIELD_BYTES, AT(member)                                   \
	}
#define NAMED(member, list)                                                                        \
	{                                                                                          \
		.name = #member, AT(member), .names = (list), .n_names = COUNT(list)               \
	}
#define HAS NUMBER(has.known), NUMBER(has.unsupported)
#define TASK(member) NUMBER(member.tid), NUMBER(member.tgid), NUMBER(member.start_ns)
#define TASK_KEY(member) KEY(member.tid), NUMBER(member.tgid), KEY(member.start_ns)
#define NS_AS(member, called)                                                                      \
	NUMBER_AS(member.inum, called ".inum"), NUMBER_AS(member.id, called ".id")
#define NS(member) NS_AS(member, #member)
#define NS_KEY(member) KEY(member.inum), KEY(member.id)
#define NS_REF(kind, called)                                                                       \
	NS_AS(ns[kind].ns, "ns." called), NS_AS(ns[kind].owner, "ns." called ".owner")
#define IDS(member)                                                                                \
	NUMBER_AS(member[NSV_ID_REAL], #member ".real"),                                           \
		NUMBER_AS(member[NSV_ID_EFFECTIVE], #member ".effective"),                         \
		NUMBER_AS(member[NSV_ID_SAVED], #member ".saved"),                                 \
		NUMBER_AS(member[NSV_ID_FS], #member ".fs")
#define MOUNT_NAME(key_macro)                                                                      \
	NUMBER(mount.unique), key_macro(mount.id), NUMBER(mount.dev), TEXT(mount.type),            \
		TEXT(mount.root)
#define CAP_KEY                                                                                    \
	KEY(key.pod), KEY(key.capability),                                                         \
		{.name = "key.task_at",                                                            \
		 .key = true,                                                                      \
		 AT(key.task_at),                                                                  \
		 .names = relations,                                                               \
		 .n_names = COUNT(relations)},                                                     \
		{.name = "key.asked_at",                                                           \
		 .key = true,                                                                      \
		 AT(key.asked_at),                                                                 \
		 .names = relations,                                                               \
		 .n_names = COUNT(relations)},                                                     \
		KEY(key.flags),                                                                    \
	{                                                                                          \
		.name = "key.probe", .key = true, AT(key.probe), .names = probes,                  \
		.n_names = COUNT(probes)                                                           \
	}

static const char *const causes[] = {NULL,	    "walk",	  "exec",	"fork", "attach",
				     "credentials", "namespaces", "capability", "exit"};
static const char *const states[] = {NULL, "entrant", "workload"};
static const char *const relations[] = {NULL, "node", "pod", "below", "other"};
static const char *const probes[] = {NULL, "no", "yes", "unknown"};
static const char *const cgroup_kinds[] = {NULL, "pod", "container", "monitor"};
static const char *const policies[] = {NULL, "require", "observe", "ignore"};
static const char *const grades[] = {NULL, "off", "info", "notice", "warning", "error", "critical"};
static const char *const phases[] = {NULL, "begin", "end"};
static const char *const bundle_kinds[] = {NULL, "container", "sandbox"};
static const char *const bundle_states[] = {NULL, "runs", "over", "no process"};
static const char *const runtimes[] = {NULL, "containerd", "cri-o"};
static const char *const id_files[] = {NULL, "passwd", "subuid", "subgid"};
static const char *const declarers[] = {NULL, "kubelet", "runtime", "manifest"};
static const char *const declared_userns[] = {NULL, "node", "own", "unknown"};
static const char *const place_kinds[] = {NULL,	  "config",    "kubelet",
					  "logs", "manifests", "runtime"};
static const char *const place_hows[] = {NULL, "option", "command line", "configuration", "usual"};
static const char *const place_states[] = {NULL, "found", "missing", "unusable"};
static const char *const hows[] = {NULL, "never", "later", "once", "partly"};

#define RECORD nsv_node
static const struct field node_fields[] = {BYTES(boot_id), NUMBER(node_pid), TEXT(release),
					   TEXT(name)};
#undef RECORD

#define RECORD nsv_policy
static const struct field policy_fields[] = {NAMED(policy, policies), NUMBER(min_host_id),
					     NUMBER(settle_ns), NUMBER(attest_ns)};
#undef RECORD

#define RECORD nsv_walk
static const struct field walk_fields[] = {NAMED(phase, phases)};
#undef RECORD

#define RECORD nsv_cgroup
static const struct field cgroup_fields[] = {HAS,
					     KEY(id),
					     NUMBER(pod),
					     NAMED(kind, cgroup_kinds),
					     NUMBER(populated),
					     NUMBER(frozen),
					     TEXT(uid),
					     TEXT(container)};
#undef RECORD

#define RECORD nsv_changed
static const struct field changed_fields[] = {KEY(id), NUMBER(pod), NUMBER(made), TEXT(name)};
#undef RECORD

#define RECORD nsv_pod_name
static const struct field pod_name_fields[] = {TEXT(uid), TEXT(namespace), TEXT(name)};
#undef RECORD

#define RECORD nsv_userns
static const struct field userns_fields[] = {HAS,	    NS_KEY(ns),	   NS(parent),
					     NUMBER(level), NUMBER(owner), NUMBER(group),
					     NUMBER(n_uid), NUMBER(n_gid)};
#undef RECORD

#define RECORD nsv_identity
static const struct field identity_fields[] = {
	HAS,
	NAMED(cause, causes),
	NAMED(state, states),
	NUMBER(flags),
	TASK_KEY(task),
	TASK(parent),
	NUMBER(cgroup),
	NUMBER(pod),
	NUMBER(container),
	NUMBER(cgroup_pod),
	IDS(uid),
	IDS(gid),
	NUMBER_AS(caps[NSV_CAP_INHERITABLE], "caps.inheritable"),
	NUMBER_AS(caps[NSV_CAP_PERMITTED], "caps.permitted"),
	NUMBER_AS(caps[NSV_CAP_EFFECTIVE], "caps.effective"),
	NUMBER_AS(caps[NSV_CAP_BOUNDING], "caps.bounding"),
	NUMBER_AS(caps[NSV_CAP_AMBIENT], "caps.ambient"),
	NS_REF(NSV_NS_USER, "user"),
	NS_REF(NSV_NS_MNT, "mnt"),
	NS_REF(NSV_NS_PID, "pid"),
	NS_REF(NSV_NS_NET, "net"),
	NS_REF(NSV_NS_IPC, "ipc"),
	NS_REF(NSV_NS_UTS, "uts"),
	NS_REF(NSV_NS_CGROUP, "cgroup"),
	NS_REF(NSV_NS_TIME, "time"),
	NS(exe_mnt),
	NUMBER(exe_ino),
	NUMBER(exe_dev),
	NUMBER(ngroups),
	TEXT(comm),
	TEXT(exe),
	NUMBER(ngroups_sent),
};
#undef RECORD

#define RECORD nsv_activity
static const struct field activity_fields[] = {NAMED(cause, causes),
					       NAMED(state, states),
					       NUMBER(flags),
					       TASK_KEY(task),
					       TASK(parent),
					       NUMBER(pod),
					       NUMBER(container),
					       IDS(uid),
					       IDS(gid),
					       NS(userns),
					       TEXT(comm),
					       TEXT(exe)};
#undef RECORD

#define RECORD nsv_exit
static const struct field exit_fields[] = {TASK(task)};
#undef RECORD

#define RECORD nsv_lost
static const struct field lost_fields[] = {
	NUMBER(since_ns), NUMBER(identities), NUMBER(namespaces),    NUMBER(exits),
	NUMBER(changes),  NUMBER(limited),    NUMBER(activities),    NUMBER(idmaps),
	NUMBER(caps),	  NUMBER(unrecorded), NUMBER(pod),	     NUMBER(unprinted),
	NUMBER(meddled),  NUMBER(left_out),   NUMBER(left_out_hour), NUMBER(left_out_checks_hour)};
#undef RECORD

#define RECORD nsv_tick
static const struct field tick_fields[] = {NUMBER(wall_ns)};
#undef RECORD

#define RECORD nsv_cap
static const struct field cap_fields[] = {CAP_KEY, TASK(task), NS(task_ns), NS(asked_ns),
					  TEXT(comm)};
#undef RECORD

#define RECORD nsv_capstat
static const struct field capstat_fields[] = {CAP_KEY, NUMBER(count), NUMBER(first_ns),
					      NUMBER(last_ns), NUMBER(told)};
#undef RECORD

#define RECORD nsv_idmap
static const struct field idmap_fields[] = {HAS,
					    TASK(task),
					    TASK(leader),
					    NUMBER(pod),
					    NAMED(state, states),
					    SIGNED(result),
					    MOUNT_NAME(NUMBER),
					    NUMBER(n_uid),
					    NUMBER(n_gid),
					    TEXT(comm)};
#undef RECORD

#define RECORD nsv_mount
static const struct field mount_fields[] = {HAS,	   NUMBER(pod),	    TASK(task),
					    NS_KEY(ns),	   MOUNT_NAME(KEY), NUMBER(idmapped),
					    NUMBER(n_uid), NUMBER(n_gid),   TEXT(point)};
#undef RECORD

#define RECORD nsv_hooks
#define HOW(hook, called)                                                                          \
	{                                                                                          \
		.name = "how." called, AT(how[hook]), .names = hows, .n_names = COUNT(hows)        \
	}
static const struct field hooks_fields[] = {HOW(NSV_HOOK_TASKS, "tasks"),
					    HOW(NSV_HOOK_CREDENTIALS, "credentials"),
					    HOW(NSV_HOOK_NAMESPACES, "namespaces"),
					    HOW(NSV_HOOK_CAPABILITIES, "capabilities"),
					    HOW(NSV_HOOK_IDMAPS, "idmaps"),
					    HOW(5, "hook5"),
					    HOW(6, "hook6"),
					    HOW(7, "hook7")};
#undef RECORD

#define RECORD nsv_allow
static const struct field allow_fields[] = {NUMBER(kinds), TEXT(namespace), TEXT(name)};
#undef RECORD

#define RECORD nsv_policy_entry
static const struct field policy_entry_fields[] = {NAMED(policy, policies), NAMED(grade, grades),
						   TEXT(rule), TEXT(namespace), TEXT(name)};
#undef RECORD

#define RECORD nsv_keyframe
static const struct field keyframe_fields[] = {NUMBER(walk), NUMBER(ruleset), NUMBER(unrecorded),
					       NUMBER(wall_ns)};
#undef RECORD

#define RECORD nsv_kept_pod
#define GAP(i, called)                                                                             \
	NUMBER_AS(gaps[i].from_ns, "gaps." called ".from_ns"),                                     \
		NUMBER_AS(gaps[i].to_ns, "gaps." called ".to_ns")
#define CAUSE(i, called) NUMBER_AS(gap_causes[i], "gap_causes." called)
static const struct field kept_pod_fields[] = {
	KEY(pod),	   NUMBER(from_ns), NUMBER(to_ns),     NUMBER(broken),	NUMBER(unwalked),
	NUMBER(gaps_seen), NUMBER(gap_ns),  NUMBER(gap_to_ns), GAP(0, "0"),	GAP(1, "1"),
	GAP(2, "2"),	   GAP(3, "3"),	    GAP(4, "4"),       GAP(5, "5"),	GAP(6, "6"),
	GAP(7, "7"),	   NS(base),	    NUMBER(n_gaps),    NUMBER(verdict), NUMBER(flags),
	NUMBER(n_uid),	   NUMBER(n_gid),   TEXT(namespace),   TEXT(name),	NUMBER(since_ns),
	NUMBER(applied),   NUMBER(seen),    CAUSE(0, "0"),     CAUSE(1, "1"),	CAUSE(2, "2"),
	CAUSE(3, "3"),	   CAUSE(4, "4"),   CAUSE(5, "5"),     CAUSE(6, "6"),	CAUSE(7, "7"),
	NUMBER(unsettled)};
#undef RECORD

#define RECORD nsv_kept_container
#define BASELINE(kind, called) NS_AS(baseline[kind], "baseline." called)
static const struct field kept_container_fields[] = {
	KEY(id),
	NUMBER(pod),
	NAMED(kind, cgroup_kinds),
	NUMBER(flags),
	NUMBER(baseline_known),
	BASELINE(NSV_NS_USER, "user"),
	BASELINE(NSV_NS_MNT, "mnt"),
	BASELINE(NSV_NS_PID, "pid"),
	BASELINE(NSV_NS_NET, "net"),
	BASELINE(NSV_NS_IPC, "ipc"),
	BASELINE(NSV_NS_UTS, "uts"),
	BASELINE(NSV_NS_CGROUP, "cgroup"),
	BASELINE(NSV_NS_TIME, "time"),
	NS(base),
	TEXT(container),
	NUMBER(first_ns),
};
#undef RECORD

#define RECORD nsv_kept_task
static const struct field kept_task_fields[] = {TASK(task), NUMBER(pod), NUMBER(since_ns),
						NUMBER(flags)};
#undef RECORD

#define RECORD nsv_kept_finding
static const struct field kept_finding_fields[] = {
	NUMBER(rule),	   NUMBER(part),  NUMBER(severity), NUMBER(n_tasks),  NUMBER(count),
	NUMBER(opened_ns), NUMBER(pod),	  TEXT(uid),	    TEXT(namespace),  TEXT(name),
	NUMBER(natural),   NUMBER(flags), NUMBER(last_ns),  NUMBER(repeat_ns)};
#undef RECORD

#define RECORD nsv_kept_offence
static const struct field kept_offence_fields[] = {NUMBER(rule), NUMBER(pod), NUMBER(kind),
						   NUMBER(a),	 NUMBER(b),   NUMBER(told)};
#undef RECORD

#define RECORD nsv_bundle
static const struct field bundle_fields[] = {KEY(item),
					     NAMED(kind, bundle_kinds),
					     NAMED(runtime, runtimes),
					     TEXT(container),
					     TEXT(uid),
					     TEXT(name),
					     TEXT(handler),
					     NUMBER(pid),
					     NAMED(state, bundle_states)};
#undef RECORD

#define RECORD nsv_declared
static const struct field declared_fields[] = {KEY(item),
					       NUMBER(since_ns),
					       NAMED(by, declarers),
					       NAMED(userns, declared_userns),
					       NUMBER(n_uid),
					       NUMBER(n_gid),
					       TEXT(uid),
					       TEXT(container),
					       TEXT(file)};
#undef RECORD

#define RECORD nsv_volume
static const struct field volume_fields[] = {KEY(item),	      NUMBER(flags), TEXT(uid),
					     TEXT(container), TEXT(point),   TEXT(source)};
#undef RECORD

#define RECORD nsv_id_owner
static const struct field id_owner_fields[] = {KEY(item), NAMED(file, id_files), NUMBER(first),
					       NUMBER(count), TEXT(owner)};
#undef RECORD

#define RECORD nsv_pool
static const struct field pool_fields[] = {NUMBER(first), NUMBER(count), NUMBER(is_default),
					   NUMBER(ids_per_pod)};
#undef RECORD

#define RECORD nsv_limit
static const struct field limit_fields[] = {NUMBER(pod), NUMBER(tasks), NUMBER(namespaces)};
#undef RECORD

#define RECORD nsv_look
static const struct field look_fields[] = {TASK(task)};
#undef RECORD

#define RECORD nsv_place
static const struct field place_fields[] = {KEY(item),
					    NAMED(kind, place_kinds),
					    NAMED(how, place_hows),
					    NAMED(state, place_states),
					    TEXT(of),
					    TEXT(path)};
#undef RECORD

#define LAYOUT(number, word, kept)                                                                 \
	.type = (number), .name = #word, .fields = word##_fields,                                  \
	.n_fields = COUNT(word##_fields), .size = sizeof(struct nsv_##word), .slots = (kept)
#define EXTENTS(record)                                                                            \
	.tail = TAIL_EXTENTS, .tail_name = {"uid_map", "gid_map"},                                 \
	.counts = {offsetof(struct record, n_uid), offsetof(struct record, n_gid)},                \
	.counts_max = NSV_EXTENTS_MAX

static const struct field no_fields[1];

static const struct layout layouts[] = {
	{LAYOUT(NSV_NODE, node, 1), .pad = 4},
	{LAYOUT(NSV_POLICY, policy, 1)},
	{LAYOUT(NSV_WALK, walk, 1), .pad = 4},
	{LAYOUT(NSV_CGROUP, cgroup, 512), .pad = 4, .tail = TAIL_TEXT, .tail_name = {"path"}},
	{LAYOUT(NSV_POD_NAME, pod_name, 1)},
	{LAYOUT(NSV_USERNS, userns, 256), .pad = 4, EXTENTS(nsv_userns)},
	{LAYOUT(NSV_IDENTITY, identity, 4096), .pad = 4, .tail = TAIL_GROUPS,
	 .tail_name = {"groups"}, .counts = {offsetof(struct nsv_identity, ngroups_sent)},
	 .counts_max = NSV_GROUPS_MAX},
	{LAYOUT(NSV_EXIT, exit, 1)},
	{LAYOUT(NSV_CHANGED, changed, 256), .pad = 4},
	{LAYOUT(NSV_LOST, lost, 1)},
	{LAYOUT(NSV_TICK, tick, 1)},
	{LAYOUT(NSV_CAP, cap, 64), .pad = 3},
	{LAYOUT(NSV_CAPSTAT, capstat, 1024), .pad = 3},
	{LAYOUT(NSV_IDMAP, idmap, 1), .pad = 4, EXTENTS(nsv_idmap)},
	{LAYOUT(NSV_MOUNT, mount, 1024), .pad = 4, EXTENTS(nsv_mount)},
	{LAYOUT(NSV_HOOKS, hooks, 1)},
	{LAYOUT(NSV_KEYFRAME, keyframe, 1), .tail = TAIL_TEXT, .tail_name = {"rules"}},
	{LAYOUT(NSV_ACTIVITY, activity, 1024)},
	{.type = NSV_END,
	 .name = "end",
	 .fields = no_fields,
	 .size = sizeof(struct nsv_event),
	 .slots = 1},
	{LAYOUT(NSV_ALLOW, allow, 1), .pad = 4},
	{LAYOUT(NSV_POLICY_ENTRY, policy_entry, 1)},
	{LAYOUT(NSV_KEPT_POD, kept_pod, 1), .pad = 4, EXTENTS(nsv_kept_pod)},
	{LAYOUT(NSV_KEPT_CONTAINER, kept_container, 1), .pad = 4},
	{LAYOUT(NSV_KEPT_TASK, kept_task, 1), .pad = 4},
	{LAYOUT(NSV_KEPT_FINDING, kept_finding, 1), .tail = TAIL_TASKS, .tail_name = {"tasks"},
	 .counts = {offsetof(struct nsv_kept_finding, n_tasks)}, .counts_max = NSV_KEPT_TASKS_MAX},
	{LAYOUT(NSV_KEPT_OFFENCE, kept_offence, 1), .pad = 4},
	{LAYOUT(NSV_BUNDLE, bundle, 256)},
	{LAYOUT(NSV_DECLARED, declared, 256), EXTENTS(nsv_declared)},
	{LAYOUT(NSV_VOLUME, volume, 1024), .pad = 4},
	{LAYOUT(NSV_ID_OWNER, id_owner, 256), .pad = 4},
	{LAYOUT(NSV_POOL, pool, 1)},
	{LAYOUT(NSV_LIMIT, limit, 1)},
	{LAYOUT(NSV_LOOK, look, 1)},
	{LAYOUT(NSV_PLACE, place, 64), .pad = 4},
};

/* -Wswitch names a type that has no row: the table cannot be forgotten. */
static bool is_captured(enum nsv_type type)
{
	switch (type) {
	case NSV_NODE:
	case NSV_POLICY:
	case NSV_WALK:
	case NSV_CGROUP:
	case NSV_POD_NAME:
	case NSV_USERNS:
	case NSV_IDENTITY:
	case NSV_EXIT:
	case NSV_LOST:
	case NSV_TICK:
	case NSV_CAP:
	case NSV_CAPSTAT:
	case NSV_IDMAP:
	case NSV_MOUNT:
	case NSV_HOOKS:
	case NSV_KEYFRAME:
	case NSV_ACTIVITY:
	case NSV_END:
	case NSV_ALLOW:
	case NSV_POLICY_ENTRY:
	case NSV_KEPT_POD:
	case NSV_KEPT_CONTAINER:
	case NSV_KEPT_TASK:
	case NSV_KEPT_FINDING:
	case NSV_KEPT_OFFENCE:
	case NSV_BUNDLE:
	case NSV_DECLARED:
	case NSV_VOLUME:
	case NSV_ID_OWNER:
	case NSV_POOL:
	case NSV_LIMIT:
	case NSV_LOOK:
	case NSV_PLACE:
	case NSV_CHANGED:
		return true;
	}
	return false;
}

const struct layout *layout_at(size_t i)
{
	return i < COUNT(layouts) ? &layouts[i] : NULL;
}

const struct layout *layout_of(enum nsv_type type)
{
	if (!is_captured(type))
		return NULL;
	for (size_t i = 0; i < COUNT(layouts); i++)
		if (layouts[i].type == type)
			return &layouts[i];
	return NULL;
}

const struct layout *layout_by_name(const char *name)
{
	for (size_t i = 0; i < COUNT(layouts); i++)
		if (!strcmp(layouts[i].name, name))
			return &layouts[i];
	return NULL;
}

uint64_t field_get(const struct field *field, const struct nsv_event *event)
{
	const char *at = (const char *)event + field->offset;
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (field->size) {
	case 8:
		memcpy(&u64, at, sizeof(u64));
		return u64;
	case 4:
		memcpy(&u32, at, sizeof(u32));
		return u32;
	case 2:
		memcpy(&u16, at, sizeof(u16));
		return u16;
	default:
		return *(const uint8_t *)at;
	}
}

void field_set(const struct field *field, struct nsv_event *event, uint64_t value)
{
	char *at = (char *)event + field->offset;
	const uint32_t u32 = (uint32_t)value;
	const uint16_t u16 = (uint16_t)value;

	switch (field->size) {
	case 8:
		memcpy(at, &value, sizeof(value));
		break;
	case 4:
		memcpy(at, &u32, sizeof(u32));
		break;
	case 2:
		memcpy(at, &u16, sizeof(u16));
		break;
	default:
		*(uint8_t *)at = (uint8_t)value;
	}
}

const char *field_value_name(const struct field *field, uint64_t value)
{
	return value < field->n_names ? field->names[value] : NULL;
}

uint64_t layout_count(const struct layout *layout, const struct nsv_event *event)
{
	uint64_t n = 0;

	for (int i = 0; i < 2; i++) {
		uint32_t count = 0;

		if (layout->counts[i])
			memcpy(&count, (const char *)event + layout->counts[i], sizeof(count));
		if (count > layout->counts_max)
			return UINT32_MAX;
		n += count;
	}
	return n;
}

size_t layout_members(const struct layout *layout, const uint8_t **sizes)
{
	static const uint8_t groups[] = {4}, extents[] = {4, 4, 4}, tasks[] = {4, 4, 8};

	switch (layout->tail) {
	case TAIL_GROUPS:
		*sizes = groups;
		return COUNT(groups);
	case TAIL_EXTENTS:
		*sizes = extents;
		return COUNT(extents);
	case TAIL_TASKS:
		*sizes = tasks;
		return COUNT(tasks);
	default:
		return 0;
	}
}

size_t layout_element(const struct layout *layout)
{
	const uint8_t *sizes;
	size_t n = layout_members(layout, &sizes), size = 0;

	for (size_t i = 0; i < n; i++)
		size += sizes[i];
	return size;
}

size_t layout_len(const struct layout *layout, const struct nsv_event *event, size_t text_len)
{
	uint64_t len = layout->size;

	if (layout->tail == TAIL_TEXT)
		len += text_len + 1;
	else
		len += layout_count(layout, event) * layout_element(layout);
	len = (len + 7) & ~UINT64_C(7);
	return len > RECORD_MAX ? 0 : len;
}
