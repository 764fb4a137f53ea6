// SPDX-License-Identifier: BSD-2-Clause
/* How watch tells whether it is healthy: user/sink/probe.h, acceptor.h, and when a walk is late. */
#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "sink/acceptor.h"
#include "sink/probe.h"
#include "watch/health.h"

#define SECOND UINT64_C(1000000000)

static struct {
	struct event_base *base;
	char dir[32], path[64];
	const char *sick, *late;
	struct http_answers answers;
	struct probe *probe;
	struct problem problem;
	int taken[64];
	size_t n_taken;
} here;

static const char *why_sick(void *ctx)
{
	(void)ctx;
	return here.sick;
}

static const char *why_late(void *ctx)
{
	(void)ctx;
	return here.late;
}

static int begin(void **state)
{
	(void)state;
	memset(&here, 0, sizeof(here));
	here.base = event_base_new();
	strcpy(here.dir, "/tmp/nsvigil-XXXXXX");
	if (!here.base || !mkdtemp(here.dir))
		return -1;
	snprintf(here.path, sizeof(here.path), "%s/socket", here.dir);
	here.answers = (struct http_answers){.health = why_sick, .ready = why_late};
	return 0;
}

static int end(void **state)
{
	(void)state;
	probe_close(here.probe);
	while (here.n_taken)
		close(here.taken[--here.n_taken]);
	event_base_free(here.base);
	unlink(here.path);
	return rmdir(here.dir);
}

static int try_open(struct probe **out)
{
	return probe_open(here.base, here.path, &here.answers, out, &here.problem);
}

static void open_probe(void)
{
	assert_int_equal(try_open(&here.probe), 0);
}

static int connected(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, here.path);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* A socket that is bound there. */
static int bound(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, here.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* Another process asks, while the loop runs here. Its status is 0, or 1 and there is no answer. */
static int ask(struct probe_answer *out)
{
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		struct probe_answer answer;
		struct problem problem;

		if (probe_ask(here.path, 60000, &answer, &problem))
			_exit(1);
		_exit(write(fds[1], &answer, sizeof(answer)) != sizeof(answer));
	}
	while (!waitpid(pid, &status, WNOHANG))
		event_base_loop(here.base, EVLOOP_NONBLOCK);
	if (!status)
		assert_int_equal(read(fds[0], out, sizeof(*out)), sizeof(*out));
	close(fds[0]);
	close(fds[1]);
	return status;
}

static void it_says_how_it_is(void **state)
{
	struct probe_answer answer;

	(void)state;
	open_probe();
	assert_int_equal(ask(&answer), 0);
	assert_true(answer.healthy && answer.ready);
	assert_string_equal(answer.health, "healthy");
	assert_string_equal(answer.readiness, "ready");
	here.late = "the first walk is not done";
	assert_int_equal(ask(&answer), 0);
	assert_true(answer.healthy && !answer.ready);
	assert_string_equal(answer.readiness, "not ready: the first walk is not done");
	here.sick = "it is not well";
	assert_int_equal(ask(&answer), 0);
	assert_true(!answer.healthy && !answer.ready);
	assert_string_equal(answer.health, "unhealthy: it is not well");
}

static void only_the_owner_can_ask(void **state)
{
	const mode_t mask = umask(0);
	struct stat st;

	(void)state;
	open_probe();
	umask(mask);
	assert_int_equal(stat(here.path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0600);
}

/* As many as there is room for, and each says something and stays. */
static void silent_clients_keep_nobody_out(void **state)
{
	struct probe_answer answer;
	int fds[12];

	(void)state;
	open_probe();
	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < 12; i++) {
			fds[i] = connected();
			assert_int_equal(send(fds[i], "x", 1, MSG_NOSIGNAL), 1);
		}
		assert_int_equal(ask(&answer), 0);
		assert_true(answer.healthy);
		for (size_t i = 0; i < 12; i++)
			close(fds[i]);
	}
}

static void what_an_ended_watch_left_is_replaced(void **state)
{
	struct probe_answer answer;

	(void)state;
	close(bound());
	open_probe();
	assert_int_equal(ask(&answer), 0);
	probe_close(here.probe);
	here.probe = NULL;
	assert_int_equal(access(here.path, F_OK), -1);
}

static void another_watch_is_told(void **state)
{
	struct probe *second = NULL;
	struct probe_answer answer;
	char expected[128];

	(void)state;
	open_probe();
	assert_int_equal(try_open(&second), -EADDRINUSE);
	snprintf(expected, sizeof(expected), "another watch answers at %s", here.path);
	assert_string_equal(here.problem.text, expected);
	assert_null(second);
	assert_int_equal(ask(&answer), 0);
}

