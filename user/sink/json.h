/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts that JSON outputs are made of. Each returns a new object, owned by the caller. */
#ifndef NSVIGIL_SINK_JSON_H
#define NSVIGIL_SINK_JSON_H

#include <json-c/json.h>

#include "engine/engine.h"

struct json_object *json_text(const char *s); /* NULL: null */
/* Names and paths from outside, in the one form that all outputs show. */
struct json_object *json_escaped(const char *s);
struct json_object *json_number(uint64_t n);
struct json_object *json_ns(const struct nsv_ns *ns);
struct json_object *json_range(const struct id_range *range);
struct json_object *json_evidence(const struct evidence *evidence);
struct json_object *json_check(const struct capability_view *cap);

/* Takes `value`. */
void json_put(struct json_object *object, const char *key, struct json_object *value);

/* The object's text without a newline; it is the object's, as long as that does not change. */
const char *json_line(struct json_object *object);

#endif
