/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rules say things with: names for tasks, namespaces and ranges, as text in the engine's
 * arena (escaped, ASCII) and as the parties of a piece of evidence.
 */
#ifndef NSVIGIL_ENGINE_RULES_TEXT_H
#define NSVIGIL_ENGINE_RULES_TEXT_H

#include "engine/model/model.h"

struct violations;

#define describe(to, ...) arena_printf(&(to)->engine->arena, __VA_ARGS__)

const char *describe_space(enum id_space space);   /* "UID" */
const char *describe_id_kind(enum id_space space); /* "uid" */

const char *describe_pod(const struct violations *to, const struct pod *pod);
const char *describe_task(const struct violations *to, const struct task *task);
/* What follows that: ", which came ... from outside,"; or "". */
const char *describe_origin(const struct violations *to, const struct task *task);
const char *describe_process(const struct violations *to, const struct nsv_task *task,
			const char comm[NSV_COMM_LEN]);
const char *describe_container(const struct violations *to, const struct container *container);
const char *describe_userns(const struct violations *to, const struct userns *ns);

/* "65536" or "65536-131071", as the node sees it; with "host UID" or "host UIDs" before it. */
const char *describe_range(const struct violations *to, enum id_space space, struct id_range range);
const char *describe_host_ids(const struct violations *to, enum id_space space, struct id_range range);
/* All of a namespace's ranges, the first few of many. */
const char *describe_ranges(const struct violations *to, enum id_space space, const struct range_set *set);

/* "CAP_SYS_ADMIN" */
const char *describe_capability(const struct violations *to, unsigned capability);

struct party party_userns(const struct userns *ns, const struct pod *pod);
struct party party_task(const struct task *task);
struct party party_pod(const struct pod *pod);

#endif
