// SPDX-License-Identifier: BSD-2-Clause
/* The one form of hostile names: user/lib/escape.h */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "lib/escape.h"
#include "random.h"

static void each_byte_stands_for_itself_or_is_xNN(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		char in = (char)c, out[ESCAPED_SIZE(1)], expected[8];
		bool plain = c >= ' ' && c <= '~' && c != '\\' && c != '"';

		snprintf(expected, sizeof(expected), plain ? "%c" : "\\x%02x", c);
		assert_string_equal(escape(out, sizeof(out), &in, 1), expected);
	}
}

static void the_text_ends_at_the_first_nul(void **state)
{
	char out[64];

	(void)state;
	assert_string_equal(escape(out, sizeof(out), "", 1), "");
	assert_string_equal(escape(out, sizeof(out), "a\0b", 3), "a");
	assert_string_equal(escape(out, sizeof(out), "\0a", 2), "");
}

/* A comm of 16 bytes has none. The sanitizer sees a read past the end. */
static void a_text_without_nul_is_read_to_its_length_only(void **state)
{
	char *in = malloc(16), out[64];

	(void)state;
	assert_non_null(in);
	memset(in, 'x', 16);
	assert_string_equal(escape(out, sizeof(out), in, 16), "xxxxxxxxxxxxxxxx");
	assert_string_equal(escape(out, sizeof(out), in, 3), "xxx");
	assert_string_equal(escape(out, sizeof(out), in, 0), "");
	free(in);
}

static void it_returns_its_output(void **state)
{
	char out[8];

	(void)state;
	assert_ptr_equal(escape(out, sizeof(out), "abc", 3), out);
}

static void the_size_for_n_bytes_is_enough_and_not_too_much(void **state)
{
	char in[16], out[ESCAPED_SIZE(sizeof(in))];

	(void)state;
	memset(in, '\n', sizeof(in));
	escape(out, sizeof(out), in, sizeof(in));
	assert_int_equal(strlen(out), sizeof(out) - 1);
}

static void a_cut_is_never_inside_an_escape(void **state)
{
	static const char in[] = "a\nb\033[31m\"\\\xff";
	char whole[ESCAPED_SIZE(sizeof(in))];

	(void)state;
	escape(whole, sizeof(whole), in, sizeof(in));
	for (size_t size = 1; size <= sizeof(whole); size++) {
		char *out = malloc(size), back[sizeof(in)];
		long n;

		assert_non_null(out);
		escape(out, size, in, sizeof(in));
		assert_true(strlen(out) < size);
		assert_memory_equal(out, whole, strlen(out));
		n = unescape(back, sizeof(back), out);
		assert_true(n >= 0);
		assert_memory_equal(back, in, (size_t)n);
		/* No more is cut than must be. */
		assert_true(strlen(out) == strlen(whole) || strlen(out) + 4 >= size);
		free(out);
	}
}

static void no_room_gives_an_empty_text(void **state)
{
	char out[1] = "x";

	(void)state;
	assert_string_equal(escape(out, sizeof(out), "abc", 3), "");
}

static void nothing_is_written_past_the_terminating_nul(void **state)
{
	char out[16];

	(void)state;
	memset(out, '#', sizeof(out));
	escape(out, sizeof(out), "ab", 2);
	assert_int_equal(out[2], '\0');
	for (size_t i = 3; i < sizeof(out); i++)
		assert_int_equal(out[i], '#');
}

static void any_text_can_be_turned_back(void **state)
{
	uint64_t seed = 4;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		char in[48], out[ESCAPED_SIZE(sizeof(in))], back[sizeof(in)];
		size_t n = random_below(&seed, sizeof(in) + 1);

		for (size_t i = 0; i < n; i++)
			in[i] = (char)(1 + random_below(&seed, 255));
		assert_int_equal(unescape(back, sizeof(back), escape(out, sizeof(out), in, n)), n);
		assert_memory_equal(back, in, n);
	}
}

static void what_is_no_escaped_form_is_refused(void **state)
{
	static const char *const wrong[] = {"\\",    "\\x",   "\\x4", "\\x4g", "\\X41",
					    "\\xAB", "\\x00", "\"",   "\n",    "\xc3\xa4"};
	char out[8];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(unescape(out, sizeof(out), wrong[i]), -EINVAL);
	assert_int_equal(unescape(out, 2, "ab"), 2);
	assert_int_equal(unescape(out, 2, "abc"), -ENAMETOOLONG);
}

static void different_texts_look_different(void **state)
{
	char a[32], b[32];

	(void)state;
	escape(a, sizeof(a), "\n", 1);
	escape(b, sizeof(b), "\\x0a", 4);
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_stands_for_itself_or_is_xNN),
		cmocka_unit_test(the_text_ends_at_the_first_nul),
		cmocka_unit_test(a_text_without_nul_is_read_to_its_length_only),
		cmocka_unit_test(it_returns_its_output),
		cmocka_unit_test(the_size_for_n_bytes_is_enough_and_not_too_much),
		cmocka_unit_test(a_cut_is_never_inside_an_escape),
		cmocka_unit_test(no_room_gives_an_empty_text),
		cmocka_unit_test(nothing_is_written_past_the_terminating_nul),
		cmocka_unit_test(any_text_can_be_turned_back),
		cmocka_unit_test(what_is_no_escaped_form_is_refused),
		cmocka_unit_test(different_texts_look_different),
	};

	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
