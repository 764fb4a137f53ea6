// SPDX-License-Identifier: BSD-2-Clause
/* What goes to the local log, and how: user/sink/syslog.h */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "sink/json.h"
#include "sink/syslog.h"
#include "sink/watch.h"

#define VERSION_FIELD ("NSVIGIL_VERSION=" NSVIGIL_VERSION)
#define URL_FIELD ("NSVIGIL_RULE_URL=" NSVIGIL_RULE_URL "/left-pod.md")

/* A process may call itself so. */
#define HOSTILE "\nX=1\n\xff @cee:{}"
#define HOSTILE_ESCAPED "\\x0aX=1\\x0a\\xff @cee:{}"
#define HOSTILE_SHOWN "\\x0aX=1\\x0a\\xff \\x40cee:{}"

static struct syslog_record *new_record(int priority, const char *text, const char *json)
{
	struct syslog_record *record =
		syslog_record_new(priority, xstrdup(text), json_tokener_parse(json));

	assert_non_null(record->document);
	record->time.tv_sec = 1770000000; /* 2026-02-02 02:40:00 UTC */
	return record;
}

/* ---- the classic form ---- */

static char *classic(struct syslog_record *record)
{
	size_t len;
	char *line = syslog_record_classic(record, LOG_DAEMON, 42, &len);

	assert_int_equal(strlen(line), len);
	assert_true(len <= SYSLOG_CLASSIC_MAX);
	for (const char *c = line; *c; c++)
		assert_true(*c >= ' ' && *c <= '~');
	syslog_record_free(record);
	return line;
}

static void classic_is_a_line_with_the_document_behind(void **state)
{
	AUTO_FREE char *line =
		classic(new_record(LOG_CRIT, "a \"b\" c", "{\"rule\":\"x\",\"n\":null}"));

	(void)state;
	assert_string_equal(line, "<26>Feb  2 02:40:00 nsvigil[42]: a \"b\" c "
				  "@cee:{\"rule\":\"x\",\"n\":null}");
}

static void classic_has_the_priority_of_the_record(void **state)
{
	static const int priorities[] = {LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO};
	static const char *const begins[] = {"<26>", "<27>", "<28>", "<29>", "<30>"};

	(void)state;
	for (int i = 0; i < 5; i++) {
		AUTO_FREE char *line = classic(new_record(priorities[i], "", "{}"));

		assert_memory_equal(line, begins[i], 4);
	}
}

static void classic_text_cannot_begin_the_document(void **state)
{
	AUTO_FREE char *line = classic(new_record(LOG_INFO, HOSTILE, "{\"a\":1}"));

	(void)state;
	assert_string_equal(strchr(line, ']'), "]: " HOSTILE_SHOWN " @cee:{\"a\":1}");
}

static void classic_cuts_lists_to_what_a_daemon_takes(void **state)
{
	struct json_object *evidence = json_object_new_array(), *parsed, *left;
	struct syslog_record *record = new_record(LOG_INFO, "text", "{\"a\":1}");
	AUTO_FREE char *line = NULL, *long_text = xcalloc(1, 3001);

	(void)state;
	memset(long_text, 'x', 3000);
	for (int i = 0; i < 4; i++)
		json_object_array_add(evidence, json_text(long_text));
	json_put(record->document, "evidence", evidence);
	json_put(record->document, "b", json_number(2));
	line = classic(record);
	assert_non_null(strstr(line, ": text (lists are cut) @cee:"));
	parsed = json_tokener_parse(strstr(line, "@cee:") + 5);
	assert_non_null(parsed);
	assert_true(json_object_object_get_ex(parsed, "b", NULL));
	assert_true(json_object_object_get_ex(parsed, "evidence", &left));
	assert_int_equal(json_object_array_length(left), 2);
	json_object_put(parsed);
}

/* ---- journald's form ---- */

/* "NAME=value" a field, as journald reads it. */
struct fields {
	char *v[64];
	size_t n;
};

static struct fields parse_journal(const char *data, size_t len)
{
	const char *at = data, *end = data + len;
	struct fields out = {};

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		uint64_t size;

