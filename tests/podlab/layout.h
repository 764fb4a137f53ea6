/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the kubelet and the runtimes put pods and containers below their cgroup root.
 */
#ifndef PODLAB_LAYOUT_H
#define PODLAB_LAYOUT_H

#include <limits.h>

enum layout {
	LAYOUT_BURSTABLE,  /* systemd driver, containerd */
	LAYOUT_BESTEFFORT, /* cgroupfs driver, containerd */
	LAYOUT_GUARANTEED, /* systemd driver, CRI-O: no level for the quality of service */
	LAYOUT_ASTRAY,	   /* systemd driver, and a runtime class with the cgroupfs driver */
};

/* The pod's, from `root`. */
void layout_pod(enum layout layout, const char *root, const char *uid, char out[PATH_MAX]);

/* A container's, from its pod's, which is not above it if the drivers differ. */
void layout_container(enum layout layout, const char *pod, const char *id, char out[PATH_MAX]);

/* That of a container's monitor, from the pod's, where CRI-O is told to put it there. */
void layout_monitor(const char *pod, const char *id, char out[PATH_MAX]);

#endif
