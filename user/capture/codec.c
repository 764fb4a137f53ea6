// SPDX-License-Identifier: BSD-2-Clause
#include "capture/codec.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"

#define TYPES 64
#define FIXED_MAX 1024 /* bytes that the fixed part of a record may have */
#define KEYS_MAX 8     /* fields that say what a record is about */
#define PAGE_SLOTS 64  /* so many get their room at once */
#define PAGES_MAX 256  /* of all types */

/* What a record's differences are from. Above REF_SLOT come two a slot. */
enum { REF_NOTHING, REF_LAST, REF_SLOT };

struct kept {
	struct nsv_event *event; /* NULL: none */
	size_t room;
};

struct page {
	bool used; /* since the last restart */
	struct kept slots[PAGE_SLOTS];
};

/* The records of one type. */
struct table {
	const struct layout *layout;
	const struct field *keys[KEYS_MAX];
	size_t n_keys;
	struct page **pages; /* of slots; of the codec's, from its first on */
	uint32_t last;	     /* the slot of the last one */
	bool any;
};

struct codec {
	struct table tables[TYPES];
	struct page *pages[PAGES_MAX]; /* NULL: none of its slots was ever used */
	size_t n_pages;
	struct kept scratch;
	uint64_t seq, boot_ns;
};

struct codec *codec_new(void)
{
	struct codec *codec = xcalloc(1, sizeof(*codec));
	const struct layout *layout;

	for (size_t i = 0; (layout = layout_at(i)); i++) {
		struct table *table = &codec->tables[layout->type];

		assert(layout->size <= FIXED_MAX && layout->type < TYPES);
		table->layout = layout;
		for (size_t k = 0; k < layout->n_fields; k++)
			if (layout->fields[k].key) {
				assert(table->n_keys < KEYS_MAX);
				table->keys[table->n_keys++] = &layout->fields[k];
			}
		table->pages = &codec->pages[codec->n_pages];
		codec->n_pages += (layout->slots + PAGE_SLOTS - 1) / PAGE_SLOTS;
		assert(codec->n_pages <= PAGES_MAX);
	}
	return codec;
}

static void free_page(struct page *page)
{
	for (size_t i = 0; page && i < PAGE_SLOTS; i++)
		free(page->slots[i].event);
	free(page);
}

static void forget_page(struct page *page)
{
	if (!page || !page->used)
		return;
	for (size_t i = 0; i < PAGE_SLOTS; i++)
		if (page->slots[i].event)
			page->slots[i].event->len = 0;
	page->used = false;
}

void codec_free(struct codec *codec)
{
	if (!codec)
		return;
	for (size_t i = 0; i < codec->n_pages; i++)
		free_page(codec->pages[i]);
	free(codec->scratch.event);
	free(codec);
}

void codec_restart(struct codec *codec)
{
	for (size_t t = 0; t < TYPES; t++) {
		codec->tables[t].any = false;
		codec->tables[t].last = 0;
	}
	for (size_t i = 0; i < codec->n_pages; i++)
		forget_page(codec->pages[i]);
}

void codec_set_base(struct codec *codec, uint64_t seq, uint64_t boot_ns)
{
	codec->seq = seq;
	codec->boot_ns = boot_ns;
}

uint64_t codec_seq(const struct codec *codec)
{
	return codec->seq;
}

uint64_t codec_boot_ns(const struct codec *codec)
{
	return codec->boot_ns;
}

/* ---- what is kept ---- */

static void *room(struct kept *kept, size_t size)
{
	if (kept->room < size) {
		kept->event = xreallocarray(kept->event, size, 1);
		kept->room = size;
	}
	return kept->event;
}

static const struct nsv_event *kept_event(const struct table *table, uint64_t slot)
{
	const struct page *page = table->pages[slot / PAGE_SLOTS];
	const struct nsv_event *event = page ? page->slots[slot % PAGE_SLOTS].event : NULL;

	return event && event->len ? event : NULL;
}

static struct kept *kept_at(struct table *table, uint64_t slot)
{
	struct page **page = &table->pages[slot / PAGE_SLOTS];

