// SPDX-License-Identifier: BSD-2-Clause
#include "blocks.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "../../unit/random.h"
#include "capture/file.h"
#include "frames.h"

#define BLOCKS_MAX 8
#define RAW_MAX 8192
#define STORED 5 /* bytes before what is in it as it is, uncompressed: RFC 1951, 3.2.4 */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

struct block {
	struct block_header header;
	uint8_t raw[RAW_MAX];
	size_t len;
};

struct blocks {
	struct capture_header header;
	struct block v[BLOCKS_MAX];
	size_t n;
	uint64_t random;
};

/* ---- in and out ---- */

static bool unpack(const uint8_t *packed, struct block *block)
{
	static z_stream z;

	if (z.state ? inflateReset(&z) : inflateInit2(&z, -MAX_WBITS))
		return false;
	z.next_in = (uint8_t *)packed;
	z.avail_in = block->header.packed;
	z.next_out = block->raw;
	z.avail_out = sizeof(block->raw);
	if (inflate(&z, Z_FINISH) != Z_STREAM_END)
		return false;
	block->len = z.total_out;
	return true;
}

/* What cannot be unpacked is left out. */
static void read_blocks(struct blocks *blocks, const uint8_t *data, size_t size)
{
	size_t at = CAPTURE_HEADER;

	blocks->header = (struct capture_header){.version = CAPTURE_VERSION, .index = 1};
	if (size < CAPTURE_HEADER || header_get(data, &blocks->header) == HEADER_NONE)
		return;
	while (blocks->n < BLOCKS_MAX && size - at >= BLOCK_HEADER) {
		struct block *block = &blocks->v[blocks->n];

		if (!block_get(data + at, &block->header) ||
		    block->header.packed > size - at - BLOCK_HEADER)
			return;
		blocks->n += unpack(data + at + BLOCK_HEADER, block);
		at += BLOCK_HEADER + block->header.packed;
	}
}

static void store(const struct block *block, uint8_t *out)
{
	out[0] = 1;
	out[1] = (uint8_t)block->len;
	out[2] = (uint8_t)(block->len >> 8);
	out[3] = (uint8_t)~out[1];
	out[4] = (uint8_t)~out[2];
	memcpy(out + STORED, block->raw, block->len);
}

/* As many as there is room for. */
static size_t write_blocks(struct blocks *blocks, uint8_t *data, size_t max)
{
	uint8_t payload[STORED + RAW_MAX], chain[CAPTURE_HASH];
	size_t size = CAPTURE_HEADER;

	if (max < size)
		return 0;
	header_put(data, &blocks->header);
	header_hash(data, chain);
	for (size_t i = 0; i < blocks->n; i++) {
		struct block *block = &blocks->v[i];

		block->header.packed = (uint32_t)(STORED + block->len);
		if (size + BLOCK_HEADER + block->header.packed > max)
			break;
		store(block, payload);
		block_put(data + size, &block->header, payload, chain);
		memcpy(data + size + BLOCK_HEADER, payload, block->header.packed);
		size += BLOCK_HEADER + block->header.packed;
	}
	return size;
}

/* ---- mutation ---- */

static uint32_t below(struct blocks *blocks, uint32_t n)
{
	return random_below(&blocks->random, n);
}

static struct block *any_block(struct blocks *blocks)
{
	return &blocks->v[below(blocks, (uint32_t)blocks->n)];
}

static void add_block(struct blocks *blocks)
{
	struct block *block = &blocks->v[blocks->n];

	if (blocks->n == BLOCKS_MAX)
		return;
	if (blocks->n && below(blocks, 2)) {
		*block = *any_block(blocks);
	} else {
		block->header = (struct block_header){.flags = below(blocks, 4) ? BLOCK_RESTART :
										  BLOCK_END};
		block->len = 0;
	}
	blocks->n++;
}

static void drop_block(struct blocks *blocks)
{
	*any_block(blocks) = blocks->v[blocks->n - 1];
	blocks->n--;
}

static void change_header(struct blocks *blocks)
{
	struct capture_header *header = &blocks->header;

	switch (below(blocks, 4)) {
	case 0:
		header->index = below(blocks, 4);
		break;
	case 1:
		header->previous_seq = below(blocks, 100);
		break;
	case 2:
		LLVMFuzzerMutate(header->session, CAPTURE_UUID, CAPTURE_UUID);
		break;
	default:
		LLVMFuzzerMutate(header->previous, CAPTURE_UUID, CAPTURE_UUID);
	}
}

/* What a block says of itself, so that it may lie. */
static void change_block(struct blocks *blocks, struct block *block)
{
	switch (below(blocks, 5)) {
	case 0:
		block->header.flags ^= 1U << below(blocks, 2);
		break;
	case 1:
		block->header.events += below(blocks, 5) - 2;
		break;
	case 2:
		block->header.seq += below(blocks, 65) - 32;
		break;
	case 3:
		block->header.raw += below(blocks, 5) - 2;
		break;
	default:
		block->header.boot_ns += below(blocks, 2000000001) - UINT64_C(1000000000);
	}
}

static void change_records(struct blocks *blocks, struct block *block)
{
	const uint8_t *at = block->raw;
	struct frame frame;
	size_t left;

	block->len = frames_mutate(block->raw, block->len, sizeof(block->raw),
				   (unsigned)random_next(&blocks->random));
	block->header.raw = (uint32_t)block->len;
	block->header.events = 0;
	for (left = block->len; frame_next(&at, &left, &frame);)
		block->header.events++;
}

size_t blocks_mutate(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	static struct blocks blocks;
	uint32_t what;

	blocks.n = 0;
	blocks.random = (UINT64_C(1) << 32 | seed) * UINT64_C(0x9e3779b97f4a7c15);
	what = below(&blocks, 12);
	if (what == 0)
		return LLVMFuzzerMutate(data, size, max);
	read_blocks(&blocks, data, size);
	if (what == 1 || !blocks.n)
		add_block(&blocks);
	else if (what == 2)
		drop_block(&blocks);
	else if (what == 3)
		change_header(&blocks);
	else if (what == 4)
		change_block(&blocks, any_block(&blocks));
	else
		change_records(&blocks, any_block(&blocks));
	size = write_blocks(&blocks, data, max);
	return size ? size : LLVMFuzzerMutate(data, 0, max);
}
