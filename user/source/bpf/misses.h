/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs of the hooks' programs that the kernel left out (bpf_prog_info.recursion_misses, Linux 5.12), and that
 * their stand-ins did not see either (bpf/again.h).
 */
#ifndef NSVIGIL_SOURCE_BPF_MISSES_H
#define NSVIGIL_SOURCE_BPF_MISSES_H

#include <nsvigil/event.h>
#include <stddef.h>

struct bpf_program;

/* How many of a program's misses nobody saw, as far as that was told. */
struct unseen {
	__s64 told, before; /* before: when it was asked last */
};

/*
 * How many are to be told, of how often the program was left out, and of how often its stand-in says so, ever. It
 * does so a moment later: what is missing of that is lost if it is missing the next time, too. It may also say so without
 * need; that is of no loss.
 */
__u64 unseen_new(struct unseen *unseen, __u64 missed, __u64 caught);

/* A program, and what there is of its stand-in. */
struct twin {
	const struct bpf_program *program;
	const volatile __u64 *caught; /* by its stand-in */
	struct unseen unseen;
};

/* Of a skeleton, by the program's name. */
#define TWIN(skel, name)                                                                           \
	{                                                                                          \
		.program = (skel)->progs.name, .caught = &(skel)->bss->caught_##name               \
	}

/* Which stand-in a program is: 1, NAME_again; 2, NAME_again_again, and so on; 0, it is none. */
int misses_again(const struct bpf_program *program);

/* Events of which nothing was seen since that was last asked. */
__u64 misses_new(struct twin *twins, size_t n);

/* When the last ones were: as many as are counted in an hour at most. */
#define LEFT_OUT_MAX 64
struct left_out {
	__u64 at_ns[LEFT_OUT_MAX]; /* a ring; 0: none */
	size_t next;
};

/* n more at now_ns. How many there were within the hour until then, up to LEFT_OUT_MAX. */
__u64 left_out_in_hour(struct left_out *left_out, __u64 n, __u64 now_ns);

/*
 * Adds to a loss, of which h.boot_ns is set, what was missed of each program; of the last one these are capability
 * checks. `idmaps`: what was missed of idmapped mounts. `left_out`: of all but checks, and of checks; NULL where the
 * kernel does not preempt programs.
 */
void misses_add(struct twin *twins, size_t n, __u64 idmaps, struct left_out *left_out,
		struct nsv_lost *event);

#endif