	if (!*page)
		*page = xcalloc(1, sizeof(**page));
	(*page)->used = true;
	return &(*page)->slots[slot % PAGE_SLOTS];
}

/* Which slot a record belongs to: the sum of its keys says. */
static uint32_t slot_of(const struct table *table, const struct nsv_event *event)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < table->n_keys; i++)
		sum += field_get(table->keys[i], event);
	return (uint32_t)(sum & (table->layout->slots - 1));
}

static void keep(struct table *table, uint32_t slot, const struct nsv_event *event)
{
	memcpy(room(kept_at(table, slot), event->len), event, event->len);
	table->last = slot;
	table->any = true;
}

/* ---- numbers ---- */

static uint8_t *put_number(uint8_t *out, uint64_t n)
{
	while (n > 127) {
		*out++ = (uint8_t)(n | 128);
		n >>= 7;
	}
	*out++ = (uint8_t)n;
	return out;
}

static uint64_t zigzag(uint64_t n)
{
	return n << 1 ^ (0 - (n >> 63));
}

static uint64_t unzigzag(uint64_t n)
{
	return n >> 1 ^ (0 - (n & 1));
}

struct input {
	const uint8_t *at, *end;
	bool bad;
};

static uint64_t get_long_number(struct input *in)
{
	uint64_t n = 0;

	for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
		uint8_t byte = *in->at++;

		n |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return n;
	}
	in->bad = true;
	return 0;
}

/* Most take one byte. */
static inline uint64_t get_number(struct input *in)
{
	if (in->at < in->end && *in->at < 128)
		return *in->at++;
	return get_long_number(in);
}

static const uint8_t *get_bytes(struct input *in, size_t n)
{
	const uint8_t *bytes = in->at;

	if ((size_t)(in->end - in->at) < n) {
		in->bad = true;
		return NULL;
	}
	in->at += n;
	return bytes;
}

/* ---- tails ---- */

static const uint8_t *tail_of(const struct layout *layout, const struct nsv_event *event)
{
	return (const uint8_t *)event + layout->size;
}

static size_t tail_size(const struct layout *layout, const struct nsv_event *event)
{
	if (layout->tail == TAIL_TEXT)
		return strlen((const char *)tail_of(layout, event));
	return (size_t)layout_count(layout, event) * layout_element(layout);
}

static bool is_sane(const struct layout *layout, const struct nsv_event *event)
{
	size_t have;

	if (event->len < layout->size || event->len > RECORD_MAX || event->len % 8)
		return false;
	have = event->len - layout->size;
	if (layout->tail == TAIL_TEXT)
		return memchr(tail_of(layout, event), '\0', have);
	return layout_count(layout, event) * layout_element(layout) <= have;
}

static uint64_t member_get(const uint8_t *at, uint8_t size)
{
	const struct field field = {.size = size};

	return field_get(&field, (const void *)at);
}

/* Each number as its difference from that of the element before. */
static uint8_t *put_elements(uint8_t *out, const struct layout *layout,
			     const struct nsv_event *event)
{
	const uint8_t *sizes, *at = tail_of(layout, event);
	size_t members = layout_members(layout, &sizes);
	uint64_t n = layout_count(layout, event), last[3] = {};

	for (uint64_t i = 0; i < n; i++) {
		for (size_t m = 0; m < members; at += sizes[m++]) {
			uint64_t value = member_get(at, sizes[m]);

			out = put_number(out, zigzag(value - last[m]));
			last[m] = value;
		}
	}
	return out;
}

static void get_elements(struct input *in, const struct layout *layout, struct nsv_event *event)
{
	const uint8_t *sizes;
	size_t members = layout_members(layout, &sizes);
	uint64_t n = layout_count(layout, event), last[3] = {};
	struct field field = {.offset = (uint16_t)layout->size};
	char *base = (char *)event;

	for (uint64_t i = 0; i < n; i++) {
		for (size_t m = 0; m < members; m++) {
			last[m] += unzigzag(get_number(in));
			field.size = sizes[m];
			field_set(&field, (void *)base, last[m]);
			base += sizes[m];
		}
	}
}

/* ---- encoding ---- */

