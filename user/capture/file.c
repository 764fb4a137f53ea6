// SPDX-License-Identifier: BSD-2-Clause
#include "capture/file.h"

#include <endian.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

/* Where things are in a header. */
enum {
	AT_MAGIC = 0,
	AT_VERSION = 8,
	AT_LENGTH = 12,
	AT_RULESET = 16,
	AT_INDEX = 20,
	AT_UUID = 24,
	AT_SESSION = 40,
	AT_PREVIOUS = 56,
	AT_PREVIOUS_SEQ = 72,
	AT_PREVIOUS_HASH = 80,
	AT_WALL = 112,
	AT_BOOT = 120,
	AT_WRITER = 128,
	AT_HEADER_CRC = 188,
};

/* And in a block's. */
enum {
	AT_FLAGS = 4,
	AT_PACKED = 8,
	AT_RAW = 12,
	AT_EVENTS = 16,
	AT_CRC = 20,
	AT_SEQ = 24,
	AT_BLOCK_BOOT = 32,
	AT_HASH = 40,
};

static void put32(uint8_t *out, uint32_t n)
{
	n = htole32(n);
	memcpy(out, &n, sizeof(n));
}

static void put64(uint8_t *out, uint64_t n)
{
	n = htole64(n);
	memcpy(out, &n, sizeof(n));
}

static uint32_t get32(const uint8_t *in)
{
	uint32_t n;

	memcpy(&n, in, sizeof(n));
	return le32toh(n);
}

static uint64_t get64(const uint8_t *in)
{
	uint64_t n;

	memcpy(&n, in, sizeof(n));
	return le64toh(n);
}

void header_put(uint8_t *out, const struct capture_header *header)
{
	memset(out, 0, CAPTURE_HEADER);
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): it has no end */
	memcpy(out + AT_MAGIC, CAPTURE_MAGIC, 8);
	put32(out + AT_VERSION, CAPTURE_VERSION);
	put32(out + AT_LENGTH, CAPTURE_HEADER);
	put32(out + AT_RULESET, header->ruleset);
	put32(out + AT_INDEX, header->index);
	memcpy(out + AT_UUID, header->uuid, CAPTURE_UUID);
	memcpy(out + AT_SESSION, header->session, CAPTURE_UUID);
	memcpy(out + AT_PREVIOUS, header->previous, CAPTURE_UUID);
	put64(out + AT_PREVIOUS_SEQ, header->previous_seq);
	memcpy(out + AT_PREVIOUS_HASH, header->previous_hash, CAPTURE_HASH);
	put64(out + AT_WALL, header->wall_ns);
	put64(out + AT_BOOT, header->boot_ns);
	memcpy(out + AT_WRITER, header->writer, sizeof(header->writer));
	put32(out + AT_HEADER_CRC, (uint32_t)crc32(0, out, AT_HEADER_CRC));
}

enum header_is header_get(const uint8_t *in, struct capture_header *header)
{
	if (memcmp(in + AT_MAGIC, CAPTURE_MAGIC, 8))
		return HEADER_NONE;
	*header = (struct capture_header){
		.version = get32(in + AT_VERSION),
		.ruleset = get32(in + AT_RULESET),
		.index = get32(in + AT_INDEX),
		.previous_seq = get64(in + AT_PREVIOUS_SEQ),
		.wall_ns = get64(in + AT_WALL),
		.boot_ns = get64(in + AT_BOOT),
	};
	memcpy(header->uuid, in + AT_UUID, CAPTURE_UUID);
	memcpy(header->session, in + AT_SESSION, CAPTURE_UUID);
	memcpy(header->previous, in + AT_PREVIOUS, CAPTURE_UUID);
	memcpy(header->previous_hash, in + AT_PREVIOUS_HASH, CAPTURE_HASH);
	memcpy(header->writer, in + AT_WRITER, sizeof(header->writer) - 1);
	if (header->version != CAPTURE_VERSION)
		return HEADER_OTHER_VERSION;
	return get32(in + AT_HEADER_CRC) == crc32(0, in, AT_HEADER_CRC) &&
			       get32(in + AT_LENGTH) == CAPTURE_HEADER ?
		       HEADER_WHOLE :
		       HEADER_DAMAGED;
}

void header_hash(const uint8_t *header, uint8_t *hash)
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, header, CAPTURE_HEADER);
	SHA256Final(hash, &context);
}

/* Of all of the block but the checksum and the hash. */
static uint32_t block_crc(const uint8_t *in, const uint8_t *payload, size_t packed)
{
	uLong crc = crc32(0, in, AT_CRC);

	crc = crc32(crc, in + AT_SEQ, AT_HASH - AT_SEQ);
	return (uint32_t)crc32(crc, payload, (uInt)packed);
}

void block_hash(const uint8_t *in, const uint8_t *payload, size_t packed, const uint8_t *chain,
		uint8_t *hash)
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, chain, CAPTURE_HASH);
	SHA256Update(&context, in, AT_HASH);
	SHA256Update(&context, payload, packed);
	SHA256Final(hash, &context);
}

void block_put(uint8_t *out, const struct block_header *header, const uint8_t *payload,
	       uint8_t *chain)
{
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): it has no end */
	memcpy(out, BLOCK_MAGIC, 4);
	put32(out + AT_FLAGS, header->flags);
	put32(out + AT_PACKED, header->packed);
	put32(out + AT_RAW, header->raw);
	put32(out + AT_EVENTS, header->events);
	put64(out + AT_SEQ, header->seq);
	put64(out + AT_BLOCK_BOOT, header->boot_ns);
	put32(out + AT_CRC, block_crc(out, payload, header->packed));
	block_hash(out, payload, header->packed, chain, chain);
	memcpy(out + AT_HASH, chain, CAPTURE_HASH);
}

bool block_get(const uint8_t *in, struct block_header *header)
{
	if (memcmp(in, BLOCK_MAGIC, 4))
		return false;
	*header = (struct block_header){
		.flags = get32(in + AT_FLAGS),
		.packed = get32(in + AT_PACKED),
		.raw = get32(in + AT_RAW),
		.events = get32(in + AT_EVENTS),
		.seq = get64(in + AT_SEQ),
		.boot_ns = get64(in + AT_BLOCK_BOOT),
	};
	memcpy(header->hash, in + AT_HASH, CAPTURE_HASH);
	return header->packed <= BLOCK_PACKED_MAX && header->raw <= BLOCK_RAW_MAX &&
	       !(header->flags & ~(BLOCK_RESTART | BLOCK_END));
}

bool block_is_whole(const uint8_t *in, const uint8_t *payload, size_t packed)
{
	return get32(in + AT_CRC) == block_crc(in, payload, packed);
}

void uuid_text(const uint8_t *uuid, char *out)
{
	for (int i = 0; i < CAPTURE_UUID; i++)
		out += sprintf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       uuid[i]);
}
