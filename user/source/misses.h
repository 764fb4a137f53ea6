/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs of the hooks' programs that the kernel left out (bpf_prog_info.recursion_misses, Linux 5.12): a
 * program is not run on a processor where it is at work already, be it for a task that was preempted.
 */
#ifndef NSVIGIL_SOURCE_MISSES_H
#define NSVIGIL_SOURCE_MISSES_H

#include <nsvigil/event.h>

struct bpf_object;
struct watch_bpf;

/* Of two programs that stand in for each other. */
struct pair {
	__u64 misses[2]; /* of each, since it was loaded */
	__u64 recent[2]; /* those of them that were new when they were counted last */
};

struct misses {
	__u64 others, checks;
	struct pair credentials, namespaces;
};

/* Events of which nothing was seen, at most. */
struct missed {
	__u64 identities; /* or anything else but: */
	__u64 checks;	  /* of capabilities */
};

/*
 * What both may have left out since the last time, of how often each was since it was loaded. The kernel
 * does not say of what each was left out: at most as many events as the one missed that missed fewer.
 * Of an event one may be left out before they are counted, and the other one after it: so the last
 * time's are in it.
 */
__u64 pair_missed(struct pair *pair, __u64 first, __u64 second);

/* What was missed since the last time. `idmaps`: an object of more programs, or NULL. */
struct missed misses_new(struct misses *misses, const struct watch_bpf *skel,
			 const struct bpf_object *idmaps);

#endif
