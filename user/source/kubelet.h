/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kubelet's configuration, as far as it matters: KubeletConfiguration, in YAML or JSON. What
 * its command line and its directory of more files (--config-dir) say otherwise is not seen.
 */
#ifndef NSVIGIL_SOURCE_KUBELET_H
#define NSVIGIL_SOURCE_KUBELET_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/problem.h"
#include "source/files.h"

/* What it takes if nothing is said. */
#define KUBELET_IDS_PER_POD 65536
#define KUBELET_MAX_PODS 110

struct kubelet_config {
	uint64_t ids_per_pod, max_pods; /* 0: it does not say */
	char static_pods[PATH_MAX];	/* where their manifests are; empty: likewise */
};

/* Returns 0, or -EINVAL with a problem, as the end of a sentence. The text may be anything. */
int kubelet_parse(const char *text, size_t len, struct kubelet_config *out,
		  struct problem *problem);

/*
 * Reads it below the root. Returns 0, 1 if it is as `stamp` says, or -errno with a problem as that
 * of kubelet_parse(); -ENOENT: there is none.
 */
int kubelet_read(int root, const char *path, struct file_stamp *stamp, struct kubelet_config *out,
		 struct problem *problem);

#endif
