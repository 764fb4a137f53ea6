/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens between walks, as tests of the engine that are about that say it often. */
#ifndef NSVIGIL_TESTS_NODE_EVENTS_H
#define NSVIGIL_TESTS_NODE_EVENTS_H

#include "node.h"

/* Time passes: what files and mounts said is judged with the next event. */
void send_tick(void);
void box_gone(struct box *box);
void join_ns(struct nsv_identity *task, enum nsv_ns_kind kind, const struct nsv_identity *other);
void move_to(struct nsv_identity *task, const struct box *box);
/* A new namespace that nobody else is in. */
void unshare_ns(struct nsv_identity *task, enum nsv_ns_kind kind);
void set_policy(enum nsv_policy_default policy);

/* All hooks see what they are for when it happens, but that one. */
void hooks_but(enum nsv_hook hook, enum nsv_how how);

/* Whom the engine has named for the hooks to remember, with take_unremembered(). */
struct remembered {
	const struct nsv_identity *v[8];
	size_t n;
	struct began began; /* of the last one */
};
extern struct remembered node_remembered;
void take_unremembered(const struct nsv_identity *task, const struct began *began, void *ctx);

#endif
