/* SPDX-License-Identifier: BSD-2-Clause */
/* The capability source: what bpf/capability.h counted of checks, read now and then. */
#ifndef NSVIGIL_SOURCE_CAPABILITIES_H
#define NSVIGIL_SOURCE_CAPABILITIES_H

#include "source/stream.h"

struct capabilities;

/* The maps of counts and of pods, which must stay open. Returns 0 or -errno. */
int capabilities_open(int counts_fd, int pods_fd, struct capabilities **out);

/*
 * The counts of a watch that is at work on this machine, found among the kernel's maps; they are
 * only read. Returns 0, or -errno: -ENOENT if there is none, or none is shown (CAP_SYS_ADMIN).
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
