// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/capabilities.h"

#include <nsvigil/kept.h>

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

#define KINDS_MAX 8192 /* CAP_KINDS_MAX of bpf/capability.h */

struct capabilities {
	struct capability_maps maps;
	bool own; /* the descriptors are to be closed */
	unsigned shards;
	uint64_t read_ns; /* when the counts were last read */
	/*
	 * Slots whose kind was removed at the last reading: given back at the next one, so that no processor is still about
	 * to count there.
	 */
	uint32_t *removed;
	size_t n_removed, room;
};

unsigned capabilities_shards(void)
{
	const int cpus = libbpf_num_possible_cpus();
	unsigned shards = 1;

	while (shards < CAP_SHARDS_MAX && (cpus < 0 || shards < (unsigned)cpus))
		shards *= 2;
	return shards;
}

int capabilities_open(const struct capability_maps *maps, struct capabilities **out)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	struct capabilities *caps;

	if (bpf_obj_get_info_by_fd(maps->counts_fd, &info, &len))
		return -errno;
	caps = xcalloc(1, sizeof(*caps));
	caps->maps = *maps;
	caps->shards = info.max_entries / KINDS_MAX;
	*out = caps;
	return 0;
}

/* What shows that a map is one of those that are looked for, and of one object with another one. */
struct wanted {
	const char *name;
	__u32 type, key_size, value_size;
	__u32 btf_id; /* 0: any object */
};

static bool is_wanted(const struct bpf_map_info *info, const struct wanted *wanted)
{
	return info->type == wanted->type && !strcmp(info->name, wanted->name) &&
	       info->key_size == wanted->key_size && info->value_size == wanted->value_size &&
	       info->btf_id && (!wanted->btf_id || info->btf_id == wanted->btf_id);
}

/* A slot that is nobody's: it says that there is a watch that counts, and no program that was only tried. */
static const __u32 counting_at = 0;

int capabilities_begin(const struct capabilities *caps)
{
	const struct cap_count counting = {.pod = 1};

	return bpf_map_update_elem(caps->maps.counts_fd, &counting_at, &counting, BPF_ANY) ?
		       -errno :
		       0;
}

static bool is_counting(int counts_fd, const struct bpf_map_info *info)
{
	struct cap_count counting;

	return info->max_entries && !(info->max_entries % KINDS_MAX) &&
	       !bpf_map_lookup_elem(counts_fd, &counting_at, &counting) && counting.pod;
}

/* The newest such map on this machine that is `fit`, if that is asked, or -errno. */
static int find_map(struct wanted *wanted, bool (*fit)(int fd, const struct bpf_map_info *info))
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, read_only, .open_flags = BPF_F_RDONLY);
	int found = -ENOENT;
	__u32 id = 0, btf_id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		struct bpf_map_info info = {};
		__u32 len = sizeof(info);
		int fd = bpf_map_get_fd_by_id_opts(id, &read_only);

		if (fd < 0)
			continue; /* it has gone */
		if (bpf_obj_get_info_by_fd(fd, &info, &len) || !is_wanted(&info, wanted) ||
		    (fit && !fit(fd, &info))) {
			close(fd);
			continue;
		}
		if (found >= 0)
			close(found);
		found = fd;
		btf_id = info.btf_id;
	}
	wanted->btf_id = btf_id;
	return found;
}

int capabilities_find(struct capabilities **out)
{
	struct wanted counts = {"cap_counts", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
				sizeof(struct cap_count), 0};
	struct capability_maps maps = {-1, find_map(&counts, is_counting), -1, -1};
	struct wanted kinds = {"capabilities", BPF_MAP_TYPE_HASH, sizeof(struct nsv_cap_key),
			       sizeof(struct cap_kind), counts.btf_id};
	int err;

	if (maps.counts_fd < 0)
		return maps.counts_fd;
	maps.kinds_fd = find_map(&kinds, NULL);
	err = maps.kinds_fd < 0 ? maps.kinds_fd : capabilities_open(&maps, out);
	if (err) {
		close(maps.counts_fd);
		if (maps.kinds_fd >= 0)
			close(maps.kinds_fd);
		return err;
	}
	(*out)->own = true;
	return 0;
}

