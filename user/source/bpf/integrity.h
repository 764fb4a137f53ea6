/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether what was loaded into the kernel still is what it was: root can change it by bpf(2). */
#ifndef NSVIGIL_SOURCE_BPF_INTEGRITY_H
#define NSVIGIL_SOURCE_BPF_INTEGRITY_H

#include <nsvigil/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_object_skeleton;

/* Of an object's programs and maps: some of enum nsv_meddled. */
__u64 integrity_of(const struct bpf_object_skeleton *skeleton);

/* Those pods that a walk had to put into the hooks' table though the one before had. */
struct refilled {
	uint64_t *last, *missing; /* what the last walk put in, and did not find; each sorted */
	size_t n_last, n_missing;
};

/*
 * A walk has put in these pods, of which it did not find those for which `found` is false. Returns how many were taken
 * out by somebody: they were there before, and are there still. One that is removed in the middle of a walk is not.
 */
size_t refilled_new(struct refilled *refilled, const uint64_t *pods, const bool *found, size_t n);
void refilled_free(struct refilled *refilled);

#endif
