/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of any type with anything in them, the same in each run. */
#ifndef NSVIGIL_TESTS_UNIT_RECORDS_H
#define NSVIGIL_TESTS_UNIT_RECORDS_H

#include "capture/layout.h"

uint64_t some(void);
uint64_t some_number(void); /* of all lengths */

void fill_field(const struct field *field, struct nsv_event *event);

/*
 * Fills event[0, RECORD_MAX), which is zeroed but for seq and boot_ns: they are those of the event
 * before.
 */
void fill(const struct layout *layout, struct nsv_event *event);

#endif
