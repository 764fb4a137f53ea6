/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What k3s and RKE2 are told by files of their own, and does not show on any command line: where their directory is, and
 * what the kubelet in them is told.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_RANCHER_H
#define NSVIGIL_SOURCE_NODEFILES_RANCHER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/problem.h"

struct rancher {
	const char *of;	     /* which of them has files here; NULL: none */
	const char *default_dir;
	char *data_dir;	     /* NULL: it is the usual one */
	char *args;	     /* the kubelet's, each NUL-terminated; or NULL */
	size_t args_len;
	char which[PATH_MAX]; /* the file that `problem` is about; empty: there is none */
	struct problem problem;
	int err;
};

/* Reads config.yaml and config.yaml.d. *out is to be freed. */
void rancher_read(int root, struct rancher *out);
void rancher_free(struct rancher *rancher);

/* Where `below` is in its directory; *out is empty if that is too long. Returns `out`. */
const char *rancher_path(const struct rancher *rancher, const char *below, char out[PATH_MAX]);

#endif
