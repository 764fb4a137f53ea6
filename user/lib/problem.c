// SPDX-License-Identifier: BSD-2-Clause
#include "lib/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int problem_set(struct problem *problem, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	return err;
}

void problem_add(struct problem *problem, const char *format, ...)
{
	const size_t len = strlen(problem->text);
	va_list args;

	va_start(args, format);
	vsnprintf(problem->text + len, sizeof(problem->text) - len, format, args);
	va_end(args);
}
