/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uthash, with a hash function of our own: include this one instead of it.
 */
#ifndef NSVIGIL_LIB_HASH_H
#define NSVIGIL_LIB_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Keys are mostly a few numbers of 64 bits: a multiplication each is faster than uthash's own. */
static inline unsigned hash_words(const void *key, size_t len)
{
	const char *at = key;
	uint64_t hash = len, word = 0;

	for (; len >= sizeof(word); len -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, at, len);
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (unsigned)(hash ^ hash >> 32);
}
#define HASH_FUNCTION(key, len, hash) ((hash) = hash_words(key, len))
#include <uthash.h>

#endif
