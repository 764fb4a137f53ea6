// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/hooks.h"

#include <nsvigil/kept.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/bpf/attachable.h"
#include "source/bpf/capabilities.h"
#include "source/bpf/idmaps.h"
#include "source/bpf/integrity.h"
#include "source/bpf/log.h"
#include "source/bpf/losses.h"
#include "source/bpf/misses.h"
#include "source/bpf/modules.h"
#include "source/bpf/preemption.h"
#include "source/bpf/prove.h"
#include "source/bpf/ring.h"
#include "source/bpf/shared.h"
#include "source/podpath.h"
#include "source/procstat.h"
#include "watch.skel.h"

/* Of a row of the table. */
struct choice {
	size_t at;   /* index of its alternative */
	int refused; /* why the best one did not load */
	bool silent; /* it did, and was not called */
	bool forced;
};

/* A hook may be left out while another task is in it (misses.h): not three times. */
#define PROOFS 3
#define ASKED 100

#define AGAINS 3 /* stand-ins that a program has, at most */

/* The programs; the last one's misses are capability checks that were not counted. */
#define TWINS 11

#define RINGS 2

struct hooks {
	struct watch_bpf *skel;
	struct idmaps *idmaps;
	struct ring rings[RINGS]; /* of events, and of bulk if `full` */
	int ready;		  /* an epoll(7) of both */
	bool full;
	bool preempts;	/* the kernel preempts programs: each has a stand-in (bpf/again.h) */
	bool in_one_go; /* and it lets them say no */
	struct capabilities *caps;
	struct choice choices[EVENTS];
	enum hooks_change changed;
	int (*on_pod)(void *ctx);
	void *on_pod_ctx;
	struct lost last;
	struct losses losses;
	struct {
		__u32 root;
		struct nsv_ns userns;
	} node; /* what was set of it */
	struct twin twins[TWINS];
	struct left_out left_out[2]; /* of all but checks, and of checks */
	__u64 well_ns;		     /* when nothing was lost for the last time */
	bool losses_wait;	     /* those of pods, for the next walk */
	__u64 checked_ns;	     /* when hooks_check() looked last */
	/* While draining: */
	struct stream *stream;
	__u64 record[(NSV_IDMAP_MAX + sizeof(__u64)) / sizeof(__u64)];
};

static const struct hook_alternative *chosen(const struct hooks *hooks, enum hook_event event)
{
	return &hook_table[event].alternatives[hooks->choices[event].at];
}

static bool chose(const struct hooks *hooks, enum hook_event event, const char *section)
{
	const struct hook_alternative *its = chosen(hooks, event);

	return its->section && !strcmp(its->section, section);
}

static int refuse_silent(const struct hook_row_info *row, const struct hook_alternative *its,
			 struct problem *problem)
{
	return problem_set(
		problem, -ENOTSUP,
		"--hooks %s=%s does not work here: it attaches but is never called, because the "
		"kernel's compiler inlined the function",
		row->name, its->section);
}

static int refuse(const struct hook_row_info *row, const struct hook_alternative *alternative,
		  int err, struct problem *problem)
{
	return problem_set(problem, err, "--hooks %s=%s does not load here: %s", row->name,
			   alternative->section, attachable_why(err));
}

/* Of each row the first alternative that can be attached, or the forced one. */
static int choose(struct hooks *hooks, const struct btf *btf, const struct hooks_forced *forced,
		  struct problem *problem)
{
	for (size_t i = 0; i < EVENTS; i++) {
		const struct hook_alternative *only = forced->alternatives[i];
		const struct hook_row_info *row = &hook_table[i];
		struct choice *choice = &hooks->choices[i];
		int err;

		if (only) {
			choice->forced = true;
			choice->at = (size_t)(only - row->alternatives);
			err = attachable(btf, only->section);
			if (err)
				return refuse(row, only, err, problem);
		}
		while (!only && choice->at + 1 < row->n &&
		       (err = attachable(btf, row->alternatives[choice->at].section))) {
			choice->refused = choice->refused ?: err;
			choice->at++;
		}
	}
	return 0;
}

