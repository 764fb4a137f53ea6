// SPDX-License-Identifier: BSD-2-Clause
#include "lib/remark.h"

#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* A pipe is writable if it takes PIPE_BUF bytes without a wait (poll(2), fs/pipe.c). */
static bool takes_a_line(void)
{
	struct pollfd polled = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&polled, 1, 0) == 1 && polled.revents & POLLOUT;
}

void remark(const char *format, ...)
{
	static unsigned long long left_out;
	char line[PIPE_BUF];
	size_t len = 0;
	va_list args;
	int n;

	if (!takes_a_line()) {
		left_out++;
		return;
	}
	if (left_out)
		len = (size_t)snprintf(line, sizeof(line),
				       "nsvigil: %llu similar lines were left out\n", left_out);
	va_start(args, format);
	n = vsnprintf(line + len, sizeof(line) - len, format, args);
	va_end(args);
	if (n < 0)
		return;
	len += (size_t)n;
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	line[len++] = '\n';
	/* Nothing can be said of a line that was not written. */
	if (write(STDERR_FILENO, line, len) == (ssize_t)len)
		left_out = 0;
}
