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

static void keep_text(const char *text, struct version *out)
{
	size_t length = 0;

	for (; length + 1 < sizeof(out->text) && *text > ' ' && *text <= '~'; text++)
		out->text[length++] = *text == '\\' || *text == '"' ? '?' : *text;
}

static int parse_number(const char *text, struct version *out)
{
	struct version version = {};
	size_t at = *text == 'v', n;

	/* What was built without a version has that of the last candidate: runc had such before 1.0.0 alone. */
	if (!strncmp(text, "rc", 2) && isdigit((unsigned char)text[2])) {
		version.major = 1;
		keep_text(text, &version);
		*out = version;
		return 0;
	}
	n = take_number(text + at, &version.major);
	if (!n || text[at + n] != '.')
		return -EINVAL;
	at += n + 1;
	n = take_number(text + at, &version.minor);
	if (!n || (text[at + n] && !strchr(".-+~ \t\r\n", text[at + n])))
		return -EINVAL;
	keep_text(text + (*text == 'v'), &version);
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
