// SPDX-License-Identifier: BSD-2-Clause
/* How often a finding is told to logs: user/sink/repeats.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "sink/json.h"
#include "sink/repeats.h"

#define S UINT64_C(1000000000)

/* "ID PHASE COUNT LEFT_OUT;" a record. */
static char told[1024];

static void take(void *ctx, struct syslog_record *record)
{
	const char *const keys[] = {"id", "phase", "count", "left_out"};
	size_t len = strlen(told);

	(void)ctx;
	for (int i = 0; i < 4; i++) {
		struct json_object *value = json_object_object_get(record->document, keys[i]);

		len += (size_t)snprintf(told + len, sizeof(told) - len, "%s%s", i ? " " : "",
					value ? json_object_get_string(value) : "-");
	}
	snprintf(told + len, sizeof(told) - len, ";");
	if (json_object_object_get(record->document, "left_out"))
		assert_non_null(strstr(record->text, " repeats before are left out)"));
	syslog_record_free(record);
}

static void say(struct repeats *repeats, const char *id, enum finding_phase phase, uint64_t count,
		uint64_t boot_ns)
{
	static const struct rule_info rule = {
		.name = "left-pod", .what = "what", .why = "why", .todo = "todo"};
	const struct finding_event event = {
		.phase = phase, .id = id, .rule = &rule, .count = count, .boot_ns = boot_ns};

	repeats_finding(repeats, &event);
}

static void assert_told(const char *expected)
{
	assert_string_equal(told, expected);
	*told = '\0';
}

static void repeats_wait_and_the_last_is_told(void **state)
{
	struct repeats *repeats = repeats_new(10 * S, take, NULL);

	(void)state;
	say(repeats, "a", FINDING_OPENED, 1, 100 * S);
	say(repeats, "a", FINDING_REPEATED, 2, 101 * S);
	say(repeats, "a", FINDING_REPEATED, 3, 102 * S);
	say(repeats, "a", FINDING_REPEATED, 4, 103 * S);
	assert_told("a opened 1 -;");
	repeats_tick(repeats, 109 * S);
	assert_told("");
	repeats_tick(repeats, 110 * S);
	assert_told("a repeated 4 2;");
	repeats_tick(repeats, 200 * S);
	assert_told("");
	say(repeats, "a", FINDING_REPEATED, 5, 201 * S); /* it has been quiet */
	assert_told("a repeated 5 -;");
	repeats_free(repeats);
}

static void each_finding_waits_alone(void **state)
{
	struct repeats *repeats = repeats_new(10 * S, take, NULL);

	(void)state;
	say(repeats, "a", FINDING_OPENED, 1, 100 * S);
	say(repeats, "a", FINDING_REPEATED, 2, 101 * S);
	say(repeats, "b", FINDING_OPENED, 1, 102 * S);
	assert_told("a opened 1 -;b opened 1 -;");
	repeats_tick(repeats, UINT64_MAX);
	assert_told("a repeated 2 -;");
	repeats_free(repeats);
}

static void that_it_closes_does_not_wait(void **state)
{
	struct repeats *repeats = repeats_new(10 * S, take, NULL);

	(void)state;
	say(repeats, "a", FINDING_OPENED, 1, 100 * S);
	say(repeats, "a", FINDING_REPEATED, 2, 101 * S);
	say(repeats, "a", FINDING_CLOSED, 2, 102 * S);
	say(repeats, "a", FINDING_OPENED, 1, 103 * S);
	say(repeats, "a", FINDING_CLOSED, 1, 104 * S);
	assert_told("a opened 1 -;a repeated 2 -;a closed 2 -;a opened 1 -;a closed 1 -;");
	repeats_tick(repeats, UINT64_MAX);
	assert_told("");
	repeats_free(repeats);
}

static void without_a_limit_each_is_told(void **state)
{
	struct repeats *repeats = repeats_new(0, take, NULL);

	(void)state;
	say(repeats, "a", FINDING_OPENED, 1, 100 * S);
	say(repeats, "a", FINDING_REPEATED, 2, 100 * S);
	say(repeats, "a", FINDING_REPEATED, 3, 100 * S);
	assert_told("a opened 1 -;a repeated 2 -;a repeated 3 -;");
	repeats_free(repeats);
}

static void what_waits_at_the_end_is_freed(void **state)
{
	struct repeats *repeats = repeats_new(10 * S, take, NULL);

	(void)state;
	say(repeats, "a", FINDING_OPENED, 1, 100 * S);
	say(repeats, "a", FINDING_REPEATED, 2, 100 * S);
	repeats_free(repeats);
	assert_told("a opened 1 -;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeats_wait_and_the_last_is_told),
		cmocka_unit_test(each_finding_waits_alone),
		cmocka_unit_test(that_it_closes_does_not_wait),
		cmocka_unit_test(without_a_limit_each_is_told),
		cmocka_unit_test(what_waits_at_the_end_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
