/* SPDX-License-Identifier: BSD-2-Clause */
/* What capabilities remain, of this thread and of those that it starts. */
#ifndef NSVIGIL_CONFINE_CAPS_H
#define NSVIGIL_CONFINE_CAPS_H

/*
 * Gives up all, for good, but CAP_DAC_READ_SEARCH: manifests, and files of the kubelet and of runtimes, may be
 * anybody's and readable by nobody else. What else it would give, open_by_handle_at(2), calls.h refuses; what is
 * read with it, files.h bounds. Returns 0 or -errno.
 */
int caps_drop(void);

#endif
