/* SPDX-License-Identifier: BSD-2-Clause */
/* Which pods may join namespaces that are not theirs, as the command line says it. */
#ifndef NSVIGIL_ALLOW_H
#define NSVIGIL_ALLOW_H

#include "cli.h"

#include <nsvigil/event.h>

struct allow_list {
	struct nsv_allow *v;
	size_t n, cap;
};

/*
 * Adds what "NAMESPACE/NAME[=KIND,...]" says; both names may have * and ? in them. Exits with one
 * line if it says nothing.
 */
void allow_parse(struct allow_list *list, const struct argp_state *state, const char *text);
void allow_free(struct allow_list *list);

#endif
