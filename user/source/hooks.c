// SPDX-License-Identifier: BSD-2-Clause
#include "source/hooks.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/capabilities.h"
#include "source/idmaps.h"
#include "source/log.h"
#include "source/misses.h"
#include "source/podpath.h"
#include "source/procstat.h"
#include "source/prove.h"
#include "source/ringfill.h"
#include "watch.skel.h"

/* As in struct lost of bpf/watch.bpf.c. */
struct losses {
	__u64 identities, namespaces, exits, changes, limited, activities, idmaps, caps;
};

/* As struct task_state of bpf/state.h. */
struct task_state {
	__u64 pod, container, digest;
	struct nsv_ns outer_mnt, base;
	__u64 began_in[NSV_NS_KINDS];
	__u32 state, told;
};

/* Of a pod, how much was left out as far as it was told. */
struct pod_limited {
	__u64 pod, n;
};

/* Of a row of the table. */
struct choice {
	size_t at;   /* index of its alternative */
	int refused; /* why the one before it did not load */
	bool silent; /* it did, and was not called */
	bool forced;
};

/* A hook may be left out while another task is in it (misses.h): not three times. */
#define PROOFS 3

struct hooks {
	struct watch_bpf *skel;
	struct idmaps *idmaps;
	struct ring_buffer *ring;
	struct ringfill rings[2]; /* of events, and of bulk if `full` */
	bool full;
	struct capabilities *caps;
	struct choice choices[EVENTS];
	bool changed;
	int (*on_pod)(void *ctx);
	void *on_pod_ctx;
	struct losses last;
	struct pod_limited *limited; /* of each pod that was ever left out */
	size_t n_limited, cap_limited;
	struct misses misses;
	__u64 well_ns; /* when nothing was lost for the last time */
	/* While draining: */
	struct stream *stream;
	int err;
};

/* How many PID namespaces lie above this process' own: the numbers in NSpid, less one. */
static unsigned own_pid_level(void)
{
	AUTO_FILE file = fopen("/proc/self/status", "re");
	char line[512];
	unsigned n = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "NSpid:", 6))
			continue;
		for (char *c = line + 6; *c; c++)
			n += *c == '\t';
		return n ? n - 1 : 0;
	}
	return 0;
}

static const struct hook_alternative *chosen(const struct hooks *hooks, enum hook_event event)
{
	return &hook_table[event].alternatives[hooks->choices[event].at];
}

static bool chose(const struct hooks *hooks, enum hook_event event, const char *section)
{
	const struct hook_alternative *its = chosen(hooks, event);

	return (its->section && !strcmp(its->section, section)) ||
	       (its->stand_in && !strcmp(its->stand_in, section));
}

/* What a section's program is attached to: its type, and by which name BTF has it. */
static __s32 find_target(const struct btf *btf, const char *section, enum bpf_attach_type *type)
{
	const char *target = strchr(section, '/') + 1;
	char name[64];

	if (!strncmp(section, "tp_btf/", 7)) {
		*type = BPF_TRACE_RAW_TP;
		snprintf(name, sizeof(name), "btf_trace_%s", target);
		return btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	}
	*type = strncmp(section, "fexit/", 6) ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT;
	return btf__find_by_name_kind(btf, target, BTF_KIND_FUNC);
}

/*
 * Whether a program can be attached there is tried with an empty one: most of a load is
 * verification. Returns 0 or -errno.
 */
static int try_section(const struct btf *btf, const char *section)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	AUTO_FD program = -1;
	AUTO_FD link = -1;
	__s32 target;

	if (!section)
		return 0;
	target = find_target(btf, section, &opts.expected_attach_type);
	if (target < 0)
		return target;
	opts.attach_btf_id = (__u32)target;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "nsvigil_try", "GPL", nothing, 2, &opts);
	if (program < 0)
		return program;
	link = bpf_raw_tracepoint_open(NULL, program);
	return link < 0 ? link : 0;
}

static int try_alternative(const struct btf *btf, const struct hook_alternative *alternative)
{
	int err = try_section(btf, alternative->section);

	return err ? err : try_section(btf, alternative->stand_in);
}

