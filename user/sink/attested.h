/* SPDX-License-Identifier: BSD-2-Clause */
/* What all forms of an attestation are made of. */
#ifndef NSVIGIL_SINK_ATTESTED_H
#define NSVIGIL_SINK_ATTESTED_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/engine.h"

/*
 * "99.98": how much of the interval was seen and judged, in percent, rounded down, so that 100.00 is all of it. NULL: the
 * interval has no length.
 */
#define COVERAGE_TEXT 8
const char *attested_coverage(const struct attestation *attestation, char out[COVERAGE_TEXT]);

/* Whether the rule is shown in part, and is the first one for its reason. */
bool attested_begins_group(const struct attestation *attestation, size_t rule);

#endif
