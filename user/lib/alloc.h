/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocation that does not fail: Linux overcommits, so a process that is out of memory is killed
 * long before malloc says so. Where it does say so, these end the process with one line.
 */
#ifndef NSVIGIL_LIB_ALLOC_H
#define NSVIGIL_LIB_ALLOC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* Zeroed. To be freed with free(). */
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));

/* What is written to it is in *out, NUL-terminated, and *len once it is closed. */
FILE *xmemstream(char **out, size_t *len) __attribute__((returns_nonnull));

/* Makes room for one more in an array of `n` that has `*cap`. */
#define xgrow(array, n, cap)                                                                       \
	do {                                                                                       \
		if ((n) == *(cap)) {                                                               \
			*(cap) = *(cap) ? *(cap)*2 : 8;                                            \
			(array) = xreallocarray((array), *(cap), sizeof(*(array)));                \
		}                                                                                  \
	} while (0)

/* Many small things that go together: freed at once, never singly. */
struct arena {
	struct arena_block *blocks;
};

void *arena_calloc(struct arena *arena, size_t n, size_t size) __attribute__((returns_nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0), returns_nonnull));
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));
void arena_free(struct arena *arena);

#endif
