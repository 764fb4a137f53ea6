// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture/codec.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "records.h"

struct pair {
	struct codec *out, *in;
	uint8_t bytes[ENCODED_MAX];
};

static struct pair *pair_new(void)
{
	struct pair *pair = xcalloc(1, sizeof(*pair));

	pair->out = codec_new();
	pair->in = codec_new();
	return pair;
}

static void pair_free(struct pair *pair)
{
	codec_free(pair->out);
	codec_free(pair->in);
	free(pair);
}

static void pass(struct pair *pair, const struct nsv_event *event)
{
	const struct nsv_event *back = NULL;
	struct codec_skipped skipped = {};
	long len = codec_encode(pair->out, event, pair->bytes);

	assert_in_range(len, 1, ENCODED_MAX);
	assert_int_equal(codec_decode(pair->in, pair->bytes, (size_t)len, &back, &skipped), len);
	assert_non_null(back);
	assert_int_equal(back->len, event->len);
	assert_memory_equal(back, event, event->len);
	assert_int_equal(skipped.events + skipped.fields, 0);
}

/* Counts of a record that is changed at random must stay what its tail has. */
static void keep_counts(const struct layout *layout, struct nsv_event *event,
			const struct nsv_event *old)
{
	for (int i = 0; i < 2; i++)
		if (layout->counts[i])
			memcpy((char *)event + layout->counts[i],
			       (const char *)old + layout->counts[i], sizeof(uint32_t));
}

static void every_type_round_trips(void **state)
{
	const struct layout *layout;
	struct pair *pair = pair_new();
	AUTO_FREE struct nsv_event *event = xcalloc(1, RECORD_MAX);
	AUTO_FREE struct nsv_event *old = xcalloc(1, RECORD_MAX);

	(void)state;
	for (size_t i = 0; (layout = layout_at(i)); i++) {
		memset(event, 0, RECORD_MAX);
		for (int round = 0; round < 200; round++) {
			memcpy(old, event, RECORD_MAX);
			if (round % 3) {
				for (size_t f = 0; f < layout->n_fields; f++)
					if (some() % 8 == 0)
						fill_field(&layout->fields[f], event);
				keep_counts(layout, event, old);
				event->seq++;
				event->boot_ns += some_number();
			} else {
				fill(layout, event);
			}
			pass(pair, event);
		}
	}
	pair_free(pair);
}

/* Types in turn, with restarts: tables do not disturb each other. */
static void types_mix(void **state)
{
	struct pair *pair = pair_new();
	AUTO_FREE struct nsv_event *event = xcalloc(1, RECORD_MAX);
	const struct layout *layout;
	size_t n = 0;

	(void)state;
	do
		n++;
	while (layout_at(n));
	for (int round = 0; round < 3000; round++) {
		layout = layout_at(some() % n);
		memset(event, 0, RECORD_MAX);
		fill(layout, event);
		if (some() % 64 == 0) {
			codec_restart(pair->out);
			codec_restart(pair->in);
		}
		pass(pair, event);
	}
	pair_free(pair);
}

/* A byte of a struct that no field has is lost. */
static void every_byte_has_a_field(void **state)
{
	const struct layout *layout;

	(void)state;
	for (size_t i = 0; (layout = layout_at(i)); i++) {
		size_t covered = sizeof(struct nsv_event) + layout->pad;

		for (size_t f = 0; f < layout->n_fields; f++)
			covered += layout->fields[f].size;
		if (covered != layout->size)
			fail_msg("%s: %zu of %zu bytes", layout->name, covered, layout->size);
	}
}

static void every_row_is_sound(void **state)
{
	const struct layout *layout;

	(void)state;
	for (size_t i = 0; (layout = layout_at(i)); i++) {
		assert_ptr_equal(layout_of(layout->type), layout);
		assert_ptr_equal(layout_by_name(layout->name), layout);
		assert_int_equal(layout->slots & (layout->slots - 1), 0);
		assert_true(layout->slots);
		assert_true(layout->n_fields < TAIL_NUMBER);
		for (size_t a = 0; a < layout->n_fields; a++)
			for (size_t b = 0; b < a; b++)
				assert_string_not_equal(layout->fields[a].name,
							layout->fields[b].name);
	}
	assert_null(layout_by_name("nothing"));
}

