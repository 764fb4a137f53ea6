// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/tasks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/hash.h"
#include "source/bpf/integrity.h"
#include "source/bpf/log.h"
#include "source/bpf/shared.h"
#include "walk.skel.h"

/* More than what an iterator's read returns at once: its buffer is 32 KiB. */
#define BUFFER_SIZE (128 * 1024)

/* As most maps are. They are shown in any case. */
#define EXTENTS_SHORT 4

/* What a walk has shown of one pod. */
struct share {
	uint64_t pod; /* its cgroup */
	size_t tasks;
	size_t extents; /* of all maps of user namespaces */
	struct nsv_limit limit;
	UT_hash_handle hh;
};

struct tasks {
	struct walk_bpf *skel;
	struct bpf_link *link;
	bool shared;	      /* with hooks, which keep the pods' table */
	struct share *shares; /* of this walk, by pod */
	struct refilled refilled;
	size_t taken; /* by somebody, out of the pods' table */
	/* Records of one read after the other; 8-aligned. */
	__u64 buffer[BUFFER_SIZE / sizeof(__u64)];
};

static int load_problem(struct problem *problem, int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
		return problem_set(problem, err,
				   "the kernel refuses to load the task iterator: %s; run as root, "
				   "or with CAP_BPF and CAP_PERFMON, and without a seccomp profile "
				   "that forbids bpf(2)",
				   strerror(-err));
	case -ESRCH:
	case -ENOENT:
	case -EINVAL:
		return problem_set(
			problem, err,
			"the kernel cannot load the task iterator: %s; it needs Linux 5.10 "
			"or later with CONFIG_DEBUG_INFO_BTF, not in lockdown=confidentiality "
			"(see 'nsvigil doctor')",
			strerror(-err));
	default:
		return problem_set(problem, err, "cannot load the task iterator: %s",
				   strerror(-err));
	}
}

/* Without hooks nothing is remembered of tasks: Linux 5.10 has no map for it. */
static int share_maps(struct tasks *tasks, const struct tasks_shared *shared)
{
	int err;

	if (!shared)
		return bpf_map__set_autocreate(tasks->skel->maps.tasks, false);
	tasks->shared = true;
	tasks->skel->rodata->remembers = true;
	err = bpf_map__reuse_fd(tasks->skel->maps.pods, shared->pods_fd);
	return err ? err : bpf_map__reuse_fd(tasks->skel->maps.tasks, shared->tasks_fd);
}

int tasks_open(pid_t node_pid, int node_level, bool log, const struct tasks_shared *shared,
	       struct tasks **out, struct problem *problem)
{
	struct tasks *tasks;
	int err;

	if (access(TASKS_BTF, R_OK))
		return problem_set(problem, -errno,
				   "cannot read the kernel's type information %s: %s; it needs a "
				   "kernel with CONFIG_DEBUG_INFO_BTF, and /sys mounted",
				   TASKS_BTF, strerror(errno));
	log_libbpf(log);
	tasks = xcalloc(1, sizeof(*tasks));
	tasks->skel = walk_bpf__open();
	if (!tasks->skel) {
		err = load_problem(problem, -errno);
		goto fail;
	}
	tasks->skel->rodata->node_pid = (__u32)node_pid;
	tasks->skel->rodata->node_level = node_level;
	err = share_maps(tasks, shared);
	if (!err)
		err = walk_bpf__load(tasks->skel);
	if (err) {
		load_problem(problem, err);
		goto fail;
	}
	err = shared_check(bpf_object__btf(tasks->skel->obj), problem);
	if (err)
		goto fail;
	tasks->link = bpf_program__attach_iter(tasks->skel->progs.walk_tasks, NULL);
	if (!tasks->link) {
		err = load_problem(problem, -errno);
		goto fail;
	}
	*out = tasks;
	return 0;
fail:
	tasks_close(tasks);
	return err;
}

void tasks_close(struct tasks *tasks)
{
	if (!tasks)
		return;
	bpf_link__destroy(tasks->link);
	walk_bpf__destroy(tasks->skel);
	refilled_free(&tasks->refilled);
	free(tasks);
}

static int set_pods(struct tasks *tasks, const uint64_t *pods, size_t n_pods,
		    struct problem *problem)
{
	AUTO_FREE bool *found = xcalloc(n_pods + 1, sizeof(*found));
	int fd = bpf_map__fd(tasks->skel->maps.pods);
	__u8 in = 1;
	__u64 old;

	while (!tasks->shared && !bpf_map_get_next_key(fd, NULL, &old))
		if (bpf_map_delete_elem(fd, &old))
			return problem_set(problem, -errno, "cannot clear the pods' table: %s",
					   strerror(errno));
	for (size_t i = 0; i < n_pods; i++) {
		found[i] = !bpf_map_lookup_elem(fd, &pods[i], &in);
		in = 1;
		if (bpf_map_update_elem(fd, &pods[i], &in, BPF_ANY))
			return problem_set(problem, -errno,
					   "cannot tell the kernel about pod %zu of %zu: %s", i + 1,
					   n_pods, strerror(errno));
	}
	tasks->taken = refilled_new(&tasks->refilled, pods, found, n_pods);
	return 0;
}

