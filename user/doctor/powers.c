// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/powers.h"

#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "lib/cleanup.h"
#include "source/procstat.h"

struct powers {
	unsigned long long caps; /* CapPrm */
	unsigned no_new_privs, seccomp;
};

/* Whether one of its arguments is the name of a command that goes on. */
static bool goes_on(const char *pid)
{
	char path[NAME_MAX + 32], line[4096];
	AUTO_FILE file = NULL;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	file = fopen(path, "re");
	n = file ? fread(line, 1, sizeof(line) - 1, file) : 0;
	line[n] = '\0';
	for (const char *arg = line; arg < line + n; arg += strlen(arg) + 1)
		if (!strcmp(arg, "watch") || !strcmp(arg, "record"))
			return true;
	return false;
}

static bool read_powers(const char *pid, struct powers *out)
{
	char path[NAME_MAX + 32], line[256];
	AUTO_FILE file = NULL;
	bool is_it = false;
	int found = 0;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		is_it |= !strcmp(line, "Name:\tnsvigil\n");
		found += sscanf(line, "CapPrm: %llx", &out->caps) == 1;
		found += sscanf(line, "NoNewPrivs: %u", &out->no_new_privs) == 1;
		found += sscanf(line, "Seccomp: %u", &out->seccomp) == 1;
	}
	return is_it && found == 3 && goes_on(pid);
}

static void put_caps(unsigned long long caps, char *out, size_t size)
{
	size_t at = 0;

	if (!caps)
		snprintf(out, size, "no capability");
	for (unsigned cap = 0; caps && cap < 64 && at < size; cap++) {
		const char *name = caps >> cap & 1 ? capability_name(cap) : NULL;

		if (name)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at ? ", " : "", name);
	}
}

/* Mode 2 is a filter: PR_GET_SECCOMP(2const). */
static void add_row(struct rows *rows, const char *pid, const struct powers *powers)
{
	struct result *result = rows_add(rows, "running watch", NULL);
	char caps[256];

	put_caps(powers->caps, caps, sizeof(caps));
	rows->v[rows->n - 1].for_watch = true;
	snprintf(result->detail, sizeof(result->detail),
		 "process %.10s holds %s; it %s gain privileges; system calls are %s", pid, caps,
		 powers->no_new_privs ? "cannot" : "can",
		 powers->seccomp == 2 ? "filtered" : "not filtered");
	result->status = powers->no_new_privs && powers->seccomp == 2 ? STATUS_OK : STATUS_UNKNOWN;
	if (result->status != STATUS_OK)
		snprintf(
			result->todo, sizeof(result->todo),
			"expected with --confine=no; otherwise it is still starting, or an older version");
}

void powers_look(struct rows *rows)
{
	AUTO_DIR dir = opendir("/proc");
	struct dirent *entry;
	bool any = false;

	while (dir && (entry = readdir(dir))) {
		struct powers powers;

		if (!procstat_is_pid(entry->d_name) || !read_powers(entry->d_name, &powers))
			continue;
		any = true;
		add_row(rows, entry->d_name, &powers);
	}
	if (any)
		return;
	result_set(rows_add(rows, "running watch", NULL), STATUS_OK, "none", "");
	rows->v[rows->n - 1].for_watch = true;
}