static bool same_keys(const struct table *table, const struct nsv_event *a,
		      const struct nsv_event *b)
{
	for (size_t i = 0; i < table->n_keys; i++)
		if (field_get(table->keys[i], a) != field_get(table->keys[i], b))
			return false;
	return true;
}

/* A new task is much like its parent. */
static bool find_parent(const struct table *table, const struct nsv_event *event, uint32_t *slot)
{
	const struct nsv_identity *child = (const void *)event, *parent;
	struct nsv_identity key;

	if (table->layout->type != NSV_IDENTITY)
		return false;
	key.task = child->parent;
	*slot = slot_of(table, &key.h);
	parent = (const void *)kept_event(table, *slot);
	return parent && parent->task.tid == child->parent.tid &&
	       parent->task.start_ns == child->parent.start_ns;
}

/* What the record is told by, and how that is written. */
static const struct nsv_event *choose(const struct table *table, const struct nsv_event *event,
				      uint32_t own, uint64_t *how)
{
	const struct nsv_event *kept = kept_event(table, own);
	uint32_t parent;

	if (kept && same_keys(table, kept, event)) {
		*how = REF_SLOT + 2 * (uint64_t)own;
		return kept;
	}
	if (find_parent(table, event, &parent)) {
		*how = REF_SLOT + 2 * (uint64_t)parent + 1;
		return kept_event(table, parent);
	}
	*how = table->any ? REF_LAST : REF_NOTHING;
	return table->any ? kept_event(table, table->last) : NULL;
}

static size_t text_len(const struct field *field, const struct nsv_event *event)
{
	return strnlen((const char *)event + field->offset, field->size);
}

static bool field_differs(const struct field *field, const struct nsv_event *a,
			  const struct nsv_event *b)
{
	const char *x = (const char *)a + field->offset, *y = (const char *)b + field->offset;

	if (field->kind == FIELD_TEXT)
		return strncmp(x, y, field->size);
	return memcmp(x, y, field->size);
}

/* The number of a field is told from that of the one before; the lowest bit: bytes follow. */
static uint8_t *put_tag(uint8_t *out, size_t number, size_t *last, bool bytes)
{
	out = put_number(out, (number + 1 - *last) << 1 | bytes);
	*last = number + 1;
	return out;
}

static uint8_t *put_field(uint8_t *out, const struct field *field, const struct nsv_event *event,
			  const struct nsv_event *from)
{
	const char *at = (const char *)event + field->offset;
	size_t len = field->kind == FIELD_TEXT ? text_len(field, event) : field->size;

	if (field->kind == FIELD_NUMBER || field->kind == FIELD_SIGNED)
		return put_number(out, zigzag(field_get(field, event) - field_get(field, from)));
	out = put_number(out, len);
	memcpy(out, at, len);
	return out + len;
}

static uint8_t *put_tail(uint8_t *out, const struct layout *layout, const struct nsv_event *event,
			 const struct nsv_event *from, size_t *last)
{
	size_t size, elements;
	uint8_t *end;

	if (layout->tail == TAIL_NONE)
		return out;
	size = tail_size(layout, event);
	if (size == (from ? tail_size(layout, from) : 0) &&
	    (!size || !memcmp(tail_of(layout, event), tail_of(layout, from), size)))
		return out;
	out = put_tag(out, TAIL_NUMBER, last, true);
	if (layout->tail == TAIL_TEXT) {
		out = put_number(out, size);
		memcpy(out, tail_of(layout, event), size);
		return out + size;
	}
	/* A length that takes three bytes, whatever it is: it is known afterwards. */
	end = put_elements(out + 3, layout, event);
	elements = (size_t)(end - out - 3);
	out[0] = (uint8_t)(elements | 128);
	out[1] = (uint8_t)(elements >> 7 | 128);
	out[2] = (uint8_t)(elements >> 14);
	return end;
}

