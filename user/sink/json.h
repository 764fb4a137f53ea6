/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts that JSON outputs are made of. Each returns a new object, owned by the caller. */
#ifndef NSVIGIL_SINK_JSON_H
#define NSVIGIL_SINK_JSON_H

#include <json-c/json.h>
#include <stdio.h>

#include "engine/engine.h"

struct json_object *json_text(const char *s); /* NULL: null */
/* Names and paths from outside, in the one form that all outputs show. */
struct json_object *json_escaped(const char *s);
struct json_object *json_number(uint64_t n);
struct json_object *json_ns(const struct nsv_ns *ns);
struct json_object *json_range(const struct id_range *range);
struct json_object *json_evidence(const struct evidence *evidence);
struct json_object *json_check(const struct capability_view *cap);

/* A time of day with microseconds; null while the clock is not known. */
struct json_object *json_time(const struct origin *origin, uint64_t boot_ns);
/* What each document begins with: when, where, and who says it. */
void json_put_origin(struct json_object *object, const struct origin *origin, uint64_t boot_ns);

/* Takes `value`. */
void json_put(struct json_object *object, const char *key, struct json_object *value);

/* On several lines, for people, too; frees the object. Returns 0, or -errno if it could not be written. */
int json_print(struct json_object *object, FILE *out);

/* The object's text without a newline; it is the object's, as long as that does not change. */
const char *json_line(struct json_object *object);

#endif
