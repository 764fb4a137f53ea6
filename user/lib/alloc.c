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

void *arena_calloc(struct arena *arena, size_t n, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct arena_block *block = arena->blocks;
	size_t bytes;
	void *out;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		checked(NULL);
	bytes = (bytes + align - 1) & ~(align - 1);
	if (!block || block->size - block->used < bytes) {
		size_t room = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK;

		block = xcalloc(1, sizeof(*block) + room);
		block->size = room;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	out = (char *)block->data + block->used;
	block->used += bytes;
	return out;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *out;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		checked(NULL);
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