/* The next alternative of a row. False: it has none, or another one is not wanted. */
static bool give_way(struct choice *choice, const struct hook_row_info *row, int err)
{
	if (choice->forced || choice->at + 1 >= row->n)
		return false;
	choice->refused = choice->refused ?: err;
	choice->at++;
	return true;
}

/* Those of idmapped mounts are in an object of their own. */
static bool is_chosen(const struct hooks *hooks, const struct bpf_program *program)
{
	const char *section = bpf_program__section_name(program);

	if (misses_again(program) && !hooks->preempts)
		return false;
	for (enum hook_event event = 0; event < EVENT_IDMAPS; event++)
		if (chose(hooks, event, section))
			return true;
	return false;
}

/*
 * A program comes before its stand-in. The kernel runs those of a tracepoint in the order in which they were attached
 * (kernel/tracepoint.c, func_add()), and those of a function the other way round (kernel/bpf/trampoline.c,
 * __bpf_trampoline_link_prog()).
 */
static int attached_as(const struct bpf_program *program)
{
	const int again = misses_again(program);

	return strncmp(bpf_program__section_name(program), "tp_btf/", 7) ? AGAINS - again : again;
}

/* Returns 0 or -errno. */
static int attach(struct watch_bpf *skel)
{
	struct bpf_program *program;
	int err = 0;

	for (int i = 0; !err && i <= AGAINS; i++) {
		bpf_object__for_each_program(program, skel->obj)
			bpf_program__set_autoattach(program, attached_as(program) == i);
		err = watch_bpf__attach(skel);
	}
	return err;
}

static int load_so(struct hooks *hooks, bool in_one_go)
{
	struct watch_bpf *skel = watch_bpf__open();
	struct bpf_program *program;
	int err;

	if (!skel)
		return -errno;
	skel->rodata->pid_level = procstat_pid_level();
	skel->rodata->full = hooks->full;
	skel->rodata->has_again = hooks->preempts;
	skel->rodata->in_one_go = in_one_go;
	skel->rodata->compare_at_checks = chose(hooks, EVENT_CREDENTIALS, HOOK_AT_CHECKS) ||
					  chose(hooks, EVENT_NAMESPACES, HOOK_AT_CHECKS);
	skel->rodata->credentials_at_exits = chose(hooks, EVENT_CREDENTIALS, HOOK_AT_EXITS);
	skel->rodata->count_at_checks = chose(hooks, EVENT_CAPABILITIES, HOOK_AT_CHECKS);
	skel->rodata->sees_credentials = chosen(hooks, EVENT_CREDENTIALS)->section != NULL;
	skel->rodata->cap_shards = capabilities_shards();
	bpf_map__set_max_entries(skel->maps.cap_counts,
				 bpf_map__max_entries(skel->maps.capabilities) *
					 skel->rodata->cap_shards);
	if (!hooks->full)
		bpf_map__set_max_entries(skel->maps.bulk, (__u32)sysconf(_SC_PAGESIZE));
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program, is_chosen(hooks, program));
	modules_leave_out(skel->obj);
	err = watch_bpf__load(skel);
	if (!err)
		err = attach(skel);
	if (err)
		watch_bpf__destroy(skel);
	else
		hooks->skel = skel;
	return err;
}

static void find_twins(struct hooks *hooks)
{
	const struct twin twins[TWINS] = {
		TWIN(hooks->skel, on_new_task),	    TWIN(hooks->skel, on_exec),
		TWIN(hooks->skel, on_exit),	    TWIN(hooks->skel, on_attach),
		TWIN(hooks->skel, on_mkdir),	    TWIN(hooks->skel, on_rmdir),
		TWIN(hooks->skel, on_commit_creds), TWIN(hooks->skel, on_cap_capable),
		TWIN(hooks->skel, on_sys_exit),	    TWIN(hooks->skel, on_switch_namespaces),
		TWIN(hooks->skel, on_cap_checked),
	};
	memcpy(hooks->twins, twins, sizeof(twins));
}

