/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Manifests of static pods, which the kubelet runs by itself: in YAML or JSON, a pod a file. What
 * is taken from them is whose they are and hostUsers.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_MANIFEST_H
#define NSVIGIL_SOURCE_NODEFILES_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include <nsvigil/event.h>

#include "lib/problem.h"

struct manifest {
	char namespace[NSV_NAMESPACE_LEN];
	char name[NSV_POD_NAME_LEN];	 /* without the node's */
	char uid[NSV_POD_UID_LEN];	 /* empty: the kubelet makes one */
	enum nsv_declared_userns userns; /* if nothing is said: the node's */
};

/* Which entries of the directory the kubelet reads. */
bool manifest_is_entry(const char *name);

/* Returns 0, or -EINVAL with a problem as in source/declared.h. The text may be anything. */
int manifest_parse(const char *text, size_t len, struct manifest *out, struct problem *problem);

/* Whether the kubelet of this node gives this name and uid to the pod. */
bool manifest_is_pod(const struct manifest *manifest, const char *node_name,
		     const struct nsv_pod_name *pod);

bool manifest_ends_in(const char *pod_name, const char *node_name);

/* Whether the uid is one of a static pod: the kubelet makes it of the manifest, and it is no UUID. */
bool manifest_is_uid(const char *uid);

#endif
