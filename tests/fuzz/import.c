// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as a line of JSON: an event of it, which as JSON gives the same event, or an error. */
#include <string.h>

#include "capture/event_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_object *parse(const char *text, size_t size)
{
	struct json_tokener *tokener = json_tokener_new_ex(8);
	struct json_object *object;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, text, (int)size);
	json_tokener_free(tokener);
	return object;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *object = parse((const char *)data, size), *again;
	static uint64_t room[2][RECORD_MAX / sizeof(uint64_t)];
	struct nsv_event *event = (void *)room[0], *back = (void *)room[1];
	const struct nsv_event last = {};
	struct problem problem = {};

	if (object && !event_from_json(object, &last, event, &problem)) {
		again = event_json(event);
		if (event_from_json(again, &last, back, &problem) || back->len != event->len ||
		    memcmp(back, event, event->len) != 0)
			__builtin_trap();
		json_object_put(again);
	} else if (object && !*problem.text) {
		__builtin_trap();
	}
	json_object_put(object);
	return 0;
}