/* If it can be: in one go. That a kernel has what that takes shows in that it loads. */
static int load(struct hooks *hooks)
{
	hooks->in_one_go = hooks->preempts && !load_so(hooks, true);
	return hooks->in_one_go ? 0 : load_so(hooks, false);
}

static int refuse_all(int err, struct problem *problem)
{
	return problem_set(problem, err,
			   "the kernel refuses the hooks: %s; watch needs Linux 6.1 or later with "
			   "CONFIG_DEBUG_INFO_BTF, and root, or CAP_BPF and CAP_PERFMON",
			   attachable_why(err));
}

/* What the child did that no hook saw: the least of several times. Returns 0 or -errno. */
static int prove_once(struct hooks *hooks, struct acts *unseen)
{
	const __u64 before[] = {hooks->skel->bss->proven.credentials,
				hooks->skel->bss->proven.namespaces,
				hooks->skel->bss->proven.checks};
	struct prover prover;
	struct acts acts;
	int err = prove_fork(&prover);

	if (err)
		return err;
	hooks->skel->bss->prover = (__u32)prover.pid;
	err = prove_act(&prover, &acts);
	hooks->skel->bss->prover = 0;
	if (err)
		return err;
	if (prove_is_called(acts.credentials, hooks->skel->bss->proven.credentials - before[0]))
		unseen->credentials = 0;
	if (prove_is_called(acts.namespaces, hooks->skel->bss->proven.namespaces - before[1]))
		unseen->namespaces = 0;
	if (prove_is_called(acts.checks, hooks->skel->bss->proven.checks - before[2]))
		unseen->checks = 0;
	return 0;
}

/* Only functions can be elsewhere: a tracepoint is where it is. */
static bool is_silent(const struct hooks *hooks, enum hook_event event, unsigned unseen)
{
	const char *section = chosen(hooks, event)->section;

	return unseen && section && strncmp(section, "tp_btf/", 7) != 0;
}

/* Whether some row gave way because its hook is not called. Returns 0 or 1, or -errno with a problem. */
static int prove(struct hooks *hooks, struct problem *problem)
{
	struct acts unseen = {1, 1, 1, 1};
	bool again = false;

	for (int i = 0; i < PROOFS && (unseen.credentials || unseen.namespaces || unseen.checks);
	     i++)
		if (prove_once(hooks, &unseen))
			return 0; /* it cannot be told */
	for (enum hook_event event = EVENT_CREDENTIALS; event < EVENT_IDMAPS; event++) {
		const unsigned its = event == EVENT_CREDENTIALS ? unseen.credentials :
				     event == EVENT_NAMESPACES	? unseen.namespaces :
								  unseen.checks;
		struct choice *choice = &hooks->choices[event];

		if (!is_silent(hooks, event, its))
			continue;
		if (!give_way(choice, &hook_table[event], -ENOTSUP))
			return refuse_silent(&hook_table[event], chosen(hooks, event), problem);
		choice->silent = again = true;
	}
	return again;
}

/*
 * What can be attached may still not load: then all rows that can give way. Or it is never called: then
 * its row does.
 */
static int load_best(struct hooks *hooks, struct problem *problem)
{
	for (;;) {
		int err = load(hooks);
		bool again = false;

		if (!err) {
			err = shared_check(bpf_object__btf(hooks->skel->obj), problem);
			if (err)
				return err;
			err = prove(hooks, problem);
			if (err <= 0)
				return err;
			watch_bpf__destroy(hooks->skel);
			hooks->skel = NULL;
			continue;
		}
		for (size_t i = 0; i < EVENT_IDMAPS; i++)
			again |= give_way(&hooks->choices[i], &hook_table[i], err);
		if (!again)
			return refuse_all(err, problem);
	}
}

