// SPDX-License-Identifier: BSD-2-Clause
/* The configuration file, and what of it and the command line holds. */
#include "cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/file.h"
#include "config/when.h"
#include "lib/alloc.h"
#include "lib/clock.h"

static const struct texts none[OPTIONS_MAX];

static size_t option_index(const char *name)
{
	size_t i = 0;

	while (strcmp(option_at(i)->name, name) != 0)
		i++;
	return i;
}

/* What the file says, or NULL and why. */
static int parse(const char *text, struct texts file[OPTIONS_MAX], struct problem *problem)
{
	return config_parse("f", text, strlen(text), file, problem);
}

static void expect(const char *text, const char *mistake)
{
	struct texts file[OPTIONS_MAX];
	struct problem problem = {};
	int err = parse(text, file, &problem);

	if (err != -EINVAL || !strstr(problem.text, mistake) || strchr(problem.text, '\n'))
		fail_msg("%s: %d, %s", text, err, problem.text);
	texts_free(file);
}

static void test_mistakes(void **state)
{
	(void)state;
	expect("json: true\npolcy: observe\n", "f:2: there is no key 'polcy'");
	expect("config: x\n", "f:1: there is no key 'config'");
	expect("explain: x\n", "f:1: there is no key 'explain'");
	expect("\"a\\n\\e[31m\": x\n", "f:1: there is no key 'a\\x0a\\x1b[31m'");
	expect("[a]: x\n", "f:1: there is no key ''");
	expect("json: yes\n", "f:1: json takes true or false, not 'yes'");
	expect("\n\npolicy: deny\n", "f:3: policy takes require, observe or ignore, not 'deny'");
	expect("min-host-id: 4294967296\n", "f:1: min-host-id takes a number from 0 to 4294967295");
	expect("min-host-id: -1\n", "min-host-id takes a number");
	expect("policy:\n  - observe\n", "f:2: policy takes one value");
	expect("syslog-hostname: two words\n", "f:1: syslog-hostname takes a name of up to 255");
	expect("policy: {a: b}\n", "f:1: policy takes one value");
	expect("allow-join: {a: b}\n", "f:1: allow-join takes a list of texts");
	expect("allow-join:\n- a/b\n- [c]\n", "f:3: allow-join takes a list of texts");
	expect("allow-join:\n- a/b\n- c\n", "f:3: allow-join takes NAMESPACE/NAME");
	expect("policy:\n", "f:1: policy has no value");
	expect("capture: \"\"\n", "f:1: capture has no value");
	expect("capture: \"a\\0b\"\n", "f:1: capture has a character that is not printable");
	expect("capture: \xc3\xa4\n", "f:1: capture has a character that is not printable");
	expect("json: true\njson: true\n", "f:2: json is there twice");
	expect("allow-join: []\nallow-join: []\n", "f:2: allow-join is there twice");
	expect("allow-join:\n- */x\n", "f:2: a text that begins with * needs quotes");
	expect("- a\n", "f:1: is not of the form 'key: value'");
	expect("just text\n", "f:1: is not of the form 'key: value'");
	expect("json: true\n---\njson: true\n", "f:2: there is a second document");
	expect("json: \"x\n", "is not YAML");
	expect("json: true\n\tpolicy: x\n", "f:2: is not YAML");
	expect("json: \xff\n", "f:1: is not YAML");
}

