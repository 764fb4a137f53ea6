/* SPDX-License-Identifier: BSD-2-Clause */
/* What scan and watch share: a snapshot of the whole node, from the sources into
 * the engine. */
#ifndef NSVIGIL_SNAPSHOT_H
#define NSVIGIL_SNAPSHOT_H

#include "cli.h"
#include "engine/engine.h"
#include "source/bpf/capabilities.h"
#include "source/bpf/hooks.h"
#include "source/cgroups.h"
#include "source/mounts.h"
#include "source/nodefiles/metadata.h"
#include "source/stream.h"

struct snapshot {
	struct engine *engine;
	struct cgroups *cgroups;
	struct metadata_options files;
	struct metadata *metadata;
	struct tasks *tasks;
	struct mounts *mounts;
	struct capabilities *caps; /* of scan: counted by a watch; or NULL */
	struct stream stream;
	void (*seen)(const struct nsv_event *event, void *ctx); /* each event; or NULL */
	void *ctx;
	bool unjudged; /* the engine gets none any more */
	bool notified[CGROUPS_PASSED];
	bool placed; /* a walk has shown the whole node */
	bool notified_misplaced;
};

/*
 * Opens the sources and tells the engine about the node and the policy. `hooks`: those that are
 * at work, or NULL. Returns 0, or -errno with a problem; snapshot_close() either way.
 */
int snapshot_open(struct snapshot *snapshot, const struct options *opts, const struct hooks *hooks,
		  struct problem *problem);
void snapshot_close(struct snapshot *snapshot);

/*
 * One walk over cgroups, files and tasks, judged at its end. Also an error, if it is judged and none was before: a
 * place from which only a part of the node is to be seen. Returns 0, or -errno with a problem.
 */
int snapshot_take(struct snapshot *snapshot, struct problem *problem);

#endif
