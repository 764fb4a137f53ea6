// SPDX-License-Identifier: BSD-2-Clause
/* Documents as YAML, lines for spreadsheets, and which word was meant. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "lib/nearest.h"
#include "sink/csv.h"
#include "sink/yaml.h"

static char text[4096];

static void yaml_has_the_same_fields_and_quotes_every_text(void **state)
{
	static const char json[] =
		"{\"a\":{\"n\":1.50,\"none\":null,\"yes\":true,\"text\":\"no\"},"
		"\"list\":[\"1\",{\"b\":\"x\\\\x0a: #\"}],\"empty\":[],\"nothing\":{}}";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	yaml_print(json_tokener_parse(json), out);
	fclose(out);
	assert_string_equal(text, "---\n"
				  "a:\n"
				  "  n: 1.50\n"
				  "  none: null\n"
				  "  yes: true\n"
				  "  text: \"no\"\n"
				  "list:\n"
				  "- \"1\"\n"
				  "- b: \"x\\\\x0a: #\"\n"
				  "empty: []\n"
				  "nothing: {}\n");
}

/* A name from a container must be no cell of its own, and no formula. */
static void csv_cells_stay_cells(void **state)
{
	static const char *const cells[] = {"a",    NULL,   "",	 "b,c", "say \"x\"",
					    "=1+1", "-1,2", "+", "@x"};
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	csv_line(cells, sizeof(cells) / sizeof(*cells), out);
	fclose(out);
	assert_string_equal(text, "a,,,\"b,c\",\"say \"\"x\"\"\",'=1+1,\"'-1,2\",'+,'@x\r\n");
}

static const char *nearest_of(const char *given)
{
	static const char *const words[] = {"scan", "watch", "replay", "doctor"};
	struct nearest nearest = {.text = given};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		nearest_try(&nearest, words[i]);
	return nearest.best;
}

static void a_slip_of_the_pen_is_recognised(void **state)
{
	char long_text[4096];

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	assert_string_equal(nearest_of("scan"), "scan");
	assert_string_equal(nearest_of("scna"),
			    "scan"); /* two letters in the other order: one slip */
	assert_string_equal(nearest_of("scann"), "scan");
	assert_string_equal(nearest_of("repaly"), "replay");
	assert_string_equal(nearest_of("docktr"), "doctor");
	assert_null(nearest_of("report"));
	assert_null(nearest_of(""));
	assert_null(nearest_of("x"));
	assert_null(nearest_of(long_text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_has_the_same_fields_and_quotes_every_text),
		cmocka_unit_test(csv_cells_stay_cells),
		cmocka_unit_test(a_slip_of_the_pen_is_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
