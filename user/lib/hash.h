/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uthash, with a hash function of our own: include this one instead of it. A table's own memory is
 * like any other, see lib/alloc.h: add to it by table_add() or table_add_str().
 */
#ifndef NSVIGIL_LIB_HASH_H
#define NSVIGIL_LIB_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
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
/* An allocation that fails leaves hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

/* Under a field of fixed length, compared as bytes. */
#define table_add(table, field, object)                                                            \
	do {                                                                                       \
		HASH_ADD(hh, table, field, sizeof((object)->field), object);                       \
		if (!(object)->hh.tbl)                                                             \
			abort();                                                                   \
	} while (0)

/* Under a text, which has to stay as long as the object does: HASH_FIND_STR() finds it. */
#define table_add_str(table, field, object)                                                        \
	do {                                                                                       \
		HASH_ADD_KEYPTR(hh, table, (object)->field, strlen((object)->field), object);      \
		if (!(object)->hh.tbl)                                                             \
			abort();                                                                   \
	} while (0)

#endif
