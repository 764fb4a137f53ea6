// SPDX-License-Identifier: BSD-2-Clause
#include "source/procstat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define SECOND UINT64_C(1000000000)

/* Fields after the name, which may have anything in it but ends with the last parenthesis. */
#define STARTED 20

int procstat_started(const char *line, uint64_t *out)
{
	const char *at = strrchr(line, ')');
	char *end;
	uint64_t value;

	for (int field = 0; at && field < STARTED; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return -EPROTO;
	value = strtoull(at + 1, &end, 10);
	if (end == at + 1)
		return -EPROTO;
	*out = value;
	return 0;
}

static uint64_t tick_ns(void)
{
	return SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
}

bool procstat_started_ns(uint32_t pid, uint64_t *out)
{
	char path[64], line[1024];
	AUTO_FILE file = NULL;
	uint64_t ticks;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	file = fopen(path, "re");
	n = file ? fread(line, 1, sizeof(line) - 1, file) :
		   0; /* a name may have the ends of lines in it */
	line[n] = '\0';
	if (procstat_started(line, &ticks))
		return false;
	*out = ticks * tick_ns();
	return true;
}

bool procstat_is(const struct nsv_task *task)
{
	uint64_t started;

	return procstat_started_ns(task->tid, &started) &&
	       started / tick_ns() == task->start_ns / tick_ns();
}

bool procstat_is_pid(const char *name)
{
	return *name && !name[strspn(name, "0123456789")];
}

unsigned procstat_pid_depth(const char *line)
{
	unsigned n = 0;

	if (strncmp(line, "NSpid:", 6) != 0)
		return 0;
	for (; (line = strchr(line, '\t')); line++)
		n++;
	return n;
}

unsigned procstat_pid_level(void)
{
	AUTO_FILE file = fopen("/proc/self/status", "re");
	char line[512];
	unsigned n = 0;

	while (!n && file && fgets(line, sizeof(line), file))
		n = procstat_pid_depth(line);
	return n ? n - 1 : 0;
}