/* The name of a cgroup is a pod's or a container's: the kernel side saw to that. */
static int push_made(struct hooks *hooks, const struct nsv_changed *changed)
{
	size_t path = strnlen(changed->name, sizeof(changed->name) - 1) + 2;
	size_t size = (sizeof(struct nsv_cgroup) + path + 7) & ~(size_t)7;
	AUTO_FREE struct nsv_cgroup *event = xcalloc(1, size);
	int err;

	stream_event(&event->h, NSV_CGROUP, size);
	event->h.boot_ns = changed->h.boot_ns;
	event->id = changed->id;
	event->pod = changed->pod;
	snprintf(event->path, path, "/%s", changed->name);
	if (changed->id == changed->pod) {
		event->kind = podpath_pod(changed->name, event->uid) ?
				      NSV_CGROUP_POD :
				      podpath_astray(changed->name, event->uid, event->container);
		if (!event->kind)
			return 0;
		err = stream_push(hooks->stream, &event->h);
		return !err && hooks->on_pod ? hooks->on_pod(hooks->on_pod_ctx) : err;
	}
	event->kind = podpath_container(changed->name, event->container);
	return stream_push(hooks->stream, &event->h);
}

static enum hooks_change change_of(const struct nsv_event *event)
{
	const struct nsv_changed *changed = (const void *)event;

	if (event->type == NSV_CHANGED)
		return changed->made && changed->id == changed->pod ? HOOKS_APPEARED :
								      HOOKS_CHANGED;
	return event->type == NSV_IDMAP ? HOOKS_APPEARED : HOOKS_SAME;
}

/* A record as it was in the ring, as far as there is room for it here. */
static int take_record(void *ctx, size_t size)
{
	struct hooks *hooks = ctx;
	struct nsv_event *record = (void *)hooks->record;
	const struct nsv_changed *changed = (const void *)record;
	enum hooks_change change;

	if (size < sizeof(*record) || record->len > size || record->len > sizeof(hooks->record))
		return -EPROTO;
	change = change_of(record);
	if (change > hooks->changed)
		hooks->changed = change;
	if (record->type == NSV_CHANGED && changed->made)
		return push_made(hooks, changed);
	if (record->type == NSV_CHANGED && changed->id != changed->pod)
		return 0;
	return stream_push(hooks->stream, record);
}

/* Whether the programs for idmapped mounts are called. */
static bool prove_idmaps(struct hooks *hooks, const char *section)
{
	if (!strncmp(section, "tp_btf/", 7))
		return true;
	for (int i = 0; i < PROOFS; i++) {
		const uint64_t before = idmaps_proven(hooks->idmaps);
		struct prover prover;
		struct acts acts;

		if (prove_fork(&prover))
			return true; /* it cannot be told */
		idmaps_prove(hooks->idmaps, prover.pid);
		if (prove_act(&prover, &acts) ||
		    prove_is_called(acts.idmaps, idmaps_proven(hooks->idmaps) - before)) {
			idmaps_prove(hooks->idmaps, 0);
			return true;
		}
	}
	return false;
}

static int open_idmaps(struct hooks *hooks, struct problem *problem)
{
	const struct hook_row_info *row = &hook_table[EVENT_IDMAPS];
	const struct idmaps_shared shared = {
		.events = hooks->skel->maps.events,
		.tasks = hooks->skel->maps.tasks,
		.pods = hooks->skel->maps.pods,
		.budgets = hooks->skel->maps.budgets,
		.lost_of = hooks->skel->maps.lost_of,
		.ways_out = hooks->skel->maps.ways_out,
		.again = hooks->preempts,
		.in_one_go = hooks->in_one_go,
	};
	const struct hook_alternative *its;

	while ((its = chosen(hooks, EVENT_IDMAPS))->section) {
		struct choice *choice = &hooks->choices[EVENT_IDMAPS];
		int err = idmaps_open(its->section, &shared, procstat_pid_level(), &hooks->idmaps);

		if (!err && prove_idmaps(hooks, its->section))
			break;
		if (!give_way(choice, row, err ?: -ENOTSUP))
			return err ? refuse(row, its, err, problem) :
				     refuse_silent(row, its, problem);
		choice->silent = !err;
		idmaps_close(hooks->idmaps);
		hooks->idmaps = NULL;
	}
	return 0;
}

