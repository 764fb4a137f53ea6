// SPDX-License-Identifier: BSD-2-Clause
#include "records.h"

#include <string.h>

#include "random.h"

static uint64_t chance = 1;

uint64_t some(void)
{
	return random_next(&chance);
}

uint64_t some_number(void)
{
	return (some() << 11 | some() >> 20) >> some() % 64;
}

static void fill_text(char *text, size_t size, size_t len)
{
	memset(text, 0, size);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(1 + some() % 255);
}

void fill_field(const struct field *field, struct nsv_event *event)
{
	char *at = (char *)event + field->offset;

	if (field->kind == FIELD_TEXT)
		fill_text(at, field->size, some() % (field->size + 1U));
	else if (field->kind == FIELD_BYTES)
		for (size_t i = 0; i < field->size; i++)
			at[i] = (char)some();
	else
		field_set(field, event, some_number());
}

static void fill_tail(const struct layout *layout, struct nsv_event *event)
{
	char *tail = (char *)event + layout->size;
	size_t n;

	for (int i = 0; i < 2; i++) {
		uint32_t count = (uint32_t)(some() % 8 ? some() % 6 : layout->counts_max);

		if (layout->counts[i])
			memcpy((char *)event + layout->counts[i], &count, sizeof(count));
	}
	n = layout->tail == TAIL_TEXT ? some() % 300 : 0;
	event->len = (uint32_t)layout_len(layout, event, n);
	memset(tail, 0, event->len - layout->size);
	if (layout->tail == TAIL_TEXT)
		fill_text(tail, n + 1, n);
	else
		for (size_t i = 0; i < layout_count(layout, event) * layout_element(layout); i++)
			tail[i] = (char)some();
}

void fill(const struct layout *layout, struct nsv_event *event)
{
	for (size_t i = 0; i < layout->n_fields; i++)
		fill_field(&layout->fields[i], event);
	if (layout->tail == TAIL_NONE)
		event->len = (uint32_t)layout->size;
	else
		fill_tail(layout, event);
	event->type = (uint16_t)layout->type;
	event->version = 1;
	event->seq += 1 + (some() % 8 ? 0 : some_number());
	event->boot_ns += some_number();
	event->boot_ns -= some_number();
}