static void what_is_no_socket_stays(void **state)
{
	int fd = open(here.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	(void)state;
	close(fd);
	assert_int_equal(try_open(&here.probe), -ENOTSOCK);
	assert_int_equal(access(here.path, F_OK), 0);
}

static void nobody_answers(void **state)
{
	struct probe_answer answer;
	int fd;

	(void)state;
	assert_int_equal(probe_ask(here.path, 1000, &answer, &here.problem), -ENOENT);
	fd = bound();
	assert_int_equal(probe_ask(here.path, 1000, &answer, &here.problem), -ECONNREFUSED);
	/* Who is stopped takes connections, and says nothing. */
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(probe_ask(here.path, 20, &answer, &here.problem), -ETIMEDOUT);
	assert_non_null(strstr(here.problem.text, "nothing answers at /tmp/"));
	assert_int_equal(probe_ask(here.path, 20, &answer, &here.problem), -ETIMEDOUT);
	assert_int_equal(probe_ask(here.path, 20, &answer, &here.problem), -ETIMEDOUT);
	close(fd);
}

static void other_answers_are_none(void **state)
{
	static const char *const wrong[] = {
		"",
		"healthy\n",
		"healthy\nready",
		"healthy\nready\nx",
		"healthy\nready\n\n",
		"ready\nhealthy\n",
		"healthy \nready\n",
		"HTTP/1.1 200 OK\nready\n",
		"unhealthy\nready\n",
		"healthy\nnot ready\n",
	};
	char line[PROBE_LINE_MAX + 32];
	struct probe_answer answer = {};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(probe_parse(wrong[i], strlen(wrong[i]), &answer), -EINVAL);
	for (size_t n = PROBE_LINE_MAX - 1; n <= PROBE_LINE_MAX; n++) {
		snprintf(line, sizeof(line), "unhealthy: %0*d\nready\n", (int)n - 11, 0);
		assert_int_equal(probe_parse(line, strlen(line), &answer),
				 n < PROBE_LINE_MAX ? 0 : -EINVAL);
	}
	assert_false(answer.healthy);
	assert_true(answer.ready);
}

static void paths_have_a_limit(void **state)
{
	char path[PROBE_PATH_MAX + 1];
	struct probe_answer answer;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[PROBE_PATH_MAX] = '\0';
	assert_int_equal(probe_ask(path, 1000, &answer, &here.problem), -ENAMETOOLONG);
	assert_int_equal(probe_open(here.base, path, &here.answers, &here.probe, &here.problem),
			 -ENAMETOOLONG);
}

static void take(void *ctx, int fd)
{
	(void)ctx;
	here.taken[here.n_taken++] = fd;
}

/* However many wait, all else gets its turn after a few. */
static void a_few_are_taken_at_once(void **state)
{
	struct acceptor *acceptor;
	int fds[40], fd = bound();

	(void)state;
	assert_int_equal(listen(fd, 64), 0);
	acceptor = acceptor_new(here.base, fd, take, NULL);
	assert_non_null(acceptor);
	for (size_t i = 0; i < 40; i++)
		fds[i] = connected();
	event_base_loop(here.base, EVLOOP_ONCE);
	assert_in_range(here.n_taken, 1, 39);
	while (here.n_taken < 40)
		event_base_loop(here.base, EVLOOP_ONCE);
	for (size_t i = 0; i < 40; i++)
		close(fds[i]);
	acceptor_free(acceptor);
}

/* A walk that cost 20 seconds puts the next one off for three minutes. */
static void late_is_against_what_was_planned(void **state)
{
	(void)state;
	assert_false(health_is_late(30 * SECOND, 30 * SECOND));
	assert_false(health_is_late(120 * SECOND, 30 * SECOND));
	assert_true(health_is_late(121 * SECOND, 30 * SECOND));
	assert_false(health_is_late(121 * SECOND, 180 * SECOND));
	assert_false(health_is_late(270 * SECOND, 180 * SECOND));
	assert_true(health_is_late(271 * SECOND, 180 * SECOND));
	assert_false(health_is_late(0, UINT64_MAX));
}

#define HERE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HERE_TEST(it_says_how_it_is),
		HERE_TEST(only_the_owner_can_ask),
		HERE_TEST(silent_clients_keep_nobody_out),
		HERE_TEST(what_an_ended_watch_left_is_replaced),
		HERE_TEST(another_watch_is_told),
		HERE_TEST(what_is_no_socket_stays),
		HERE_TEST(nobody_answers),
		HERE_TEST(other_answers_are_none),
		HERE_TEST(paths_have_a_limit),
		HERE_TEST(a_few_are_taken_at_once),
		cmocka_unit_test(late_is_against_what_was_planned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