static int refuse_silent(const struct hook_row_info *row, const struct hook_alternative *its,
			 struct problem *problem)
{
	return problem_set(problem, -ENOTSUP,
			   "--hooks %s=%s does not work here: it is attached, and not called: the "
			   "kernel's compiler has put the function elsewhere",
			   row->name, its->section);
}

static int refuse(const struct hook_row_info *row, const struct hook_alternative *alternative,
		  int err, struct problem *problem)
{
	return problem_set(problem, err, "--hooks %s=%s does not load here: %s", row->name,
			   alternative->section, strerror(-err));
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
			err = try_alternative(btf, only);
			if (err)
				return refuse(row, only, err, problem);
		}
		while (!only && choice->at + 1 < row->n &&
		       (err = try_alternative(btf, &row->alternatives[choice->at]))) {
			choice->refused = err;
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
	choice->refused = err;
	choice->at++;
	return true;
}

/* Those of idmapped mounts are in an object of their own. */
static bool is_chosen(const struct hooks *hooks, const char *section)
{
	for (enum hook_event event = 0; event < EVENT_IDMAPS; event++)
		if (chose(hooks, event, section))
			return true;
	return false;
}

static int load(struct hooks *hooks)
{
	struct watch_bpf *skel = watch_bpf__open();
	struct bpf_program *program;
	int err;

	if (!skel)
		return -errno;
	skel->rodata->pid_level = own_pid_level();
	skel->rodata->full = hooks->full;
	skel->rodata->compare_at_checks = chose(hooks, EVENT_CREDENTIALS, HOOK_AT_CHECKS) ||
					  chose(hooks, EVENT_NAMESPACES, HOOK_AT_CHECKS);
	skel->rodata->credentials_at_exits = chose(hooks, EVENT_CREDENTIALS, HOOK_AT_EXITS);
	skel->rodata->count_at_checks = chose(hooks, EVENT_CAPABILITIES, HOOK_AT_CHECKS);
	if (!hooks->full)
		bpf_map__set_max_entries(skel->maps.bulk, (__u32)sysconf(_SC_PAGESIZE));
	bpf_object__for_each_program(program, skel->obj) bpf_program__set_autoload(
		program, is_chosen(hooks, bpf_program__section_name(program)));
	err = watch_bpf__load(skel);
	if (!err)
		err = watch_bpf__attach(skel);
	if (err)
		watch_bpf__destroy(skel);
	else
		hooks->skel = skel;
	return err;
}

