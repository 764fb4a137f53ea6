/* SPDX-License-Identifier: BSD-2-Clause */
/* How each event is seen: one table, from events to alternatives. */
#ifndef NSVIGIL_SOURCE_BPF_HOOKTABLE_H
#define NSVIGIL_SOURCE_BPF_HOOKTABLE_H

#include <nsvigil/event.h>
#include <stdbool.h>
#include <stddef.h>

/* A check of a capability, which shows more than itself where no trampoline loads. */
#define HOOK_AT_CHECKS "tp_btf/cap_capable"

/* The end of each system call of each task: only on request. */
#define HOOK_AT_EXITS "tp_btf/sys_exit"

/* Rows of the table. The first ones have one alternative each, which every kernel has. */
enum hook_event {
	EVENT_NEW_TASK,
	EVENT_EXEC,
	EVENT_EXIT,
	EVENT_ATTACH,
	EVENT_MKDIR,
	EVENT_RMDIR,
	EVENT_CREDENTIALS,
	EVENT_NAMESPACES,
	EVENT_CAPABILITIES,
	EVENT_IDMAPS,
	EVENTS,
};

struct hook_alternative {
	const char *section; /* of its BPF program; NULL: there is none, which always works */
	enum nsv_how how;
	const char *blind; /* what is not seen, or not at once; or NULL */
};

#define HOOK_ALTERNATIVES 4

struct hook_row_info {
	const char *what; /* as doctor names it */
	const char
		*name; /* as captures, attestations and --hooks name it; NULL: there is no choice */
	enum nsv_hook hook;
	struct hook_alternative alternatives[HOOK_ALTERNATIVES]; /* the best first */
	size_t n;						 /* that are taken by themselves */
	size_t n_requested; /* after them, those that only --hooks takes */
};

extern const struct hook_row_info hook_table[EVENTS];

/* Rows for which no other alternative will do; NULL: the best that loads. */
struct hooks_forced {
	const struct hook_alternative *alternatives[EVENTS];
};

bool hooks_any_forced(const struct hooks_forced *forced);

#endif
