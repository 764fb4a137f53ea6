/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kubelet has allotted already, by its pods' files. */
#ifndef NSVIGIL_DOCTOR_ALLOTTED_H
#define NSVIGIL_DOCTOR_ALLOTTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nsvigil/event.h>

#include "doctor/subids.h"

struct allotted_ids {
	size_t pods, outside; /* that have IDs; of which these cannot stay */
	const char *mistake;  /* of the first of them, and with which: */
	char uid[NSV_POD_UID_LEN];
	uint64_t first, count;
};

/*
 * Pods whose IDs are not as the kubelet will have them: not in its range, of another length or not aligned to it. Returns true
 * if there is one.
 */
bool allotted_find_outside(const char *root, const char *kubelet_dir, const struct subid *range,
			   uint64_t ids_per_pod, struct allotted_ids *out);

#endif
