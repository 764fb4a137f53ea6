/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which boot of a node is newer. The time of day says it, unless a clock was ahead; but in one file, lines come in the
 * order in which they were written. That is known only when all files were read, so they are read again then.
 */
#ifndef NSVIGIL_REPORT_BOOTS_H
#define NSVIGIL_REPORT_BOOTS_H

#include "report/take.h"

struct fleet_boot *boots_get(struct fleet_node *node, const char *id)
	__attribute__((returns_nonnull));
/* A document comes, of `when` and `boot_ns` by its own clocks; the stream is as the one before left it. */
void boots_compare(struct stream *stream, struct fleet_node *node, struct fleet_boot *boot,
		   uint64_t boot_ns, moment when, bool is_line);
/* Whether files have to be read again: a boot was overtaken. */
bool boots_overtaken(const struct fleet *fleet);
/* What a report has to say of it. */
void boots_remark(struct fleet *fleet, const struct fleet_node *node);

#endif
