/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the node's files declare, from their text to events. The text may be anything. Each returns
 * 0, or -EINVAL with a problem: why it is not what it should be, as the end of a sentence.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_DECLARED_H
#define NSVIGIL_SOURCE_NODEFILES_DECLARED_H

#include <stdbool.h>

#include "lib/problem.h"
#include "source/nodefiles/records.h"

/* A container's configuration, besides its text. What its annotations say the pod's author may have written. */
struct declared_at {
	enum nsv_runtime runtime; /* by where it lies */
	const char *id;		  /* the container's */
	const char *shim;	  /* what runs it with containerd, or NULL */
	bool is_vm;		  /* with CRI-O a shim does, of a runtime for virtual machines */
};

/*
 * A container's configuration for its runtime (OCI config.json). One that is not of Kubernetes, or tells no pod's uid,
 * gives no event.
 */
int declared_config(const char *text, size_t len, const struct declared_at *at,
		    struct records *out, struct problem *problem);

/* The kubelet's pods/<uid>/userns: what it allotted to the pod. */
int declared_allotment(const char *text, size_t len, const char *uid, struct records *out,
		       struct problem *problem);

#endif
