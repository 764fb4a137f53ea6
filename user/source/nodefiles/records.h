/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that a source keeps, to push them at each walk. */
#ifndef NSVIGIL_SOURCE_NODEFILES_RECORDS_H
#define NSVIGIL_SOURCE_NODEFILES_RECORDS_H

#include "source/stream.h"

struct records {
	struct nsv_event **v;
	size_t n, cap;
};

/* A record of zeros but for its header, which goes with the list. */
void *records_add(struct records *records, enum nsv_type type, size_t size)
	__attribute__((returns_nonnull));
void records_free(struct records *records);

#endif
