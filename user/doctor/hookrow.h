/* SPDX-License-Identifier: BSD-2-Clause */
/* What doctor says of a row of the table of hooks. */
#ifndef NSVIGIL_DOCTOR_HOOKROW_H
#define NSVIGIL_DOCTOR_HOOKROW_H

#include "doctor/rows.h"
#include "source/bpf/hooks.h"

void hookrow_add(struct rows *rows, const struct hook_row *hook);

#endif
