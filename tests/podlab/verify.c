// SPDX-License-Identifier: BSD-2-Clause
#include "verify.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* A pod of a scenario, and the row that the scan has for it. */
struct check {
	const struct scenario *scenario;
	size_t pod;
	const char *policy;
	FILE *diff; /* what differs, a line each; no line, no difference */
	struct json_object *row;
};

/* In one line, with all escaped that is not printable. */
static const char *show(struct json_object *object)
{
	return json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE);
}

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

static size_t length(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static bool equals(struct json_object *value, const char *expected)
{
	if (!expected || !value)
		return !expected && !value;
	return json_object_is_type(value, json_type_string) &&
	       !strcmp(json_object_get_string(value), expected);
}

static bool is_number(struct json_object *value, uint32_t expected)
{
	return json_object_is_type(value, json_type_int) &&
	       json_object_get_int64(value) == expected;
}

static const char *cgroup_of(struct json_object *row)
{
	const char *path = json_object_get_string(get(get(row, "cgroup"), "path"));

	return path ? path : "";
}

/* NULL behind the end, and where there is no array. */
static struct json_object *element(struct json_object *array, size_t i)
{
	return i < length(array) ? json_object_array_get_idx(array, i) : NULL;
}

/* Is it in the directory, however deep? */
static bool is_below(const char *path, const char *directory)
{
	const size_t len = strlen(directory);

	return !strncmp(path, directory, len) && path[len] == '/';
}

static void differ(const struct check *check, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void differ(const struct check *check, const char *fmt, ...)
{
	char name[NAME_MAX];
	va_list args;

	scenario_pod_name(check->scenario, check->pod, name);
	fprintf(check->diff, "# %s: ", name);
	va_start(args, fmt);
	vfprintf(check->diff, fmt, args);
	va_end(args);
	fputc('\n', check->diff);
}

static void check_string(const struct check *check, const char *key, const char *expected)
{
	struct json_object *value = get(check->row, key);

	if (!equals(value, expected))
		differ(check, "%s is %s, not %s", key, show(value), expected ? expected : "null");
}

/* NULL: there has to be no such finding. */
static const char *severity_of(const char *policy, const struct finding_spec *spec)
{
	if (spec->severity)
		return spec->severity;
	if (!strcmp(policy, "require"))
		return "critical";
	return strcmp(policy, "observe") ? NULL : "notice";
}

static bool ids_match(const struct check *check, const struct evidence_spec *spec,
		      struct json_object *ids)
{
	const uint32_t first =
		scenario_host_id(check->scenario, check->pod, spec->block, spec->offset);

	if (!spec->kind)
		return true;
	return equals(get(ids, "kind"), spec->kind) && is_number(get(ids, "first"), first) &&
	       (!spec->count || is_number(get(ids, "last"), first + spec->count - 1));
}

static bool other_matches(const struct check *check, const struct evidence_spec *spec,
			  struct json_object *other)
{
	char uid[NAME_MAX];

	if (spec->other && !equals(get(other, "type"), spec->other))
		return false;
	if (spec->other_pod == OWN)
		return true;
	scenario_pod_uid(check->scenario, spec->other_pod - POD_A, uid);
	return equals(get(other, "pod"), uid);
}

static bool has_evidence(const struct check *check, const struct evidence_spec *spec,
			 struct json_object *evidence)
{
	struct json_object *entry;
	size_t i;

	if (!spec->kind && !spec->other)
		return true;
	for (i = 0; i < length(evidence); i++) {
		entry = element(evidence, i);
		if (ids_match(check, spec, get(entry, "ids")) &&
		    other_matches(check, spec, get(entry, "other")))
			return true;
	}
	return false;
}

/* Returns which of the findings it is, or how many there are. */
static size_t index_of(struct json_object *findings, const char *rule, const char *severity)
{
	struct json_object *finding;
	size_t i;

	for (i = 0; i < length(findings); i++) {
		finding = element(findings, i);
		if (equals(get(finding, "rule"), rule) &&
		    equals(get(finding, "severity"), severity))
			break;
	}
	return i;
}

static void check_evidence(const struct check *check, const struct finding_spec *spec,
			   struct json_object *evidence)
{
	const struct evidence_spec *wanted = &spec->evidence;
	const uint32_t first =
		scenario_host_id(check->scenario, check->pod, wanted->block, wanted->offset);
	char ids[64] = "any";

	if (has_evidence(check, wanted, evidence))
		return;
	if (wanted->kind && wanted->count)
		format(ids, sizeof(ids), "%s %u-%u", wanted->kind, first,
		       first + wanted->count - 1);
	else if (wanted->kind)
		format(ids, sizeof(ids), "%s from %u", wanted->kind, first);
	differ(check, "%s: no evidence has as IDs %s, as the other party %s: %s", spec->rule, ids,
	       wanted->other ? wanted->other : "any", show(evidence));
}

/* Is it the first of its rule and severity, and do they belong to the pod? */
static bool is_wanted(const struct check *check, struct json_object *findings, size_t at)
{
	const struct finding_spec *spec = check->scenario->pods[check->pod].findings;
	const char *severity;
	size_t i;

	for (i = 0; i < POD_FINDINGS && spec[i].rule; i++) {
		severity = severity_of(check->policy, &spec[i]);
		if (severity && index_of(findings, spec[i].rule, severity) == at)
			return true;
	}
	return false;
}

/* Each expected finding once, and no other. */
static void check_findings(const struct check *check)
{
	const struct finding_spec *spec = check->scenario->pods[check->pod].findings;
	struct json_object *finding, *findings = get(check->row, "findings");
	const char *severity;
	size_t i;

	for (i = 0; i < POD_FINDINGS && spec[i].rule; i++) {
		severity = severity_of(check->policy, &spec[i]);
		if (!severity)
			continue;
		finding = element(findings, index_of(findings, spec[i].rule, severity));
		if (finding)
			check_evidence(check, &spec[i], get(finding, "evidence"));
		else
			differ(check, "%s:%s is missing", spec[i].rule, severity);
	}
	for (i = 0; i < length(findings); i++) {
		finding = element(findings, i);
		if (!is_wanted(check, findings, i))
			differ(check, "too much: %s:%s %s", show(get(finding, "rule")),
			       show(get(finding, "severity")), show(get(finding, "evidence")));
	}
}

/* Returns the pod's row, or NULL. */
static struct json_object *find_row(const struct check *check, struct json_object *rows)
{
	struct json_object *row, *found = NULL;
	char path[PATH_MAX];
	size_t i;

	scenario_pod_cgroup(check->scenario, check->pod, path);
	for (i = 0; i < length(rows); i++) {
		row = element(rows, i);
		if (is_below(cgroup_of(row), path))
			differ(check, "there is a row for what is inside it: %s", show(row));
		if (strcmp(cgroup_of(row), path))
			continue;
		if (found)
			differ(check, "there is one more row for it: %s", show(row));
		found = row;
	}
	if (!found)
		differ(check, "there is no row for %s", path);
	return found;
}

/* With a critical finding it is violated, whatever else it is. */
static const char *verdict_of(const struct check *check, const struct pod_spec *spec)
{
	for (size_t i = 0; i < POD_FINDINGS && spec->findings[i].rule; i++) {
		const char *severity = severity_of(check->policy, &spec->findings[i]);

		if (severity && !strcmp(severity, "critical"))
			return "violated";
	}
	return spec->verdict;
}

static void check_pod(struct check *check, struct json_object *rows)
{
	const struct pod_spec *spec = &check->scenario->pods[check->pod];
	char uid[NAME_MAX], name[NAME_MAX];

	check->row = find_row(check, rows);
	if (!check->row)
		return;
	scenario_pod_uid(check->scenario, check->pod, uid);
	scenario_pod_name(check->scenario, check->pod, name);
	check_string(check, "uid", uid);
	check_string(check, "namespace", spec->nameless ? NULL : LAB_NAMESPACE);
	check_string(check, "name", spec->nameless ? NULL : name);
	check_string(check, "verdict", verdict_of(check, spec));
	check_findings(check);
}

static void check_scenario(const struct scenario *scenario, const char *policy,
			   struct json_object *rows, FILE *diff)
{
	struct check check = {.scenario = scenario, .policy = policy, .diff = diff};

	for (check.pod = 0; check.pod < scenario_pods(scenario); check.pod++)
		check_pod(&check, rows);
}

/* A row at or below any scenario's pod was looked at there. */
static bool is_expected(const char *path)
{
	char pod_path[PATH_MAX];
	size_t i, pod;

	for (i = 0; i < n_scenarios; i++)
		for (pod = 0; pod < scenario_pods(&scenarios[i]); pod++) {
			scenario_pod_cgroup(&scenarios[i], pod, pod_path);
			if (!strcmp(path, pod_path) || is_below(path, pod_path))
				return true;
		}
	return false;
}

static void check_strays(struct json_object *rows, FILE *diff)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < length(rows); i++) {
		row = element(rows, i);
		if (is_below(cgroup_of(row), LAB_ROOT) && !is_expected(cgroup_of(row)))
			fprintf(diff, "# no scenario has %s\n", show(row));
	}
}

