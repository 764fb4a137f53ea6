/* SPDX-License-Identifier: BSD-2-Clause */
/* The capability source: what bpf/capability.h counted of checks, read now and then. */
#ifndef NSVIGIL_SOURCE_BPF_CAPABILITIES_H
#define NSVIGIL_SOURCE_BPF_CAPABILITIES_H

#include "source/stream.h"

struct capabilities;

/* Maps of bpf/capability.h, and that of pods, by descriptors which must stay open. */
struct capability_maps {
	int kinds_fd;
	int counts_fd;
	int slots_fd; /* of these last two -1: nothing is removed */
	int pods_fd;
};

/* In so many places each kind is counted here: a power of two. */
unsigned capabilities_shards(void);

/* Returns 0 or -errno. */
int capabilities_open(const struct capability_maps *maps, struct capabilities **out);

/* Lets others find them: checks are counted from now on. Returns 0 or -errno. */
int capabilities_begin(const struct capabilities *caps);

/*
 * The counts of a watch that is at work on this machine, found among the kernel's maps; they are
 * only read. Returns 0, or -errno: -ENOENT if there is none, or none is shown (CAP_SYS_ADMIN). Whoever has CAP_BPF can
 * make maps that look like these: what they say may be anything.
 */
int capabilities_find(struct capabilities **out);
void capabilities_close(struct capabilities *caps); /* may be NULL */

/*
 * Pushes an NSV_CAPSTAT for each kind of check of which there were more. The events about their
 * first ones must have been pushed, unless the counts were found. What pods had that are gone is
 * then removed, except from those.
 */
int capabilities_push(struct capabilities *caps, struct stream *stream);

#endif
