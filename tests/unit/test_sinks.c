// SPDX-License-Identifier: BSD-2-Clause
/* What people and programs read: user/sink/report.h */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "node.h"
#include "sink/report.h"

/* A line of its own, a terminal's escape, quotes, and no UTF-8. */
#define HOSTILE "\n\033[31m\"\\\xff"
#define HOSTILE_SHOWN "\\x0a\\x1b[31m\\x22\\x5c\\xff"

static bool is_plain(char c)
{
	return c == '\n' || (c >= ' ' && c <= '~');
}

static void assert_plain(const char *text)
{
	for (; *text; text++)
		if (!is_plain(*text))
			fail_msg("a byte \\x%02x in what is shown", (unsigned char)*text);
}

/* ---- nodes to show ---- */

/* Violations with evidence of every kind. */
static void build_a_bad_node(void)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *c = host_pod(POD_C);

	isolated_pod(POD_B, BLOCK(2));
	userns(.owner = 1000, .map = MAP({0, 1000, 1}, {1, FIRST_OF(2), 65536}));
	with_init(container(a->pod, userns(.owner = 4242, .map = MAP({3, FIRST_OF(5), 10}))));
	hold_uid(task(.comm = "other"), FIRST_OF(2));
	hold_groups(c->init, 4, 27);
	for (int i = 0; i < 10; i++)
		hold_uid(task(.in = a), 0);
	task(.in = container(pod("dddddddd-0000-4000-8000-000000000000"), node.userns),
	     .entrant = true);
	pod_name(POD_A, "default", "web");
	look();
	assert_true(node.report->n_findings > 5);
}

/* The same, named by an attacker. */
static void build_a_hostile_node(const char *name)
{
	struct nsv_cgroup *cgroup;
	struct box *a, *b;
	char path[256];

	snprintf(path, sizeof(path), "/kubepods/%s/pod" POD_A, name);
	cgroup = pod_at(POD_A, path);
	a = with_init(container(cgroup, userns(.map = BLOCK(2))));
	strcpy(a->cgroup->container, name);
	strncpy(a->init->comm, name, sizeof(a->init->comm));
	strcpy(a->init->exe, name);
	hold_uid(a->init, 0);
	b = with_init(container(cgroup, userns(.map = BLOCK(3))));
	strcpy(b->cgroup->container, name);
	hold_uid(task(.comm = name), FIRST_OF(2));
	pod_name(POD_A, name, name);
	strcpy(node.facts.release, name);
	look();
	assert_true(node.report->n_findings >= 3);
}

/* ---- JSON ---- */

static struct json_object *document;

static int forget_json(void **state)
{
	(void)state;
	json_object_put(document);
	document = NULL;
	return 0;
}

/* The last walk's document, until the next one is parsed. */
static struct json_object *parse_json(void)
{
	struct json_tokener *tokener = json_tokener_new_ex(64);
	const char *text = node_json();
	enum json_tokener_error error;
	size_t end;

	forget_json(NULL);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	document = json_tokener_parse_ex(tokener, text, (int)strlen(text));
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (error != json_tokener_success)
		fail_msg("%s", json_tokener_error_desc(error));
	assert_int_equal(end, strlen(text)); /* one document */
	assert_string_equal(text + end - 2, "}\n");
	return document;
}

/* A value on a path of keys and array indices: "pods.0.name". */
static struct json_object *json_at(struct json_object *at, const char *path)
{
	char copy[128], *key, *rest = copy;

	strcpy(copy, path);
	while ((key = strsep(&rest, "."))) {
		if (json_object_is_type(at, json_type_array))
			at = json_object_array_get_idx(at, strtoul(key, NULL, 10));
		else if (!json_object_object_get_ex(at, key, &at))
			fail_msg("no %s on the way to %s", key, path);
	}
	return at;
}

static const char *string_at(struct json_object *root, const char *path)
{
	return json_object_get_string(json_at(root, path));
}

