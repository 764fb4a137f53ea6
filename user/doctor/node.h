/* SPDX-License-Identifier: BSD-2-Clause */
/* nsvigil doctor --node: whether this node can run pods with hostUsers: false. */
#ifndef NSVIGIL_DOCTOR_NODE_H
#define NSVIGIL_DOCTOR_NODE_H

#include "doctor/rows.h"
#include "doctor/subids.h"
#include "source/nodefiles/places.h"

struct node_options {
	const char *root;	   /* where the node's root directory is */
	struct places_given given; /* below that */
	struct subid_needs needs;  /* 0: as the kubelet is told */
};

/* Makes all checks, and adds their rows. */
void node_check(const struct node_options *options, struct rows *rows);

#endif