		if (!newline || end - newline <= 9) {
			fail_msg("no name and length");
			return out;
		}
		assert_true(newline - at <= 64);
		memcpy(&size, newline + 1, sizeof(size));
		assert_true(size < (uint64_t)(end - newline - 9));
		assert_int_equal(newline[9 + size], '\n');
		assert_true(out.n < 64);
		assert_true(asprintf(&out.v[out.n++], "%.*s=%.*s", (int)(newline - at), at,
				     (int)size, newline + 9) > 0);
		at = newline + 9 + size + 1;
	}
	assert_ptr_equal(at, end);
	return out;
}

static void assert_fields(struct fields fields, const char *const *expected)
{
	size_t i;

	for (i = 0; i < fields.n; i++) {
		assert_non_null(expected[i]);
		assert_string_equal(fields.v[i], expected[i]);
		free(fields.v[i]);
	}
	assert_null(expected[i]);
}

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void assert_journal(struct syslog_record *record, const char *const *expected)
{
	size_t len;
	AUTO_FREE char *data = syslog_record_journal(record, LOG_DAEMON, &len);

	syslog_record_free(record);
	assert_fields(parse_journal(data, len), expected);
}

static void journal_has_a_field_for_each_leaf(void **state)
{
	(void)state;
	assert_journal(
		new_record(
			LOG_ERR, "text",
			"{\"rule\":\"x\",\"pod\":{\"uid\":\"u\",\"name\":null},\"not judged\":18446744073709551615,"
			"\"list\":[{\"a\":1},{\"a\":2}]}"),
		FIELDS("MESSAGE=text", "PRIORITY=3", "SYSLOG_FACILITY=3",
		       "SYSLOG_IDENTIFIER=nsvigil", "NSVIGIL_RULE=x", "NSVIGIL_POD_UID=u",
		       "NSVIGIL_NOT_JUDGED=18446744073709551615", "NSVIGIL_LIST_A=1",
		       "NSVIGIL_LIST_A=2"));
}

static void journal_has_the_begin_of_a_list(void **state)
{
	struct syslog_record *record;
	char json[4096] = "{\"a\":[[0", number[16];
	const char *expected[6 + SYSLOG_LIST_MAX] = {"MESSAGE=text (lists are cut)", "PRIORITY=6",
						     "SYSLOG_FACILITY=3",
						     "SYSLOG_IDENTIFIER=nsvigil"};
	char fields[SYSLOG_LIST_MAX][32];

	(void)state;
	for (int i = 1; i <= SYSLOG_LIST_MAX; i++) {
		snprintf(number, sizeof(number), ",%d", i);
		strcat(json, number);
	}
	strcat(json, "]]}");
	for (int i = 0; i < SYSLOG_LIST_MAX; i++) {
		snprintf(fields[i], sizeof(fields[i]), "NSVIGIL_A=%d", i);
		expected[4 + i] = fields[i];
	}
	record = new_record(LOG_INFO, "text", json);
	assert_journal(record, expected);
}

static void journal_values_cannot_make_a_field(void **state)
{
	static const char message[] = "MESSAGE=" HOSTILE;

	(void)state;
	assert_journal(new_record(LOG_INFO, HOSTILE, "{\"a\":\"b\\nPRIORITY=0\\n\"}"),
		       FIELDS(message, "PRIORITY=6", "SYSLOG_FACILITY=3",
			      "SYSLOG_IDENTIFIER=nsvigil", "NSVIGIL_A=b\nPRIORITY=0\n"));
}

/* ---- delivery ---- */

static struct {
	char dir[32], journal[64], classic[64];
	struct event_base *base;
	struct syslog_sink *sink;
} here;

static int here_begin(void **state)
{
	(void)state;
	strcpy(here.dir, "/tmp/test_syslog.XXXXXX");
	if (!mkdtemp(here.dir))
		return -1;
	snprintf(here.journal, sizeof(here.journal), "%s/journal", here.dir);
	snprintf(here.classic, sizeof(here.classic), "%s/log", here.dir);
	here.base = event_base_new();
	return here.base ? 0 : -1;
}