static int64_t number_at(struct json_object *root, const char *path)
{
	return json_object_get_int64(json_at(root, path));
}

static void json_says_what_the_report_says(void **state)
{
	struct json_object *root;
	struct box *a;

	(void)state;
	a = container(pod(POD_A), userns(.map = MAP({0, FIRST_OF(2), 65535})));
	with_init(a);
	hold_uid(task(.comm = "other"), FIRST_OF(2) + 7);
	pod_name(POD_A, "default", "web");
	look();
	root = parse_json();
	assert_string_equal(string_at(root, "kernel"), "6.12.0");
	assert_int_equal(number_at(root, "user_namespace.inum"), INITIAL_USERNS);
	assert_int_equal(number_at(root, "boot_ns"), node.now);
	assert_int_equal(number_at(root, "walks"), 2);
	assert_string_equal(string_at(root, "policy"), "observe");
	assert_int_equal(number_at(root, "summary.pods"), 1);
	assert_int_equal(number_at(root, "summary.verdicts.violated"), 1);
	assert_int_equal(number_at(root, "summary.verdicts.isolated"), 0);
	assert_int_equal(number_at(root, "summary.findings"), 2);
	assert_string_equal(string_at(root, "summary.worst"), "error");
	assert_string_equal(string_at(root, "pods.0.uid"), POD_A);
	assert_string_equal(string_at(root, "pods.0.namespace"), "default");
	assert_string_equal(string_at(root, "pods.0.name"), "web");
	assert_string_equal(string_at(root, "pods.0.verdict"), "violated");
	assert_int_equal(number_at(root, "pods.0.user_namespace.inum"), a->userns->ns.inum);
	assert_int_equal(number_at(root, "pods.0.user_namespace.uid_map.0.host"), FIRST_OF(2));
	assert_int_equal(number_at(root, "pods.0.user_namespace.uid_map.0.length"), 65535);
	assert_int_equal(number_at(root, "pods.0.host_uids.0.first"), FIRST_OF(2));
	assert_int_equal(number_at(root, "pods.0.processes.workload"), 1);
	assert_string_equal(string_at(root, "pods.0.findings.0.rule"), "ids-in-use");
	assert_string_equal(string_at(root, "pods.0.findings.0.severity"), "error");
	assert_string_equal(string_at(root, "pods.0.findings.0.evidence.0.ids.kind"), "uid");
	assert_int_equal(number_at(root, "pods.0.findings.0.evidence.0.ids.first"),
			 FIRST_OF(2) + 7);
	assert_string_equal(string_at(root, "pods.0.findings.0.evidence.0.other.type"), "process");
	assert_string_equal(string_at(root, "pods.0.findings.0.evidence.0.other.process.comm"),
			    "other");
	assert_string_equal(string_at(root, "pods.0.findings.1.rule"), "unexpected-mapping");
}

static void json_says_null_for_what_is_not_known(void **state)
{
	struct json_object *root;

	(void)state;
	pod(POD_A);
	walk();
	root = parse_json();
	assert_null(json_at(root, "summary.worst"));
	assert_null(json_at(root, "pods.0.namespace"));
	assert_null(json_at(root, "pods.0.name"));
	assert_null(json_at(root, "pods.0.reason"));
	assert_null(json_at(root, "pods.0.user_namespace"));
	assert_int_equal(json_object_array_length(json_at(root, "pods.0.findings")), 0);
}

static void json_of_a_node_without_pods_is_valid(void **state)
{
	struct json_object *root;

	(void)state;
	walk();
	root = parse_json();
	assert_int_equal(number_at(root, "summary.pods"), 0);
	assert_int_equal(json_object_array_length(json_at(root, "pods")), 0);
}

static void json_has_64_bit_numbers_whole(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2))->userns->ns.id = UINT64_MAX;
	node.now = UINT64_MAX - 1;
	walk();
	assert_non_null(strstr(node_json(), "18446744073709551614"));
	parse_json();
}

