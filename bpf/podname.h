/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Whether a cgroup's name is a pod's, or has its uid: the twin of user/source/podpath.c, podpath_pod() and
 * podpath_astray().
 */
#ifndef NSVIGIL_BPF_PODNAME_H
#define NSVIGIL_BPF_PODNAME_H

#include "kernel.h"

#define NAME_MAX 255
#define UUID_LEN 36
#define HASH_LEN 32

/* Room for any index that the verifier may think of: indices are masked. */
struct podname {
	char text[512];
	__u32 len;
};

static __always_inline bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static __always_inline char name_at(const struct podname *name, __u32 i)
{
	barrier_var(i); /* or clang drops the mask where it knows better than the verifier */
	return name->text[i & 511];
}

static __always_inline bool is_uid(const struct podname *name, __u32 from, __u32 len)
{
	char separator = name_at(name, from + 8);

	for (__u32 i = 0; i < UUID_LEN; i++) {
		char c = name_at(name, from + i);
		bool dash = len == UUID_LEN && (i == 8 || i == 13 || i == 18 || i == 23);

		if (i >= len)
			break;
		if (dash ? c != separator || (c != '-' && c != '_') : !is_hex(c))
			return false;
	}
	return true;
}

static __always_inline bool has_pod_before(const struct podname *name, __u32 at, bool slice)
{
	return name_at(name, at) == 'p' && name_at(name, at + 1) == 'o' &&
	       name_at(name, at + 2) == 'd' && (at == 0 || (slice && name_at(name, at - 1) == '-'));
}

static __always_inline bool is_pod_name(const struct podname *name, __u32 len)
{
	static const char suffix[] = ".slice";
	bool slice = len > sizeof(suffix) - 1;

	for (__u32 i = 0; i < sizeof(suffix) - 1; i++)
		if (name_at(name, len - (sizeof(suffix) - 1) + i) != suffix[i])
			slice = false;
	if (slice)
		len -= sizeof(suffix) - 1;
	if (len >= UUID_LEN + 3 && has_pod_before(name, len - UUID_LEN - 3, slice) &&
	    is_uid(name, len - UUID_LEN, UUID_LEN))
		return true;
	return len >= HASH_LEN + 3 && has_pod_before(name, len - HASH_LEN - 3, slice) &&
	       is_uid(name, len - HASH_LEN, HASH_LEN);
}

/*
 * `len`: without the NUL. What is before a colon is the name of the pod's slice. It goes through memory,
 * so that the verifier does not look at all that follows once for each place where a colon may be.
 */
static __always_inline bool podname_is_pods(struct podname *name, __u32 len)
{
	name->len = len;
	for (__u32 i = 0; i < NAME_MAX; i++) {
		if (i >= len)
			break;
		if (name_at(name, i) == ':') {
			name->len = i;
			break;
		}
	}
	barrier();
	len = *(volatile __u32 *)&name->len;
	return len <= NAME_MAX && is_pod_name(name, len);
}

#endif
