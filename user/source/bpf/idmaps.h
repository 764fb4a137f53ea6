/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hooks of bpf/idmap.bpf.c, which say who makes an idmapped mount. They write into the ring of
 * the other hooks, and know what these remember of tasks. hooks.c is who uses them.
 */
#ifndef NSVIGIL_SOURCE_BPF_IDMAPS_H
#define NSVIGIL_SOURCE_BPF_IDMAPS_H

#include <bpf/libbpf.h>
#include <nsvigil/kept.h>
#include <stdint.h>
#include <sys/types.h>

struct idmaps;

/* Maps of the other hooks' object. */
struct idmaps_shared {
	const struct bpf_map *events, *tasks, *pods, *budgets, *lost_of, *ways_out;
	bool again;	/* each program has a stand-in (bpf/again.h) */
	bool in_one_go; /* and says that it is not to be preempted */
};

/*
 * The programs of the section's type, fexit or tp_btf, each for a call that the kernel has. Returns 0
 * or -errno.
 */
int idmaps_open(const char *section, const struct idmaps_shared *shared, unsigned pid_level,
		struct idmaps **out);
void idmaps_close(struct idmaps *idmaps); /* NULL is fine, here and below: there are none */

/* Whose calls are counted from now on, and how many there were: prove.h. */
void idmaps_prove(struct idmaps *idmaps, pid_t pid);
uint64_t idmaps_proven(const struct idmaps *idmaps);

/* What could not be delivered since it began, of no one pod. */
struct lost idmaps_lost(const struct idmaps *idmaps);

/* How many runs of its programs nobody saw since that was last asked: misses.h. */
uint64_t idmaps_missed(struct idmaps *idmaps);

/* What others did to it: enum nsv_meddled. */
uint64_t idmaps_meddled(const struct idmaps *idmaps);

#endif
