// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/version.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* No version has more digits; what has is something else. */
#define DIGITS_MAX 6

/* Returns the number's length, or 0 if there is none. */
static size_t take_number(const char *text, unsigned *out)
{
	unsigned number = 0;
	size_t n = 0;

	for (; n <= DIGITS_MAX && isdigit((unsigned char)text[n]); n++)
		number = number * 10 + (unsigned)(text[n] - '0');
	if (!n || n > DIGITS_MAX)
		return 0;
	*out = number;
	return n;
}

static int parse_number(const char *text, struct version *out)
{
	struct version version = {};
	size_t at = *text == 'v', n, length = 0;

	n = take_number(text + at, &version.major);
	if (!n || text[at + n] != '.')
		return -EINVAL;
	at += n + 1;
	n = take_number(text + at, &version.minor);
	if (!n || (text[at + n] && !strchr(".-+~ \t\r\n", text[at + n])))
		return -EINVAL;
	for (text += *text == 'v'; length + 1 < sizeof(version.text) && *text > ' ' && *text <= '~';
	     text++)
		version.text[length++] = *text == '\\' || *text == '"' ? '?' : *text;
	*out = version;
	return 0;
}

/* The text after one word and the blanks behind it, or NULL if the line ends before. */
static const char *next_word(const char *text)
{
	text += strcspn(text, " \n");
	text += strspn(text, " ");
	return *text && *text != '\n' ? text : NULL;
}

int version_parse(const char *text, const char *name, struct version *out)
{
	const size_t length = strlen(name);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *word;

		if (strncmp(text, name, length) != 0 || text[length] != ' ')
			continue;
		word = next_word(text);
		word = word ? next_word(word) : NULL;
		return word ? parse_number(word, out) : -EINVAL;
	}
	return -EINVAL;
}

bool version_is_at_least(const struct version *version, unsigned major, unsigned minor)
{
	return version->major > major || (version->major == major && version->minor >= minor);
}
