// SPDX-License-Identifier: BSD-2-Clause
#include "node.h"

#include <stdio.h>
#include <string.h>

#define MOUNTS 16 /* of a pod */
#define VOLUMES 4 /* of these */

#define NODE_NS 4026531837U
#define POD_NS(pod) (4026540000U + 8 * (pod))
#define CGROUP(pod) (1000U + 2 * (pod))
#define FIRST_ID(pod) (65536U * ((pod) % 32000 + 16))
#define FIRST_TID(node, pod) (1000U + (node)->tasks * (pod))
#define OUTSIDE UINT32_MAX

static void send(struct made_node *node, void *record, enum nsv_type type, size_t len)
{
	struct nsv_event *event = record;

	event->type = (uint16_t)type;
	event->version = 1;
	event->len = (uint32_t)len;
	event->seq = ++node->seq;
	event->boot_ns = node->boot_ns += node->step_ns;
	node->take(event, node->ctx);
}

/* With its maps, of one extent each. */
static void send_userns(struct made_node *node, uint32_t inum, uint32_t level, uint32_t host,
			uint32_t count)
{
	struct {
		struct nsv_userns ns;
		struct nsv_extent extents[2];
	} event = {
		.ns = {.has = {.known = NSV_HAS_MAPS | (level ? NSV_HAS_NS_PARENT : 0)},
		       .ns = {inum, inum},
		       .parent = {level ? NODE_NS : 0, level ? NODE_NS : 0},
		       .level = level,
		       .n_uid = 1,
		       .n_gid = 1},
		.extents = {{0, host, count}, {0, host, count}},
	};

	send(node, &event, NSV_USERNS, sizeof(event.ns) + 2 * sizeof(struct nsv_extent));
}

static struct nsv_task task_of(uint32_t tid)
{
	return (struct nsv_task){tid, tid, (uint64_t)tid * 1000};
}

/* Of all namespaces but the user namespace. */
static uint32_t ns_of(uint32_t pod)
{
	return pod == OUTSIDE ? NODE_NS : POD_NS(pod);
}

static uint32_t userns_of(const struct made_node *node, uint32_t pod)
{
	return pod == OUTSIDE || !node->isolated ? NODE_NS : POD_NS(pod);
}

static uint32_t uid_of(const struct made_node *node, uint32_t pod, uint32_t id)
{
	return pod == OUTSIDE || !node->isolated ? id : FIRST_ID(pod) + id;
}

struct made_task {
	uint32_t tid, parent, pod, id;
	enum nsv_cause cause;
	uint32_t flags;
};

static void send_identity(struct made_node *node, struct made_task task)
{
	const bool in_pod = task.pod != OUTSIDE;
	const uint32_t owner = userns_of(node, task.pod), uid = uid_of(node, task.pod, task.id);
	struct nsv_identity event = {
		.has = {.known = 0xff | NSV_HAS_EXE | NSV_HAS_EXE_MNT | NSV_HAS_POD |
				 NSV_HAS_PARENT | NSV_HAS_NS_IDS},
		.cause = (uint16_t)task.cause,
		.flags = task.flags,
		.task = task_of(task.tid),
		.parent = task_of(task.parent),
		.cgroup = in_pod ? CGROUP(task.pod) + 1 : 1,
		.pod = in_pod ? CGROUP(task.pod) : 0,
		.container = in_pod ? CGROUP(task.pod) + 1 : 0,
		.cgroup_pod = in_pod ? CGROUP(task.pod) : 0,
		.uid = {uid, uid, uid, uid},
		.gid = {uid, uid, uid, uid},
		.caps = {0, 0xa80425fb, 0xa80425fb, 0xa80425fb, 0},
		.exe_mnt = {ns_of(task.pod) + NSV_NS_MNT, ns_of(task.pod) + NSV_NS_MNT},
		.exe_ino = 100 + task.tid % 7,
		.exe_dev = 8 << 20 | 1,
	};

	if (in_pod) {
		event.has.known |= NSV_HAS_STATE;
		event.state = NSV_STATE_WORKLOAD;
	}
	for (uint32_t kind = 0; kind < NSV_NS_KINDS; kind++) {
		const uint32_t ns = kind == NSV_NS_USER ? owner : ns_of(task.pod) + kind;

		event.ns[kind].ns = (struct nsv_ns){ns, ns};
		event.ns[kind].owner = (struct nsv_ns){owner, owner};
	}
	if (owner == NODE_NS)
		event.ns[NSV_NS_USER].owner = (struct nsv_ns){};
	else
		event.ns[NSV_NS_USER].owner = (struct nsv_ns){NODE_NS, NODE_NS};
	snprintf(event.comm, sizeof(event.comm), "worker-%u", task.tid % 7);
	snprintf(event.exe, sizeof(event.exe), "program-%u", task.tid % 7);
	send(node, &event, NSV_IDENTITY, sizeof(event));
}

