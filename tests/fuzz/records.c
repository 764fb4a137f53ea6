// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as the records of a block, judged: what a checksum cannot find, because who wrote it
 * meant it. Each record that is read can be written, and is then the same.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/codec.h"
#include "engine/engine.h"
#include "lib/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_writes(struct codec *out, struct codec *in, const struct nsv_event *event)
{
	static uint8_t bytes[ENCODED_MAX];
	struct codec_skipped skipped = {};
	const struct nsv_event *back;
	long len = codec_encode(out, event, bytes);

	if (len < 0 || codec_decode(in, bytes, (size_t)len, &back, &skipped) != len ||
	    back->type != event->type || back->seq != event->seq)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codec *codec = codec_new(), *out = codec_new(), *in = codec_new();
	struct engine *engine = engine_new();
	struct codec_skipped skipped = {};
	const struct nsv_event *event;

	while (size) {
		long len = codec_decode(codec, data, size, &event, &skipped);

		if (len < 0)
			break;
		data += len;
		size -= (size_t)len;
		if (!event)
			continue;
		check_writes(out, in, event);
		if (engine_event(engine, event))
			break;
	}
	engine_free(engine);
	codec_free(in);
	codec_free(out);
	codec_free(codec);
	return 0;
}