/* Returns 0, or -errno with a problem. */
static int open_programs(struct hooks *hooks, const struct hooks_forced *forced,
			 struct problem *problem)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err;

	if (!btf)
		return refuse_all(-errno, problem);
	err = choose(hooks, btf, forced, problem);
	btf__free(btf);
	if (err)
		return err;
	err = load_best(hooks, problem);
	if (err)
		return err;
	find_twins(hooks);
	return open_idmaps(hooks, problem);
}

/* Returns 0 or -errno. */
static int open_rings(struct hooks *hooks)
{
	const struct bpf_map *maps[RINGS] = {hooks->skel->maps.events, hooks->skel->maps.bulk};
	struct epoll_event event = {.events = EPOLLIN};
	int err = 0;

	hooks->ready = epoll_create1(EPOLL_CLOEXEC);
	if (hooks->ready < 0)
		return -errno;
	for (size_t i = 0; !err && i < (hooks->full ? RINGS : 1); i++) {
		err = ring_open(maps[i], &hooks->rings[i]);
		if (!err && epoll_ctl(hooks->ready, EPOLL_CTL_ADD, bpf_map__fd(maps[i]), &event))
			err = -errno;
	}
	return err;
}

/* Likewise. */
static int open_capabilities(struct hooks *hooks)
{
	const struct capability_maps maps = {
		.kinds_fd = bpf_map__fd(hooks->skel->maps.capabilities),
		.counts_fd = bpf_map__fd(hooks->skel->maps.cap_counts),
		.slots_fd = bpf_map__fd(hooks->skel->maps.cap_slots),
		.pods_fd = hooks_pods_fd(hooks),
	};

	return capabilities_open(&maps, &hooks->caps);
}

int hooks_open(bool full, bool log, const struct hooks_forced *forced, struct hooks **out,
	       struct problem *problem)
{
	struct hooks *hooks = xcalloc(1, sizeof(*hooks));
	int err;

	hooks->full = full;
	hooks->ready = -1;
	hooks->preempts = preemption_now();
	log_libbpf(log);
	err = open_programs(hooks, forced, problem);
	if (err) {
		hooks_close(hooks);
		return err;
	}
	err = open_rings(hooks);
	if (err) {
		hooks_close(hooks);
		return problem_set(problem, err, "cannot map the ring of events: %s",
				   strerror(-err));
	}
	hooks->losses.fd = bpf_map__fd(hooks->skel->maps.lost_of);
	hooks->losses.pods_fd = hooks_pods_fd(hooks);
	err = open_capabilities(hooks);
	if (err) {
		hooks_close(hooks);
		return problem_set(problem, err, "cannot read the counts of capability checks: %s",
				   strerror(-err));
	}
	hooks->well_ns = hooks->checked_ns = stream_now();
	*out = hooks;
	return 0;
}

void hooks_close(struct hooks *hooks)
{
	if (!hooks)
		return;
	capabilities_close(hooks->caps);
	for (size_t i = 0; i < RINGS; i++)
		ring_close(&hooks->rings[i]);
	if (hooks->ready >= 0)
		close(hooks->ready);
	idmaps_close(hooks->idmaps);
	watch_bpf__destroy(hooks->skel);
	losses_free(&hooks->losses);
	free(hooks);
}

int hooks_push(const struct hooks *hooks, struct stream *stream)
{
	struct nsv_hooks event = {.how = {[NSV_HOOK_TASKS] = NSV_HOW_ONCE}};

	for (enum hook_event i = EVENT_CREDENTIALS; i < EVENTS; i++)
		event.how[hook_table[i].hook] = chosen(hooks, i)->how;
	stream_event(&event.h, NSV_HOOKS, sizeof(event));
	return stream_push(stream, &event.h);
}

int hooks_fd(const struct hooks *hooks)
{
	return hooks->ready;
}

int hooks_pods_fd(const struct hooks *hooks)
{
	return bpf_map__fd(hooks->skel->maps.pods);
}

int hooks_tasks_fd(const struct hooks *hooks)
{
	return bpf_map__fd(hooks->skel->maps.tasks);
}

