// SPDX-License-Identifier: BSD-2-Clause
#include "sink/attested.h"

#include <stdio.h>

const char *attested_coverage(const struct attestation *attestation, char out[COVERAGE_TEXT])
{
	const uint64_t all = attestation->to_ns - attestation->from_ns, gaps = attestation->gap_ns;
	unsigned part;

	if (attestation->to_ns <= attestation->from_ns)
		return NULL;
	/* Of an interval of months it does not fit into 64 bits. */
	part = gaps < all ? (unsigned)((unsigned __int128)(all - gaps) * 10000 / all) : 0;
	snprintf(out, COVERAGE_TEXT, "%u.%02u", part / 100 % 1000, part % 100);
	return out;
}

bool attested_begins_group(const struct attestation *attestation, size_t rule)
{
	const struct attested_rule *rules = attestation->rules;

	if (rules[rule].status != RULE_PARTLY)
		return false;
	for (size_t i = 0; i < rule; i++)
		if (rules[i].status == RULE_PARTLY && rules[i].lacks == rules[rule].lacks)
			return false;
	return true;
}