size_t tasks_taken(const struct tasks *tasks)
{
	return tasks->shared ? tasks->taken : 0;
}

static struct share *share_of(struct tasks *tasks, uint64_t pod)
{
	struct share *share;

	HASH_FIND(hh, tasks->shares, &pod, sizeof(pod), share);
	if (!share) {
		share = xcalloc(1, sizeof(*share));
		share->pod = pod;
		table_add(tasks->shares, pod, share);
	}
	return share;
}

static void free_shares(struct tasks *tasks)
{
	struct share *share, *next;

	HASH_ITER(hh, tasks->shares, share, next) {
		HASH_DEL(tasks->shares, share);
		free(share);
	}
}

/* What is beyond the pod's limit is left out, and counted. What is in no pod has none. */
static bool has_room(struct share *share, struct nsv_event *event)
{
	struct nsv_userns *ns = (void *)event;

	if (event->type == NSV_IDENTITY) {
		if (share->tasks < TASKS_POD_MAX)
			return ++share->tasks;
		share->limit.tasks++;
		return false;
	}
	if (share->extents < TASKS_POD_EXTENTS_MAX) {
		share->extents += ns->n_uid + ns->n_gid;
	} else if (ns->n_uid + ns->n_gid > EXTENTS_SHORT) {
		share->limit.namespaces++;
		ns->has.known &= ~NSV_HAS_MAPS;
		ns->n_uid = ns->n_gid = 0;
		ns->h.len = sizeof(*ns);
	}
	return true;
}

/* Pushes a task's records: the user namespaces that it names, and then itself, which ends them. */
static int push_task(struct tasks *tasks, char *at, const struct nsv_identity *id,
		     struct stream *stream)
{
	const uint64_t pod = id->has.known & NSV_HAS_POD ? id->pod ?: id->cgroup_pod : 0;
	struct share *share = pod ? share_of(tasks, pod) : NULL;

	while (at <= (char *)id) {
		struct nsv_event *event = (void *)at;
		int err = 0;

		at += event->len;
		if (!share || has_room(share, event))
			err = stream_push(stream, event);
		if (err)
			return err;
	}
	return 0;
}

/* Pushes the records of the tasks that are whole; returns how many bytes they were, or -errno. */
static ssize_t push_records(struct tasks *tasks, size_t have, struct stream *stream)
{
	char *at = (char *)tasks->buffer, *end = at + have, *first = at;

	while ((size_t)(end - at) >= sizeof(struct nsv_event)) {
		const struct nsv_event *event = (void *)at;
		int err = 0;

		if (event->len < sizeof(*event) || event->len % 8)
			return -EPROTO;
		if (event->len > (size_t)(end - at))
			break;
		at += event->len;
		if (event->type != NSV_IDENTITY)
			continue;
		err = push_task(tasks, first, (const void *)event, stream);
		if (err)
			return err;
		first = at;
	}
	return first - (char *)tasks->buffer;
}

static int push_limits(struct tasks *tasks, struct stream *stream)
{
	struct share *share;
	int err = 0;

	for (share = tasks->shares; !err && share; share = share->hh.next) {
		if (!share->limit.tasks && !share->limit.namespaces)
			continue;
		share->limit.pod = share->pod;
		stream_event(&share->limit.h, NSV_LIMIT, sizeof(share->limit));
		err = stream_push(stream, &share->limit.h);
	}
	return err;
}

static int read_all(struct tasks *tasks, int fd, struct stream *stream)
{
	char *buffer = (char *)tasks->buffer;
	size_t have = 0;

	for (;;) {
		ssize_t n = read(fd, buffer + have, sizeof(tasks->buffer) - have), done;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue; /* many tasks in a row said nothing: bpf_seq_read() */
		if (n < 0)
			return -errno;
		if (!n)
			return have ? -EPROTO : 0;
		have += (size_t)n;
		done = push_records(tasks, have, stream);
		if (done < 0)
			return (int)done;
		have -= (size_t)done;
		memmove(buffer, buffer + done, have);
	}
}

int tasks_walk(struct tasks *tasks, const uint64_t *pods, size_t n_pods, struct stream *stream,
	       struct problem *problem)
{
	AUTO_FD fd = -1;
	int err = set_pods(tasks, pods, n_pods, problem);

	if (err)
		return err;
	fd = bpf_iter_create(bpf_link__fd(tasks->link));
	if (fd < 0)
		return problem_set(problem, -errno, "cannot start a walk over the tasks: %s",
				   strerror(errno));
	err = read_all(tasks, fd, stream);
	if (!err)
		err = push_limits(tasks, stream);
	free_shares(tasks);
	if (err)
		return problem_set(problem, err, "cannot walk over the tasks: %s", strerror(-err));
	return 0;
}
