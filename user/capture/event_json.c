// SPDX-License-Identifier: BSD-2-Clause
#include "capture/event_json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"

/* The header's: they are in each object, before the type's own fields. */
static const struct field header_fields[] = {
	{.name = "seq", .offset = offsetof(struct nsv_event, seq), .size = sizeof(uint64_t)},
	{.name = "boot_ns", .offset = offsetof(struct nsv_event, boot_ns), .size = sizeof(uint64_t)},
};

/* Those that say how many elements the tail has are seen from it. */
static bool is_count(const struct layout *layout, const struct field *field)
{
	return (layout->counts[0] && field->offset == layout->counts[0]) ||
	       (layout->counts[1] && field->offset == layout->counts[1]);
}

/* ---- to JSON ---- */

static struct json_object *escaped(const char *text, size_t size)
{
	const size_t n = strnlen(text, size);
	AUTO_FREE char *out = xcalloc(1, ESCAPED_SIZE(n));

	return json_object_new_string(escape(out, ESCAPED_SIZE(n), text, n));
}

static struct json_object *hex(const uint8_t *bytes, size_t n)
{
	char text[2 * 64 + 1] = "";

	for (size_t i = 0; i < n && i < 64; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_object_new_string(text);
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	return !n || (!*bytes && !memcmp(bytes, bytes + 1, n - 1));
}

/* NULL: it is left out. */
static struct json_object *field_json(const struct field *field, const struct nsv_event *event)
{
	const uint8_t *at = (const uint8_t *)event + field->offset;
	const char *name;
	uint64_t value;

	if (field->kind == FIELD_TEXT)
		return *at ? escaped((const char *)at, field->size) : NULL;
	if (field->kind == FIELD_BYTES)
		return is_zero(at, field->size) ? NULL : hex(at, field->size);
	value = field_get(field, event);
	if (!value)
		return NULL;
	if (field->kind == FIELD_SIGNED)
		return json_object_new_int64((int64_t)value);
	name = field_value_name(field, value);
	return name ? json_object_new_string(name) : json_object_new_uint64(value);
}

/* The object in which the last part of a dotted name is, made if need be; `*name` is that part. */
static struct json_object *place(struct json_object *object, const char **name)
{
	const char *dot;

	while ((dot = strchr(*name, '.'))) {
		struct json_object *inner;
		char part[64];

		snprintf(part, sizeof(part), "%.*s", (int)(dot - *name), *name);
		if (!json_object_object_get_ex(object, part, &inner)) {
			inner = json_object_new_object();
			json_object_object_add(object, part, inner);
		}
		object = inner;
		*name = dot + 1;
	}
	return object;
}

static uint64_t get_member(const uint8_t *at, size_t size)
{
	uint32_t u32;
	uint64_t u64;

	if (size == sizeof(u32)) {
		memcpy(&u32, at, sizeof(u32));
		return u32;
	}
	memcpy(&u64, at, sizeof(u64));
	return u64;
}

static void set_member(uint8_t *at, size_t size, uint64_t value)
{
	const uint32_t u32 = (uint32_t)value;

	if (size == sizeof(u32))
		memcpy(at, &u32, sizeof(u32));
	else
		memcpy(at, &value, sizeof(value));
}

static struct json_object *element_json(const struct layout *layout, const uint8_t *at)
{
	const uint8_t *sizes;
	const size_t n = layout_members(layout, &sizes);
	struct json_object *out = n > 1 ? json_object_new_array_ext((int)n) : NULL;

	for (size_t i = 0; i < n; i++) {
		struct json_object *number = json_object_new_uint64(get_member(at, sizes[i]));

		at += sizes[i];
		if (!out)
			return number;
		json_object_array_add(out, number);
	}
	return out;
}

static uint32_t tail_count(const struct layout *layout, const struct nsv_event *event, int i)
{
	uint32_t n = 0;

	if (layout->counts[i])
		memcpy(&n, (const char *)event + layout->counts[i], sizeof(n));
	return n;
}

static void put_tail(struct json_object *out, const struct layout *layout,
		     const struct nsv_event *event)
{
	const uint8_t *at = (const uint8_t *)event + layout->size;

	if (layout->tail == TAIL_TEXT) {
		json_object_object_add(out, layout->tail_name[0],
				       escaped((const char *)at, event->len - layout->size));
		return;
	}
	for (int i = 0; i < 2; i++) {
		const uint32_t n = tail_count(layout, event, i);
		struct json_object *array;

		if (!n)
			continue;
		array = json_object_new_array_ext((int)n);
		for (uint32_t k = 0; k < n; k++, at += layout_element(layout))
			json_object_array_add(array, element_json(layout, at));
		json_object_object_add(out, layout->tail_name[i], array);
	}
}

struct json_object *event_json(const struct nsv_event *event)
{
	const struct layout *layout = layout_of((enum nsv_type)event->type);
	struct json_object *out;

