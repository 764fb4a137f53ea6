// SPDX-License-Identifier: BSD-2-Clause
#include "lib/escape.h"

#include <errno.h>
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

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

long unescape(char *out, size_t size, const char *text)
{
	size_t at = 0;

	while (*text) {
		int c = (unsigned char)*text++;

		if (c == '\\') {
			const int high = *text == 'x' ? hex_digit(text[1]) : -1;
			const int low = high < 0 ? -1 : hex_digit(text[2]);

			c = low < 0 ? 0 : high * 16 + low;
			text += low < 0 ? 0 : 3;
		} else if (!is_plain((unsigned char)c)) {
			c = 0;
		}
		if (!c)
			return -EINVAL;
		if (at == size)
			return -ENAMETOOLONG;
		out[at++] = (char)c;
	}
	return (long)at;
}