static void send_activity(struct made_node *node, struct made_task task)
{
	const uint32_t uid = uid_of(node, task.pod, task.id), ns = userns_of(node, task.pod);
	struct nsv_activity event = {
		.cause = (uint16_t)task.cause,
		.state = NSV_STATE_WORKLOAD,
		.task = task_of(task.tid),
		.parent = task_of(task.parent),
		.pod = CGROUP(task.pod),
		.container = CGROUP(task.pod) + 1,
		.uid = {uid, uid, uid, uid},
		.gid = {uid, uid, uid, uid},
		.userns = {ns, ns},
	};

	snprintf(event.comm, sizeof(event.comm), "worker-%u", task.tid % 7);
	send(node, &event, NSV_ACTIVITY, sizeof(event));
}

static void pod_uid(uint32_t pod, char *out)
{
	snprintf(out, NSV_POD_UID_LEN, "00000000-1111-2222-3333-%012u", pod);
}

static void container_id(uint32_t pod, char *out)
{
	snprintf(out, NSV_CONTAINER_LEN, "%064u", pod);
}

static void send_cgroup(struct made_node *node, uint32_t pod, bool container)
{
	union {
		struct nsv_cgroup cgroup;
		char room[sizeof(struct nsv_cgroup) + 256];
	} event = {.cgroup = {.has = {.known = NSV_HAS_POPULATED},
			      .id = CGROUP(pod) + container,
			      .pod = CGROUP(pod),
			      .kind = container ? NSV_CGROUP_CONTAINER : NSV_CGROUP_POD,
			      .populated = 1}};
	char *path = event.room + sizeof(struct nsv_cgroup);
	size_t len;

	if (container)
		container_id(pod, event.cgroup.container);
	else
		pod_uid(pod, event.cgroup.uid);
	len = (size_t)snprintf(path, 256, "/kubepods/besteffort/pod00000000-1111-2222-3333-%012u",
			       pod);
	if (container)
		len += (size_t)snprintf(path + len, 256 - len, "/%064u", pod);
	send(node, &event, NSV_CGROUP, (sizeof(struct nsv_cgroup) + len + 8) & ~(size_t)7);
}

/* The volumes are idmapped, with the pod's map, where it has one. */
static void send_mounts(struct made_node *node, uint32_t pod)
{
	for (uint32_t i = 0; i < MOUNTS; i++) {
		struct {
			struct nsv_mount mount;
			struct nsv_extent extents[2];
		} event = {
			.mount = {.has = {.known = NSV_HAS_MOUNT_ROOT},
				  .pod = CGROUP(pod),
				  .task = task_of(FIRST_TID(node, pod)),
				  .ns = {POD_NS(pod) + NSV_NS_MNT, POD_NS(pod) + NSV_NS_MNT},
				  .mount = {.id = 100 + MOUNTS * pod + i,
					    .type = "tmpfs",
					    .root = "/"}},
			.extents = {{0, FIRST_ID(pod), 65536}, {0, FIRST_ID(pod), 65536}},
		};
		size_t len = sizeof(event.mount);

		snprintf(event.mount.point, sizeof(event.mount.point), "/volumes/%u", i);
		if (node->isolated && i < VOLUMES) {
			event.mount.idmapped = 1;
			event.mount.has.known |= NSV_HAS_MOUNT_MAPS;
			event.mount.n_uid = event.mount.n_gid = 1;
			len = sizeof(event);
		}
		send(node, &event, NSV_MOUNT, len);
	}
}

/* A bundle and what it mounts, as the runtime's configuration has it. */
static void send_files(struct made_node *node, uint32_t pod)
{
	struct nsv_bundle bundle = {.kind = NSV_BUNDLE_CONTAINER,
				    .runtime = NSV_RUNTIME_CONTAINERD,
				    .name = "web",
				    .handler = "runc",
				    .item = 2 * pod + 1};

	pod_uid(pod, bundle.uid);
	container_id(pod, bundle.container);
	send(node, &bundle, NSV_BUNDLE, sizeof(bundle));
	for (uint32_t i = 0; i < VOLUMES; i++) {
		struct nsv_volume volume = {};

		pod_uid(pod, volume.uid);
		container_id(pod, volume.container);
		snprintf(volume.point, sizeof(volume.point), "/volumes/%u", i);
		snprintf(volume.source, sizeof(volume.source),
			 "/var/lib/kubelet/pods/%s/volumes/kubernetes.io~empty-dir/%u", volume.uid,
			 i);
		send(node, &volume, NSV_VOLUME, sizeof(volume));
	}
}

