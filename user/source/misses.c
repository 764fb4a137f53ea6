// SPDX-License-Identifier: BSD-2-Clause
#include "source/misses.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "watch.skel.h"

static __u64 of_program(const struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (bpf_program__fd(program) < 0 ||
	    bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len))
		return 0;
	return info.recursion_misses;
}

/* Whether more is to be known of it than that it missed something. */
static bool is_apart(const struct bpf_program *program, const struct watch_bpf *skel)
{
	return program == skel->progs.on_commit_creds ||
	       program == skel->progs.on_commit_creds_end ||
	       program == skel->progs.on_switch_namespaces ||
	       program == skel->progs.on_switch_namespaces_end ||
	       program == skel->progs.on_cap_checked;
}

static __u64 of_others(const struct bpf_object *object, const struct watch_bpf *skel)
{
	struct bpf_program *program;
	__u64 sum = 0;

	if (!object)
		return 0;
	bpf_object__for_each_program(program, object)
		sum += is_apart(program, skel) ? 0 : of_program(program);
	return sum;
}

__u64 pair_missed(struct pair *pair, __u64 first, __u64 second)
{
	const __u64 misses[] = {first, second};
	__u64 both[2], before[2], lost, fresh = 0;

	for (size_t i = 0; i < 2; i++) {
		__u64 recent = misses[i] - pair->misses[i];

		before[i] = pair->recent[i];
		both[i] = recent + before[i];
		pair->misses[i] = misses[i];
		pair->recent[i] = recent;
		fresh += recent;
	}
	if (!fresh)
		return 0;
	lost = both[0] < both[1] ? both[0] : both[1];
	/* What was told is not told again; the older ones go first. */
	for (size_t i = 0; i < 2; i++)
		pair->recent[i] -= lost > before[i] ? lost - before[i] : 0;
	return lost;
}

struct missed misses_new(struct misses *misses, const struct watch_bpf *skel,
			 const struct bpf_object *idmaps)
{
	const __u64 others = of_others(skel->obj, skel) + of_others(idmaps, skel);
	const __u64 checks = of_program(skel->progs.on_cap_checked);
	struct missed missed = {
		.identities = others - misses->others,
		.checks = checks - misses->checks,
	};

	missed.identities +=
		pair_missed(&misses->credentials, of_program(skel->progs.on_commit_creds),
			    of_program(skel->progs.on_commit_creds_end));
	missed.identities +=
		pair_missed(&misses->namespaces, of_program(skel->progs.on_switch_namespaces),
			    of_program(skel->progs.on_switch_namespaces_end));
	misses->others = others;
	misses->checks = checks;
	return missed;
}
