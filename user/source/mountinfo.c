// SPDX-License-Identifier: BSD-2-Clause
#include "source/mountinfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Undoes \ooo in place: fs/seq_file.c mangle_path(). */
static char *unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; out++) {
		unsigned byte;
		int digits = 0;

		if (*in == '\\' && sscanf(in + 1, "%3o%n", &byte, &digits) == 1 && digits == 3) {
			*out = (char)byte;
			in += 4;
		} else {
			*out = *in++;
		}
	}
	*out = '\0';
	return text;
}

bool mountinfo_parse(char *line, struct mountinfo *out)
{
	char *state, *type = strstr(line, " - "), *field[6];
	unsigned major, minor;

	if (!type)
		return false;
	*type = '\0';
	type += 3;
	for (size_t n = 0; n < 6; n++) {
		field[n] = strtok_r(n ? NULL : line, " ", &state);
		if (!field[n])
			return false;
	}
	if (sscanf(field[2], "%u:%u", &major, &minor) != 2)
		return false;
	type[strcspn(type, " \n")] = '\0';
	*out = (struct mountinfo){
		.id = (unsigned)strtoul(field[0], NULL, 10),
		.parent = (unsigned)strtoul(field[1], NULL, 10),
		.major = major,
		.minor = minor,
		.root = unescape(field[3]),
		.point = unescape(field[4]),
		.options = field[5],
		.type = type,
	};
	return true;
}