/* Each text in the document, keys too. */
static void check_texts(struct json_object *value)
{
	if (json_object_is_type(value, json_type_string)) {
		const char *text = json_object_get_string(value);

		assert_plain(text);
		assert_null(strchr(text, '\n'));
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			check_texts(json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member)
		{
			assert_plain(key);
			check_texts(member);
		}
	}
}

static void json_shows_hostile_names_in_the_escaped_form(void **state)
{
	struct json_object *root;

	(void)state;
	build_a_hostile_node(HOSTILE);
	assert_plain(node_json());
	root = parse_json();
	check_texts(root);
	assert_string_equal(string_at(root, "kernel"), HOSTILE_SHOWN);
	assert_string_equal(string_at(root, "pods.0.namespace"), HOSTILE_SHOWN);
	assert_string_equal(string_at(root, "pods.0.name"), HOSTILE_SHOWN);
	assert_string_equal(string_at(root, "pods.0.cgroup.path"),
			    "/kubepods/" HOSTILE_SHOWN "/pod" POD_A);
	assert_string_equal(string_at(root, "pods.0.findings.0.evidence.0.subject.process.comm"),
			    HOSTILE_SHOWN);
	assert_non_null(
		strstr(string_at(root, "pods.0.findings.0.evidence.0.text"), HOSTILE_SHOWN));
}

static void each_byte_of_a_comm_is_shown_plain_in_json_and_text(void **state)
{
	struct nsv_identity *id = task();

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(id, FIRST_OF(2));
	for (int c = 1; c < 256; c++) {
		char comm[] = {'<', (char)c, '>'}, shown[ESCAPED_SIZE(sizeof(comm))], *text;
		struct json_object *root;

		memcpy(id->comm, comm, sizeof(comm));
		look();
		escape(shown, sizeof(shown), comm, sizeof(comm));
		assert_plain(node_json());
		root = parse_json();
		assert_string_equal(
			string_at(root, "pods.0.findings.0.evidence.0.other.process.comm"), shown);
		text = node_text(false);
		assert_plain(text);
		assert_says(text, shown);
	}
}

static void a_comm_of_16_bytes_is_shown_whole(void **state)
{
	struct nsv_identity *id = task(.comm = "0123456789abcdef");
	struct json_object *root;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	hold_uid(id, FIRST_OF(2));
	look();
	root = parse_json();
	assert_string_equal(string_at(root, "pods.0.findings.0.evidence.0.other.process.comm"),
			    "0123456789abcdef");
}

static void json_that_cannot_be_written_is_an_error(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	look();
	assert_non_null(full);
	assert_int_equal(report_json(node.report, false, full), -ENOSPC);
	fclose(full);
}

/* ---- text ---- */

static void text_has_no_byte_but_printable_ones_and_newlines(void **state)
{
	char *text;

	(void)state;
	build_a_hostile_node(HOSTILE);
	text = node_text(false);
	assert_plain(text);
	assert_says(text, HOSTILE_SHOWN "/" HOSTILE_SHOWN);
	assert_says(text, "(\"" HOSTILE_SHOWN "\")");
}

/* A name has no newline: each line begins with what the sink wrote. */
static void a_hostile_name_makes_no_line_of_its_own(void **state)
{
	char *text;

	(void)state;
	build_a_hostile_node("\nINJECTED");
	text = node_text(false);
	assert_null(strstr(text, "\nINJECTED"));
	assert_says(text, "\\x0aINJECTED");
}

/* Removes "ESC [ digits m", and fails on an ESC of any other form. */
static void strip_sgr(char *text)
{
	char *out = text;

	while (*text) {
		if (*text != '\033') {
			*out++ = *text++;
			continue;
		}
		assert_int_equal(*++text, '[');
		do
			text++;
		while (*text >= '0' && *text <= '9');
		assert_int_equal(*text, 'm');
		text++;
	}
	*out = '\0';
}

