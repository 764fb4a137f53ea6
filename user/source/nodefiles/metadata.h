/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The metadata source: what files of the node say of pods.
 *
 * - /var/log/pods: namespaces and names, there before the sandbox is.
 * - The kubelet's pods/<uid>/userns: the host IDs that it allotted.
 * - The manifests of static pods: whether they ask for a user namespace.
 * - The kubelet's configuration: how many IDs a pod has, and where those manifests are.
 * - The runtime's bundles: containers' names, and the user namespaces that they are to have.
 * - /etc/passwd, subuid and subgid: whose host IDs are.
 *
 * All is read from directories below a root, which is the node's; where they are, places.h finds. What is not there
 * is not known.
 * What cannot be read or is not what it should be is said once, and not known either.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_METADATA_H
#define NSVIGIL_SOURCE_NODEFILES_METADATA_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/problem.h"
#include "source/stream.h"

struct metadata_options {
	const char *root;
	/* Below the root, as the others. NULL: where the node itself says. */
	const char *pod_logs, *kubelet, *kubelet_config, *manifests;
	const char *node_name;	     /* with which static pods' names end; NULL: the host's name */
	const char *const *runtimes; /* state directories; none: where they are usual */
	size_t n_runtimes;
	pid_t node_pid; /* the node's process; 0: 1 */
	bool other_pids; /* files have process ids as another PID namespace than this process' numbers them */
	/* Gets a line for people about what cannot be used, without a newline. */
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

struct metadata;

/* The options must live as long as it. Returns 0, or -errno with a problem: there is no root. */
int metadata_open(const struct metadata_options *opts, struct metadata **out,
		  struct problem *problem);
void metadata_close(struct metadata *metadata); /* NULL is fine */

/* What Kubernetes calls the node, as far as the node itself tells; never NULL, raw. */
const char *metadata_node_name(const struct metadata *metadata);

/* Each path that is read, below the root: a directory, or a file. */
void metadata_each_path(const struct metadata *metadata,
			void (*take)(void *ctx, int root, const char *path), void *ctx);

/* From now on this process can read below these only: what the node has elsewhere later on is said to be out of reach. */
void metadata_confined(struct metadata *metadata);

/* After a walk that showed pods: says what was looked for and not found, once of each kind. */
void metadata_tell_missing(struct metadata *metadata);

/* During a walk: looks at all directories, and pushes all that is known. As push. */
int metadata_walk(struct metadata *metadata, struct stream *stream);

/*
 * From now on what appears is noticed: the descriptor is readable. Returns it, or -errno; then only
 * walks show it.
 */
int metadata_notice(struct metadata *metadata);

/* When it is readable, and when a container begins: pushes what is new. */
int metadata_news(struct metadata *metadata, struct stream *stream);

/* Once a second: likewise; for directories that were not there yet, or that others have replaced, each fourth time. */
int metadata_turn(struct metadata *metadata, struct stream *stream);

/* All of /var/log/pods at once, when a pod's cgroup appears: its name is there before it. */
int metadata_names(struct metadata *metadata, struct stream *stream);

/*
 * What there is about one pod, and one of its containers by the runtime's id (NULL: none), now: pushes what is
 * new of it, also if its notice has not been read yet.
 */
int metadata_pod(struct metadata *metadata, struct stream *stream, const char *uid,
		 const char *container);

#endif