static int refuse_all(int err, struct problem *problem)
{
	return problem_set(problem, err,
			   "the kernel refuses the hooks: %s; watch needs Linux 6.1 or later with "
			   "CONFIG_DEBUG_INFO_BTF, and root, or CAP_BPF and CAP_PERFMON",
			   strerror(-err));
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

static int take_record(void *ctx, void *data, size_t size)
{
	const struct nsv_event *record = data;
	struct hooks *hooks = ctx;
	/* The ring's memory cannot be written, and a sequence number has to be. */
	__u64 copy[(NSV_IDMAP_MAX + sizeof(__u64)) / sizeof(__u64)];

	if (hooks->err)
		return 0;
	if (size < sizeof(*record) || record->len > size || record->len > sizeof(copy)) {
		hooks->err = -EPROTO;
		return 0;
	}
	memcpy(copy, record, record->len);
	if (record->type == NSV_CHANGED) {
		const struct nsv_changed *changed = (const void *)copy;

		hooks->changed = true;
		if (changed->made)
			hooks->err = push_made(hooks, changed);
		else if (changed->id == changed->pod)
			hooks->err = stream_push(hooks->stream, (void *)copy);
	} else {
		/* Soon the mount is in a pod. */
		hooks->changed |= record->type == NSV_IDMAP;
		hooks->err = stream_push(hooks->stream, (void *)copy);
	}
	return 0;
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
		.limited = hooks->skel->maps.limited,
		.ways_out = hooks->skel->maps.ways_out,
	};
	const struct hook_alternative *its;

	while ((its = chosen(hooks, EVENT_IDMAPS))->section) {
		struct choice *choice = &hooks->choices[EVENT_IDMAPS];
		int err = idmaps_open(its->section, &shared, own_pid_level(), &hooks->idmaps);

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
	return err ? err : open_idmaps(hooks, problem);
}

int hooks_open(bool full, bool log, const struct hooks_forced *forced, struct hooks **out,
	       struct problem *problem)
{
	struct hooks *hooks = xcalloc(1, sizeof(*hooks));
	int err;

	hooks->full = full;
	log_libbpf(log);
	err = open_programs(hooks, forced, problem);
	if (err) {
		hooks_close(hooks);
		return err;
	}
	hooks->ring =
		ring_buffer__new(bpf_map__fd(hooks->skel->maps.events), take_record, hooks, NULL);
	if (!hooks->ring ||
	    (full && ring_buffer__add(hooks->ring, bpf_map__fd(hooks->skel->maps.bulk), take_record,
				      hooks))) {
		err = -errno;
		hooks_close(hooks);
		return problem_set(problem, err, "cannot map the ring of events: %s",
				   strerror(-err));
	}
	hooks->rings[0] = ringfill_open(hooks->skel->maps.events);
	if (full)
		hooks->rings[1] = ringfill_open(hooks->skel->maps.bulk);
	err = capabilities_open(bpf_map__fd(hooks->skel->maps.capabilities), hooks_pods_fd(hooks),
				&hooks->caps);
	if (err) {
		hooks_close(hooks);
		return problem_set(problem, err, "cannot tell the number of processors: %s",
				   strerror(-err));
	}
	hooks->well_ns = stream_now();
	*out = hooks;
	return 0;
}

void hooks_close(struct hooks *hooks)
{
	if (!hooks)
		return;
	capabilities_close(hooks->caps);
	ringfill_close(&hooks->rings[0]);
	ringfill_close(&hooks->rings[1]);
	ring_buffer__free(hooks->ring);
	idmaps_close(hooks->idmaps);
	watch_bpf__destroy(hooks->skel);
	free(hooks->limited);
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
	return ring_buffer__epoll_fd(hooks->ring);
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
		.used = ringfill_used(&hooks->rings[i]),
		.peak = hooks->rings[i].peak,
		.size = hooks->rings[i].size,
	};
	return true;
}

int hooks_drain(struct hooks *hooks, struct stream *stream, struct problem *problem)
{
	int n;

	hooks->stream = stream;
	hooks->err = 0;
	ringfill_note(&hooks->rings[0]);
	ringfill_note(&hooks->rings[1]);
	n = ring_buffer__consume(hooks->ring);
	if (n < 0)
		return problem_set(problem, n, "cannot read the ring of events: %s", strerror(-n));
	if (hooks->err)
		return problem_set(problem, hooks->err, "an event contradicts the protocol");
	return 0;
}

static struct pod_limited *limited_of(struct hooks *hooks, __u64 pod)
{
	for (size_t i = 0; i < hooks->n_limited; i++)
		if (hooks->limited[i].pod == pod)
			return &hooks->limited[i];
	xgrow(hooks->limited, hooks->n_limited, &hooks->cap_limited);
	hooks->limited[hooks->n_limited] = (struct pod_limited){.pod = pod};
	return &hooks->limited[hooks->n_limited++];
}

/* A pod that is gone is left out no more. */
static void forget_limited(struct hooks *hooks, int fd, struct pod_limited *its)
{
	__u8 known;

	if (!bpf_map_lookup_elem(hooks_pods_fd(hooks), &its->pod, &known))
		return;
	bpf_map_delete_elem(fd, &its->pod);
	*its = hooks->limited[--hooks->n_limited];
}