static void color_adds_sgr_sequences_and_nothing_else(void **state)
{
	char *plain, *colored;

	(void)state;
	build_a_bad_node();
	plain = node_text(false);
	colored = node_text(true);
	assert_non_null(strchr(colored, '\033'));
	strip_sgr(colored);
	assert_string_equal(colored, plain);
}

static void color_of_a_hostile_node_is_the_sinks_own(void **state)
{
	char *plain, *colored;

	(void)state;
	build_a_hostile_node(HOSTILE);
	plain = node_text(false);
	colored = node_text(true);
	assert_null(strstr(colored, HOSTILE));
	strip_sgr(colored);
	assert_string_equal(colored, plain);
}

/* All that was switched on is off at the end of its line. */
static void color_ends_before_its_line(void **state)
{
	const char *on = NULL;
	char *text;

	(void)state;
	build_a_bad_node();
	text = node_text(true);
	for (const char *c = text; *c; c++) {
		if (!strncmp(c, "\033[0m", 4))
			on = NULL;
		else if (*c == '\033')
			on = c;
		if (*c == '\n')
			assert_null(on);
	}
	assert_null(on);
}

static void a_node_without_pods_says_so(void **state)
{
	char *text, *colored;

	(void)state;
	walk();
	text = node_text(false);
	colored = node_text(true);
	assert_says(text, "no pod", "nothing was judged");
	assert_string_equal(text, colored);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

#define HEADLINE "1 of 2 pods is isolated, 1 host; 1 finding: 1 notice.\n"

static void text_has_a_row_for_each_pod_and_a_summary(void **state)
{
	char *text;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	host_pod(POD_B);
	pod_name(POD_A, "default", "web");
	look();
	text = node_text(false);
	assert_says(text, "NAMESPACE  NAME ", "\ndefault    web ", "isolated", "131072-196607");
	assert_says(text, "\n-          " POD_B "  unknown   node ");
	assert_says(text, "host", "4026531837", "host-userns");
	/* First and last. */
	assert_memory_equal(text, HEADLINE "\nNAMESPACE", sizeof(HEADLINE "\nNAMESPACE") - 1);
	assert_string_equal(text + strlen(text) - (sizeof(HEADLINE) - 1), HEADLINE);
}

static char *text_in(unsigned columns)
{
	const struct report_style style = {.columns = columns};
	static char text[65536];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	report_text(node.report, &style, out);
	fclose(out);
	return text;
}

static void a_report_can_have_some_pods_only(void **state)
{
	const struct report_filter shop = {.namespace = "shop"};
	const struct report_filter host = {.verdict = VERDICT_HOST + 1};
	struct pod_view *pods;
	struct report report;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	host_pod(POD_B);
	host_pod(POD_C);
	pod_name(POD_A, "shop", "web");
	pod_name(POD_B, "shop", "db");
	look();
	report = report_select(node.report, &shop, &pods);
	assert_int_equal(report.n_pods, 2);
	assert_int_equal(report.n_not_selected, 1);
	assert_int_equal(report.verdicts[VERDICT_HOST], 1);
	assert_int_equal(report.n_findings, 1);
	assert_int_equal(report.worst, SEVERITY_NOTICE);
	free(pods);
	report = report_select(node.report, &host, &pods);
	assert_int_equal(report.n_pods, 2);
	assert_string_equal(report.pods[0].uid, POD_B);
	assert_string_equal(report.pods[1].uid, POD_C);
	assert_int_equal(report.verdicts[VERDICT_ISOLATED], 0);
	free(pods);
}

/* Columns that matter less give way; what names a pod or a range is whole, however narrow it is. */
static void the_table_fits_the_terminal(void **state)
{
#define LONG "\na-rather-long-namespace-of-somebody  a-name-that-is-even-longer-than-that  "

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	pod_name(POD_A, "a-rather-long-namespace-of-somebody",
		 "a-name-that-is-even-longer-than-that");
	look();
	assert_says(text_in(0), "\na-rather-long-namespace-of-somebody  "
				"a-name-that-is-even-longer-than-that  unknown   own ");
	assert_says(text_in(127), LONG "unknown   own       131072-196607  -        isolated\n");
	assert_says(text_in(126), LONG "unknown   own       131072-196607  isolated\n");
	assert_says(text_in(117), LONG "own       131072-196607  isolated\n");
	assert_says(text_in(107), LONG "131072-196607  isolated\n");
	assert_says(text_in(10), LONG "131072-196607  isolated\n");
	assert_null(strstr(text_in(10), ".."));
#undef LONG
}

/* One that a person would make, and what comes of it, are told together: the cause with why and what to do. */
static void what_follows_from_a_finding_is_told_below_it(void **state)
{
	const char *cause, *follows;
	char *text;

	(void)state;
	isolated_pod(POD_A, MAP({0, 0, 1000}));
	look();
	text = node_text(false);
	cause = strstr(text, "\nprivileged-ids: ");
	follows = strstr(text, "    From this follows:\n      ");
	assert_true(cause && follows && cause < follows);
	assert_says(follows, "unexpected-mapping (warning): ");
	assert_null(strstr(text, "\nunexpected-mapping: "));
}

/* DESIGN 2: every finding ends with why it matters, what to do, and how to check it by hand. */
static void text_says_of_a_finding_why_what_to_do_and_how_to_check(void **state)
{
	char *text;

	(void)state;
	build_a_bad_node();
	text = node_text(false);
	for (size_t p = 0; p < node.report->n_pods; p++) {
		const struct pod_view *view = &node.report->pods[p];

		for (size_t i = 0; i < view->n_findings; i++) {
			const struct finding *finding = &view->findings[i];

			char head[128], below[512];

			snprintf(head, sizeof(head), "\n%s: ", finding->rule->name);
			snprintf(below, sizeof(below), "      %s (%s): %s\n", finding->rule->name,
				 severity_name(finding->severity), finding->evidence[0].text);
			if (strstr(text, head))
				assert_says(text, finding->rule->what, finding->rule->why,
					    finding->rule->todo, finding->check,
					    severity_name(finding->severity),
					    finding->evidence[0].text);
			else
				assert_says(text, below);
		}
	}
}

static void text_counts_what_it_does_not_show(void **state)
{
	char *text;

	(void)state;
	build_a_bad_node();
	assert_int_equal(the_finding(POD_A, "unmapped-identity")->count, 10);
	assert_int_equal(the_finding(POD_A, "unmapped-identity")->n_evidence, 4);
	text = node_text(false);
	assert_says(text, "and 6 more");
}

static void text_says_why_a_pod_is_not_judged(void **state)
{
	char *text;

	(void)state;
	task(.in = container(pod(POD_A), node.userns), .entrant = true);
	node.now = 2 * SECOND;
	look();
	text = node_text(false);
	assert_says(text, "starting", the_pod(POD_A)->reason);
}

/* Each column begins where its heading does. */
static void the_tables_columns_are_aligned(void **state)
{
	char *line, *rest;
	size_t at;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	isolated_pod(POD_B, MAP({0, FIRST_OF(7), 65536}));
	host_pod(POD_C);
	pod_name(POD_A, "a-rather-long-namespace-of-a-pod", "and-a-rather-long-name-of-it");
	pod_name(POD_B, "a", "b");
	look();
	rest = node_text(false);
	strsep(&rest, "\n"); /* the headline */
	strsep(&rest, "\n");
	line = strsep(&rest, "\n");
	at = (size_t)(strstr(line, "VERDICT") - line);
	for (size_t i = 0; i < node.report->n_pods; i++) {
		const char *verdict = verdict_name(node.report->pods[i].verdict);

		line = strsep(&rest, "\n");
		assert_true(strlen(line) > at);
		assert_memory_equal(line + at, verdict, strlen(verdict));
		assert_int_equal(line[at - 1], ' ');
	}
}

/* ---- names of things ---- */

static void rules_have_a_name_and_all_of_their_texts(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct rule_info *rule; (rule = engine_rule(n)); n++) {
		assert_true(strlen(rule->name) && strlen(rule->severity) && strlen(rule->what) &&
			    strlen(rule->why) && strlen(rule->todo));
		assert_plain(rule->what);
		assert_int_equal(strspn(rule->name, "abcdefghijklmnopqrstuvwxyz-"),
				 strlen(rule->name));
		for (size_t i = 0; i < n; i++)
			assert_string_not_equal(engine_rule(i)->name, rule->name);
	}
	assert_true(n >= 9);
	assert_null(engine_rule(n + 1));
	assert_null(engine_rule(SIZE_MAX));
}

