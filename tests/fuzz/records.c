// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as the records of a block, judged: what a checksum cannot find, because who wrote it
 * meant it. Each record that is read can be written, and is then the same.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/codec.h"
#include "common/frames.h"
#include "common/listener.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	return frames_mutate(data, size, max, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max, unsigned seed)
{
	return frames_join(a, a_size, b, b_size, out, max, seed);
}

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
	static struct codec *kept[2];
	struct codec *codec = codec_new(), *out = frames_codec(&kept[0]),
		     *in = frames_codec(&kept[1]);
	struct listened engine;
	struct codec_skipped skipped = {};
	const struct nsv_event *event;

	listener_open(&engine);
	while (size) {
		long len = codec_decode(codec, data, size, &event, &skipped);

		if (len < 0)
			break;
		data += len;
		size -= (size_t)len;
		if (!event)
			continue;
		check_writes(out, in, event);
		if (listener_event(&engine, event))
			break;
	}
	listener_close(&engine);
	codec_free(codec);
	return 0;
}
