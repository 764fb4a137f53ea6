// SPDX-License-Identifier: BSD-2-Clause
#include "lib/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK 16384

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

static void *checked(void *p)
{
	if (!p) {
		fputs("nsvigil: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return checked(reallocarray(p, n ? n : 1, size));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

FILE *xmemstream(char **out, size_t *len)
{
	return checked(open_memstream(out, len));
}

/* What is handed out of the block, of which so much is left. */
static void *take(struct arena_block *block, size_t bytes)
{
	void *out = (char *)block->data + block->used;

	block->used += bytes;
	return out;
}

static size_t aligned(size_t bytes)
{
	const size_t align = _Alignof(max_align_t);

	return (bytes + align - 1) & ~(align - 1);
}

void *arena_calloc(struct arena *arena, size_t n, size_t size)
{
	struct arena_block *block = arena->blocks;
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		checked(NULL);
	bytes = aligned(bytes);
	if (!block || block->size - block->used < bytes) {
		size_t room = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK;

		block = checked(malloc(sizeof(*block) + room));
		*block = (struct arena_block){.next = arena->blocks, .size = room};
		arena->blocks = block;
	}
	return memset(take(block, bytes), 0, bytes);
}

/* Mostly there is room for it: then it is formatted once. */
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	struct arena_block *block = arena->blocks;
	const size_t room = block ? block->size - block->used : 0;
	va_list again;
	char *out;
	int len;

	va_copy(again, args);
	len = vsnprintf(room ? (char *)block->data + block->used : NULL, room, format, again);
	va_end(again);
	if (len < 0)
		checked(NULL);
	if ((size_t)len < room)
		return take(block, aligned((size_t)len + 1));
	out = arena_calloc(arena, 1, (size_t)len + 1);
	vsnprintf(out, (size_t)len + 1, format, args);
	return out;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *out;

	va_start(args, format);
	out = arena_vprintf(arena, format, args);
	va_end(args);
	return out;
}

void arena_free(struct arena *arena)
{
	struct arena_block *block, *next;

	for (block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	arena->blocks = NULL;
}