static void verdicts_and_severities_have_the_designs_names(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_ISOLATED), "isolated");
	assert_string_equal(verdict_name(VERDICT_HOST), "host");
	assert_string_equal(verdict_name(VERDICT_MIXED), "mixed");
	assert_string_equal(verdict_name(VERDICT_VIOLATED), "violated");
	assert_string_equal(verdict_name(VERDICT_STARTING), "starting");
	assert_string_equal(verdict_name(VERDICT_NOT_JUDGED), "not judged");
	assert_string_equal(verdict_name(VERDICT_EMPTY), "empty");
	assert_string_equal(verdict_name(VERDICT_SANDBOXED), "sandboxed");
	assert_string_equal(severity_name(SEVERITY_INFO), "info");
	assert_string_equal(severity_name(SEVERITY_NOTICE), "notice");
	assert_string_equal(severity_name(SEVERITY_WARNING), "warning");
	assert_string_equal(severity_name(SEVERITY_ERROR), "error");
	assert_string_equal(severity_name(SEVERITY_CRITICAL), "critical");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(json_says_what_the_report_says),
		NODE_TEST(json_says_null_for_what_is_not_known),
		NODE_TEST(json_of_a_node_without_pods_is_valid),
		NODE_TEST(json_has_64_bit_numbers_whole),
		NODE_TEST(json_shows_hostile_names_in_the_escaped_form),
		NODE_TEST(each_byte_of_a_comm_is_shown_plain_in_json_and_text),
		NODE_TEST(a_comm_of_16_bytes_is_shown_whole),
		NODE_TEST(json_that_cannot_be_written_is_an_error),

		NODE_TEST(text_has_no_byte_but_printable_ones_and_newlines),
		NODE_TEST(a_hostile_name_makes_no_line_of_its_own),
		NODE_TEST(color_adds_sgr_sequences_and_nothing_else),
		NODE_TEST(color_of_a_hostile_node_is_the_sinks_own),
		NODE_TEST(color_ends_before_its_line),
		NODE_TEST(a_node_without_pods_says_so),
		NODE_TEST(text_has_a_row_for_each_pod_and_a_summary),
		NODE_TEST(the_table_fits_the_terminal),
		NODE_TEST(what_follows_from_a_finding_is_told_below_it),
		NODE_TEST(a_report_can_have_some_pods_only),
		NODE_TEST(text_says_of_a_finding_why_what_to_do_and_how_to_check),
		NODE_TEST(text_counts_what_it_does_not_show),
		NODE_TEST(text_says_why_a_pod_is_not_judged),
		NODE_TEST(the_tables_columns_are_aligned),

		cmocka_unit_test(rules_have_a_name_and_all_of_their_texts),
		cmocka_unit_test(verdicts_and_severities_have_the_designs_names),
	};

	return cmocka_run_group_tests_name("sinks", tests, NULL, forget_json);
}