static void send_name(struct made_node *node, uint32_t pod)
{
	struct nsv_pod_name name = {.namespace = "shop"};

	pod_uid(pod, name.uid);
	snprintf(name.name, sizeof(name.name), "cart-%u", pod);
	send(node, &name, NSV_POD_NAME, sizeof(name));
}

static void send_pod(struct made_node *node, uint32_t pod)
{
	send_cgroup(node, pod, false);
	send_name(node, pod);
	send_cgroup(node, pod, true);
	send_files(node, pod);
	if (node->isolated)
		send_userns(node, POD_NS(pod), 1, FIRST_ID(pod), 65536);
	for (uint32_t i = 0; i < node->tasks; i++)
		send_identity(node, (struct made_task){.tid = FIRST_TID(node, pod) + i,
						       .parent = i ? FIRST_TID(node, pod) : 2,
						       .pod = pod,
						       .cause = NSV_CAUSE_WALK,
						       .id = i % 5});
	send_mounts(node, pod);
}

static void send_phase(struct made_node *node, enum nsv_walk_phase phase)
{
	struct nsv_walk walk = {.phase = phase};

	send(node, &walk, NSV_WALK, sizeof(walk));
}

void made_walk(struct made_node *node)
{
	const uint64_t step_ns = node->step_ns;

	node->step_ns = 1000;
	send_phase(node, NSV_WALK_BEGIN);
	send_userns(node, NODE_NS, 0, 0, UINT32_MAX);
	send_identity(node, (struct made_task){.tid = 1, .pod = OUTSIDE, .cause = NSV_CAUSE_WALK});
	send_identity(
		node,
		(struct made_task){.tid = 2, .parent = 1, .pod = OUTSIDE, .cause = NSV_CAUSE_WALK});
	for (uint32_t pod = 0; pod < node->pods; pod++)
		send_pod(node, pod);
	send_phase(node, NSV_WALK_END);
	node->step_ns = step_ns;
}

void made_tick(struct made_node *node)
{
	struct nsv_tick event = {.wall_ns = UINT64_C(1700000000000000000) + node->boot_ns};

	send(node, &event, NSV_TICK, sizeof(event));
}

void made_process(struct made_node *node, uint32_t pod, bool with_activities)
{
	struct made_task task = {
		.tid = node->next_tid++, .parent = FIRST_TID(node, pod), .pod = pod};
	struct nsv_exit over = {.task = task_of(task.tid)};

	task.cause = NSV_CAUSE_FORK;
	if (with_activities)
		send_activity(node, task);
	task.cause = NSV_CAUSE_EXEC;
	send_identity(node, task);
	if (with_activities)
		send_activity(node, task);
	task.cause = NSV_CAUSE_CRED;
	task.id = 1000;
	send_identity(node, task);
	task.cause = NSV_CAUSE_EXIT;
	if (with_activities)
		send_activity(node, task);
	send(node, &over, NSV_EXIT, sizeof(over));
}

void made_start(struct made_node *node, uint32_t pod)
{
	send_cgroup(node, pod, false);
	send_name(node, pod);
	send_cgroup(node, pod, true);
	if (node->isolated)
		send_userns(node, POD_NS(pod), 1, FIRST_ID(pod), 65536);
	send_identity(node, (struct made_task){.tid = FIRST_TID(node, pod),
					       .parent = 2,
					       .pod = pod,
					       .cause = NSV_CAUSE_EXEC,
					       .flags = NSV_TASK_BEGINS});
	send_files(node, pod);
	send_mounts(node, pod);
}

void made_stop(struct made_node *node, uint32_t pod)
{
	struct nsv_exit over = {.task = task_of(FIRST_TID(node, pod))};

	send(node, &over, NSV_EXIT, sizeof(over));
	for (unsigned container = 2; container--;) {
		struct nsv_changed gone = {.id = CGROUP(pod) + container};

		send(node, &gone, NSV_CHANGED, sizeof(gone));
	}
}

void made_begin(struct made_node *node)
{
	struct nsv_node first = {.node_pid = 1, .release = "6.12.0"};
	struct nsv_policy policy = {.policy = NSV_POLICY_OBSERVE,
				    .min_host_id = 65536,
				    .settle_ns = 60000000000,
				    .attest_ns = 3600000000000};
	struct nsv_hooks hooks = {
		.how = {NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE}};

	if (!node->boot_ns)
		node->boot_ns = 100000000000;
	if (!node->step_ns)
		node->step_ns = 1000000;
	node->next_tid = FIRST_TID(node, 2 * node->pods) + 100000;
	send(node, &first, NSV_NODE, sizeof(first));
	send(node, &policy, NSV_POLICY, sizeof(policy));
	send(node, &hooks, NSV_HOOKS, sizeof(hooks));
	made_walk(node);
}
