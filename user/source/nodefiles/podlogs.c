// SPDX-License-Identifier: BSD-2-Clause
/* The directories of pods' logs: namespaces and names. */
#include "source/nodefiles/inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/escape.h"

static bool is_log(const char *name)
{
	struct nsv_pod_name event;

	return names_parse(name, &event);
}

static struct logged *find_logged(const struct metadata *metadata, const char *uid)
{
	struct logged *logged;

	HASH_FIND_STR(metadata->logged, uid, logged);
	return logged;
}

bool is_logged(const struct metadata *metadata, const char *uid)
{
	return find_logged(metadata, uid);
}

bool is_ambiguous(const struct metadata *metadata, const char *uid)
{
	const struct logged *logged = find_logged(metadata, uid);

	return logged && logged->n > 1;
}

static void count_log(struct metadata *metadata, const char *uid)
{
	struct logged *logged = find_logged(metadata, uid);
	char shown[ESCAPED_SIZE(NSV_POD_UID_LEN)], text[sizeof(shown) + 128];

	if (!logged) {
		logged = xcalloc(1, sizeof(*logged));
		memcpy(logged->uid, uid, sizeof(logged->uid));
		table_add_str(metadata->logged, uid, logged);
	}
	if (++logged->n == 2) {
		snprintf(
			text, sizeof(text),
			"several directories of logs are those of pod %s, which has one name only: unless it was known "
			"before, it has none",
			escape(shown, sizeof(shown), uid, strlen(uid)));
		say(metadata, text);
	}
}

static void forget_log(struct metadata *metadata, struct entry *log)
{
	struct logged *logged;

	if (!log->records.n)
		return;
	logged = find_logged(metadata, ((const struct nsv_pod_name *)log->records.v[0])->uid);
	if (--logged->n)
		return;
	HASH_DEL(metadata->logged, logged);
	free(logged);
}

static void look_at_log(struct metadata *metadata, struct entry *entry)
{
	struct nsv_pod_name *event;

	if (entry->records.n)
		return;
	event = records_add(&entry->records, NSV_POD_NAME, sizeof(*event));
	names_parse(entry->key.name, event);
	entry->pushed = false;
	count_log(metadata, event->uid);
}

const struct kind metadata_logs = {
	.below = "", .is_entry = is_log, .look = look_at_log, .gone = forget_log};
