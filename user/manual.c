// SPDX-License-Identifier: BSD-2-Clause
#include "manual.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "doctor/child.h"

/* How long man(1) may take to find a page, in seconds. */
#define FIND_S 10

static const struct manual overview = {"", "1", "nsvigil"};

static const struct manual manuals[] = {
	{"scan", "8", "nsvigil-scan"},	   {"watch", "8", "nsvigil-watch"},
	{"health", "8", "nsvigil-watch"},  {"record", "8", "nsvigil-replay"},
	{"replay", "8", "nsvigil-replay"}, {"report", "8", "nsvigil-report"},
	{"show", "8", "nsvigil-replay"},   {"import", "8", "nsvigil-replay"},
	{"doctor", "8", "nsvigil-doctor"}, {"help", "1", "nsvigil"},
	{"explain", "1", "nsvigil"},	   {"check-config", "5", "nsvigil.yaml"},
	{"config", "5", "nsvigil.yaml"},   {"rules", "7", "nsvigil-rules"},
	{"syslog", "7", "nsvigil-syslog"},
};

const struct manual *manual_find(const char *topic)
{
	if (!topic)
		return &overview;
	for (size_t i = 0; i < sizeof(manuals) / sizeof(*manuals); i++)
		if (!strcmp(topic, manuals[i].topic))
			return &manuals[i];
	return NULL;
}

static int look_for(const void *ctx)
{
	const struct manual *manual = ctx;

	execlp("man", "man", "-w", manual->section, manual->page, NULL);
	return -errno;
}

int manual_open(const struct manual *manual)
{
	char out[1];

	/* Where the page is missing, what man(1) says of that helps less than --help. */
	if (child_run(look_for, manual, FIND_S, out, sizeof(out)))
		return -ENOENT;
	execlp("man", "man", manual->section, manual->page, NULL);
	return -ENOENT;
}
