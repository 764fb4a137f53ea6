/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a capture lies on disk, but for the records themselves: a header, then blocks of records,
 * each compressed, with a checksum and a link of a chain of hashes. docs/capture.md has it for
 * people. All numbers are little-endian.
 */
#ifndef NSVIGIL_CAPTURE_FILE_H
#define NSVIGIL_CAPTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_MAGIC "\x89NSV\r\n\x1a\n"
#define CAPTURE_VERSION 1
#define CAPTURE_HEADER 192 /* bytes */
#define CAPTURE_UUID 16
#define CAPTURE_HASH 32 /* SHA-256 */

#define BLOCK_MAGIC "NSVB"
#define BLOCK_HEADER 72		    /* bytes */
#define BLOCK_RAW_MAX (1U << 20)    /* of records, before they are compressed */
#define BLOCK_PACKED_MAX (2U << 20) /* compressed */

/* block.flags */
#define BLOCK_RESTART (1U << 0) /* no record refers to one of a block before */
#define BLOCK_END (1U << 1)	/* the last one: the file was closed */

struct capture_header {
	uint32_t version;
	uint32_t ruleset; /* of the nsvigil that wrote it */
	uint8_t uuid[CAPTURE_UUID];
	uint8_t session[CAPTURE_UUID];	/* the same in all files of a run */
	uint32_t index;			/* of the file in its session, from 1 */
	uint8_t previous[CAPTURE_UUID]; /* file; 0: it is the first */
	uint64_t previous_seq;		/* its last event's */
	uint8_t previous_hash[CAPTURE_HASH];
	uint64_t wall_ns, boot_ns; /* when it was begun, by both clocks */
	char writer[32];	   /* "nsvigil 0.1.0"; NUL-terminated */
};

struct block_header {
	uint32_t flags;
	uint32_t packed; /* bytes that follow */
	uint32_t raw;	 /* bytes that they are of */
	uint32_t events;
	uint64_t seq, boot_ns; /* from which its first record is told: those of the event before */
	uint8_t hash[CAPTURE_HASH];
};

enum header_is { HEADER_WHOLE, HEADER_DAMAGED, HEADER_OTHER_VERSION, HEADER_NONE };

/* Each writes or reads exactly CAPTURE_HEADER bytes. Of another version only that is read. */
void header_put(uint8_t *out, const struct capture_header *header);
enum header_is header_get(const uint8_t *in, struct capture_header *header);

/* What the chain begins with. */
void header_hash(const uint8_t *header, uint8_t *hash);

/*
 * Writes BLOCK_HEADER bytes, with checksum and hash, to be followed by header->packed bytes of
 * `payload`. `chain`: the hash of what came before; becomes the block's.
 */
void block_put(uint8_t *out, const struct block_header *header, const uint8_t *payload,
	       uint8_t *chain);

/* Reads BLOCK_HEADER bytes. Returns false if they are no block's. */
bool block_get(const uint8_t *in, struct block_header *header);

/* Whether header and payload are as they were written, by their checksum. */
bool block_is_whole(const uint8_t *in, const uint8_t *payload, size_t packed);

/* The hash that a block should have, after what came before. */
void block_hash(const uint8_t *in, const uint8_t *payload, size_t packed, const uint8_t *chain,
		uint8_t *hash);

/* As text: "6f1e...": 36 characters and a NUL. */
#define UUID_TEXT 37
void uuid_text(const uint8_t *uuid, char *out);

#endif
