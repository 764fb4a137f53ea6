/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the node's files are, as doctor says it. */
#ifndef NSVIGIL_DOCTOR_WHEREABOUTS_H
#define NSVIGIL_DOCTOR_WHEREABOUTS_H

#include "doctor/rows.h"
#include "source/nodefiles/places.h"

/* A row for each kind of place but the kubelet's configuration. */
void whereabouts_check(int root, const struct places *places, struct rows *rows);

/* The first of that kind that is there, or the first that was looked for; NULL: none was. */
const char *whereabouts_path(int root, const struct places *places, enum nsv_place_kind kind);

#endif
