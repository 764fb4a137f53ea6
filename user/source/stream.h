/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the sources merge. Each event gets its sequence number here, and that is the order of
 * everything that follows: an engine, a capture.
 */
#ifndef NSVIGIL_SOURCE_STREAM_H
#define NSVIGIL_SOURCE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include <nsvigil/event.h>

struct stream {
	uint64_t seq; /* of the last event */
	/* Gets each event in order; it is valid only during the call. Returns 0 or -errno. */
	int (*take)(void *ctx, const struct nsv_event *event);
	void *ctx;
};

/* CLOCK_BOOTTIME */
uint64_t stream_now(void);

/* Sets the header of a record of user space's own making. */
void stream_event(struct nsv_event *event, enum nsv_type type, size_t size);

/* Numbers the event and passes it on. Returns 0 or what take() returned. */
int stream_push(struct stream *stream, struct nsv_event *event);

#endif