static uint8_t *put_body(struct codec *codec, const struct table *table, uint8_t *out,
			 const struct nsv_event *event, uint32_t slot)
{
	static const uint64_t nothing[FIXED_MAX / sizeof(uint64_t)];
	const struct layout *layout = table->layout;
	const struct nsv_event *from;
	size_t last = 0;
	uint64_t how;

	from = choose(table, event, slot, &how);
	out = put_number(out, event->version);
	out = put_number(out, zigzag(event->seq - codec->seq - 1));
	out = put_number(out, zigzag(event->boot_ns - codec->boot_ns));
	out = put_number(out, how);
	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];
		const struct nsv_event *base = from ? from : (const void *)nothing;
		bool bytes = field->kind == FIELD_TEXT || field->kind == FIELD_BYTES;

		if (!field_differs(field, event, base))
			continue;
		out = put_tag(out, i, &last, bytes);
		out = put_field(out, field, event, base);
	}
	return put_tail(out, layout, event, from, &last);
}

long codec_encode(struct codec *codec, const struct nsv_event *event, uint8_t *out)
{
	struct table *table = event->type < TYPES ? &codec->tables[event->type] : NULL;
	uint8_t *body = out + 4, *end;
	uint32_t slot, len;

	if (!table || !table->layout)
		return -ENOENT;
	if (event->len < sizeof(*event) || !is_sane(table->layout, event))
		return -EPROTO;
	slot = slot_of(table, event);
	end = put_body(codec, table, body, event, slot);
	/* Type and length take two bytes, mostly. */
	len = (uint32_t)(end - body);
	out[0] = (uint8_t)event->type;
	body = put_number(out + 1, len);
	memmove(body, out + 4, len);
	codec->seq = event->seq;
	codec->boot_ns = event->boot_ns;
	keep(table, slot, event);
	return body + len - out;
}

/* ---- decoding ---- */

/*
 * Where the record is made: in its slot, if it is told by what is there; else it begins as a copy.
 * Room for the most that the record may grow to is made when its tail comes.
 */
static struct kept *begin(struct codec *codec, struct table *table, uint64_t how)
{
	const struct layout *layout = table->layout;
	const struct nsv_event *from = NULL;
	uint64_t slot = (how - REF_SLOT) / 2;
	size_t len;

	if (how == REF_LAST) {
		from = table->any ? kept_event(table, table->last) : NULL;
	} else if (how >= REF_SLOT) {
		from = slot < layout->slots ? kept_event(table, slot) : NULL;
		if (from && !((how - REF_SLOT) & 1)) {
			table->last = (uint32_t)slot;
			return kept_at(table, slot);
		}
	}
	if (!from && how != REF_NOTHING)
		return NULL;
	len = from ? from->len : (layout->size + 15) & ~(size_t)7;
	room(&codec->scratch, len);
	if (from)
		memcpy(codec->scratch.event, from, len);
	else
		memset(codec->scratch.event, 0, len);
	codec->scratch.event->len = (uint32_t)len;
	return &codec->scratch;
}

static void get_bytes_field(struct input *in, const struct field *field, struct nsv_event *event)
{
	char *at = (char *)event + field->offset;
	const uint64_t len = get_number(in);
	const uint8_t *bytes = len <= field->size ? get_bytes(in, len) : NULL;

	if (!bytes) {
		in->bad = true;
		return;
	}
	memset(at, 0, field->size);
	memcpy(at, bytes, len);
}

static inline void get_field(struct input *in, const struct field *field, bool bytes,
			     struct nsv_event *event)
{
	char *at = (char *)event + field->offset;
	uint64_t u64;
	uint32_t u32;

	if (bytes != (field->kind >= FIELD_TEXT)) {
		in->bad = true;
	} else if (bytes) {
		get_bytes_field(in, field, event);
	} else if (field->size == sizeof(u32)) {
		memcpy(&u32, at, sizeof(u32));
		u32 += (uint32_t)unzigzag(get_number(in));
		memcpy(at, &u32, sizeof(u32));
	} else if (field->size == sizeof(u64)) {
		memcpy(&u64, at, sizeof(u64));
		u64 += unzigzag(get_number(in));
		memcpy(at, &u64, sizeof(u64));
	} else {
		field_set(field, event, field_get(field, event) + unzigzag(get_number(in)));
	}
}

