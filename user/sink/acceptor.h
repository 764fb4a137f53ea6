/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes connections at a socket, a few each time that the loop comes by. libevent's own listener
 * goes on as long as there is one: who connects as fast as that keeps the loop from all else.
 */
#ifndef NSVIGIL_SINK_ACCEPTOR_H
#define NSVIGIL_SINK_ACCEPTOR_H

#include <event2/event.h>

struct acceptor;

/*
 * Takes `fd`, which listens and does not block, also on failure. take() owns the connection that it
 * is given, which does not block either. NULL: no memory.
 */
struct acceptor *acceptor_new(struct event_base *base, int fd, void (*take)(void *ctx, int fd),
			      void *ctx);
void acceptor_free(struct acceptor *acceptor); /* NULL is fine */

#endif
