// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/log.h"

#include <bpf/libbpf.h>
#include <stdio.h>

static int print(enum libbpf_print_level level, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return vfprintf(stderr, format, args);
}

void log_libbpf(bool on)
{
	libbpf_set_print(on ? print : NULL);
}
