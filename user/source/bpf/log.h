/* SPDX-License-Identifier: BSD-2-Clause */
/* What libbpf and the kernel's verifier say: to standard error, or nowhere. */
#ifndef NSVIGIL_SOURCE_BPF_LOG_H
#define NSVIGIL_SOURCE_BPF_LOG_H

#include <stdbool.h>

void log_libbpf(bool on);

#endif
