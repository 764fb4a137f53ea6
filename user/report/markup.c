// SPDX-License-Identifier: BSD-2-Clause
#include "report/write.h"

#include <stdarg.h>

#include "lib/cleanup.h"

void put_markup(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			putc_unlocked(*text, out);
		}
	}
}

void put_markup_f(FILE *out, const char *format, ...)
{
	AUTO_FREE char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		abort();
	put_markup(out, text);
}
