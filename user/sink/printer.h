/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standard output of who must not wait for its reader: documents are kept, up to a limit, and written as the
 * reader takes them. What is beyond is dropped as whole documents, the newest first, and counted: who reads a
 * log wants to know how it began.
 */
#ifndef NSVIGIL_SINK_PRINTER_H
#define NSVIGIL_SINK_PRINTER_H

#include <event2/event.h>
#include <stdint.h>
#include <stdio.h>

struct printer;

/*
 * `fd` stays the caller's, and as it is: it may be shared with others, so it is not made non-blocking.
 * `broken` is called with -errno when a write has failed, once. NULL: no memory.
 */
struct printer *printer_open(struct event_base *base, int fd, void (*broken)(void *ctx, int err),
			     void *ctx);
void printer_close(struct printer *printer); /* NULL is fine; what is kept is lost */

/* Where to write a document to, which printer_end() ends. */
FILE *printer_begin(struct printer *printer);
void printer_end(struct printer *printer);

/* Writes what the reader takes now; the rest when it takes more, if the loop runs. */
void printer_flush(struct printer *printer);

/* Writes all; gives up after so many seconds, and what is left is dropped. */
void printer_finish(struct printer *printer, int seconds);

/* How many documents were dropped since this was asked. */
uint64_t printer_dropped(struct printer *printer);

#endif
