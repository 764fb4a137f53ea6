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

static inline uint64_t hash_word(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

/* Keys are mostly a few numbers of 64 bits: a multiplication each is faster than uthash's own. */
static inline unsigned hash_words(const void *key, size_t len)
{
	const char *at = key;
	uint64_t hash = len, word = 0;

	for (; len >= sizeof(word); len -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = hash_word(hash, word);
	}
	word = 0;
	memcpy(&word, at, len);
	return (unsigned)hash_word(hash, word);
}

/* The same of two numbers: what has just been written as halves of a word is not waited for. */
static inline unsigned hash_pair(uint64_t a, uint64_t b)
{
	return (unsigned)hash_word(hash_word(hash_word(2 * sizeof(a), a), b), 0);
}
#define HASH_FUNCTION(key, len, hash) ((hash) = hash_words(key, len))
/* An allocation that fails leaves hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

/*
 * Each object that a look-up passes on its way is one that the processor may have to wait for: chains are kept
 * shorter than by uthash's own limit of 10. Where a table is large, its objects begin with the key, and the handle
 * is next to that.
 */
#undef HASH_BKT_CAPACITY_THRESH
#define HASH_BKT_CAPACITY_THRESH 6U

/* Under a field of fixed length, compared as bytes. */
#define table_add(table, field, object)                                                            \
	do {                                                                                       \
		HASH_ADD(hh, table, field, sizeof((object)->field), object);                       \
		if (!(object)->hh.tbl)                                                             \
			abort();                                                                   \
	} while (0)

/* Under the first bytes of a field. */
#define table_add_bytes(table, field, len, object)                                                 \
	do {                                                                                       \
		HASH_ADD_KEYPTR(hh, table, &(object)->field, len, object);                         \
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
