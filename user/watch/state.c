// SPDX-License-Identifier: BSD-2-Clause
#include "watch/state.h"

#include <event2/event.h>

void watch_fail(struct watch *watch, int err)
{
	watch->err = err;
	event_base_loopbreak(watch->base);
}
