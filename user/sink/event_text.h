/* SPDX-License-Identifier: BSD-2-Clause */
/* An event for people: its name, and what it says, on one line. */
#ifndef NSVIGIL_SINK_EVENT_TEXT_H
#define NSVIGIL_SINK_EVENT_TEXT_H

#include <stdio.h>

#include <nsvigil/event.h>

/* Without a newline. Of the types that have many fields, what matters most. */
void event_text(const struct nsv_event *event, FILE *out);

#endif
