// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/misses.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>

/* What is read twice may have changed in between. */
#define TRIES 10

#define HOUR_NS (3600 * UINT64_C(1000000000))

static __u64 of_program(const struct bpf_program *program)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (bpf_program__fd(program) < 0 ||
	    bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len))
		return 0;
	return info.recursion_misses;
}

int misses_again(const struct bpf_program *program)
{
	static const char again[] = "_again";
	const char *at = bpf_program__name(program);
	int n = 0;

	while ((at = strstr(at, again))) {
		at += sizeof(again) - 1;
		n++;
	}
	return n;
}

__u64 unseen_new(struct unseen *unseen, __u64 missed, __u64 caught)
{
	const __s64 now = (__s64)(missed - caught);
	const __s64 lasting = now < unseen->before ? now : unseen->before;
	__u64 fresh = 0;

	unseen->before = now;
	if (now < unseen->told)
		unseen->told = now;
	if (lasting > unseen->told) {
		fresh = (__u64)(lasting - unseen->told);
		unseen->told = lasting;
	}
	return fresh;
}

__u64 misses_new(struct twin *twins, size_t n)
{
	__u64 sum = 0;

	for (size_t i = 0; i < n; i++) {
		__u64 missed = 0, caught = *twins[i].caught;

		for (int tries = 0; tries < TRIES; tries++) {
			const __u64 before = caught;

			missed = of_program(twins[i].program);
			caught = *twins[i].caught;
			if (caught == before)
				break;
		}
		sum += unseen_new(&twins[i].unseen, missed, caught);
	}
	return sum;
}

__u64 left_out_in_hour(struct left_out *left_out, __u64 n, __u64 now_ns)
{
	__u64 sum = 0;

	for (__u64 i = 0; i < n && i < LEFT_OUT_MAX; i++)
		left_out->at_ns[left_out->next++ % LEFT_OUT_MAX] = now_ns;
	for (size_t i = 0; i < LEFT_OUT_MAX; i++)
		sum += left_out->at_ns[i] && now_ns - left_out->at_ns[i] < HOUR_NS;
	return sum;
}

void misses_add(struct twin *twins, size_t n, __u64 idmaps, struct left_out *left_out,
		struct nsv_lost *event)
{
	const __u64 identities = misses_new(twins, n - 1);
	const __u64 caps = misses_new(&twins[n - 1], 1);
	const __u64 changes = identities + idmaps;

	event->identities += identities;
	event->idmaps += idmaps;
	event->caps += caps;
	if (!left_out || !(changes + caps))
		return;
	event->left_out = changes + caps;
	event->left_out_hour = left_out_in_hour(&left_out[0], changes, event->h.boot_ns);
	event->left_out_checks_hour = left_out_in_hour(&left_out[1], caps, event->h.boot_ns);
}
