// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/idfiles.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

#define ALL_IDS (UINT64_C(1) << 32)

char *idfiles_field(char **text, char separator)
{
	char *field = *text, *end = field ? strchr(field, separator) : NULL;

	if (end)
		*end++ = '\0';
	*text = end;
	return field;
}

bool idfiles_number(const char *text, int base, uint64_t *out)
{
	char *end;
	unsigned long long number;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, base);
	if (errno || *end || number > ALL_IDS)
		return false;
	*out = number;
	return true;
}

/* "name:password:id:..." */
bool idfiles_next_account(char **text, struct id_line *out)
{
	char *line;

	while ((line = idfiles_field(text, '\n'))) {
		char *owner = idfiles_field(&line, ':'), *id;

		idfiles_field(&line, ':');
		id = idfiles_field(&line, ':');
		if (!id || !*owner || !idfiles_number(id, 10, &out->first) || out->first == ALL_IDS)
			continue;
		out->owner = owner;
		out->count = 1;
		return true;
	}
	return false;
}

/* shadow's subordinate_parse(): three fields, two of them numbers. */
bool idfiles_next_range(char **text, struct id_line *out)
{
	char *line;

	while ((line = idfiles_field(text, '\n'))) {
		char *owner = idfiles_field(&line, ':'), *first = idfiles_field(&line, ':');
		char *count = idfiles_field(&line, ':');

		if (!first || !count || line || !*owner || !idfiles_number(first, 0, &out->first) ||
		    !idfiles_number(count, 0, &out->count))
			continue;
		out->owner = owner;
		return true;
	}
	return false;
}

bool idfiles_find_account(const char *text, const char *name, char number[IDFILES_NUMBER_LEN])
{
	AUTO_FREE char *copy = xstrdup(text);
	char *rest = copy, *line;

	while ((line = idfiles_field(&rest, '\n'))) {
		const char *field = idfiles_field(&line, ':');
		uint64_t id;

		if (strcmp(field, name) != 0)
			continue;
		*number = '\0';
		idfiles_field(&line, ':');
		field = idfiles_field(&line, ':');
		if (field && idfiles_number(field, 10, &id))
			snprintf(number, IDFILES_NUMBER_LEN, "%" PRIu64, id);
		return true;
	}
	return false;
}

bool idfiles_is_own(const char *owner, const char *name, const char *number)
{
	return !strcmp(owner, name) || (*number && !strcmp(owner, number));
}

/* Takes the next word of a line of nsswitch.conf(5). */
static char *next_word(char **state)
{
	return strtok_r(NULL, " \t:", state);
}

/* Takes lines off *text up to the next one of a database; *state is at its first word. */
static bool next_database(char **text, const char *name, char **state)
{
	char *line;

	while ((line = idfiles_field(text, '\n'))) {
		const char *word;

		line[strcspn(line, "#")] = '\0';
		word = strtok_r(line, " \t:", state);
		if (word && !strcmp(word, name))
			return true;
	}
	return false;
}

bool idfiles_has_other_users(const char *nsswitch)
{
	static const char *const own[] = {"files", "compat", "db", "cache", "systemd"};
	AUTO_FREE char *copy = xstrdup(nsswitch);
	char *rest = copy, *state, *word;
	bool other = false;

	while (!other && next_database(&rest, "passwd", &state)) {
		while (!other && (word = next_word(&state))) {
			other = *word != '[' && !strpbrk(word, "=]");
			for (size_t i = 0; other && i < sizeof(own) / sizeof(*own); i++)
				other = strcmp(word, own[i]) != 0;
		}
	}
	return other;
}

bool idfiles_has_other_ranges(const char *nsswitch)
{
	AUTO_FREE char *copy = xstrdup(nsswitch);
	char *rest = copy, *state, *word = NULL;

	if (next_database(&rest, "subid", &state))
		word = next_word(&state);
	return word && strcmp(word, "files") != 0;
}
