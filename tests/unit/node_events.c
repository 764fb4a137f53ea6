// SPDX-License-Identifier: BSD-2-Clause
#include "node_events.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int send_now(void *record)
{
	node.report = NULL;
	return send_copy(record);
}

void live_as(struct nsv_identity *task, enum nsv_state state)
{
	task->state = (uint16_t)state;
	task->has.known |= NSV_HAS_STATE;
	task->cause = NSV_CAUSE_NS;
	assert_int_equal(send_now(task), 0);
	task->cause = NSV_CAUSE_WALK;
}

void live(struct nsv_identity *task)
{
	live_as(task,
		task->has.known & NSV_HAS_STATE ? (enum nsv_state)task->state : NSV_STATE_WORKLOAD);
}

void show_box(struct box *box)
{
	assert_int_equal(send_now(box->pod), 0);
	assert_int_equal(send_now(box->cgroup), 0);
	assert_int_equal(send_now(box->userns), 0);
}

void looked_at(const struct box *box)
{
	struct nsv_look event = {
		.h = {.type = NSV_LOOK, .version = 1, .len = sizeof(event)},
		.task = box->init->task,
	};

	assert_int_equal(send_now(&event), 0);
}

void exit_of(struct nsv_identity *task)
{
	struct nsv_exit event = {
		.h = {.type = NSV_EXIT, .version = 1, .len = sizeof(event)},
		.task = task->task,
	};

	assert_int_equal(send_now(&event), 0);
	gone(task);
}

void lost(uint64_t identities)
{
	struct nsv_lost event = {
		.h = {.type = NSV_LOST, .version = 1, .len = sizeof(event)},
		.since_ns = node.now,
		.identities = identities,
	};

	assert_int_equal(send_now(&event), 0);
}

/* Time passes: what files and mounts said is judged with the next event. */
void send_tick(void)
{
	struct nsv_tick event = {.h = {.type = NSV_TICK, .version = 1, .len = sizeof(event)}};

	assert_int_equal(send_now(&event), 0);
}

void box_gone(struct box *box)
{
	gone(box->cgroup);
	gone(box->pod);
	gone(box->userns);
}

void join_ns(struct nsv_identity *task, enum nsv_ns_kind kind, const struct nsv_identity *other)
{
	task->ns[kind] = other->ns[kind];
}

void move_to(struct nsv_identity *task, const struct box *box)
{
	task->cgroup = box ? box->cgroup->id : 1;
	task->cgroup_pod = box ? box->pod->id : 0;
}

/* A new namespace that nobody else is in. */
void unshare_ns(struct nsv_identity *task, enum nsv_ns_kind kind)
{
	task->ns[kind].ns.inum = 4026990000 + task->task.tid * 16ULL + (uint64_t)kind;
}

void set_policy(enum nsv_policy_default policy)
{
	node.policy.policy = policy;
	assert_int_equal(send_now(&node.policy), 0);
}

void hooks_but(enum nsv_hook hook, enum nsv_how how)
{
	struct nsv_hooks event = {.h = {.type = NSV_HOOKS, .version = 1, .len = sizeof(event)}};

	for (int i = 0; i <= NSV_HOOK_IDMAPS; i++)
		event.how[i] = NSV_HOW_ONCE;
	event.how[hook] = how;
	assert_int_equal(send_now(&event), 0);
}

struct remembered node_remembered;

void take_unremembered(const struct nsv_identity *task, const struct began *began, void *ctx)
{
	(void)ctx;
	assert_true(node_remembered.n < ARRAY_SIZE(node_remembered.v));
	node_remembered.began = *began;
	node_remembered.v[node_remembered.n++] = task;
}

void expect_survived(void (*run)(void), const char *file, int line)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		run();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_fail(file, line);
}
