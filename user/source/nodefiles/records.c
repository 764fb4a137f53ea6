// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/records.h"

#include <stdlib.h>

#include "lib/alloc.h"

void *records_add(struct records *records, enum nsv_type type, size_t size)
{
	size_t len = (size + 7) & ~(size_t)7;
	struct nsv_event *event = xcalloc(1, len);

	stream_event(event, type, len);
	xgrow(records->v, records->n, &records->cap);
	records->v[records->n++] = event;
	return event;
}

void records_free(struct records *records)
{
	for (size_t i = 0; i < records->n; i++)
		free(records->v[i]);
	free(records->v);
	*records = (struct records){};
}