/* The kernel may leave bytes behind a text's NUL: they are not kept. */
static void a_text_ends_at_its_nul(void **state)
{
	struct nsv_identity event = {.h = {NSV_IDENTITY, 1, sizeof(event), 1, 5}};
	struct pair *pair = pair_new();
	const struct nsv_event *back;
	struct codec_skipped skipped;
	long len;

	(void)state;
	memcpy(event.comm, "sh\0old name", 12);
	len = codec_encode(pair->out, &event.h, pair->bytes);
	assert_int_equal(codec_decode(pair->in, pair->bytes, (size_t)len, &back, &skipped), len);
	memset(event.comm + 2, 0, sizeof(event.comm) - 2);
	assert_memory_equal(back, &event, sizeof(event));
	pair_free(pair);
}

static void nonsense_is_refused(void **state)
{
	struct nsv_event unknown = {.type = 60, .version = 1, .len = sizeof(unknown)};
	struct nsv_userns many = {.h = {NSV_USERNS, 1, sizeof(many), 1, 1}, .n_uid = 2};
	struct nsv_userns more = {.h = {NSV_USERNS, 1, sizeof(many), 1, 1}, .n_uid = 341};
	struct nsv_event shorter = {.type = NSV_EXIT, .version = 1, .len = sizeof(shorter)};
	struct pair *pair = pair_new();

	(void)state;
	assert_int_equal(codec_encode(pair->out, &unknown, pair->bytes), -ENOENT);
	assert_int_equal(codec_encode(pair->out, &many.h, pair->bytes), -EPROTO);
	assert_int_equal(codec_encode(pair->out, &more.h, pair->bytes), -EPROTO);
	assert_int_equal(codec_encode(pair->out, &shorter, pair->bytes), -EPROTO);
	pair_free(pair);
}

/* What a later version adds is skipped, and counted. */
static void the_unknown_is_skipped(void **state)
{
	static const uint8_t type[] = {60, 6, 1, 0, 0, 7, 7, 7};
	/* An exit with field 2 (start_ns) 3, field 19 a number, field 20 bytes. */
	static const uint8_t fields[] = {NSV_EXIT, 12,	    1,	 0, 0,		0, 3 << 1,
					 6,	   17 << 1, 200, 1, 1 << 1 | 1, 1, 9};
	struct codec_skipped skipped = {};
	struct codec *codec = codec_new();
	const struct nsv_event *event;

	(void)state;
	assert_int_equal(codec_decode(codec, type, sizeof(type), &event, &skipped), sizeof(type));
	assert_null(event);
	assert_int_equal(skipped.events, 1);
	assert_int_equal(codec_seq(codec), 1);
	assert_int_equal(codec_decode(codec, fields, sizeof(fields), &event, &skipped),
			 sizeof(fields));
	assert_int_equal(event->seq, 2);
	assert_int_equal(((const struct nsv_exit *)event)->task.start_ns, 3);
	assert_int_equal(skipped.fields, 2);
	codec_free(codec);
}

/* Changed bytes are refused or decoded, and nothing else happens: the sanitizers look on. */
static void changed_bytes_do_no_harm(void **state)
{
	AUTO_FREE struct nsv_event *event = xcalloc(1, RECORD_MAX);
	struct codec_skipped skipped = {};
	struct pair *pair = pair_new();
	const struct nsv_event *back;
	unsigned decoded = 0;
	size_t n = 0;

	(void)state;
	do
		n++;
	while (layout_at(n));
	for (int round = 0; round < 5000; round++) {
		long len;

		fill(layout_at(some() % n), event);
		len = codec_encode(pair->out, event, pair->bytes);
		assert_true(len > 0);
		for (uint64_t i = some() % 4; i; i--)
			pair->bytes[some() % (uint64_t)len] = (uint8_t)some_number();
		if (codec_decode(pair->in, pair->bytes, (size_t)len, &back, &skipped) < 0 || !back)
			continue;
		decoded++;
		assert_in_range(back->len, sizeof(*back), RECORD_MAX);
	}
	assert_true(decoded > 1000);
	pair_free(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_round_trips),
		cmocka_unit_test(types_mix),
		cmocka_unit_test(every_byte_has_a_field),
		cmocka_unit_test(every_row_is_sound),
		cmocka_unit_test(a_text_ends_at_its_nul),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(the_unknown_is_skipped),
		cmocka_unit_test(changed_bytes_do_no_harm),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
