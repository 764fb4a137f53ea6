/* SPDX-License-Identifier: BSD-2-Clause */
/* What scan and watch share: a look at the whole node, from the sources into
 * the engine. */
#ifndef NSVIGIL_LOOK_H
#define NSVIGIL_LOOK_H

#include "cli.h"
#include "engine/engine.h"
#include "source/capabilities.h"
#include "source/cgroups.h"
#include "source/hooks.h"
#include "source/metadata.h"
#include "source/mounts.h"
#include "source/stream.h"

struct look {
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
	bool told[CGROUPS_PASSED];
	bool placed; /* a walk has shown the whole node */
	bool told_misplaced;
};

/*
 * Opens the sources and tells the engine about the node and the policy. `hooks`: those that are
 * at work, or NULL. Returns 0, or -errno with a problem; look_close() either way.
 */
int look_open(struct look *look, const struct options *opts, const struct hooks *hooks,
	      struct problem *problem);
void look_close(struct look *look);

/* Tells the engine the policy: it holds from the next walk on. Returns 0 or -errno. */
int look_policy(struct look *look, const struct options *opts);

/*
 * One walk over cgroups, files and tasks, judged at its end. Also an error, if it is judged and none was before: a
 * place from which only a part of the node is to be seen. Returns 0, or -errno with a problem.
 */
int look_once(struct look *look, struct problem *problem);

#endif