/* Pushes how much was left out of each pod since it was last asked; sets how much. */
static int push_limited(struct hooks *hooks, struct stream *stream, __u64 *of_pods)
{
	const int fd = bpf_map__fd(hooks->skel->maps.limited);
	AUTO_FREE __u64 *pods = NULL;
	size_t n = 0, cap = 0;
	__u64 pod;

	for (__u64 *from = NULL; !bpf_map_get_next_key(fd, from, &pod); from = &pod) {
		xgrow(pods, n, &cap);
		pods[n++] = pod;
	}
	for (size_t i = 0; i < n; i++) {
		struct nsv_lost event = {.since_ns = hooks->well_ns, .pod = pods[i]};
		struct pod_limited *its = limited_of(hooks, pods[i]);
		__u64 now;
		int err;

		if (bpf_map_lookup_elem(fd, &pods[i], &now))
			continue;
		event.limited = now - its->n;
		its->n = now;
		forget_limited(hooks, fd, its);
		if (!event.limited)
			continue;
		*of_pods += event.limited;
		stream_event(&event.h, NSV_LOST, sizeof(event));
		err = stream_push(stream, &event.h);
		if (err)
			return err;
	}
	return 0;
}

static struct losses losses_now(const struct hooks *hooks)
{
	const struct idmaps_lost idmaps = idmaps_lost(hooks->idmaps);

	return (struct losses){
		.identities = hooks->skel->bss->lost.identities,
		.namespaces = hooks->skel->bss->lost.namespaces,
		.exits = hooks->skel->bss->lost.exits,
		.changes = hooks->skel->bss->lost.changes,
		.limited = hooks->skel->bss->lost.limited + idmaps.limited,
		.activities = hooks->skel->bss->lost.activities,
		.idmaps = idmaps.idmaps,
		.caps = hooks->skel->bss->lost.caps,
	};
}

int hooks_losses(struct hooks *hooks, struct stream *stream, uint64_t *n)
{
	const struct losses now = losses_now(hooks);
	const struct missed missed =
		misses_new(&hooks->misses, hooks->skel, idmaps_object(hooks->idmaps));
	struct nsv_lost event = {
		.since_ns = hooks->well_ns,
		.identities = now.identities - hooks->last.identities + missed.identities,
		.namespaces = now.namespaces - hooks->last.namespaces,
		.exits = now.exits - hooks->last.exits,
		.changes = now.changes - hooks->last.changes,
		.activities = now.activities - hooks->last.activities,
		.idmaps = now.idmaps - hooks->last.idmaps,
		.caps = now.caps - hooks->last.caps + missed.checks,
	};
	__u64 limited = 0;
	int err = 0;

	if (now.limited != hooks->last.limited)
		err = push_limited(hooks, stream, &limited);
	if (err)
		return err;
	*n = event.identities + event.namespaces + event.exits + event.changes + event.idmaps +
	     event.caps;
	hooks->last = now;
	hooks->well_ns = stream_now();
	if (*n || event.activities) {
		stream_event(&event.h, NSV_LOST, sizeof(event));
		err = stream_push(stream, &event.h);
	}
	*n += limited;
	return err;
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
	hooks->skel->bss->node_root = root;
}

void hooks_set_node(struct hooks *hooks, const struct nsv_ns *userns)
{
	hooks->skel->bss->node_userns = *userns;
	hooks->skel->bss->walks++;
}

int hooks_count(struct hooks *hooks, struct stream *stream)
{
	return capabilities_push(hooks->caps, stream);
}

bool hooks_changed(struct hooks *hooks)
{
	bool changed = hooks->changed;

	hooks->changed = false;
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
	AUTO_FD pidfd = -1;

	/* Threads are recalled by their leader. */
	if (task->flags & NSV_TASK_THREAD)
		return;
	for (int kind = 0; kind < NSV_NS_KINDS; kind++)
		if (known & 1U << kind)
			value.began_in[kind] = ns[kind].inum | ns[kind].id << 32;
	pidfd = (int)syscall(SYS_pidfd_open, task->task.tgid, 0);
	/* Of the descriptor, whatever has the number later. */
	if (pidfd >= 0 && procstat_is(&task->task))
		bpf_map_update_elem(hooks_tasks_fd(hooks), &pidfd, &value,
				    task->has.known & NSV_HAS_STATE ? BPF_ANY : BPF_NOEXIST);
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
		.why_not = choice->silent  ? "it is attached, and not called" :
			   choice->refused ? strerror(-choice->refused) :
					     NULL,
		.silent = choice->silent,
		.blind = chosen(hooks, (enum hook_event)i)->blind,
	};
	return true;
}
