// SPDX-License-Identifier: BSD-2-Clause
#include "frames.h"

#include <stdlib.h>
#include <string.h>

#include "../../unit/random.h"
#include "capture/codec.h"
#include "lib/alloc.h"

#define ITEMS_MAX 256
#define TEXT_MAX 4096 /* of a file, or the end of a record */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* An event; or a file's text, or a frame that is no event: as they lie in the input. */
struct item {
	struct nsv_event *event; /* or NULL */
	uint8_t *bytes;
	size_t len;
};

struct items {
	struct item v[ITEMS_MAX];
	size_t n;
	uint64_t random;
};

/* ---- frames ---- */

static bool get_number(const uint8_t **data, size_t *size, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift < 64 && *size; shift += 7) {
		const uint8_t byte = **data;

		++*data;
		--*size;
		*out |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return true;
	}
	return false;
}

bool frame_next(const uint8_t **data, size_t *size, struct frame *out)
{
	const uint8_t *at = *data;
	size_t left = *size;
	uint64_t len;

	out->all = at;
	if (!get_number(&at, &left, &out->type) || !get_number(&at, &left, &len) || len > left)
		return false;
	out->body = at;
	out->len = len;
	out->all_len = (size_t)(at - out->all) + out->len;
	*data += out->all_len;
	*size -= out->all_len;
	return true;
}

struct codec *frames_codec(struct codec **kept)
{
	if (!*kept)
		*kept = codec_new();
	codec_restart(*kept);
	codec_set_base(*kept, 0, 0);
	return *kept;
}

static struct item copy_item(const struct item *from)
{
	struct item item = {.len = from->len};

	if (from->event) {
		item.event = xcalloc(1, from->event->len);
		memcpy(item.event, from->event, from->event->len);
	} else {
		item.bytes = xcalloc(1, from->len);
		memcpy(item.bytes, from->bytes, from->len);
	}
	return item;
}

static void free_item(const struct item *item)
{
	free(item->event);
	free(item->bytes);
}

static void read_items(struct items *items, const uint8_t *data, size_t size)
{
	static struct codec *kept;
	struct codec *codec = frames_codec(&kept);
	struct codec_skipped skipped = {};
	const struct nsv_event *event;
	struct frame frame;

	while (items->n < ITEMS_MAX && frame_next(&data, &size, &frame)) {
		struct item item = {.bytes = (uint8_t *)frame.all, .len = frame.all_len};

		if (frame.type != FRAME_FILE &&
		    codec_decode(codec, frame.all, frame.all_len, &event, &skipped) > 0)
			item.event = (struct nsv_event *)event;
		items->v[items->n++] = copy_item(&item);
	}
}

/* As many as there is room for. */
static size_t write_items(const struct items *items, uint8_t *data, size_t max)
{
	static uint8_t bytes[ENCODED_MAX];
	static struct codec *kept;
	struct codec *codec = frames_codec(&kept);
	size_t size = 0;

	for (size_t i = 0; i < items->n; i++) {
		const struct item *item = &items->v[i];
		long len = (long)item->len;

		if (item->event)
			len = codec_encode(codec, item->event, bytes);
		if (len < 0)
			continue;
		if (size + (size_t)len > max)
			break;
		memcpy(data + size, item->event ? bytes : item->bytes, (size_t)len);
		size += (size_t)len;
	}
	return size;
}

/* ---- of a sequence ---- */

static struct item *any_item(struct items *items)
{
	return &items->v[random_below(&items->random, (uint32_t)items->n)];
}

static void insert(struct items *items, struct item item)
{
	const size_t at = random_below(&items->random, (uint32_t)items->n + 1);

	if (items->n == ITEMS_MAX) {
		free_item(&item);
		return;
	}
	memmove(&items->v[at + 1], &items->v[at], (items->n - at) * sizeof(item));
	items->v[at] = item;
	items->n++;
}