bool hooks_ring(const struct hooks *hooks, size_t i, struct hooks_ring *out)
{
	static const char *const names[] = {"events", "bulk"};

	if (i >= sizeof(names) / sizeof(*names) || !hooks->rings[i].size)
		return false;
	*out = (struct hooks_ring){
		.name = names[i],
		.used = ring_used(&hooks->rings[i]),
		.peak = hooks->rings[i].peak,
		.size = hooks->rings[i].size,
	};
	return true;
}

int hooks_drain(struct hooks *hooks, struct stream *stream, struct problem *problem)
{
	int err = 0;

	hooks->stream = stream;
	for (size_t i = 0; !err && i < RINGS; i++)
		err = ring_drain(&hooks->rings[i], hooks->record, sizeof(hooks->record),
				 take_record, hooks);
	if (err == -EPROTO)
		return problem_set(problem, err, "an event contradicts the protocol");
	if (err)
		return problem_set(problem, err, "cannot read what the hooks say: %s",
				   strerror(-err));
	return 0;
}

/* What is known to be no one pod's. */
static struct lost lost_now(const struct hooks *hooks)
{
	const struct lost idmaps = idmaps_lost(hooks->idmaps);
	struct lost now = hooks->skel->bss->lost;

	now.identities += idmaps.identities;
	now.idmaps += idmaps.idmaps;
	now.limited += idmaps.limited;
	now.pods += idmaps.pods;
	return now;
}

int hooks_losses(struct hooks *hooks, struct stream *stream, uint64_t *n)
{
	const struct lost now = lost_now(hooks);
	struct nsv_lost event = losses_between(&hooks->last, &now);
	uint64_t of_pods = 0;
	int err = 0;

	/* A pod whose directory was lost is known after the walk that comes now: what it lost is said then. */
	hooks->losses_wait = event.changes && !hooks->losses_wait;
	if (!hooks->losses_wait)
		err = losses_push(&hooks->losses, now.pods, hooks->well_ns, stream, &of_pods);
	if (err)
		return err;
	stream_event(&event.h, NSV_LOST, sizeof(event));
	event.since_ns = hooks->well_ns;
	misses_add(hooks->twins, TWINS, idmaps_missed(hooks->idmaps),
		   hooks->preempts ? hooks->left_out : NULL, &event);
	*n = nsv_lost_sum(&event) + of_pods;
	hooks->last = now;
	if (!hooks->losses_wait)
		hooks->well_ns = stream_now();
	return nsv_lost_some(&event) || event.activities ? stream_push(stream, &event.h) : 0;
}

/*
 * Whether the kernel still calls what is attached to functions: before Linux 7 the sysctl kernel.ftrace_enabled can turn
 * that off.
 */
static bool is_called(struct hooks *hooks)
{
	const struct hook_alternative *its = chosen(hooks, EVENT_CAPABILITIES);
	const __u64 before = hooks->skel->bss->proven.checks;
	bool called = !its->section || strcmp(its->section, "fexit/cap_capable") != 0;

	hooks->skel->bss->prover = (__u32)getpid();
	for (int i = 0; i < ASKED && !called; i++) {
		if (i) /* both were left out: the tasks in them get time to go on */
			usleep(10000);
		called = prove_ask() || hooks->skel->bss->proven.checks != before;
	}
	hooks->skel->bss->prover = 0;
	return called;
}

/* The variables that only user space sets. */
static __u64 check_values(struct hooks *hooks)
{
	const bool same = hooks->skel->bss->node_root == hooks->node.root &&
			  !memcmp(&hooks->skel->bss->node_userns, &hooks->node.userns,
				  sizeof(hooks->node.userns)) &&
			  !hooks->skel->bss->prover;

	hooks->skel->bss->node_root = hooks->node.root;
	hooks->skel->bss->node_userns = hooks->node.userns;
	hooks->skel->bss->prover = 0;
	return same ? 0 : NSV_MEDDLED_VALUES;
}

int hooks_check(struct hooks *hooks, uint64_t meddled, struct stream *stream,
		struct problem *problem)
{
	struct nsv_lost event = {.since_ns = hooks->checked_ns, .meddled = meddled};
	int err;