	if (!layout)
		return NULL;
	out = json_object_new_object();
	json_object_object_add(out, "type", json_object_new_string(layout->name));
	json_object_object_add(out, "seq", json_object_new_uint64(event->seq));
	json_object_object_add(out, "boot_ns", json_object_new_uint64(event->boot_ns));
	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];
		struct json_object *value = is_count(layout, field) ? NULL :
								      field_json(field, event);
		const char *name = field->name;

		if (value) {
			struct json_object *in = place(out, &name);

			json_object_object_add(in, name, value);
		}
	}
	if (layout->tail != TAIL_NONE)
		put_tail(out, layout, event);
	return out;
}

/* ---- from JSON ---- */

static const char *json_kind(struct json_object *value)
{
	return json_type_to_name(json_object_get_type(value));
}

static int wrong(struct problem *problem, const char *name, const char *expected,
		 struct json_object *value)
{
	return problem_set(problem, -EINVAL, "'%s' should be %s, and is %s", name, expected,
			   json_kind(value));
}

static int get_number(struct json_object *value, const char *name, size_t size, uint64_t *out,
		      struct problem *problem)
{
	const uint64_t most = size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;

	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return wrong(problem, name, "a number from 0", value);
	*out = json_object_get_uint64(value);
	if (*out > most)
		return problem_set(problem, -EINVAL, "'%s' is at most %" PRIu64, name, most);
	return 0;
}

/* Text in its escaped form to out[0, size); what is left of it is not touched. */
static int get_text(struct json_object *value, const char *name, char *out, size_t size,
		    struct problem *problem)
{
	long len;

	if (!json_object_is_type(value, json_type_string))
		return wrong(problem, name, "a string", value);
	len = unescape(out, size, json_object_get_string(value));
	if (len < 0)
		return problem_set(problem, -EINVAL,
				   len == -ENAMETOOLONG ?
					   "'%s' is too long: at most %zu bytes" :
					   "'%s' has a backslash that is not \\xNN of a byte "
					   "other than 0 (at most %zu bytes)",
				   name, size);
	return 0;
}

static int get_hex(struct json_object *value, const char *name, uint8_t *out, size_t size,
		   struct problem *problem)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) || strlen(text) != 2 * size ||
	    strspn(text, "0123456789abcdef") != 2 * size)
		return problem_set(problem, -EINVAL, "'%s' should be %zu lower case digits", name,
				   2 * size);
	for (size_t i = 0; i < size; i++) {
		const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};

		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return 0;
}

static int get_name(struct json_object *value, const struct field *field, uint64_t *out,
		    struct problem *problem)
{
	const char *text = json_object_get_string(value);

	for (size_t i = 0; i < field->n_names; i++)
		if (field->names[i] && !strcmp(field->names[i], text)) {
			*out = i;
			return 0;
		}
	return problem_set(problem, -EINVAL, "'%s' cannot be '%s'", field->name, text);
}

static int get_field(struct json_object *value, const struct field *field, struct nsv_event *out,
		     struct problem *problem)
{
	char *at = (char *)out + field->offset;
	uint64_t number = 0;
	int err;

	if (field->kind == FIELD_TEXT)
		return get_text(value, field->name, at, field->size, problem);
	if (field->kind == FIELD_BYTES)
		return get_hex(value, field->name, (uint8_t *)at, field->size, problem);
	if (field->kind == FIELD_SIGNED) {
		if (!json_object_is_type(value, json_type_int))
			return wrong(problem, field->name, "a number", value);
		field_set(field, out, (uint64_t)json_object_get_int64(value));
		return 0;
	}
	if (field->n_names && json_object_is_type(value, json_type_string))
		err = get_name(value, field, &number, problem);
	else
		err = get_number(value, field->name, field->size, &number, problem);
	if (!err)
		field_set(field, out, number);
	return err;
}

static const struct field *find_field(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < sizeof(header_fields) / sizeof(*header_fields); i++)
		if (!strcmp(header_fields[i].name, name))
			return &header_fields[i];
	for (size_t i = 0; i < layout->n_fields; i++)
		if (!is_count(layout, &layout->fields[i]) && !strcmp(layout->fields[i].name, name))
			return &layout->fields[i];
	return NULL;
}

static bool is_tail(const struct layout *layout, const char *name)
{
	for (int i = 0; i < 2; i++)
		if (layout->tail_name[i] && !strcmp(layout->tail_name[i], name))
			return true;
	return false;
}

