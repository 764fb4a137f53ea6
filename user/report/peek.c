// SPDX-License-Identifier: BSD-2-Clause
#include "report/peek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"

struct peeked {
	int fd;
	size_t at, n;
	uint8_t head[];
};

static ssize_t read_peeked(void *cookie, char *out, size_t size)
{
	struct peeked *peeked = cookie;

	if (peeked->at == peeked->n)
		return read(peeked->fd, out, size);
	if (size > peeked->n - peeked->at)
		size = peeked->n - peeked->at;
	memcpy(out, peeked->head + peeked->at, size);
	peeked->at += size;
	return (ssize_t)size;
}

static int close_peeked(void *cookie)
{
	struct peeked *peeked = cookie;
	const int err = close(peeked->fd);

	free(peeked);
	return err;
}

/* A pipe gives what its writer wrote at once, which may be less. */
static int fill(struct peeked *peeked, size_t size)
{
	ssize_t got = 1;

	while (got > 0 && peeked->n < size) {
		got = read(peeked->fd, peeked->head + peeked->n, size - peeked->n);
		if (got > 0)
			peeked->n += (size_t)got;
	}
	return got < 0 ? -errno : 0;
}

FILE *peek_open(const char *path, uint8_t *head, size_t size, size_t *n)
{
	const cookie_io_functions_t functions = {.read = read_peeked, .close = close_peeked};
	struct peeked *peeked = xcalloc(1, sizeof(*peeked) + size);
	FILE *file = NULL;
	int err;

	peeked->fd = open(path, O_RDONLY | O_CLOEXEC);
	err = peeked->fd < 0 ? -errno : fill(peeked, size);
	if (!err) {
		file = fopencookie(peeked, "r", functions);
		err = file ? 0 : -errno;
	}
	if (!err) {
		memcpy(head, peeked->head, peeked->n);
		*n = peeked->n;
		return file;
	}
	if (peeked->fd >= 0)
		close(peeked->fd);
	free(peeked);
	errno = -err;
	return NULL;
}