	event.meddled |= integrity_of(hooks->skel->skeleton) | idmaps_meddled(hooks->idmaps) |
			 check_values(hooks);
	if (!is_called(hooks))
		event.meddled |= NSV_MEDDLED_HOOKS;
	hooks->checked_ns = stream_now();
	if (!event.meddled)
		return 0;
	stream_event(&event.h, NSV_LOST, sizeof(event));
	err = stream_push(stream, &event.h);
	if (err || !(event.meddled & (NSV_MEDDLED_HOOKS | NSV_MEDDLED_FROZEN)))
		return err;
	return problem_set(
		problem, -ESTALE,
		"somebody interfered with the hooks: %s; start nsvigil again, so that they are "
		"loaded anew",
		event.meddled & NSV_MEDDLED_FROZEN ? "one of their maps is frozen" :
						     "one is not attached as it was, or the sysctl "
						     "kernel.ftrace_enabled is 0");
}

uint64_t hooks_activities_lost(const struct hooks *hooks)
{
	return hooks->skel->bss->lost.activities;
}

void hooks_on_pod(struct hooks *hooks, int (*made)(void *ctx), void *ctx)
{
	hooks->on_pod = made;
	hooks->on_pod_ctx = ctx;
}

void hooks_set_root(struct hooks *hooks, uid_t root)
{
	hooks->skel->bss->node_root = hooks->node.root = root;
}

void hooks_set_node(struct hooks *hooks, const struct nsv_ns *userns)
{
	hooks->skel->bss->node_userns = hooks->node.userns = *userns;
	if (!hooks->skel->bss->walks++)
		(void)capabilities_begin(hooks->caps); /* else a scan says that it found none */
}

int hooks_count(struct hooks *hooks, struct stream *stream)
{
	return capabilities_push(hooks->caps, stream);
}

enum hooks_change hooks_changed(struct hooks *hooks)
{
	const enum hooks_change changed = hooks->changed;

	hooks->changed = HOOKS_SAME;
	return changed;
}

void hooks_remember(struct hooks *hooks, const struct nsv_identity *task, const struct nsv_ns *base,
		    uint32_t known, const struct nsv_ns ns[NSV_NS_KINDS])
{
	struct task_state value = {
		.pod = task->pod,
		.container = task->container,
		.base = *base,
		.state = NSV_STATE_WORKLOAD,
		.told = 1,
	};
	const bool is_known = task->has.known & NSV_HAS_STATE && !(task->flags & NSV_TASK_THREAD);
	AUTO_FD pidfd = -1;

	for (int kind = 0; kind < NSV_NS_KINDS; kind++)
		if (known & 1U << kind)
			value.began_in[kind] = ns[kind].inum | ns[kind].id << 32;
	pidfd = (int)syscall(SYS_pidfd_open, task->task.tgid, 0);
	/*
	 * Of the descriptor, whatever has the number later. Threads are recalled by their leader, which stays as long as
	 * they do, even if it is over, and a walk shows them alone.
	 */
	if (pidfd >= 0 && procstat_is(&task->task))
		bpf_map_update_elem(hooks_tasks_fd(hooks), &pidfd, &value,
				    is_known ? BPF_ANY : BPF_NOEXIST);
}

bool hooks_row(const struct hooks *hooks, size_t i, struct hook_row *out)
{
	const struct choice *choice;

	if (i >= EVENTS)
		return false;
	choice = &hooks->choices[i];
	*out = (struct hook_row){
		.what = hook_table[i].what,
		.hook = hook_table[i].hook,
		.alternative = chosen(hooks, (enum hook_event)i)->section,
		.forced = choice->forced,
		.why_not = choice->silent  ? "it attaches but is never called" :
			   choice->refused ? attachable_why(choice->refused) :
					     NULL,
		.silent = choice->silent,
		.blind = chosen(hooks, (enum hook_event)i)->blind,
	};
	return true;
}

bool hooks_are_preempted(const struct hooks *hooks)
{
	return hooks->preempts;
}

const char *hooks_preemption(const struct hooks *hooks)
{
	return !hooks->preempts ? "programs are not preempted" :
	       hooks->in_one_go ? "each program has a stand-in, and is not preempted" :
				  "each program has a stand-in";
}
