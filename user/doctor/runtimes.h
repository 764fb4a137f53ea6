/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container runtimes the node has, and whether they are new enough. */
#ifndef NSVIGIL_DOCTOR_RUNTIMES_H
#define NSVIGIL_DOCTOR_RUNTIMES_H

#include "doctor/rows.h"
#include "doctor/version.h"

/*
 * A row for each containerd, CRI-O, runc and crun in the usual places below `root` and among the
 * processes outside pods, and one for what is missing. Returns whether one runs that takes the
 * kubelet's orders.
 */
bool runtimes_check(const char *root, struct rows *rows);

enum runtime_kind { RUNTIME_CONTAINERD, RUNTIME_CRIO, RUNTIME_RUNC, RUNTIME_CRUN, RUNTIMES };

/* A program that was found, and what it says. */
struct runtime {
	enum runtime_kind kind;
	char *path;
	pid_t pid;		/* 0: does not run */
	struct version version; /* major 0, minor 0: it did not tell */
	char problem[160];	/* why; escaped */
};

/* Says of one what it means, when all were found. */
void runtimes_judge(const struct runtime *all, size_t n, const struct runtime *one,
		    struct result *result);

#endif