static void drop(struct items *items)
{
	struct item *item = any_item(items);

	free_item(item);
	items->n--;
	memmove(item, item + 1, (size_t)(&items->v[items->n] - item) * sizeof(*item));
}

static void repeat(struct items *items)
{
	insert(items, copy_item(any_item(items)));
}

static void swap(struct items *items)
{
	struct item *a = any_item(items), *b = any_item(items), kept = *a;

	*a = *b;
	*b = kept;
}

/* ---- of an event ---- */

static bool is_number(const struct field *field)
{
	return field->kind == FIELD_NUMBER || field->kind == FIELD_SIGNED;
}

static const struct field *any_field(struct items *items, const struct nsv_event *event)
{
	const struct layout *layout = layout_of(event->type);

	return layout->n_fields ?
		       &layout->fields[random_below(&items->random, (uint32_t)layout->n_fields)] :
		       NULL;
}

/* What another one has, as an ID that two events have is what connects them; or a number nearby; or any. */
static uint64_t any_value(struct items *items, const struct field *field, uint64_t old)
{
	const struct item *other = any_item(items);
	const struct field *its = other->event ? any_field(items, other->event) : NULL;

	switch (random_below(&items->random, 6)) {
	case 0:
		return random_below(&items->random, 8);
	case 1:
		return old ^ UINT64_C(1) << random_below(&items->random, 8 * field->size);
	case 2:
		return old + random_below(&items->random, 9) - 4;
	case 3:
		return random_below(&items->random, 4) ?
			       65536 * (uint64_t)random_below(&items->random, 9) :
			       UINT64_MAX;
	default:
		return its && is_number(its) && its->size == field->size ?
			       field_get(its, other->event) :
			       old;
	}
}

static void change_bytes(struct items *items, const struct field *field, struct nsv_event *event)
{
	const struct item *other = any_item(items);
	char *at = (char *)event + field->offset;

	if (other->event && other->event->type == event->type && random_below(&items->random, 2))
		memcpy(at, (const char *)other->event + field->offset, field->size);
	else
		LLVMFuzzerMutate((uint8_t *)at, field->size, field->size);
}

/* Its length is as its counts say, once more; or it cannot be. */
static bool fit(struct nsv_event **event, size_t text_len)
{
	const struct layout *layout = layout_of((*event)->type);
	const size_t had = (*event)->len, len = layout_len(layout, *event, text_len);

	if (layout->tail == TAIL_NONE)
		return true;
	if (!len)
		return false;
	*event = xreallocarray(*event, len, 1);
	if (len > had)
		memset((char *)*event + had, 0, len - had);
	(*event)->len = (uint32_t)len;
	return true;
}

static void change_field(struct items *items, struct item *item)
{
	const struct field *field = any_field(items, item->event);
	const bool is_text = layout_of(item->event->type)->tail == TAIL_TEXT;
	uint64_t old;

	if (!field)
		return;
	if (!is_number(field)) {
		change_bytes(items, field, item->event);
		return;
	}
	old = field_get(field, item->event);
	field_set(field, item->event, any_value(items, field, old));
	if (!is_text && !fit(&item->event, 0))
		field_set(field, item->event, old);
}

static void change_tail(struct item *item)
{
	const struct layout *layout = layout_of(item->event->type);
	uint8_t *tail = (uint8_t *)item->event + layout->size;
	size_t len = item->event->len - layout->size;
	uint8_t text[TEXT_MAX] = {};

	if (layout->tail != TAIL_TEXT) {
		if (len)
			LLVMFuzzerMutate(tail, len, len);
		return;
	}
	len = strlen((char *)tail);
	if (len >= sizeof(text))
		return;
	memcpy(text, tail, len);
	len = LLVMFuzzerMutate(text, len, sizeof(text) - 1);
	text[len] = '\0';
	len = strlen((char *)text);
	if (fit(&item->event, len))
		memcpy((char *)item->event + layout->size, text, len + 1);
}