static void get_tail(struct input *in, const struct layout *layout, struct kept *kept)
{
	uint64_t size = get_number(in);
	const uint8_t *bytes;
	struct input elements;
	size_t len;

	bytes = size <= RECORD_MAX * 2 ? get_bytes(in, size) : NULL;
	len = bytes ? layout_len(layout, kept->event, size) : 0;
	if (!len) {
		in->bad = true;
		return;
	}
	room(kept, len);
	memset((char *)kept->event + layout->size, 0, len - layout->size);
	kept->event->len = (uint32_t)len;
	if (layout->tail == TAIL_TEXT) {
		memcpy((char *)kept->event + layout->size, bytes, size);
		in->bad |= memchr(bytes, '\0', size) != NULL;
		return;
	}
	elements = (struct input){.at = bytes, .end = bytes + size};
	get_elements(&elements, layout, kept->event);
	in->bad |= elements.bad;
}

/* A field of a later version. */
static void skip_field(struct input *in, bool bytes)
{
	uint64_t n = get_number(in);

	if (bytes)
		get_bytes(in, n);
}

static void get_fields(struct input *in, const struct layout *layout, struct kept *kept,
		       struct codec_skipped *skipped)
{
	uint64_t number = 0, tag;
	bool bytes, has_tail = false;

	while (in->at < in->end && !in->bad) {
		tag = get_number(in);
		number += tag >> 1;
		bytes = tag & 1;
		if (tag >> 1 && number <= layout->n_fields) {
			get_field(in, &layout->fields[number - 1], bytes, kept->event);
		} else if (number > TAIL_NUMBER + 1 || !(tag >> 1)) {
			in->bad = true;
		} else if (number == TAIL_NUMBER + 1 && layout->tail != TAIL_NONE) {
			get_tail(in, layout, kept);
			has_tail = true;
		} else {
			skip_field(in, bytes);
			skipped->fields++;
		}
	}
	/* Without one it is the one before; its counts say the same, or nothing. */
	if (!in->bad && !has_tail && layout->tail != TAIL_TEXT && layout->tail != TAIL_NONE) {
		size_t len = layout_len(layout, kept->event, 0);

		if (!len || len > kept->event->len)
			in->bad = true;
		else
			kept->event->len = (uint32_t)len;
	}
}

static int get_record(struct codec *codec, struct table *table, struct input *in,
		      const struct nsv_event **event, struct codec_skipped *skipped)
{
	uint64_t version = get_number(in);
	uint64_t seq = codec->seq + 1 + unzigzag(get_number(in));
	uint64_t boot_ns = codec->boot_ns + unzigzag(get_number(in));
	uint64_t how;
	struct kept *kept;

	codec->seq = seq;
	codec->boot_ns = boot_ns;
	if (!table->layout) {
		skipped->events++;
		*event = NULL;
		return in->bad ? -EPROTO : 0;
	}
	how = get_number(in);
	kept = in->bad || version > UINT16_MAX ? NULL : begin(codec, table, how);
	if (!kept)
		return -EPROTO;
	get_fields(in, table->layout, kept, skipped);
	if (in->bad)
		return -EPROTO;
	kept->event->type = (uint16_t)table->layout->type;
	kept->event->version = (uint16_t)version;
	kept->event->seq = seq;
	kept->event->boot_ns = boot_ns;
	if (table->layout->tail == TAIL_NONE)
		kept->event->len = (uint32_t)table->layout->size;
	if (kept == &codec->scratch)
		keep(table, slot_of(table, kept->event), kept->event);
	*event = kept->event;
	return 0;
}

long codec_decode(struct codec *codec, const uint8_t *in, size_t size,
		  const struct nsv_event **event, struct codec_skipped *skipped)
{
	static struct table unknown;
	struct input input = {.at = in, .end = in + size}, body;
	uint64_t type = get_number(&input), len = get_number(&input);
	const uint8_t *bytes = input.bad || len > ENCODED_MAX ? NULL : get_bytes(&input, len);
	int err;

	if (!bytes)
		return -EPROTO;
	body = (struct input){.at = bytes, .end = bytes + len};
	err = get_record(codec, type < TYPES ? &codec->tables[type] : &unknown, &body, event,
			 skipped);
	return err ? err : input.at - in;
}
