/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rules say things with: names for tasks, namespaces and ranges, as text in the engine's
 * arena (escaped, ASCII) and as the parties of a piece of evidence.
 */
#ifndef NSVIGIL_ENGINE_SAY_H
#define NSVIGIL_ENGINE_SAY_H

#include "engine/model.h"

#define say(to, ...) arena_printf(&(to)->engine->arena, __VA_ARGS__)

const char *say_space(enum id_space space);   /* "UID" */
const char *say_id_kind(enum id_space space); /* "uid" */

const char *say_pod(const struct offences *to, const struct pod *pod);
const char *say_task(const struct offences *to, const struct task *task);
const char *say_process(const struct offences *to, const struct nsv_task *task,
			const char comm[NSV_COMM_LEN]);
const char *say_container(const struct offences *to, const struct container *container);
const char *say_userns(const struct offences *to, const struct userns *ns);

/* "65536" or "65536-131071", as the node sees it; with "host UID" or "host UIDs" before it. */
const char *say_range(const struct offences *to, enum id_space space, struct id_range range);
const char *say_host_ids(const struct offences *to, enum id_space space, struct id_range range);
/* All of a namespace's ranges, the first few of many. */
const char *say_ranges(const struct offences *to, enum id_space space, const struct range_set *set);

/* "CAP_SYS_ADMIN" */
const char *say_capability(const struct offences *to, unsigned capability);

struct party party_userns(const struct userns *ns, const struct pod *pod);
struct party party_task(const struct task *task);
struct party party_pod(const struct pod *pod);

#endif
