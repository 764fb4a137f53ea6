// SPDX-License-Identifier: BSD-2-Clause
#include "source/stream.h"

#include "lib/clock.h"

uint64_t stream_now(void)
{
	return now_boot_ns();
}

void stream_event(struct nsv_event *event, enum nsv_type type, size_t size)
{
	*event = (struct nsv_event){
		.type = type,
		.version = 1,
		.len = (uint32_t)size,
		.boot_ns = stream_now(),
	};
}

int stream_push(struct stream *stream, struct nsv_event *event)
{
	event->seq = ++stream->seq;
	return stream->take(stream->ctx, event);
}
