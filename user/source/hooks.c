// SPDX-License-Identifier: BSD-2-Clause
#include "source/hooks.h"

#include <bpf/bpf.h>
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
#include "source/podpath.h"
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
	__u32 state, told;
};

struct hooks {
	struct watch_bpf *skel;
	struct idmaps *idmaps;
	struct ring_buffer *ring;
	struct ringfill rings[2]; /* of events, and of bulk if `full` */
	bool full;
	struct capabilities *caps;
	size_t choice; /* index in the table of alternatives */
	int refused;   /* why the one before it did not load */
	bool changed;
	int (*on_pod)(void *ctx);
	void *on_pod_ctx;
	struct losses last;
	__u64 misses;  /* runs that the kernel left out, of all programs but the next */
	__u64 checks;  /* likewise, of the one that counts capability checks */
	__u64 well_ns; /* when nothing was lost for the last time */
	/* While draining: */
	struct stream *stream;
	int err;
};

/*
 * How a change of credentials or namespaces, and a capability check, is seen, the best first. The other hooks are
 * tracepoints, which every kernel has that nsvigil runs on.
 */
static const struct alternative {
	const char *credentials, *namespaces, *capabilities;
	bool trampolines, checks;
	const char *blind, *blind_capabilities;
} alternatives[] = {
	{"fentry/commit_creds", "fentry/switch_task_namespaces", "fexit/cap_capable", true, false,
	 NULL, NULL},
	{"tp_btf/cap_capable", "tp_btf/cap_capable", "tp_btf/cap_capable", false, true,
	 "a change that no capability check follows is seen at the next one, exec or walk",
	 "whether a check is a mere probe is told by the system call; where that is not clear, it "
	 "is counted and not judged"},
	{NULL, NULL, NULL, false, false, "a change is seen at the next exec or walk",
	 "no capability check is seen"},
};

#define ALTERNATIVES (sizeof(alternatives) / sizeof(*alternatives))

static const struct {
	const char *what, *hook;
} tracepoints[] = {
	{"new task", "tp_btf/task_newtask"},	{"exec", "tp_btf/sched_process_exec"},
	{"exit", "tp_btf/sched_process_exit"},	{"cgroup attach", "tp_btf/cgroup_attach_task"},
	{"cgroup made", "tp_btf/cgroup_mkdir"}, {"cgroup removed", "tp_btf/cgroup_rmdir"},
};

#define TRACEPOINTS (sizeof(tracepoints) / sizeof(*tracepoints))

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

/* Most of a load is verification: whether trampolines load at all is tried with one program. */
static int try_trampolines(void)
{
	struct watch_bpf *skel = watch_bpf__open();
	struct bpf_program *program;
	int err;

	if (!skel)
		return -errno;
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program, program == skel->progs.on_switch_namespaces);
	err = watch_bpf__load(skel);
	if (!err)
		err = watch_bpf__attach(skel);
	watch_bpf__destroy(skel);
	return err;
}

static int try_alternative(struct hooks *hooks, const struct alternative *alternative)
{
	int err = alternative->trampolines ? try_trampolines() : 0;

	if (err)
		return err;
	hooks->skel = watch_bpf__open();
	if (!hooks->skel)
		return -errno;
	hooks->skel->rodata->pid_level = own_pid_level();
	hooks->skel->rodata->full = hooks->full;
	if (!hooks->full)
		bpf_map__set_max_entries(hooks->skel->maps.bulk, (__u32)sysconf(_SC_PAGESIZE));
	bpf_program__set_autoload(hooks->skel->progs.on_commit_creds, alternative->trampolines);
	bpf_program__set_autoload(hooks->skel->progs.on_switch_namespaces,
				  alternative->trampolines);
	bpf_program__set_autoload(hooks->skel->progs.on_cap_checked, alternative->trampolines);
	bpf_program__set_autoload(hooks->skel->progs.on_cap_capable, alternative->checks);
	err = watch_bpf__load(hooks->skel);
	if (!err)
		err = watch_bpf__attach(hooks->skel);
	if (err) {
		watch_bpf__destroy(hooks->skel);
		hooks->skel = NULL;
	}
	return err;
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
		event->kind = NSV_CGROUP_POD;
		if (!podpath_pod(changed->name, event->uid))
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
		hooks->err = changed->made ? push_made(hooks, changed) : 0;
	} else {
		/* Soon the mount is in a pod. */
		hooks->changed |= record->type == NSV_IDMAP;
		hooks->err = stream_push(hooks->stream, (void *)copy);
	}
	return 0;
}

static void open_idmaps(struct hooks *hooks)
{
	const struct idmaps_shared shared = {
		.events = hooks->skel->maps.events,
		.tasks = hooks->skel->maps.tasks,
		.pods = hooks->skel->maps.pods,
		.budgets = hooks->skel->maps.budgets,
	};

	hooks->idmaps = idmaps_open(&shared, own_pid_level());
}

int hooks_open(bool full, bool log, struct hooks **out, struct problem *problem)
{
	struct hooks *hooks = xcalloc(1, sizeof(*hooks));
	int err = -ENOENT;

	hooks->full = full;
	log_libbpf(log);
	for (hooks->choice = 0; hooks->choice < ALTERNATIVES; hooks->choice++) {
		err = try_alternative(hooks, &alternatives[hooks->choice]);
		if (!err)
			break;
		hooks->refused = err;
	}
	if (err) {
		hooks_close(hooks);
		return problem_set(
			problem, err,
			"the kernel refuses the hooks: %s; watch needs Linux 6.1 or later "
			"with CONFIG_DEBUG_INFO_BTF, and root, or CAP_BPF and CAP_PERFMON",
			strerror(-err));
	}
	open_idmaps(hooks);
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
	free(hooks);
}

