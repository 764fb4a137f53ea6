/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the node's files are: as is given, else as the node itself says (the kubelet's command line and its
 * configuration), else where distributions have them.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_PLACES_H
#define NSVIGIL_SOURCE_NODEFILES_PLACES_H

#include <stdbool.h>
#include <sys/types.h>

#include <nsvigil/event.h>

#include "source/nodefiles/kubelet.h"
#include "source/nodefiles/kubeletproc.h"
#include "source/nodefiles/rancher.h"

/* By options; what is not given is NULL. */
struct places_given {
	const char *pod_logs, *kubelet, *kubelet_config, *manifests, *node_name;
	const char *const *runtimes;
	size_t n_runtimes;
	pid_t node_pid;
};

/* One that files may be at. Of a kind there may be several. */
struct place {
	enum nsv_place_kind kind;
	enum nsv_place_how how;
	const char *of; /* whose usual place it is; or "" */
	char *path;	/* as the node has it */
};

/* What is known of the kubelet's configuration. */
enum places_config {
	PLACES_READ,	/* it is that */
	PLACES_NONE,	/* the kubelet has none: its command line says all */
	PLACES_MISSING, /* there is none where it could be */
	PLACES_WRONG,	/* it is not as it should be, or could not be read: `problem` */
};

struct places {
	struct place *v;
	size_t n, cap;
	struct kubelet_process process; /* looked for until it is found, and again when it is gone */
	unsigned looked;		/* how often, since it was */
	struct kubelet_flags flags;
	struct rancher rancher;	      /* where the kubelet is part of k3s, or no process tells */
	struct kubelet_config config; /* with what the command line says over it */
	enum places_config state;
	char which[PATH_MAX]; /* the file that `problem` is about */
	struct problem problem;
	bool denied;	      /* it is that this process may not read it */
	char other[PATH_MAX]; /* another configuration that is there, too; or empty */
	const char *node_name; /* as the kubelet is told; or NULL */
};

void places_init(struct places *places);
/* Looks anew. `root` is the node's. What is given must live as long as the places. */
void places_find(struct places *places, int root, const struct places_given *given);
void places_free(struct places *places);
/* Files that tell where others are, and are no configuration of the kubelet's. */
void places_each_source(const struct places *places, int root,
			void (*take)(void *ctx, int root, const char *path), void *ctx);

/* "/a, /b": where that kind is looked for, for people; escaped. Returns `out`. */
const char *places_list(const struct places *places, enum nsv_place_kind kind, char *out,
			size_t size);
/* Which option gives one of that kind. */
const char *places_option(enum nsv_place_kind kind);

#endif
