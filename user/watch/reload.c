// SPDX-License-Identifier: BSD-2-Clause
/* The configuration, read again. */
#include "watch/state.h"

#include "lib/remark.h"

#include <stdio.h>

#include "config/policy.h"

/* What was not read again is as it was. */
static void say_stale(const struct watch *watch, const struct options *fresh)
{
	const char *name;

	for (size_t i = 0; (name = options_next_stale(watch->opts, fresh, &i));)
		remark("nsvigil %s: %s has changed, which takes effect after a restart",
		       watch->command->name, name);
}

static int take_policy(struct watch *watch, const struct options *fresh)
{
	int err;

	say_stale(watch, fresh);
	/* What came before is judged by the policy of then. */
	err = walk_catch_up(watch);
	if (!err)
		err = policy_push(fresh, &watch->snapshot.stream);
	if (!err)
		err = walk(watch);
	if (!err)
		remark("nsvigil %s: the configuration was read again", watch->command->name);
	return err;
}

/* A file that is wrong changes nothing. What the hooks say meanwhile waits in their buffer. */
void reload(struct watch *watch)
{
	struct options fresh;
	int err;

	notify_reloading(&watch->notify);
	watch->stale = (struct problem){};
	watch->health.metrics.is_stale =
		cli_reload(watch->opts, watch->has_file, &fresh, &watch->stale);
	if (watch->health.metrics.is_stale) {
		remark("nsvigil %s: %s; the old configuration stays in effect",
		       watch->command->name, watch->stale.text);
		walk_tell_status(watch);
		err = 0;
	} else {
		watch->has_file = fresh.has_file;
		err = take_policy(watch, &fresh);
	}
	options_free(&fresh);
	if (err)
		watch_fail(watch, err);
	else
		notify_ready(&watch->notify);
}
