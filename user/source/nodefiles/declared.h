/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the node's files declare, from their text to events. The text may be anything. Each returns
 * 0, or -EINVAL with a problem: why it is not what it should be, as the end of a sentence.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_DECLARED_H
#define NSVIGIL_SOURCE_NODEFILES_DECLARED_H

#include "lib/problem.h"
#include "source/nodefiles/records.h"

/*
 * A container's configuration for its runtime (OCI config.json). `id`: the container's; `shim`:
 * what runs it, or NULL. One that is not of Kubernetes, or tells no pod's uid, gives no event.
 */
int declared_config(const char *text, size_t len, const char *id, const char *shim,
		    struct records *out, struct problem *problem);

/* The kubelet's pods/<uid>/userns: what it allotted to the pod. */
int declared_allotment(const char *text, size_t len, const char *uid, struct records *out,
		       struct problem *problem);

#endif
