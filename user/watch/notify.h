/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a service manager is told, by the protocol of sd_notify(3): that watch is ready, that it reads
 * its configuration again, how it is, that it is alive, and that it ends. Nobody is told if
 * NOTIFY_SOCKET is not set. Nothing here waits: what does not get through is said again by the next
 * tick, but for the end.
 */
#ifndef NSVIGIL_NOTIFY_H
#define NSVIGIL_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; /* -1: nobody is told */
	struct sockaddr_un to;
	socklen_t to_len;
	uint64_t alive_every_ns; /* 0: nobody waits for it */
	uint64_t alive_ns;	 /* when it was said last */
	uint64_t reloading_us;	 /* since when, of CLOCK_MONOTONIC; 0: that is said */
	bool is_ready, ready_said, status_said;
	char status[768];
};

/* From the environment. What is wrong in it is said on standard error, in a line. */
void notify_open(struct notify *notify, const char *command);
void notify_close(struct notify *notify);

void notify_ready(struct notify *notify);
/* It is not, until notify_ready() says so again. */
void notify_reloading(struct notify *notify);
/* A line for people, said if it is another one. */
void notify_status(struct notify *notify, const char *status);
/* Of the loop: it is alive. */
void notify_tick(struct notify *notify, uint64_t now_ns);
void notify_stopping(struct notify *notify);

#endif