/* `prefix`: of the names in it, with a dot at its end. */
static int get_fields(struct json_object *object, const struct layout *layout, const char *prefix,
		      struct nsv_event *out, struct problem *problem)
{
	json_object_object_foreach(object, key, value)
	{
		const struct field *field;
		char name[128];
		int err = 0;

		if ((size_t)snprintf(name, sizeof(name), "%s%s", prefix, key) >= sizeof(name) - 1)
			return problem_set(problem, -EINVAL, "a name is too long");
		if (!*prefix && (!strcmp(name, "type") || is_tail(layout, name)))
			continue;
		field = find_field(layout, name);
		if (field) {
			err = get_field(value, field, out, problem);
		} else if (json_object_is_type(value, json_type_object)) {
			strcat(name, ".");
			err = get_fields(value, layout, name, out, problem);
		} else {
			char said[ESCAPED_SIZE(sizeof(name))];

			err = problem_set(problem, -EINVAL, "'%s' has no '%s'", layout->name,
					  escape(said, sizeof(said), name, sizeof(name)));
		}
		if (err)
			return err;
	}
	return 0;
}

static int get_element(struct json_object *value, const struct layout *layout, const char *name,
		       uint8_t *at, struct problem *problem)
{
	const uint8_t *sizes;
	const size_t n = layout_members(layout, &sizes);

	if (n > 1 &&
	    (!json_object_is_type(value, json_type_array) || json_object_array_length(value) != n))
		return problem_set(problem, -EINVAL, "each of '%s' should be an array of %zu", name,
				   n);
	for (size_t i = 0; i < n; i++) {
		uint64_t number = 0;
		int err = get_number(n > 1 ? json_object_array_get_idx(value, i) : value, name,
				     sizes[i], &number, problem);

		if (err)
			return err;
		set_member(at, sizes[i], number);
		at += sizes[i];
	}
	return 0;
}

static int get_array(struct json_object *array, const struct layout *layout, int which,
		     uint8_t **at, struct nsv_event *out, struct problem *problem)
{
	const char *name = layout->tail_name[which];
	uint32_t n;
	int err = 0;

	if (!json_object_is_type(array, json_type_array))
		return wrong(problem, name, "an array", array);
	if (json_object_array_length(array) > layout->counts_max)
		return problem_set(problem, -EINVAL, "'%s' has at most %u elements", name,
				   layout->counts_max);
	n = (uint32_t)json_object_array_length(array);
	memcpy((char *)out + layout->counts[which], &n, sizeof(n));
	for (uint32_t i = 0; !err && i < n; i++, *at += layout_element(layout))
		err = get_element(json_object_array_get_idx(array, i), layout, name, *at, problem);
	return err;
}

static int get_tail(struct json_object *object, const struct layout *layout, struct nsv_event *out,
		    struct problem *problem)
{
	uint8_t *at = (uint8_t *)out + layout->size;
	struct json_object *value;
	int err = 0;

	if (layout->tail == TAIL_TEXT) {
		if (json_object_object_get_ex(object, layout->tail_name[0], &value))
			err = get_text(value, layout->tail_name[0], (char *)at,
				       RECORD_MAX - layout->size - 8, problem);
		out->len = (uint32_t)layout_len(layout, out, strlen((char *)at));
		return err;
	}
	for (int i = 0; !err && i < 2; i++)
		if (layout->tail_name[i] &&
		    json_object_object_get_ex(object, layout->tail_name[i], &value))
			err = get_array(value, layout, i, &at, out, problem);
	out->len = (uint32_t)layout_len(layout, out, 0);
	return err;
}

static const struct layout *get_layout(struct json_object *object, struct problem *problem)
{
	const struct layout *layout;
	struct json_object *type;

	if (!json_object_is_type(object, json_type_object)) {
		problem_set(problem, -EINVAL, "it should be an object, and is %s",
			    json_kind(object));
		return NULL;
	}
	if (!json_object_object_get_ex(object, "type", &type) ||
	    !json_object_is_type(type, json_type_string)) {
		problem_set(problem, -EINVAL, "it has no 'type', as \"identity\"");
		return NULL;
	}
	layout = layout_by_name(json_object_get_string(type));
	if (!layout) {
		char text[128];

		escape(text, sizeof(text), json_object_get_string(type), 64);
		problem_set(problem, -EINVAL, "there is no type '%s'", text);
	}
	return layout;
}

int event_from_json(struct json_object *object, const struct nsv_event *last, struct nsv_event *out,
		    struct problem *problem)
{
	const struct layout *layout = get_layout(object, problem);
	int err;

	if (!layout)
		return -EINVAL;
	memset(out, 0, RECORD_MAX);
	out->type = (uint16_t)layout->type;
	out->version = 1;
	out->seq = last->seq + 1;
	out->boot_ns = last->boot_ns;
	err = get_fields(object, layout, "", out, problem);
	return err ? err : get_tail(object, layout, out, problem);
}
