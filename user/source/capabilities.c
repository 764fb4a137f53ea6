// SPDX-License-Identifier: BSD-2-Clause
#include "source/capabilities.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

/* How long a check may take between the clock's reading and the count. */
#define CHECK_NS UINT64_C(1000000000)

#define KINDS_MAX 65536 /* as CAP_KINDS_MAX of bpf/capability.h, or more */

/* As struct cap_count of bpf/capability.h. */
struct cap_count {
	__u64 count, first_ns, last_ns;
};

struct capabilities {
	int counts_fd, pods_fd;
	int own_fd; /* to be closed, or -1 */
	int cpus;
	uint64_t read_ns;	  /* when the counts were last read */
	struct cap_count count[]; /* of one kind, by processor */
};

int capabilities_open(int counts_fd, int pods_fd, struct capabilities **out)
{
	int cpus = libbpf_num_possible_cpus();
	struct capabilities *caps;

	if (cpus < 0)
		return cpus;
	caps = xcalloc(1, sizeof(*caps) + (size_t)cpus * sizeof(*caps->count));
	caps->counts_fd = counts_fd;
	caps->pods_fd = pods_fd;
	caps->own_fd = -1;
	caps->cpus = cpus;
	*out = caps;
	return 0;
}

static bool is_counts(const struct bpf_map_info *info)
{
	return info->type == BPF_MAP_TYPE_PERCPU_HASH && !strcmp(info->name, "capabilities") &&
	       info->key_size == sizeof(struct nsv_cap_key) &&
	       info->value_size == sizeof(struct cap_count);
}

/* The newest map of counts on this machine, or -errno. */
static int find_counts(void)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, read_only, .open_flags = BPF_F_RDONLY);
	int found = -ENOENT;
	__u32 id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		struct bpf_map_info info = {};
		__u32 len = sizeof(info);
		int fd = bpf_map_get_fd_by_id_opts(id, &read_only);

		if (fd < 0)
			continue; /* it has gone */
		if (bpf_obj_get_info_by_fd(fd, &info, &len) || !is_counts(&info)) {
			close(fd);
			continue;
		}
		if (found >= 0)
			close(found);
		found = fd;
	}
	return found;
}

int capabilities_find(struct capabilities **out)
{
	int err, fd = find_counts();

	if (fd < 0)
		return fd;
	err = capabilities_open(fd, -1, out);
	if (err) {
		close(fd);
		return err;
	}
	(*out)->own_fd = fd;
	return 0;
}

void capabilities_close(struct capabilities *caps)
{
	if (!caps)
		return;
	if (caps->own_fd >= 0)
		close(caps->own_fd);
	free(caps);
}

static struct nsv_capstat sum(const struct capabilities *caps, const struct nsv_cap_key *key)
{
	struct nsv_capstat stat = {.key = *key, .first_ns = UINT64_MAX};

	stream_event(&stat.h, NSV_CAPSTAT, sizeof(stat));
	for (int cpu = 0; cpu < caps->cpus; cpu++) {
		const struct cap_count *count = &caps->count[cpu];

		stat.count += count->count;
		if (count->count && count->first_ns < stat.first_ns)
			stat.first_ns = count->first_ns;
		if (count->last_ns > stat.last_ns)
			stat.last_ns = count->last_ns;
	}
	return stat;
}

static int push_one(struct capabilities *caps, const struct nsv_cap_key *key, struct stream *stream)
{
	bool over = caps->pods_fd >= 0 && bpf_map_lookup_elem(caps->pods_fd, &key->pod, &(__u8){0});
	struct nsv_capstat stat;
	int err = 0;

	/* A watch removes those of pods that are gone, and anybody with CAP_BPF may. */
	if (bpf_map_lookup_elem(caps->counts_fd, key, caps->count))
		return errno == ENOENT ? 0 : -errno;
	stat = sum(caps, key);
	if (stat.last_ns + CHECK_NS >= caps->read_ns)
		err = stream_push(stream, &stat.h);
	if (!err && over && bpf_map_delete_elem(caps->counts_fd, key) && errno != ENOENT)
		err = -errno;
	return err;
}

int capabilities_push(struct capabilities *caps, struct stream *stream)
{
	const uint64_t now = stream_now();
	struct nsv_cap_key key, next;
	int err = 0, end = bpf_map_get_next_key(caps->counts_fd, NULL, &next);

	/* After a key that was removed meanwhile the first one comes again. */
	for (size_t n = 0; !err && !end && n < 2 * KINDS_MAX; n++) {
		key = next;
		end = bpf_map_get_next_key(caps->counts_fd, &key, &next);
		err = push_one(caps, &key, stream);
	}
	caps->read_ns = now;
	return err;
}
