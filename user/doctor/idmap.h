/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the kernel idmaps, by trying, with a map as the kubelet gives one to a pod. What is tried
 * is done to detached copies of mounts and in a mount namespace of its own: nobody sees it, and it is
 * gone at once.
 */
#ifndef NSVIGIL_DOCTOR_IDMAP_H
#define NSVIGIL_DOCTOR_IDMAP_H

#include <stddef.h>

/* What was asked of the kernel last. */
struct idmap_step {
	char text[64];
};

/*
 * Makes a user namespace with the kubelet's kind of map. Returns a descriptor of it, or -errno and
 * which step failed.
 */
int idmap_userns(struct idmap_step *step);

/*
 * Each returns 0 if the kernel does it; -EINVAL if it does not do so for that file system; -EPERM if
 * CAP_SYS_ADMIN in the initial user namespace is missing; -ESTALE if another mount covers that one;
 * -ETIMEDOUT if the file system does not answer; or another -errno.
 */

/* A new tmpfs. */
int idmap_try_tmpfs(int userns, struct idmap_step *step);

/* The file system at `path`; if `mount_id` is not 0, the mount that mountinfo has by that id. */
int idmap_try_path(int userns, const char *path, unsigned mount_id, struct idmap_step *step);

/* An overlay above an idmapped tmpfs, as runtimes make containers' roots. */
int idmap_try_overlay(int userns, struct idmap_step *step);

#endif
