// SPDX-License-Identifier: BSD-2-Clause
#include "made_root.h"

#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/alloc.h"

char root[PATH_MAX];
char said[16384];

void make_root(void)
{
	strcpy(root, "/tmp/nsvigil-test-XXXXXX");
	assert_non_null(mkdtemp(root));
}

const char *at(const char *path)
{
	static char whole[2 * PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	return whole;
}

void make_dirs(const char *path)
{
	char *slash, *whole = xstrdup(at(path));

	for (slash = strchr(whole + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(!mkdir(whole, 0755) || errno == EEXIST);
		*slash = '/';
	}
	free(whole);
}

void put_len(const char *path, const char *text, size_t len)
{
	const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	FILE *file;

	make_dirs(path);
	file = fopen(at(path), "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
	assert_int_equal(utimensat(AT_FDCWD, at(path), old, 0), 0);
}

void put(const char *path, const char *text)
{
	put_len(path, text, strlen(text));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void take_away(const char *path)
{
	if (nftw(at(path), remove_entry, 8, FTW_DEPTH | FTW_PHYS))
		fail_msg("%s: %s", path, strerror(errno));
	if (!*path)
		*root = '\0';
}

void hear(void *ctx, const char *text)
{
	size_t n = strlen(said);

	(void)ctx;
	snprintf(said + n, sizeof(said) - n, "%s\n", text);
}
