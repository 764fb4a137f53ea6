// SPDX-License-Identifier: BSD-2-Clause
/* Where the sources merge: user/source/stream.h */
#include <errno.h>
#include <string.h>

#include "cmocka_all.h"
#include "source/stream.h"

struct taken {
	struct nsv_event last;
	int n, answer;
};

static int take(void *ctx, const struct nsv_event *event)
{
	struct taken *taken = ctx;

	taken->last = *event;
	taken->n++;
	return taken->answer;
}

static void events_are_numbered_from_1_in_their_order(void **state)
{
	struct taken taken = {};
	struct stream stream = {.take = take, .ctx = &taken};
	struct nsv_event event = {.type = NSV_WALK, .len = sizeof(event)};

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++) {
		event.seq = 4711;
		assert_int_equal(stream_push(&stream, &event), 0);
		assert_int_equal(taken.last.seq, i);
	}
	assert_int_equal(taken.n, 1000);
	assert_int_equal(stream.seq, 1000);
}

static void what_the_taker_answers_is_returned_and_the_number_is_used(void **state)
{
	struct taken taken = {.answer = -EPROTO};
	struct stream stream = {.take = take, .ctx = &taken};
	struct nsv_event event = {.type = NSV_WALK, .len = sizeof(event)};

	(void)state;
	assert_int_equal(stream_push(&stream, &event), -EPROTO);
	taken.answer = 0;
	assert_int_equal(stream_push(&stream, &event), 0);
	assert_int_equal(taken.last.seq, 2);
}

static void a_new_events_header_is_all_set(void **state)
{
	uint64_t before = stream_now();
	struct nsv_policy policy;

	(void)state;
	memset(&policy, '#', sizeof(policy));
	stream_event(&policy.h, NSV_POLICY, sizeof(policy));
	assert_int_equal(policy.h.type, NSV_POLICY);
	assert_int_equal(policy.h.version, 1);
	assert_int_equal(policy.h.len, sizeof(policy));
	assert_int_equal(policy.h.seq, 0);
	assert_true(policy.h.boot_ns >= before && policy.h.boot_ns <= stream_now());
	assert_int_equal(policy.policy, 0x23232323);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_numbered_from_1_in_their_order),
		cmocka_unit_test(what_the_taker_answers_is_returned_and_the_number_is_used),
		cmocka_unit_test(a_new_events_header_is_all_set),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
