/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields of each type of event: one table, from which captures are written and read, shown as
 * JSON and made from JSON. docs/capture.md has it for people.
 *
 * A field's number in a capture is its place in its type's list, from 0. Fields are only ever
 * appended; what is gone stays in the list.
 */
#ifndef NSVIGIL_CAPTURE_LAYOUT_H
#define NSVIGIL_CAPTURE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nsvigil/event.h>

enum field_kind {
	FIELD_NUMBER, /* unsigned, of `size` bytes */
	FIELD_SIGNED, /* of 8 bytes */
	FIELD_TEXT,   /* up to `size` bytes, or to a NUL */
	FIELD_BYTES,  /* `size` of them */
};

struct field {
	const char *name; /* "task.tid": parts of a whole are an object in JSON */
	enum field_kind kind;
	bool key; /* with others, it says what a record is about: see struct layout */
	uint16_t offset, size;
	const char *const *names; /* of its values, from 0, or NULL; NULL in it: none */
	size_t n_names;
};

/* What follows the fixed part of a record. */
enum tail_kind {
	TAIL_NONE,
	TAIL_TEXT,    /* NUL-terminated */
	TAIL_GROUPS,  /* u32, as many as counts[0] says */
	TAIL_EXTENTS, /* struct nsv_extent, as many as both counts say */
	TAIL_TASKS,   /* struct nsv_task, as many as counts[0] says */
};

#define TAIL_NUMBER 127 /* as a field */

struct layout {
	enum nsv_type type;
	const char *name; /* "identity" */
	const struct field *fields;
	size_t n_fields;
	size_t size; /* of the fixed part */
	size_t pad;  /* bytes of it that hold nothing */
	enum tail_kind tail;
	const char *tail_name[2];
	uint16_t counts[2]; /* offsets of u32s; 0: none */
	uint32_t counts_max;
	/* How many records are kept to refer to, by what they are about; a power of 2. */
	uint32_t slots;
};

/* NULL: such a type is not in captures. */
const struct layout *layout_of(enum nsv_type type);
const struct layout *layout_by_name(const char *name);
const struct layout *layout_at(size_t i); /* NULL past the last one */

uint64_t field_get(const struct field *field, const struct nsv_event *event);
void field_set(const struct field *field, struct nsv_event *event, uint64_t value);
/* What its value is called, or NULL. */
const char *field_value_name(const struct field *field, uint64_t value);

/* How many elements the tail has: the sum of its counts. */
uint64_t layout_count(const struct layout *layout, const struct nsv_event *event);
/* Bytes of an element of the tail; 1 of a text. */
size_t layout_element(const struct layout *layout);
/* The numbers that an element has, and the bytes of each. */
size_t layout_members(const struct layout *layout, const uint8_t **sizes);

/* The most bytes that a record of any type has. */
#define RECORD_MAX (128U << 10)

/* What a record's len should be, from its counts; 0 if it has more than RECORD_MAX or lies. */
size_t layout_len(const struct layout *layout, const struct nsv_event *event, size_t text_len);

#endif