/* One test of the plan: the scenario, or, if that is NULL, that there is nothing else. */
static bool test(unsigned number, const struct scenario *scenario, const char *policy,
		 struct json_object *rows)
{
	char *text = NULL;
	size_t size = 0;
	FILE *diff = open_memstream(&text, &size);

	if (!diff) {
		fail("open_memstream()");
		return false;
	}
	if (scenario)
		check_scenario(scenario, policy, rows, diff);
	else
		check_strays(rows, diff);
	fclose(diff);
	printf("%sok %u - %s\n%s", size ? "not " : "", number,
	       scenario ? scenario->name : "no other pods", text);
	free(text);
	return size == 0;
}

static bool run_tests(const struct selection *selection, const char *policy,
		      struct json_object *rows)
{
	unsigned number = 0, planned = selection->all;
	bool ok = true;
	size_t i;

	for (i = 0; i < n_scenarios; i++)
		planned += selection->chosen[i];
	printf("1..%u\n", planned);
	for (i = 0; i < n_scenarios; i++)
		if (selection->chosen[i])
			ok &= test(++number, &scenarios[i], policy, rows);
	if (selection->all)
		ok &= test(++number, NULL, policy, rows);
	return ok;
}

int verify(const struct selection *selection, const char *policy)
{
	struct json_object *scan = json_object_from_fd(STDIN_FILENO);
	struct json_object *rows = get(scan, "pods");
	bool ok = false;

	if (json_object_is_type(rows, json_type_array))
		ok = run_tests(selection, policy, rows);
	else
		complain("standard input is no scan: it has no array of pods");
	json_object_put(scan);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
