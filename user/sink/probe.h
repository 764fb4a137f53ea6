/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tells who connects to a UNIX socket how the program is, and asks so: two lines, "healthy" and
 * "ready", or "unhealthy: REASON" and "not ready: REASON". Only the file's owner, and root, can
 * connect. Nothing is read of a client and nothing kept, so that none can keep another one out.
 */
#ifndef NSVIGIL_SINK_PROBE_H
#define NSVIGIL_SINK_PROBE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

#include "lib/problem.h"
#include "sink/http.h"

/* The most bytes of a path, with the NUL. */
#define PROBE_PATH_MAX sizeof(((struct sockaddr_un *)NULL)->sun_path)

struct probe;

/*
 * `answers` must live as long as it. What a program that ended has left at the path is removed.
 * Returns 0, or -errno with a problem.
 */
int probe_open(struct event_base *base, const char *path, const struct http_answers *answers,
	       struct probe **out, struct problem *problem);
void probe_close(struct probe *probe); /* NULL is fine */

#define PROBE_LINE_MAX 256

/* The lines, as they came: escape them. */
struct probe_answer {
	bool healthy, ready;
	char health[PROBE_LINE_MAX], readiness[PROBE_LINE_MAX];
};

/* Returns 0, or -EINVAL if these are not two such lines. */
int probe_parse(const char *text, size_t len, struct probe_answer *out);

/* Asks, and waits so many milliseconds. Returns 0, or -errno with a problem. */
int probe_ask(const char *path, int wait_ms, struct probe_answer *out, struct problem *problem);

#endif