/* In quotes it is a text, and is shown so that it is read as one. */
static void test_null(void **state)
{
	static const char *const nulls[] = {"~", "null", "Null", "NULL"};
	const size_t name = option_index("node-name");
	struct texts file[OPTIONS_MAX];
	const struct option_row *wrong;
	struct options options;
	struct problem problem = {};
	char text[128], *shown = NULL;

	(void)state;
	expect("node-name:   # none\n", "f:1: node-name has no value: give it one, or remove");
	expect("severity:\n-\n", "f:2: severity has no value: give it one, or remove the line");
	for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++) {
		size_t size;
		FILE *out;

		snprintf(text, sizeof(text), "json: true\nnode-name: %s\n", nulls[i]);
		expect(text, "f:2: node-name has no value: give it one, or remove the line");
		snprintf(text, sizeof(text), "runtime-dir:\n- /a\n- %s\n", nulls[i]);
		expect(text, "f:3: runtime-dir has no value: give it one, or remove the line");
		snprintf(text, sizeof(text), "runtime-dir: %s\n", nulls[i]);
		expect(text, "f:1: runtime-dir has no value");
		snprintf(text, sizeof(text), "%s: x\n", nulls[i]);
		expect(text, "f:1: there is no key '");

		snprintf(text, sizeof(text), i % 2 ? "node-name: '%s'\n" : "node-name: \"%s\"\n",
			 nulls[i]);
		assert_int_equal(parse(text, file, &problem), 0);
		assert_string_equal(file[name].v[0], nulls[i]);
		assert_int_equal(options_make(none, file, &options, &wrong, &problem), 0);
		texts_free(file);
		out = xmemstream(&shown, &size);
		config_print(&options, out);
		fclose(out);
		options_free(&options);
		assert_int_equal(parse(shown, file, &problem), 0);
		assert_string_equal(file[name].v[0], nulls[i]);
		texts_free(file);
		free(shown);
	}
}

/* What a file said holds until it says something else: without it the standards would. */
static void test_gone(void **state)
{
	char path[] = "/tmp/nsvigil-config-XXXXXX";
	struct texts file[OPTIONS_MAX];
	struct problem problem = {};
	const int fd = mkstemp(path);
	bool found = false;

	(void)state;
	assert_int_equal(write(fd, "json: true\n", 11), 11);
	close(fd);
	assert_int_equal(config_read_if_there(path, false, file, &found, &problem), 0);
	assert_true(found);
	assert_true(file[option_index("json")].given);
	texts_free(file);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(config_read_if_there(path, true, file, &found, &problem), -ENOENT);
	assert_true(found);
	assert_non_null(strstr(problem.text, path));
	assert_non_null(strstr(problem.text, " is not there any more: put it back, or restart"));
	texts_free(file);
	assert_int_equal(config_read_if_there(path, false, file, &found, &problem), 0);
	assert_false(found);
	assert_int_equal(config_read_if_there("/tmp", false, file, &found, &problem), -EISDIR);
}

static void test_nothing(void **state)
{
	static const char *const empty[] = {"null\n", "",	    "\n",  "# a comment\n",
					    "---\n",  "---\n...\n", "{}\n"};
	struct texts file[OPTIONS_MAX];
	struct problem problem = {};

	(void)state;
	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
		assert_int_equal(parse(empty[i], file, &problem), 0);
		for (size_t k = 0; option_at(k); k++)
			assert_false(file[k].given);
		texts_free(file);
	}
}

