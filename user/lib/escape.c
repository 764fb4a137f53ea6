// SPDX-License-Identifier: BSD-2-Clause
#include "lib/escape.h"

#include <stdbool.h>
#include <string.h>

/* isprint() would ask the locale. */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '\\' && c != '"';
}

char *escape(char *out, size_t size, const char *in, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < n && in[i]; i++) {
		unsigned char c = (unsigned char)in[i];
		size_t need = is_plain(c) ? 1 : 4;

		if (at + need >= size)
			break;
		if (need == 1) {
			out[at++] = (char)c;
			continue;
		}
		memcpy(out + at, "\\x", 2);
		out[at + 2] = hex[c >> 4];
		out[at + 3] = hex[c & 15];
		at += 4;
	}
	out[at] = '\0';
	return out;
}
