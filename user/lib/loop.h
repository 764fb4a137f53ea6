/* SPDX-License-Identifier: BSD-2-Clause */
/* What users of libevent's loop have in common. */
#ifndef NSVIGIL_LIB_LOOP_H
#define NSVIGIL_LIB_LOOP_H

#include <event2/event.h>

/* NULL is fine, and is what *event is afterwards. */
static inline void loop_free_event(struct event **event)
{
	if (*event)
		event_free(*event);
	*event = NULL;
}

#endif
