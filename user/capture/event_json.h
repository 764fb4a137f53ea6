/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as JSON objects and back, by the table of their fields: nothing is lost. What is 0 or
 * empty is left out; docs/capture.md has the form.
 */
#ifndef NSVIGIL_CAPTURE_EVENT_JSON_H
#define NSVIGIL_CAPTURE_EVENT_JSON_H

#include <json-c/json.h>

#include "capture/layout.h"
#include "lib/problem.h"

/* The caller owns it. NULL: captures know no such type. */
struct json_object *event_json(const struct nsv_event *event);

/*
 * Makes out[0, RECORD_MAX) of one. Without a sequence number it is the next after that of `last`;
 * without a time it is of the same. Returns 0, or -EINVAL with a problem that says what is wrong
 * and what was expected.
 */
int event_from_json(struct json_object *object, const struct nsv_event *last, struct nsv_event *out,
		    struct problem *problem);

#endif
