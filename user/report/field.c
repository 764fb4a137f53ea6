// SPDX-License-Identifier: BSD-2-Clause
#include "report/field.h"

#include <string.h>

#include "config/when.h"

/* A map has 340 at most: UID_GID_MAP_MAX_EXTENTS. What a node's own users have may be more. */
#define RANGES_MAX 4096
/* RFC 1123: a name has 253; nsvigil writes a byte of what is none as four. */
#define NAME_BYTES 253

static struct json_object *get(struct json_object *from, const char *name, enum json_type type)
{
	struct json_object *value;

	if (!from || !json_object_is_type(from, json_type_object) ||
	    !json_object_object_get_ex(from, name, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

struct json_object *field_object(struct json_object *from, const char *name)
{
	return get(from, name, json_type_object);
}

struct json_object *field_array(struct json_object *from, const char *name)
{
	return get(from, name, json_type_array);
}

size_t field_len(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

bool field_has_number(struct json_object *from, const char *name, uint64_t most, uint64_t *out)
{
	struct json_object *value = get(from, name, json_type_int);
	uint64_t number;

	/* A negative one is 0 there, and one that is too large the largest. */
	if (!value || (json_object_get_int64(value) < 0))
		return false;
	number = json_object_get_uint64(value);
	if (number > most)
		return false;
	*out = number;
	return true;
}

uint64_t field_number(struct json_object *from, const char *name)
{
	uint64_t number = 0;

	field_has_number(from, name, UINT64_MAX / 4, &number);
	return number;
}

const char *field_raw(struct json_object *from, const char *name)
{
	struct json_object *value = get(from, name, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

static const char *keep(struct fleet *fleet, struct json_object *from, const char *name,
			const char *(*how)(struct fleet *, const char *, size_t))
{
	struct json_object *value = get(from, name, json_type_string);
	const int len = value ? json_object_get_string_len(value) : 0;

	return len > 0 ? how(fleet, json_object_get_string(value), (size_t)len) : NULL;
}

const char *field_text(struct fleet *fleet, struct json_object *from, const char *name)
{
	return keep(fleet, from, name, fleet_text);
}

const char *field_word(struct fleet *fleet, struct json_object *from, const char *name)
{
	return keep(fleet, from, name, fleet_word);
}

static const char *keep_name(struct fleet *fleet, const char *text, size_t len)
{
	return fleet_word(fleet, text, len < NAME_BYTES ? len : NAME_BYTES);
}

const char *field_name(struct fleet *fleet, struct json_object *from, const char *name)
{
	return keep(fleet, from, name, keep_name);
}

const char *field_item(struct fleet *fleet, struct json_object *array, size_t i)
{
	struct json_object *value = json_object_array_get_idx(array, i);

	if (!value || !json_object_is_type(value, json_type_string) ||
	    !json_object_get_string_len(value))
		return NULL;
	return keep_name(fleet, json_object_get_string(value),
			 (size_t)json_object_get_string_len(value));
}

moment field_time(struct json_object *from, const char *name)
{
	const char *text = field_raw(from, name);
	struct when when = {};

	return text && when_parse(text, &when) && when.is_wall ? when.ns : 0;
}

void field_ranges(struct fleet *fleet, struct json_object *from, const char *name,
		  struct id_range **ranges, size_t *n)
{
	static struct id_range read[RANGES_MAX];
	struct json_object *all = field_array(from, name);
	const size_t len = field_len(all) < RANGES_MAX ? field_len(all) : RANGES_MAX;
	size_t n_read = 0;

	for (size_t i = 0; i < len; i++) {
		struct json_object *one = json_object_array_get_idx(all, i);
		uint64_t first, last;

		if (field_has_number(one, "first", UINT32_MAX, &first) &&
		    field_has_number(one, "last", UINT32_MAX, &last) && first <= last)
			read[n_read++] = (struct id_range){(uint32_t)first, (uint32_t)last};
	}
	/* A log says them each hour. */
	if (n_read != *n || (n_read && memcmp(read, *ranges, n_read * sizeof(*read)) != 0)) {
		*ranges = arena_calloc(&fleet->arena, n_read, sizeof(*read));
		if (n_read)
			memcpy(*ranges, read, n_read * sizeof(*read));
	}
	*n = n_read;
}
