// SPDX-License-Identifier: BSD-2-Clause
#include "config/policy.h"

#define SETTLE_NS UINT64_C(60000000000)

int policy_push(const struct options *opts, struct stream *stream)
{
	struct nsv_policy policy = {
		.policy = (uint32_t)opts->policy,
		.min_host_id = (uint32_t)opts->min_host_id,
		.settle_ns = SETTLE_NS,
		.attest_ns = opts->attest_s * UINT64_C(1000000000),
	};
	int err;

	stream_event(&policy.h, NSV_POLICY, sizeof(policy));
	err = stream_push(stream, &policy.h);
	for (size_t i = 0; !err && i < opts->allowed.n; i++) {
		struct nsv_allow allow = opts->allowed.v[i];

		stream_event(&allow.h, NSV_ALLOW, sizeof(allow));
		err = stream_push(stream, &allow.h);
	}
	for (size_t i = 0; !err && i < opts->entries.n; i++) {
		struct nsv_policy_entry entry = opts->entries.v[i];

		stream_event(&entry.h, NSV_POLICY_ENTRY, sizeof(entry));
		err = stream_push(stream, &entry.h);
	}
	return err;
}