static void change_time(struct items *items, struct nsv_event *event)
{
	static const uint64_t steps[] = {1, 1000000, 1000000000, 60000000000, 4000000000000};
	uint64_t step = steps[random_below(&items->random, sizeof(steps) / sizeof(*steps))];

	event->boot_ns += random_below(&items->random, 2) ? step : -step;
}

/* The text of a file, or what is no event, by bytes. */
static void change_frame(struct item *item)
{
	uint8_t frame[4 + TEXT_MAX];
	const uint8_t *bytes = item->bytes;
	size_t len, size = item->len;
	struct frame was;

	if (!frame_next(&bytes, &size, &was) || was.len > TEXT_MAX || was.type > FRAME_FILE)
		return;
	memcpy(frame + 4, was.body, was.len);
	len = LLVMFuzzerMutate(frame + 4, was.len, TEXT_MAX);
	frame[0] = (uint8_t)was.type;
	frame[1] = (uint8_t)(len | 128);
	frame[2] = (uint8_t)(len >> 7 | 128);
	frame[3] = (uint8_t)(len >> 14);
	free(item->bytes);
	item->len = 4 + len;
	item->bytes = xcalloc(1, item->len);
	memcpy(item->bytes, frame, item->len);
}

static void change(struct items *items)
{
	struct item *item = any_item(items);
	const uint32_t what = random_below(&items->random, 8);

	if (!item->event)
		change_frame(item);
	else if (what == 0)
		change_time(items, item->event);
	else if (what == 1)
		change_tail(item);
	else
		change_field(items, item);
}

/* One that says little. */
static void insert_new(struct items *items)
{
	const struct nsv_event *other = items->n ? any_item(items)->event : NULL;
	const struct layout *layout;
	struct item item = {};
	uint32_t types = 0;

	do
		types++;
	while (layout_at(types));
	layout = layout_at(random_below(&items->random, types));
	item.event = xcalloc(1, layout->size);
	*item.event = (struct nsv_event){.type = (uint16_t)layout->type,
					 .version = 1,
					 .len = (uint32_t)layout->size,
					 .boot_ns = other ? other->boot_ns : 0};
	fit(&item.event, 0);
	if (!items->n)
		items->v[items->n++] = item;
	else
		insert(items, item);
}

/* ---- of an input ---- */

static void mutate(struct items *items)
{
	switch (items->n ? random_below(&items->random, 12) : 0) {
	case 0:
		insert_new(items);
		break;
	case 1:
		drop(items);
		break;
	case 2:
		repeat(items);
		break;
	case 3:
		swap(items);
		break;
	default:
		change(items);
	}
}

static size_t finish(struct items *items, uint8_t *out, size_t max)
{
	const size_t size = write_items(items, out, max);

	for (size_t i = 0; i < items->n; i++)
		free_item(&items->v[i]);
	return size;
}

/* One that is not 0. */
static uint64_t begin_random(unsigned seed)
{
	return (UINT64_C(1) << 32 | seed) * UINT64_C(0x9e3779b97f4a7c15);
}

size_t frames_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	struct items items = {.random = begin_random(seed)};
	uint32_t times = 1 + random_below(&items.random, 4);

	if (!random_below(&items.random, 10))
		return LLVMFuzzerMutate(data, size, max);
	read_items(&items, data, size);
	while (times--)
		mutate(&items);
	size = finish(&items, data, max);
	return size ? size : LLVMFuzzerMutate(data, 0, max);
}

size_t frames_join(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
		   size_t max, unsigned seed)
{
	struct items items = {.random = begin_random(seed)};
	size_t kept;

	read_items(&items, a, a_size);
	kept = items.n ? random_below(&items.random, (uint32_t)items.n + 1) : 0;
	while (items.n > kept)
		free_item(&items.v[--items.n]);
	read_items(&items, b, b_size);
	return finish(&items, out, max);
}
