/* SPDX-License-Identifier: BSD-2-Clause */
/* What a watch that runs here still holds: /proc/PID/status. */
#ifndef NSVIGIL_DOCTOR_POWERS_H
#define NSVIGIL_DOCTOR_POWERS_H

#include "doctor/rows.h"

/* A row for each; one that says so if there is none. */
void powers_look(struct rows *rows);

#endif