/* Nesting and aliases cost no more than the file is long. */
static void test_hostile(void **state)
{
	char *deep = xcalloc(1, 200001);

	(void)state;
	memset(deep, '[', 200000);
	expect(deep, "f:1: ");
	free(deep);
	expect("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "f:1: there is no key 'a'");
}

/* The command line, then the file, then the standard; a list as a whole. */
static void test_what_holds(void **state)
{
	const size_t policy = option_index("policy"), allow = option_index("allow-join");
	struct texts line[OPTIONS_MAX] = {}, file[OPTIONS_MAX];
	const struct option_row *wrong;
	struct options options;
	struct problem problem = {};

	(void)state;
	assert_int_equal(parse("policy: require\nmin-host-id: 7\nallow-join: [a/b, c/d=net]\n"
			       "full: true\n",
			       file, &problem),
			 0);
	assert_int_equal(options_make(none, file, &options, &wrong, &problem), 0);
	assert_int_equal(options.policy, NSV_POLICY_REQUIRE);
	assert_int_equal(options.min_host_id, 7);
	assert_int_equal(options.node_pid, 1);
	assert_int_equal(options.allowed.n, 2);
	assert_string_equal(options.allowed.v[1].name, "d");
	assert_int_equal(options.allowed.v[1].kinds, 1U << NSV_NS_NET);
	assert_true(options.full);
	options_free(&options);

	option_give(option_at(policy), &line[policy], "observe");
	option_give(option_at(policy), &line[policy], "ignore");
	option_give(option_at(allow), &line[allow], "e/f");
	assert_int_equal(options_make(line, file, &options, &wrong, &problem), 0);
	assert_int_equal(options.policy, NSV_POLICY_IGNORE);
	assert_int_equal(options.min_host_id, 7);
	assert_int_equal(options.allowed.n, 1);
	assert_string_equal(options.allowed.v[0].namespace, "e");
	options_free(&options);

	option_give(option_at(policy), &line[policy], "x");
	assert_int_equal(options_make(line, file, &options, &wrong, &problem), -EINVAL);
	assert_ptr_equal(wrong, option_at(policy));
	options_free(&options);
	texts_free(line);
	texts_free(file);
}

/* The command line can say that there is none of what the file has. */
static void test_taken_back(void **state)
{
	const size_t taken[] = {option_index("syslog"), option_index("capture"),
				option_index("json"), option_index("metrics")};
	struct texts file[OPTIONS_MAX], line[OPTIONS_MAX] = {};
	const struct option_row *wrong;
	struct options options;
	struct problem problem;

	(void)state;
	assert_int_equal(parse("syslog: [local, \"udp://a\"]\ncapture: /x\njson: true\n"
			       "metrics: 9464\n",
			       file, &problem),
			 0);
	assert_int_equal(options_make(line, file, &options, &wrong, &problem), 0);
	assert_true(options.syslog.local && options.syslog.n && options.capture_dir &&
		    (options.output == OUTPUT_JSON) && options.metrics.len);
	options_free(&options);

	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		option_take_back(option_at(taken[i]), &line[taken[i]]);
	assert_int_equal(options_make(line, file, &options, &wrong, &problem), 0);
	assert_false(options.syslog.local || options.syslog.n || options.capture_dir ||
		     (options.output == OUTPUT_JSON) || options.metrics.len);
	options_free(&options);

	/* What is given after that holds. */
	option_give(option_at(taken[0]), &line[taken[0]], "local");
	assert_int_equal(options_make(line, file, &options, &wrong, &problem), 0);
	assert_true(options.syslog.local);
	assert_int_equal(options.syslog.n, 0);
	options_free(&options);
	texts_free(line);
	texts_free(file);
}

/* --json and --output are two names of one thing: what the command line has of either holds. */
static void output_is(const char *file_text, const char *name, const char *value,
		      enum output expected)
{
	struct texts file[OPTIONS_MAX], line[OPTIONS_MAX] = {};
	const struct option_row *wrong;
	struct options options;
	struct problem problem;

	assert_int_equal(parse(file_text, file, &problem), 0);
	if (name)
		option_give(option_at(option_index(name)), &line[option_index(name)], value);
	assert_int_equal(options_make(line, file, &options, &wrong, &problem), 0);
	assert_int_equal(options.output, expected);
	options_free(&options);
	texts_free(line);
	texts_free(file);
}

static void test_output(void **state)
{
	(void)state;
	output_is("", NULL, NULL, OUTPUT_TABLE);
	output_is("json: true\n", NULL, NULL, OUTPUT_JSON);
	output_is("output: yaml\n", NULL, NULL, OUTPUT_YAML);
	output_is("json: true\n", "output", "csv", OUTPUT_CSV);
	output_is("json: true\n", "output", "table", OUTPUT_TABLE);
	output_is("output: wide\n", "json", "true", OUTPUT_JSON);
	output_is("output: wide\n", "output", "json", OUTPUT_JSON);
	output_is("json: false\noutput: wide\n", NULL, NULL, OUTPUT_WIDE);
}

static void lasts(const char *text, uint64_t seconds)
{
	uint64_t out = 4711;

	assert_int_equal(duration_parse(text, &out), seconds != UINT64_MAX);
	assert_int_equal(out, seconds == UINT64_MAX ? 4711 : seconds);
}

static void test_durations(void **state)
{
	static const char *const wrong[] = {"",	    "x",   "1x",	   "h",
					    "-1",   " 1",  "1 ",	   "1h30",
					    "1.5h", "1hh", "99999999999d", "18446744073709551616"};

	(void)state;
	lasts("0", 0);
	lasts("90", 90);
	lasts("30s", 30);
	lasts("1h30m", 5400);
	lasts("1d", 86400);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		lasts(wrong[i], UINT64_MAX);
	expect("attest: 1x\n", "attest takes a duration from 0 to 4294967295 seconds");
	expect("heartbeat: 2d\n", "heartbeat takes a duration from 0 to 86400 seconds");
}

static void test_ago(void **state)
{
	const uint64_t before = now_wall_ns();
	struct when when = {};

	(void)state;
	assert_true(when_parse("-10m", &when));
	assert_true(when.given && when.is_wall);
	assert_in_range(when.ns, before - 600000000000, now_wall_ns() - 600000000000);
	assert_false(when_parse("-", &when));
	assert_false(when_parse("--1", &when));
}

static void listens_at(const char *text, int family, const char *expected)
{
	const struct option_row *metrics = option_at(option_index("metrics"));
	struct options options = {};
	struct problem problem;
	const struct sockaddr_in *v4 = (const void *)&options.metrics.addr;
	const struct sockaddr_in6 *v6 = (const void *)&options.metrics.addr;
	char shown[INET6_ADDRSTRLEN];

	assert_int_equal(metrics->set(metrics, &options, text, &problem), 0);
	assert_int_equal(options.metrics.addr.ss_family, family);
	assert_non_null(inet_ntop(family,
				  family == AF_INET ? (const void *)&v4->sin_addr :
						      (const void *)&v6->sin6_addr,
				  shown, sizeof(shown)));
	assert_string_equal(shown, expected);
	assert_int_equal(ntohs(family == AF_INET ? v4->sin_port : v6->sin6_port), 9464);
}

/* Who fills in an address, as Kubernetes does a pod's, puts it in brackets of whatever kind it is. */
static void test_addresses(void **state)
{
	(void)state;
	listens_at("9464", AF_INET, "127.0.0.1");
	listens_at("10.0.0.1:9464", AF_INET, "10.0.0.1");
	listens_at("[10.0.0.1]:9464", AF_INET, "10.0.0.1");
	listens_at("[::]:9464", AF_INET6, "::");
	listens_at("[fd00::1:2]:9464", AF_INET6, "fd00::1:2");
	listens_at("[::ffff:10.0.0.1]:9464", AF_INET6, "::ffff:10.0.0.1");
	expect("metrics: \"[10.0.0.1]\"\n", "f:1: metrics takes [ADDR:]PORT");
	expect("metrics: \"[10.0.0.1]:0\"\n", "f:1: metrics takes [ADDR:]PORT");
	expect("metrics: \"[10.0.0.1:9464\"\n", "f:1: metrics takes [ADDR:]PORT");
	expect("metrics: \"10.0.0.1]:9464\"\n", "f:1: metrics takes [ADDR:]PORT");
	expect("metrics: \"[]:9464\"\n", "f:1: metrics takes [ADDR:]PORT");
	expect("metrics: \"[[10.0.0.1]]:9464\"\n", "f:1: metrics takes [ADDR:]PORT");
	expect("metrics: \"[x]:9464\"\n", "f:1: metrics takes [ADDR:]PORT");
}

/* Two of one name are of other commands, and one has the key. */
static bool is_after(const struct option_row *before, const struct option_row *option)
{
	const int order = strcmp(before->name, option->name);

	return order < 0 || (!order && !(before->commands & option->commands) &&
			     option_has_key(before) != option_has_key(option));
}

/* An option is one of the two: of captures, without a key, or of the node. Names are told apart. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; option_at(i); i++) {
		const struct option_row *option = option_at(i);

		assert_non_null(option->set);
		if (i)
			assert_true(is_after(option_at(i - 1), option));
		if (option->commands & (IN_SCAN | IN_WATCH | IN_RECORD | IN_DOCTOR))
			assert_int_equal(option_has_key(option),
					 strcmp(option->name, "config") != 0);
		else
			assert_false(option_has_key(option));
		/* "json" is another name of "output". */
		if (!option->arg && strcmp(option->name, "json") != 0)
			assert_string_equal(option->standard, "false");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes),   cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_null),	   cmocka_unit_test(test_gone),
		cmocka_unit_test(test_hostile),	   cmocka_unit_test(test_what_holds),
		cmocka_unit_test(test_taken_back), cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_table),	   cmocka_unit_test(test_output),
		cmocka_unit_test(test_durations),  cmocka_unit_test(test_ago),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
