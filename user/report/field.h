/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of JSON that somebody else wrote: one that is missing, or of another type, is as one that is null. */
#ifndef NSVIGIL_REPORT_FIELD_H
#define NSVIGIL_REPORT_FIELD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "report/fleet.h"

/* NULL: it is no object. */
struct json_object *field_object(struct json_object *from, const char *name);
/* NULL: it is no array. */
struct json_object *field_array(struct json_object *from, const char *name);
size_t field_len(struct json_object *array); /* 0 of NULL */
/* 0 if it is no number, or a negative one. */
uint64_t field_number(struct json_object *from, const char *name);
bool field_has_number(struct json_object *from, const char *name, uint64_t most, uint64_t *out);
/* As it is in the document: only to compare it. NULL: it is no text. */
const char *field_raw(struct json_object *from, const char *name);
/* Kept, as fleet_text() and fleet_word() do. NULL: it is no text, or an empty one. */
const char *field_text(struct fleet *fleet, struct json_object *from, const char *name);
const char *field_word(struct fleet *fleet, struct json_object *from, const char *name);
/* Likewise, of what is called so: cut where no name of Kubernetes' is as long. */
const char *field_name(struct fleet *fleet, struct json_object *from, const char *name);
/* Likewise, the one at `i` of an array. */
const char *field_item(struct fleet *fleet, struct json_object *array, size_t i);
/* A time of day, RFC 3339; 0: it is none. */
moment field_time(struct json_object *from, const char *name);
/* Ranges of IDs: {"first", "last"}. Those that are none are left out. What they were is kept if they are the same. */
void field_ranges(struct fleet *fleet, struct json_object *from, const char *name,
		  struct id_range **ranges, size_t *n);

#endif
