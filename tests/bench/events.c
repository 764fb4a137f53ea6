// SPDX-License-Identifier: BSD-2-Clause
/*
 * events FILE EVENTS PODS: makes a capture as a busy node with so many pods would give it with
 * watch --full: walks every 30 seconds, and between them processes that are made, execute, change
 * their IDs and exit, each in a pod of its own user namespace. Nothing in it breaks a rule.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/writer.h"
#include "lib/alloc.h"

#define TASKS 3	  /* of a pod, that stay */
#define MOUNTS 16 /* of a pod */
#define WALK_NS UINT64_C(30000000000)
#define TICK_NS UINT64_C(1000000000)
#define STEP_NS 1000000 /* between two events; in a walk a thousandth */

#define NODE_NS 4026531837U
#define POD_NS(pod) (4026540000U + 8 * (pod))
#define CGROUP(pod) (1000U + 2 * (pod))
#define FIRST_ID(pod) (65536U * ((pod) + 16))

static struct {
	struct writer *writer;
	uint64_t seq, boot_ns, walked_ns, ticked_ns, step_ns;
	uint32_t pods, next_tid;
} node = {.boot_ns = 100000000000, .next_tid = 100000};

static void send(void *record, enum nsv_type type, size_t len)
{
	struct nsv_event *event = record;

	event->type = (uint16_t)type;
	event->version = 1;
	event->len = (uint32_t)len;
	event->seq = ++node.seq;
	event->boot_ns = node.boot_ns += node.step_ns;
	writer_event(node.writer, event);
}

/* With its maps, of one extent each; with none if `count` is 0. */
static void send_userns(uint32_t inum, uint32_t level, uint32_t host, uint32_t count)
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

	send(&event, NSV_USERNS, sizeof(event.ns) + 2 * sizeof(struct nsv_extent));
}

static struct nsv_task task_of(uint32_t tid)
{
	return (struct nsv_task){tid, tid, (uint64_t)tid * 1000000};
}

/* Of pod `pod`; of the node itself: UINT32_MAX. */
static void send_identity(uint32_t tid, uint32_t parent, uint32_t pod, enum nsv_cause cause,
			  uint32_t id)
{
	const bool in_pod = pod != UINT32_MAX;
	const uint32_t base = in_pod ? POD_NS(pod) : NODE_NS, uid = in_pod ? FIRST_ID(pod) + id : 0;
	struct nsv_identity event = {
		.has = {.known = 0xff | NSV_HAS_EXE | NSV_HAS_EXE_MNT | NSV_HAS_POD |
				 NSV_HAS_PARENT | NSV_HAS_NS_IDS},
		.cause = (uint16_t)cause,
		.task = task_of(tid),
		.parent = task_of(parent),
		.cgroup = in_pod ? CGROUP(pod) + 1 : 1,
		.pod = in_pod ? CGROUP(pod) : 0,
		.container = in_pod ? CGROUP(pod) + 1 : 0,
		.cgroup_pod = in_pod ? CGROUP(pod) : 0,
		.uid = {uid, uid, uid, uid},
		.gid = {uid, uid, uid, uid},
		.caps = {0, 0xa80425fb, 0xa80425fb, 0xa80425fb, 0},
		.exe_mnt = {base + NSV_NS_MNT, base + NSV_NS_MNT},
		.exe_ino = 100 + tid % 7,
		.exe_dev = 8 << 20 | 1,
	};

	if (in_pod) {
		event.has.known |= NSV_HAS_STATE;
		event.state = NSV_STATE_WORKLOAD;
	}
	for (uint32_t kind = 0; kind < NSV_NS_KINDS; kind++) {
		event.ns[kind].ns = (struct nsv_ns){base + kind, base + kind};
		event.ns[kind].owner = (struct nsv_ns){base, base};
	}
	event.ns[NSV_NS_USER].owner = (struct nsv_ns){in_pod ? NODE_NS : 0, in_pod ? NODE_NS : 0};
	snprintf(event.comm, sizeof(event.comm), "worker-%u", tid % 7);
	snprintf(event.exe, sizeof(event.exe), "program-%u", tid % 7);
	send(&event, NSV_IDENTITY, sizeof(event));
}

static void send_activity(uint32_t tid, uint32_t parent, uint32_t pod, enum nsv_cause cause)
{
	const uint32_t uid = FIRST_ID(pod);
	struct nsv_activity event = {
		.cause = (uint16_t)cause,
		.state = NSV_STATE_WORKLOAD,
		.task = task_of(tid),
		.parent = task_of(parent),
		.pod = CGROUP(pod),
		.container = CGROUP(pod) + 1,
		.uid = {uid, uid, uid, uid},
		.gid = {uid, uid, uid, uid},
		.userns = {POD_NS(pod), POD_NS(pod)},
	};

	snprintf(event.comm, sizeof(event.comm), "worker-%u", tid % 7);
	send(&event, NSV_ACTIVITY, sizeof(event));
}

static void pod_uid(uint32_t pod, char *out)
{
	snprintf(out, NSV_POD_UID_LEN, "00000000-1111-2222-3333-%012u", pod);
}