static int here_end(void **state)
{
	(void)state;
	syslog_close(here.sink);
	here.sink = NULL;
	event_base_free(here.base);
	unlink(here.journal);
	unlink(here.classic);
	return rmdir(here.dir);
}

#define HERE_TEST(test) cmocka_unit_test_setup_teardown(test, here_begin, here_end)

static void open_here(void)
{
	here.sink = syslog_open(here.base, LOG_DAEMON, here.journal, here.classic);
	assert_non_null(here.sink);
}

/* A daemon begins to listen there. */
static int daemon_at(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(name.sun_path, path);
	unlink(path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

static void push_number(unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "number %u", n);
	syslog_push(here.sink, new_record(LOG_INFO, text, "{}"));
}

/* What there is to read, or an empty string; the loop may do what it has to. */
static const char *take(int fd)
{
	static char data[16384];
	ssize_t len;

	event_base_loop(here.base, EVLOOP_NONBLOCK);
	len = recv(fd, data, sizeof(data) - 1, MSG_DONTWAIT);
	data[len > 0 ? len : 0] = '\0';
	return data;
}

/* What comes when something comes. */
static const char *wait_for(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	while (!poll(&poll_fd, 1, 0))
		assert_true(event_base_loop(here.base, EVLOOP_ONCE) >= 0);
	return take(fd);
}

static void assert_number(const char *line, unsigned n)
{
	char end[32];

	snprintf(end, sizeof(end), ": number %u @cee:{}", n);
	assert_non_null(strchr(line, ']'));
	assert_string_equal(strchr(line, ']') + 1, end);
}

static void without_journald_it_goes_to_dev_log(void **state)
{
	AUTO_FD log = daemon_at(here.classic);

	(void)state;
	open_here();
	assert_true(syslog_connected(here.sink));
	push_number(7);
	assert_number(take(log), 7);
	assert_string_equal(take(log), "");
}

static void with_journald_it_goes_there(void **state)
{
	AUTO_FD log = daemon_at(here.classic);
	AUTO_FD journal = daemon_at(here.journal);

	(void)state;
	open_here();
	push_number(7);
	assert_memory_equal(take(journal), "MESSAGE\n\10\0\0\0\0\0\0\0number 7\n", 25);
	assert_string_equal(take(log), "");
}

static void what_is_too_large_goes_to_journald_as_a_file(void **state)
{
	AUTO_FD journal = daemon_at(here.journal);
	const size_t large = 1 << 20;
	AUTO_FREE char *text = xcalloc(1, large + 1), *data = xcalloc(1, large + 1024);
	char room[CMSG_SPACE(sizeof(int))], byte;
	struct cmsghdr *rights;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = room,
			     .msg_controllen = sizeof(room)};
	struct fields fields;
	ssize_t len;
	int fd;

	(void)state;
	memset(text, 'x', large);
	open_here();
	syslog_push(here.sink, new_record(LOG_INFO, text, "{\"a\":1}"));
	assert_int_equal(recvmsg(journal, &msg, MSG_DONTWAIT), 0);
	rights = CMSG_FIRSTHDR(&msg);
	if (!rights) {
		fail_msg("no file");
		return;
	}
	memcpy(&fd, CMSG_DATA(rights), sizeof(fd));
	assert_int_equal(fcntl(fd, F_GET_SEALS),
			 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	len = pread(fd, data, large + 1024, 0);
	close(fd);
	assert_true(len > (ssize_t)large);
	fields = parse_journal(data, (size_t)len);
	assert_int_equal(fields.n, 5);
	assert_string_equal(fields.v[0] + strlen("MESSAGE="), text);
	assert_string_equal(fields.v[4], "NSVIGIL_A=1");
	for (size_t i = 0; i < fields.n; i++)
		free(fields.v[i]);
	assert_int_equal(syslog_counts(here.sink).dropped, 0);
}

static void what_nobody_reads_is_kept_and_then_dropped(void **state)
{
	AUTO_FD log = daemon_at(here.classic);
	unsigned pushed = 0, taken = 0;
	struct json_object *document;
	const char *line;

	(void)state;
	open_here();
	while (syslog_counts(here.sink).dropped < 10)
		push_number(pushed++);
	assert_true(pushed > SYSLOG_QUEUE_MAX);
	/* It reads again: first what was kept, in order, then how many are missing, once. */
	for (; taken < pushed - 10; taken++)
		assert_number(wait_for(log), taken);
	line = wait_for(log);
	assert_memory_equal(line, "<28>", 4);
	assert_non_null(strstr(line, "10 records were dropped"));
	document = json_tokener_parse(strstr(line, "@cee:") + 5);
	assert_string_equal(json_line(document), "{\"type\":\"dropped\",\"dropped\":10}");
	json_object_put(document);
	push_number(pushed);
	assert_number(wait_for(log), pushed);
	assert_string_equal(take(log), "");
	assert_int_equal(syslog_counts(here.sink).dropped, 10);
}

static void it_waits_for_a_daemon(void **state)
{
	AUTO_FD log = -1;

	(void)state;
	open_here();
	assert_false(syslog_connected(here.sink));
	for (unsigned i = 0; i < 5; i++)
		push_number(i);
	log = daemon_at(here.classic);
	for (unsigned i = 0; i < 5; i++)
		assert_number(wait_for(log), i);
	assert_int_equal(syslog_counts(here.sink).dropped, 0);
}

static void it_finds_a_daemon_that_comes_again(void **state)
{
	int log = daemon_at(here.classic);

	(void)state;
	open_here();
	push_number(0);
	assert_number(wait_for(log), 0);
	close(log);
	push_number(1);
	push_number(2);
	log = daemon_at(here.journal);
	assert_memory_equal(wait_for(log), "MESSAGE\n\10\0\0\0\0\0\0\0number 1\n", 25);
	assert_memory_equal(wait_for(log), "MESSAGE\n\10\0\0\0\0\0\0\0number 2\n", 25);
	close(log);
	assert_int_equal(syslog_counts(here.sink).dropped, 0);
}

static void a_flush_ends_without_a_daemon(void **state)
{
	(void)state;
	open_here();
	for (unsigned i = 0; i < 3; i++)
		push_number(i);
	syslog_flush(here.sink);
	assert_int_equal(syslog_counts(here.sink).dropped, 3);
}

static void a_flush_ends_with_a_daemon_that_does_not_read(void **state)
{
	AUTO_FD log = daemon_at(here.classic);
	unsigned pushed = 0, taken = 0;

	(void)state;
	open_here();
	for (; pushed < SYSLOG_QUEUE_MAX; pushed++)
		push_number(pushed);
	assert_int_equal(syslog_counts(here.sink).dropped, 0);
	syslog_flush(here.sink);
	while (strstr(take(log), ": number "))
		taken++;
	assert_true(taken > 0);
	assert_int_equal(syslog_counts(here.sink).dropped, pushed - taken);
}

/* ---- what watch says ---- */

static const struct rule_info rule = {
	.name = "left-pod",
	.what = "what",
	.why = "why",
	.todo = "todo",
};

#define TEXT "process 12 (\"" HOSTILE_ESCAPED "\") is elsewhere"

static struct evidence evidence = {
	.subject = {.kind = PARTY_PROCESS,
		    .process = {.task = {.tid = 12, .tgid = 11}, .comm = HOSTILE}},
	.text = TEXT,
};

static const uint8_t boot_id[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
				    0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

static struct finding_event finding = {
	.origin = {.node = "worker\"1", .boot_id = boot_id, .wall_ns = 1770000000000000000},
	.opened_ns = 1999,
	.boot_ns = 23456789012,
	.id = "left-pod/u",
	.rule = &rule,
	.severity = SEVERITY_CRITICAL,
	.uid = "u",
	.namespace = "default",
	.name = "web\n0",
	.count = 3,
	.evidence = &evidence,
	.n_evidence = 1,
	.check = "true",
};

static void a_finding_is_one_classic_line(void **state)
{
	AUTO_FD log = daemon_at(here.classic);
	struct json_object *document, *member;
	const char *line;

	(void)state;
	open_here();
	syslog_push(here.sink, watch_syslog_finding(&finding));
	line = take(log);
	assert_memory_equal(line, "<26>", 4);
	assert_non_null(strstr(line, ": critical left-pod pod default/web\\x0a0: process 12 "
				     "(\"" HOSTILE_SHOWN "\") is elsewhere @cee:{"));
	document = json_tokener_parse(strstr(line, "@cee:") + 5);
	assert_non_null(document);
	assert_true(json_object_object_get_ex(document, "phase", &member));
	assert_string_equal(json_object_get_string(member), "opened");
	assert_true(json_object_object_get_ex(document, "time", &member));
	assert_string_equal(json_object_get_string(member), "2026-02-02T02:40:23.456789Z");
	json_object_put(document);
	assert_string_equal(take(log), "");
}

static void its_time_is_that_of_what_it_tells(void **state)
{
	struct finding_event unknown = finding;
	struct syslog_record *record = watch_syslog_finding(&finding);
	struct json_object *time;

	(void)state;
	assert_int_equal(record->time.tv_sec, 1770000023);
	assert_int_equal(record->time.tv_nsec, 456789012);
	syslog_record_free(record);
	unknown.origin = (struct origin){};
	record = watch_syslog_finding(&unknown);
	assert_true(record->time.tv_sec > 1770000023);
	assert_true(json_object_object_get_ex(record->document, "time", &time));
	assert_null(time);
	syslog_record_free(record);
}

static void a_closed_finding_says_so(void **state)
{
	AUTO_FD log = daemon_at(here.classic);
	struct finding_event closed = finding;
	const char *line;

	(void)state;
	open_here();
	closed.phase = FINDING_CLOSED;
	closed.n_evidence = 0;
	closed.severity = SEVERITY_NOTICE;
	syslog_push(here.sink, watch_syslog_finding(&closed));
	line = take(log);
	assert_memory_equal(line, "<29>", 4);
	assert_non_null(strstr(line, ": notice left-pod (closed) pod default/web\\x0a0, seen 3 "
				     "times @cee:{"));
}

static void a_finding_has_its_fields_in_the_journal(void **state)
{
	AUTO_FD journal = daemon_at(here.journal);
	static const char message[] = "MESSAGE=critical left-pod pod default/web\\x0a0: " TEXT;
	static const char text[] = "NSVIGIL_EVIDENCE_TEXT=" TEXT;
	static const char comm[] = "NSVIGIL_EVIDENCE_SUBJECT_PROCESS_COMM=" HOSTILE_ESCAPED;
	static char data[16384];
	ssize_t len;

	(void)state;
	open_here();
	syslog_push(here.sink, watch_syslog_finding(&finding));
	len = recv(journal, data, sizeof(data), MSG_DONTWAIT);
	assert_true(len > 0);
	assert_fields(parse_journal(data, (size_t)len),
		      FIELDS(message, "PRIORITY=2", "SYSLOG_FACILITY=3",
			     "SYSLOG_IDENTIFIER=nsvigil", "NSVIGIL_TYPE=finding",
			     "NSVIGIL_TIME=2026-02-02T02:40:23.456789Z",
			     "NSVIGIL_NODE=worker\\x221",
			     "NSVIGIL_BOOT_ID=00112233-4455-6677-8899-aabbccddeeff", VERSION_FIELD,
			     "NSVIGIL_BOOT_NS=23456789012", "NSVIGIL_PHASE=opened",
			     "NSVIGIL_ID=left-pod/u", "NSVIGIL_RULE=left-pod",
			     "NSVIGIL_SEVERITY=critical", "NSVIGIL_POD_UID=u",
			     "NSVIGIL_POD_NAMESPACE=default", "NSVIGIL_POD_NAME=web\\x0a0",
			     "NSVIGIL_COUNT=3", "NSVIGIL_OPENED=2026-02-02T02:40:00.000001Z",
			     "NSVIGIL_OPENED_NS=1999", "NSVIGIL_WHAT=what", "NSVIGIL_WHY=why",
			     "NSVIGIL_TODO=todo", "NSVIGIL_CHECK=true", URL_FIELD, text,
			     "NSVIGIL_EVIDENCE_SUBJECT_TYPE=process",
			     "NSVIGIL_EVIDENCE_SUBJECT_PROCESS_PID=11",
			     "NSVIGIL_EVIDENCE_SUBJECT_PROCESS_TID=12",
			     "NSVIGIL_EVIDENCE_SUBJECT_PROCESS_START_NS=0", comm));
}

static void the_summary_tells_of_drops(void **state)
{
	AUTO_FD log = daemon_at(here.classic);
	const struct watch_summary summary = {.syslog_dropped = 5};
	const char *line;

	(void)state;
	open_here();
	syslog_push(here.sink, watch_syslog_summary(&summary));
	line = take(log);
	assert_memory_equal(line, "<30>", 4);
	assert_non_null(strstr(line, "; 5 records not in the log @cee:{\"type\":\"summary\","));
	assert_non_null(strstr(line, "\"syslog_dropped\":5"));
}

static const struct watch_alive alive = {
	.boot_ns = 500000000000,
	.from_ns = 200000000000,
	.since_ns = UINT64_C(1770000000999999999),
	.every_s = 300,
	.verdicts = {[VERDICT_ISOLATED] = 10, [VERDICT_VIOLATED] = 2},
	.open = 3,
	.walks = 11,
	.lost = 7,
};

static void that_it_is_alive_is_a_record(void **state)
{
	AUTO_FD log = daemon_at(here.classic);
	const char *line;

	(void)state;
	open_here();
	syslog_push(here.sink, watch_syslog_alive(&alive));
	line = take(log);
	assert_memory_equal(line, "<30>", 4);
	assert_non_null(strstr(line,
			       "]: watching since 2026-02-02T02:40:00Z: 12 pods: 10 isolated, "
			       "2 violated; 3 open findings, 11 walks, 7 events lost; "
			       "next heartbeat in 300 s @cee:{\"type\":\"alive\","));
	assert_non_null(strstr(line, "\"from_ns\":200000000000,\"since\":\"2026-02-02T02:40:00Z\","
				     "\"every\":300,\"verdicts\":{"));
	assert_non_null(strstr(line, "},\"open\":3,\"walks\":11,\"lost\":7}"));
}

/* Else a log that is away for days is full of them when a finding comes. */
static void that_it_is_alive_waits_for_nobody(void **state)
{
	(void)state;
	open_here();
	for (int i = 0; i < 3; i++)
		syslog_push(here.sink, watch_syslog_alive(&alive));
	assert_int_equal(syslog_counts(here.sink).queued, 1);
	push_number(1);
	syslog_push(here.sink, watch_syslog_alive(&alive));
	assert_int_equal(syslog_counts(here.sink).queued, 2);
	assert_int_equal(syslog_counts(here.sink).dropped, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classic_is_a_line_with_the_document_behind),
		cmocka_unit_test(classic_has_the_priority_of_the_record),
		cmocka_unit_test(classic_text_cannot_begin_the_document),
		cmocka_unit_test(classic_cuts_lists_to_what_a_daemon_takes),
		cmocka_unit_test(journal_has_a_field_for_each_leaf),
		cmocka_unit_test(journal_has_the_begin_of_a_list),
		cmocka_unit_test(journal_values_cannot_make_a_field),
		HERE_TEST(without_journald_it_goes_to_dev_log),
		HERE_TEST(with_journald_it_goes_there),
		HERE_TEST(what_is_too_large_goes_to_journald_as_a_file),
		HERE_TEST(what_nobody_reads_is_kept_and_then_dropped),
		HERE_TEST(it_waits_for_a_daemon),
		HERE_TEST(it_finds_a_daemon_that_comes_again),
		HERE_TEST(a_flush_ends_without_a_daemon),
		HERE_TEST(a_flush_ends_with_a_daemon_that_does_not_read),
		HERE_TEST(a_finding_is_one_classic_line),
		cmocka_unit_test(its_time_is_that_of_what_it_tells),
		HERE_TEST(a_closed_finding_says_so),
		HERE_TEST(a_finding_has_its_fields_in_the_journal),
		HERE_TEST(the_summary_tells_of_drops),
		HERE_TEST(that_it_is_alive_is_a_record),
		HERE_TEST(that_it_is_alive_waits_for_nobody),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
