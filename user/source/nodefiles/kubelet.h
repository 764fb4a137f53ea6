/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kubelet's configuration, as far as it matters: KubeletConfiguration, in YAML or JSON, and the files of
 * --config-dir over it.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_KUBELET_H
#define NSVIGIL_SOURCE_NODEFILES_KUBELET_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/problem.h"

/* What it takes if nothing is said. */
#define KUBELET_IDS_PER_POD 65536
#define KUBELET_MAX_PODS 110
#define KUBELET_DIR "/var/lib/kubelet"
#define KUBELET_LOGS "/var/log/pods"

/* A text is empty, and a number 0, if nothing is said. */
struct kubelet_config {
	uint64_t ids_per_pod, max_pods;
	char static_pods[PATH_MAX]; /* where their manifests are, or the one that there is */
	char static_url[8];	    /* not empty: it fetches manifests, too */
	char pod_logs[PATH_MAX];
	char cgroup_root[PATH_MAX];
	char cgroup_driver[32];
	char runtime[PATH_MAX]; /* the socket of the container runtime, as a URL or a path */
};

/*
 * What the text says goes over *config, as a merge patch: null takes back. Returns 0, or -EINVAL with a
 * problem, as the end of a sentence, and *config as it was. The text may be anything.
 */
int kubelet_parse(const char *text, size_t len, struct kubelet_config *config,
		  struct problem *problem);

/*
 * Reads it below the root: the file, and then the files of the directory over it. Either may be NULL. Returns
 * 0, or -errno with a problem as that of kubelet_parse() and, in `which`, the file that it is about.
 */
int kubelet_read(int root, const char *path, const char *dropins, struct kubelet_config *out,
		 char which[PATH_MAX], struct problem *problem);

#endif
