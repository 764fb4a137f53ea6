/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was lost of each pod's events: map `lost_of` of bpf/ring.h. One that says too much, or that is not read in time,
 * costs the others nothing.
 */
#ifndef NSVIGIL_SOURCE_BPF_LOSSES_H
#define NSVIGIL_SOURCE_BPF_LOSSES_H

#include <nsvigil/kept.h>

#include "source/stream.h"

/* Of a pod, what was lost as far as it was told. */
struct pod_losses {
	__u64 pod;
	struct lost lost;
};

struct losses {
	int fd, pods_fd;      /* of the maps `lost_of` and `pods`; not owned */
	struct pod_losses *v; /* of each pod that is there, and ever lost something */
	size_t n, cap;
	__u64 had; /* how many pods ever lost something, when the map was read */
};

/* What was lost between: an event without its head. */
struct nsv_lost losses_between(const struct lost *before, const struct lost *now);

/*
 * Pushes what was lost of each pod since it was last asked; adds how much that is to `sum`. As push. `had`: how many have
 * ever lost something, by the programs' count: where that is no news the map is empty, and to read that takes 20 us.
 */
int losses_push(struct losses *losses, __u64 had, uint64_t since_ns, struct stream *stream,
		uint64_t *sum);
void losses_free(struct losses *losses);

#endif