static void send_cgroup(uint32_t pod, bool container)
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
		snprintf(event.cgroup.container, sizeof(event.cgroup.container), "%064u", pod);
	else
		pod_uid(pod, event.cgroup.uid);
	len = (size_t)snprintf(path, 256, "/kubepods/besteffort/pod00000000-1111-2222-3333-%012u",
			       pod);
	if (container)
		len += (size_t)snprintf(path + len, 256 - len, "/%064u", pod);
	send(&event, NSV_CGROUP, (sizeof(struct nsv_cgroup) + len + 8) & ~(size_t)7);
}

static void send_pod(uint32_t pod)
{
	struct nsv_pod_name name = {.namespace = "shop"};

	send_cgroup(pod, false);
	pod_uid(pod, name.uid);
	snprintf(name.name, sizeof(name.name), "cart-%u", pod);
	send(&name, NSV_POD_NAME, sizeof(name));
	send_cgroup(pod, true);
	send_userns(POD_NS(pod), 1, FIRST_ID(pod), 65536);
	for (uint32_t i = 0; i < TASKS; i++)
		send_identity(1000 + TASKS * pod + i, i ? 1000 + TASKS * pod : 2, pod,
			      NSV_CAUSE_WALK, i);
	for (uint32_t i = 0; i < MOUNTS; i++) {
		struct nsv_mount mount = {
			.has = {.known = NSV_HAS_MOUNT_ROOT},
			.pod = CGROUP(pod),
			.task = task_of(1000 + TASKS * pod),
			.ns = {POD_NS(pod) + NSV_NS_MNT, POD_NS(pod) + NSV_NS_MNT},
			.mount = {.id = 100 + MOUNTS * pod + i, .type = "tmpfs", .root = "/"},
		};

		snprintf(mount.point, sizeof(mount.point), "/volumes/%u", i);
		send(&mount, NSV_MOUNT, sizeof(mount));
	}
}

static void send_walk(enum nsv_walk_phase phase)
{
	struct nsv_walk walk = {.phase = phase};

	send(&walk, NSV_WALK, sizeof(walk));
}

static void walk(void)
{
	node.step_ns = STEP_NS / 1000;
	send_walk(NSV_WALK_BEGIN);
	send_userns(NODE_NS, 0, 0, UINT32_MAX);
	send_identity(1, 0, UINT32_MAX, NSV_CAUSE_WALK, 0);
	send_identity(2, 1, UINT32_MAX, NSV_CAUSE_WALK, 0);
	for (uint32_t pod = 0; pod < node.pods; pod++)
		send_pod(pod);
	send_walk(NSV_WALK_END);
	node.walked_ns = node.boot_ns;
	node.step_ns = STEP_NS;
}

/* A process that is made, executes, takes another ID and exits. */
static void live(uint32_t pod)
{
	const uint32_t tid = node.next_tid++, parent = 1000 + TASKS * pod;
	struct nsv_exit over = {.task = task_of(tid)};

	send_activity(tid, parent, pod, NSV_CAUSE_FORK);
	send_identity(tid, parent, pod, NSV_CAUSE_EXEC, 0);
	send_activity(tid, parent, pod, NSV_CAUSE_EXEC);
	send_identity(tid, parent, pod, NSV_CAUSE_CRED, 1000);
	send_activity(tid, parent, pod, NSV_CAUSE_EXIT);
	send(&over, NSV_EXIT, sizeof(over));
}

static void tick(void)
{
	struct nsv_tick event = {.wall_ns = UINT64_C(1700000000000000000) + node.boot_ns};

	send(&event, NSV_TICK, sizeof(event));
	writer_flush(node.writer); /* as watch does */
	node.ticked_ns = node.boot_ns;
}

static void begin(void)
{
	struct nsv_node first = {.node_pid = 1, .release = "6.12.0"};
	struct nsv_policy policy = {.policy = NSV_POLICY_OBSERVE,
				    .min_host_id = 65536,
				    .settle_ns = 60000000000,
				    .attest_ns = 3600000000000};
	struct nsv_hooks hooks = {
		.how = {NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE, NSV_HOW_ONCE}};

	send(&first, NSV_NODE, sizeof(first));
	send(&policy, NSV_POLICY, sizeof(policy));
	send(&hooks, NSV_HOOKS, sizeof(hooks));
	walk();
}

int main(int argc, char **argv)
{
	struct writer_options opts = {.ruleset = 1, .waits = true};
	struct problem problem;
	uint64_t events;
	uint32_t pods;

	if (argc != 4) {
		fprintf(stderr, "usage: events FILE EVENTS PODS\n");
		return 2;
	}
	opts.file = argv[1];
	events = strtoull(argv[2], NULL, 10);
	pods = (uint32_t)strtoul(argv[3], NULL, 10);
	node.pods = pods;
	if (!pods) {
		fprintf(stderr, "events: how many PODS?\n");
		return 2;
	}
	if (writer_open(&opts, &node.writer, &problem)) {
		fprintf(stderr, "events: %s\n", problem.text);
		return 1;
	}
	begin();
	for (uint32_t pod = 0; node.seq < events; pod = (pod + 1) % pods) {
		live(pod);
		if (node.boot_ns - node.ticked_ns > TICK_NS)
			tick();
		if (node.boot_ns - node.walked_ns > WALK_NS)
			walk();
	}
	walk();
	if (writer_close(node.writer, &problem)) {
		fprintf(stderr, "events: %s\n", problem.text);
		return 1;
	}
	return 0;
}
