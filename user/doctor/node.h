/* SPDX-License-Identifier: BSD-2-Clause */
/* nsvigil doctor --node: whether this node can run pods with hostUsers: false. */
#ifndef NSVIGIL_DOCTOR_NODE_H
#define NSVIGIL_DOCTOR_NODE_H

#include "doctor/rows.h"
#include "doctor/subids.h"

struct node_options {
	const char *root;	    /* where the node's root directory is */
	const char *kubelet_dir;    /* below that */
	const char *kubelet_config; /* likewise */
	struct subid_needs needs;   /* 0: as that says */
};

/* Makes all checks, and adds their rows. */
void node_check(const struct node_options *options, struct rows *rows);

#endif
