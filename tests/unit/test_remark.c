// SPDX-License-Identifier: BSD-2-Clause
/* Lines on standard error that nobody reads: user/lib/remark.h */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "lib/remark.h"

/* What is said goes into a pipe, until ended(). */
static int saved, reader;

static void begun(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	saved = dup(STDERR_FILENO);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
	reader = ends[0];
}

static void ended(void)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(reader);
}

static size_t read_all(char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	fcntl(reader, F_SETFL, O_NONBLOCK);
	while (len + 1 < size && (n = read(reader, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return len;
}

static void a_line_is_said(void **state)
{
	char text[256];

	(void)state;
	begun();
	remark("nsvigil: %d %s", 3, "cgroups");
	read_all(text, sizeof(text));
	ended();
	assert_string_equal(text, "nsvigil: 3 cgroups\n");
}

static void a_long_line_is_cut(void **state)
{
	static char text[2 * PIPE_BUF], said[4 * PIPE_BUF];
	size_t len;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	begun();
	remark("%s", text);
	len = read_all(said, sizeof(said));
	ended();
	assert_int_equal(len, PIPE_BUF);
	assert_int_equal(said[len - 1], '\n');
}

/* It would wait for ever. */
static void nobody_reads_and_it_goes_on(void **state)
{
	static char text[1 << 20];
	unsigned kept = 0;
	const char *at;

	(void)state;
	begun();
	for (int i = 0; i < 10000; i++)
		remark("nsvigil: line %d of many that nobody reads", i);
	read_all(text, sizeof(text));
	for (at = text; (at = strstr(at, "of many")); at++)
		kept++;
	remark("nsvigil: the next one");
	read_all(text, sizeof(text));
	ended();
	assert_in_range(kept, 100, 9999);
	snprintf(text + strlen(text) + 1, 100,
		 "nsvigil: %u similar lines were left out\nnsvigil: the next one\n", 10000 - kept);
	assert_string_equal(text, text + strlen(text) + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_said),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(nobody_reads_and_it_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
