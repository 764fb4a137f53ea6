/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mount source: what mounts pods have, from /proc/PID/mountinfo of a process in each of their
 * mount namespaces, and the maps of those that are idmapped, where statmount(2) tells them.
 *
 * What cannot be read is not sent. Pods can make mounts and mount namespaces without end, so of
 * each only the first ones are looked at: the runtime makes its own before them.
 */
#ifndef NSVIGIL_SOURCE_MOUNTS_H
#define NSVIGIL_SOURCE_MOUNTS_H

#include <stdbool.h>

#include "source/stream.h"

struct mounts;

struct mounts *mounts_new(void) __attribute__((returns_nonnull));
void mounts_free(struct mounts *mounts); /* NULL is fine */

/* During a walk: gets its events, and keeps which mount namespaces pods have. */
void mounts_see(struct mounts *mounts, const struct nsv_event *event);

/* Pushes the mounts in these namespaces, and forgets them. Returns 0 or what push returned. */
int mounts_walk(struct mounts *mounts, struct stream *stream);

/*
 * Pushes those that a process of a pod has now, if it is still there; *seen says whether it is. In the node's mount
 * namespace there is nothing to push. Returns likewise.
 */
int mounts_read(struct mounts *mounts, const struct nsv_identity *task, struct stream *stream,
		bool *seen);

/*
 * Whether other processes' mountinfo can be read: 0 or -errno. Anybody can (fs/proc_namespace.c), but
 * for a proc that hides processes (hidepid, systemd's ProtectProc=).
 */
int mounts_can_list(void);

/*
 * Whether statmount(2) tells the map of an idmapped mount: 0, -EOPNOTSUPP if this kernel does not
 * (it came with Linux 6.15), or another -errno if it cannot be asked.
 */
int mounts_can_tell_maps(void);

#endif
