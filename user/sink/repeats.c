// SPDX-License-Identifier: BSD-2-Clause
#include "sink/repeats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/hash.h"
#include "sink/json.h"
#include "sink/watch.h"

/* A finding that is open. */
struct repeating {
	char *id;
	uint64_t said_ns;	    /* when there was a record of it */
	struct syslog_record *last; /* since then; NULL: nothing */
	uint64_t left_out;	    /* before that one */
	UT_hash_handle hh;
};

struct repeats {
	struct repeating *open;
	uint64_t every_ns;
	void (*take)(void *ctx, struct syslog_record *record);
	void *ctx;
};

struct repeats *repeats_new(uint64_t every_ns, void (*take)(void *ctx, struct syslog_record *),
			    void *ctx)
{
	struct repeats *repeats = xcalloc(1, sizeof(*repeats));

	*repeats = (struct repeats){.every_ns = every_ns, .take = take, .ctx = ctx};
	return repeats;
}

static void end(struct repeats *repeats, struct repeating *finding)
{
	HASH_DEL(repeats->open, finding);
	syslog_record_free(finding->last);
	free(finding->id);
	free(finding);
}

void repeats_free(struct repeats *repeats)
{
	struct repeating *finding, *next;

	if (!repeats)
		return;
	HASH_ITER(hh, repeats->open, finding, next)
		end(repeats, finding);
	free(repeats);
}

static struct repeating *find(struct repeats *repeats, const char *id)
{
	struct repeating *finding;

	HASH_FIND_STR(repeats->open, id, finding);
	if (finding)
		return finding;
	finding = xcalloc(1, sizeof(*finding));
	finding->id = xstrdup(id);
	table_add_str(repeats->open, id, finding);
	return finding;
}

static void say(const struct repeats *repeats, struct repeating *finding, uint64_t now_ns)
{
	struct syslog_record *record = finding->last;

	if (!record)
		return;
	if (finding->left_out)
		syslog_record_left_out(record, finding->left_out);
	finding->last = NULL;
	finding->left_out = 0;
	finding->said_ns = now_ns;
	repeats->take(repeats->ctx, record);
}

static bool is_due(const struct repeats *repeats, const struct repeating *finding, uint64_t now_ns)
{
	return now_ns >= finding->said_ns && now_ns - finding->said_ns >= repeats->every_ns;
}

void repeats_finding(struct repeats *repeats, const struct finding_event *event)
{
	struct repeating *finding = find(repeats, event->id);
	const bool may_wait = event->phase == FINDING_REPEATED;

	/* What waits comes before that it closes. */
	if (!may_wait)
		say(repeats, finding, event->boot_ns);
	finding->left_out += !!finding->last;
	syslog_record_free(finding->last);
	finding->last = watch_syslog_finding(event);
	if (!may_wait || is_due(repeats, finding, event->boot_ns))
		say(repeats, finding, event->boot_ns);
	if (event->phase == FINDING_CLOSED)
		end(repeats, finding);
}

void repeats_tick(struct repeats *repeats, uint64_t now_ns)
{
	struct repeating *finding, *next;

	HASH_ITER(hh, repeats->open, finding, next)
		if (is_due(repeats, finding, now_ns))
			say(repeats, finding, now_ns);
}
