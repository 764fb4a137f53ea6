// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/preemption.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <zlib.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

#define TEXT_MAX (1024 * 1024)

/* Modes in which the kernel preempts itself: kernel/sched/core.c, sched_dynamic_mode(). */
static bool is_preempting(const char *mode, size_t len)
{
	return len == 4 && (!strncmp(mode, "full", 4) || !strncmp(mode, "lazy", 4));
}

/* The mode in brackets. False: there is none. */
static bool in_force(const char *modes, bool *preempts)
{
	const char *begin = modes ? strchr(modes, '(') : NULL;
	const char *end = begin ? strchr(begin, ')') : NULL;

	if (!end)
		return false;
	*preempts = is_preempting(begin + 1, (size_t)(end - begin - 1));
	return true;
}

/* The last preempt= wins. False: there is none. */
static bool asked_for(const char *cmdline, bool *preempts)
{
	bool any = false;

	for (const char *word = cmdline; word && *word; word += strcspn(word, " \n")) {
		word += strspn(word, " \n");
		if (strncmp(word, "preempt=", 8))
			continue;
		*preempts = is_preempting(word + 8, strcspn(word + 8, " \n"));
		any = true;
	}
	return any;
}

static bool has_line(const char *config, const char *option)
{
	const size_t len = strlen(option);

	for (const char *line = config; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, option, len) && (line[len] == '\n' || !line[len]))
			return true;
	}
	return false;
}

bool preemption_by(const struct preemption_facts *facts)
{
	bool preempts;

	if (in_force(facts->mode, &preempts))
		return preempts;
	if (facts->version && !strstr(facts->version, "PREEMPT"))
		return false;
	if (facts->version && !strstr(facts->version, "PREEMPT_DYNAMIC"))
		return true;
	if (asked_for(facts->cmdline, &preempts))
		return preempts;
	return !facts->config || (!has_line(facts->config, "CONFIG_PREEMPT_NONE=y") &&
				  !has_line(facts->config, "CONFIG_PREEMPT_VOLUNTARY=y"));
}

/* A text file, packed or not; NULL: it cannot be read. */
static char *read_text(const char *path)
{
	gzFile file = gzopen(path, "re");
	char *text;
	int n;

	if (!file)
		return NULL;
	text = xcalloc(1, TEXT_MAX + 1);
	n = gzread(file, text, TEXT_MAX);
	gzclose(file);
	if (n > 0)
		return text;
	free(text);
	return NULL;
}

bool preemption_now(void)
{
	AUTO_FREE char *mode = read_text("/sys/kernel/debug/sched/preempt");
	AUTO_FREE char *cmdline = read_text("/proc/cmdline");
	AUTO_FREE char *config = read_text("/proc/config.gz");
	struct preemption_facts facts = {.mode = mode, .cmdline = cmdline};
	struct utsname name;
	char path[sizeof(name.release) + 16];

	uname(&name);
	facts.version = name.version;
	snprintf(path, sizeof(path), "/boot/config-%s", name.release);
	if (!config)
		config = read_text(path);
	facts.config = config;
	return preemption_by(&facts);
}
