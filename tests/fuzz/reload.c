// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a watch that is told to read its configuration again: records of a capture, and between them the texts
 * of configuration files. What a file is wrong in it says, and the policy stays; what it asks for an engine takes,
 * whatever it knows by then.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/codec.h"
#include "common/frames.h"
#include "common/listener.h"
#include "config/file.h"
#include "config/policy.h"

struct watch {
	struct listened engine;
	struct options options; /* that hold */
	struct stream stream;
};

static int take_policy(void *ctx, const struct nsv_event *event)
{
	struct watch *watch = ctx;

	if (listener_event(&watch->engine, event))
		__builtin_trap();
	return 0;
}

static void take_options(struct watch *watch, const struct options *fresh)
{
	const char *name;
	size_t i = 0;

	while ((name = options_next_stale(&watch->options, fresh, &i)))
		if (!*name)
			__builtin_trap();
	policy_push(fresh, &watch->stream);
}

static void reload(struct watch *watch, const char *text, size_t len)
{
	static const struct texts none[OPTIONS_MAX];
	struct texts file[OPTIONS_MAX];
	const struct option_row *wrong;
	struct problem problem = {};
	struct options fresh = {};

	if (config_parse("x", text, len, file, &problem)) {
		if (strncmp(problem.text, "x:", 2) != 0)
			__builtin_trap();
	} else if (options_make(none, file, &fresh, &wrong, &problem)) {
		__builtin_trap();
	} else {
		take_options(watch, &fresh);
		options_free(&watch->options);
		watch->options = fresh;
		fresh = (struct options){};
	}
	options_free(&fresh);
	texts_free(file);
}

/* Returns false if the watch would end. */
static bool take_record(struct watch *watch, struct codec *codec, const struct frame *frame)
{
	struct codec_skipped skipped = {};
	const struct nsv_event *event;

	if (codec_decode(codec, frame->all, frame->all_len, &event, &skipped) < 0)
		return false;
	return !event || !listener_event(&watch->engine, event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct watch watch = {.stream = {.take = take_policy, .ctx = &watch}};
	struct codec *codec = codec_new();
	struct frame frame;
	bool goes_on = true;

	listener_open(&watch.engine);
	reload(&watch, "", 0);
	while (goes_on && frame_next(&data, &size, &frame)) {
		if (frame.type == FRAME_FILE)
			reload(&watch, (const char *)frame.body, frame.len);
		else
			goes_on = take_record(&watch, codec, &frame);
	}
	listener_close(&watch.engine);
	options_free(&watch.options);
	codec_free(codec);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return frames_mutate(data, size, max, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed)
{
	return frames_join(a, a_size, b, b_size, out, max, seed);
}
