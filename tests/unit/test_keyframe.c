// SPDX-License-Identifier: BSD-2-Clause
/* Keyframes that no engine has written: user/engine/keyframe.c */
#include <errno.h>
#include <nsvigil/keyframe.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "engine/engine.h"
#include "lib/alloc.h"

#define LEN (sizeof(struct nsv_keyframe) + 8)

static int take_keyframe(struct engine *engine, uint64_t walk)
{
	struct nsv_keyframe *event = xcalloc(1, LEN);
	int err;

	event->h = (struct nsv_event){.type = NSV_KEYFRAME, .version = 1, .len = LEN};
	event->walk = walk;
	err = engine_event(engine, &event->h);
	free(event);
	return err;
}

/* What is known then would never have gone: LeakSanitizer sees it. */
static void a_count_of_walks_that_nobody_lived_is_refused(void **state)
{
	const struct nsv_userns userns = {
		.h = {.type = NSV_USERNS, .version = 1, .len = sizeof(userns)}, .ns = {.inum = 1}};
	struct engine *engine = engine_new();

	(void)state;
	assert_int_equal(take_keyframe(engine, UINT32_MAX), 0);
	assert_int_equal(engine_event(engine, &userns.h), 0);
	assert_int_equal(take_keyframe(engine, UINT64_MAX), -EPROTO);
	assert_int_equal(engine_event(engine, &userns.h), 0);
	engine_free(engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_count_of_walks_that_nobody_lived_is_refused),
	};

	return cmocka_run_group_tests_name("keyframe", tests, NULL, NULL);
}