void capabilities_close(struct capabilities *caps)
{
	if (!caps)
		return;
	if (caps->own) {
		close(caps->maps.kinds_fd);
		close(caps->maps.counts_fd);
	}
	free(caps->removed);
	free(caps);
}

/* Returns 0 or -errno. */
static int read_kind(const struct capabilities *caps, const struct nsv_cap_key *key,
		     const struct cap_kind *kind, struct nsv_capstat *out)
{
	*out = (struct nsv_capstat){.key = *key, .first_ns = kind->first_ns};
	stream_event(&out->h, NSV_CAPSTAT, sizeof(*out));
	for (unsigned shard = 0; shard < caps->shards; shard++) {
		const __u32 at = (__u32)kind->at + shard;
		struct cap_count count;

		/* Of a place that there is none of somebody with CAP_BPF speaks. */
		if (bpf_map_lookup_elem(caps->maps.counts_fd, &at, &count))
			return errno == ENOENT ? 0 : -errno;
		if (count.pod != key->pod)
			continue;
		out->count += count.count;
		if (count.last_ns > out->last_ns)
			out->last_ns = count.last_ns;
	}
	/* It is read once a tick, and that of the first check beside it. */
	if (out->last_ns < out->first_ns)
		out->last_ns = out->first_ns;
	return 0;
}

static void keep_removed(struct capabilities *caps, uint32_t slot)
{
	xgrow(caps->removed, caps->n_removed, &caps->room);
	caps->removed[caps->n_removed++] = slot;
}

/* Returns 0 or -errno. */
static int give_back(struct capabilities *caps)
{
	const struct cap_count nothing = {};

	for (size_t i = 0; i < caps->n_removed; i++) {
		for (unsigned shard = 0; shard < caps->shards; shard++) {
			const __u32 at = caps->removed[i] * caps->shards + shard;

			if (bpf_map_update_elem(caps->maps.counts_fd, &at, &nothing, BPF_ANY))
				return -errno;
		}
		if (bpf_map_update_elem(caps->maps.slots_fd, NULL, &caps->removed[i], BPF_ANY))
			return -errno;
	}
	caps->n_removed = 0;
	return 0;
}

static int push_one(struct capabilities *caps, const struct nsv_cap_key *key, struct stream *stream)
{
	bool over = caps->maps.pods_fd >= 0 &&
		    bpf_map_lookup_elem(caps->maps.pods_fd, &key->pod, &(__u8){0});
	struct nsv_capstat stat;
	struct cap_kind kind;
	int err;

	/* A watch removes those of pods that are gone, and anybody with CAP_BPF may. */
	if (bpf_map_lookup_elem(caps->maps.kinds_fd, key, &kind))
		return errno == ENOENT ? 0 : -errno;
	err = read_kind(caps, key, &kind, &stat);
	if (!err && stat.count && stat.last_ns + CHECK_NS >= caps->read_ns)
		err = stream_push(stream, &stat.h);
	if (err || !over)
		return err;
	if (bpf_map_delete_elem(caps->maps.kinds_fd, key))
		return errno == ENOENT ? 0 : -errno;
	keep_removed(caps, (uint32_t)kind.at / caps->shards);
	return 0;
}

int capabilities_push(struct capabilities *caps, struct stream *stream)
{
	const uint64_t now = stream_now();
	struct nsv_cap_key key, next;
	int err = give_back(caps), end = bpf_map_get_next_key(caps->maps.kinds_fd, NULL, &next);

	/* After a key that was removed meanwhile the first one comes again. */
	for (size_t n = 0; !err && !end && n < 2 * (size_t)KINDS_MAX; n++) {
		key = next;
		end = bpf_map_get_next_key(caps->maps.kinds_fd, &key, &next);
		err = push_one(caps, &key, stream);
	}
	caps->read_ns = now;
	return err;
}
