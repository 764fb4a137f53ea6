// SPDX-License-Identifier: BSD-2-Clause
#include "source/stream.h"

#include <time.h>

uint64_t stream_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
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
