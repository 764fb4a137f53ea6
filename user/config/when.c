// SPDX-License-Identifier: BSD-2-Clause
#include "config/when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/clock.h"

/* In seconds: before it, since 1970, nothing was. */
#define DURATION_MAX UINT64_C(1000000000)

/* ".5": a part of a second, up to nanoseconds; *text is then behind it. False if it is none. */
static bool parse_fraction(const char **text, uint64_t *ns)
{
	uint64_t unit = 100000000;

	*ns = 0;
	if (**text != '.')
		return true;
	for ((*text)++; **text >= '0' && **text <= '9' && unit; (*text)++, unit /= 10)
		*ns += (uint64_t)(**text - '0') * unit;
	return unit < 100000000;
}

/* The profile of RFC 3339 that findings are printed in: UTC, a "Z" at the end. */
static bool parse_wall(const char *text, struct when *out)
{
	struct tm tm = {};
	const char *at = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	uint64_t fraction;
	time_t seconds;

	if (!at || !parse_fraction(&at, &fraction) || strcmp(at, "Z") != 0)
		return false;
	seconds = timegm(&tm);
	if (seconds < 0)
		return false;
	*out = (struct when){
		.given = true, .is_wall = true, .ns = (uint64_t)seconds * 1000000000 + fraction};
	return true;
}

static uint64_t unit_of(char letter)
{
	switch (letter) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	default:
		return 0;
	}
}

bool duration_parse(const char *text, uint64_t *out)
{
	uint64_t sum = 0, n, unit;

	if (!*text)
		return false;
	while (*text) {
		char *end;

		errno = 0;
		n = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
		if (errno || *text < '0' || *text > '9')
			return false;
		/* A number alone is in seconds, but not one behind others: "1h30" may be anything. */
		unit = *end || sum ? unit_of(*end) : 1;
		if (!unit || n > (DURATION_MAX - sum) / unit)
			return false;
		sum += n * unit;
		text = *end ? end + 1 : end;
	}
	*out = sum;
	return true;
}

static bool parse_ago(const char *text, struct when *out)
{
	uint64_t seconds;

	if (!duration_parse(text, &seconds))
		return false;
	*out = (struct when){
		.given = true, .is_wall = true, .ns = now_wall_ns() - seconds * 1000000000};
	return true;
}

bool when_parse(const char *text, struct when *out)
{
	char *end;
	uint64_t ns;

	if (*text == '-')
		return parse_ago(text + 1, out);
	if (!*text || text[strspn(text, "0123456789")])
		return parse_wall(text, out);
	errno = 0;
	ns = strtoull(text, &end, 10);
	if (errno)
		return false;
	*out = (struct when){.given = true, .ns = ns};
	return true;
}