static __u32 how(const struct alternative *chosen)
{
	return chosen->trampolines ? NSV_HOW_ONCE : chosen->checks ? NSV_HOW_LATER : NSV_HOW_NEVER;
}

static __u32 how_checks(const struct alternative *chosen)
{
	return chosen->trampolines ? NSV_HOW_ONCE : chosen->checks ? NSV_HOW_PARTLY : NSV_HOW_NEVER;
}

int hooks_push(const struct hooks *hooks, struct stream *stream)
{
	const struct alternative *chosen = &alternatives[hooks->choice];
	struct nsv_hooks event = {.how = {
					  [NSV_HOOK_TASKS] = NSV_HOW_ONCE,
					  [NSV_HOOK_CREDENTIALS] = how(chosen),
					  [NSV_HOOK_NAMESPACES] = how(chosen),
					  [NSV_HOOK_IDMAPS] = idmaps_how(hooks->idmaps),
					  [NSV_HOOK_CAPABILITIES] = how_checks(chosen),
				  }};

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

/* A program that runs already on this processor is not run again: the kernel counts that. */
static __u64 program_misses(const struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (!program || bpf_program__fd(program) < 0 ||
	    bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len))
		return 0;
	return info.recursion_misses;
}

static __u64 count_misses(const struct bpf_object *object)
{
	struct bpf_program *program;
	__u64 misses = 0;

	if (!object)
		return 0;
	bpf_object__for_each_program(program, object) misses += program_misses(program);
	return misses;
}

int hooks_losses(struct hooks *hooks, struct stream *stream, uint64_t *n)
{
	const struct idmaps_lost idmaps = idmaps_lost(hooks->idmaps);
	struct losses now = {
		.identities = hooks->skel->bss->lost.identities,
		.namespaces = hooks->skel->bss->lost.namespaces,
		.exits = hooks->skel->bss->lost.exits,
		.changes = hooks->skel->bss->lost.changes,
		.limited = hooks->skel->bss->lost.limited + idmaps.limited,
		.activities = hooks->skel->bss->lost.activities,
		.idmaps = idmaps.idmaps,
		.caps = hooks->skel->bss->lost.caps,
	};
	__u64 checks = program_misses(hooks->skel->progs.on_cap_checked);
	__u64 misses = count_misses(hooks->skel->obj) - checks +
		       count_misses(idmaps_object(hooks->idmaps));
	struct nsv_lost event = {
		.since_ns = hooks->well_ns,
		.identities = now.identities - hooks->last.identities + misses - hooks->misses,
		.namespaces = now.namespaces - hooks->last.namespaces,
		.exits = now.exits - hooks->last.exits,
		.changes = now.changes - hooks->last.changes,
		.limited = now.limited - hooks->last.limited,
		.activities = now.activities - hooks->last.activities,
		.idmaps = now.idmaps - hooks->last.idmaps,
		.caps = now.caps - hooks->last.caps + checks - hooks->checks,
	};

	*n = event.identities + event.namespaces + event.exits + event.changes + event.limited +
	     event.idmaps + event.caps;
	hooks->last = now;
	hooks->misses = misses;
	hooks->checks = checks;
	hooks->well_ns = stream_now();
	if (!*n && !event.activities)
		return 0;
	stream_event(&event.h, NSV_LOST, sizeof(event));
	return stream_push(stream, &event.h);
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

void hooks_set_node(struct hooks *hooks, const struct nsv_ns *userns)
{
	hooks->skel->bss->node_userns = *userns;
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

void hooks_remember(struct hooks *hooks, const struct nsv_identity *task, const struct nsv_ns *base)
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
	pidfd = (int)syscall(SYS_pidfd_open, task->task.tgid, 0);
	if (pidfd >= 0)
		bpf_map_update_elem(hooks_tasks_fd(hooks), &pidfd, &value,
				    task->has.known & NSV_HAS_STATE ? BPF_ANY : BPF_NOEXIST);
}

bool hooks_row(const struct hooks *hooks, size_t i, struct hook_row *out)
{
	const struct alternative *chosen = &alternatives[hooks->choice];

	if (i < TRACEPOINTS) {
		*out = (struct hook_row){.what = tracepoints[i].what,
					 .alternative = tracepoints[i].hook};
		return true;
	}
	*out = (struct hook_row){
		.why_not = hooks->refused ? strerror(-hooks->refused) : NULL,
		.blind = chosen->blind,
	};
	switch (i - TRACEPOINTS) {
	case 0:
		out->what = "credentials";
		out->hook = NSV_HOOK_CREDENTIALS;
		out->alternative = chosen->credentials;
		return true;
	case 1:
		out->what = "namespaces";
		out->hook = NSV_HOOK_NAMESPACES;
		out->alternative = chosen->namespaces;
		return true;
	case 2:
		out->what = "capability checks";
		out->hook = NSV_HOOK_CAPABILITIES;
		out->alternative = chosen->capabilities;
		out->blind = chosen->blind_capabilities;
		return true;
	case 3:
		*out = idmaps_row(hooks->idmaps);
		return true;
	default:
		return false;
	}
}
