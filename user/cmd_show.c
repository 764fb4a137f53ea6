// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil show: the events of captures, or the node as it was at a moment. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture/event_json.h"
#include "engine/engine.h"
#include "lib/alloc.h"
#include "lib/escape.h"
#include "lib/hash.h"
#include "reading.h"
#include "sink/event_text.h"
#include "sink/json.h"
#include "sink/report.h"
#include "sink/rulebook.h"

/* A pod's cgroup: events name pods by it. */
struct pod {
	uint64_t cgroup;
	char uid[NSV_POD_UID_LEN];
	UT_hash_handle hh;
};

struct show {
	struct reading reading;
	const struct options *opts;

	char pod_uid[NSV_POD_UID_LEN]; /* of opts->pod, once it is known */
	struct pod *pods;
	struct engine *engine;
};

/* ---- which events ---- */

/* Which pod is meant may be said by later events than those that name it only by its cgroup. */
static void learn_pod(struct show *show, const struct nsv_event *event)
{
	const struct nsv_pod_name *name = (const void *)event;
	const struct nsv_cgroup *cgroup = (const void *)event;
	const char *slash;
	struct pod *pod;

	if (event->type == NSV_POD_NAME && (slash = strchr(show->opts->pod, '/')) &&
	    strnlen(name->namespace, sizeof(name->namespace)) ==
		    (size_t)(slash - show->opts->pod) &&
	    !strncmp(name->namespace, show->opts->pod, (size_t)(slash - show->opts->pod)) &&
	    !strncmp(name->name, slash + 1, sizeof(name->name)))
		memcpy(show->pod_uid, name->uid, sizeof(show->pod_uid) - 1);
	if (event->type != NSV_CGROUP || cgroup->kind != NSV_CGROUP_POD)
		return;
	HASH_FIND(hh, show->pods, &cgroup->id, sizeof(uint64_t), pod);
	if (pod)
		return;
	pod = xcalloc(1, sizeof(*pod));
	pod->cgroup = cgroup->id;
	memcpy(pod->uid, cgroup->uid, sizeof(pod->uid) - 1);
	table_add(show->pods, cgroup, pod);
}

static bool is_uid(const struct show *show, const char *uid)
{
	return !strncmp(uid, show->opts->pod, NSV_POD_UID_LEN) ||
	       (*show->pod_uid && !strncmp(uid, show->pod_uid, NSV_POD_UID_LEN));
}

static bool is_cgroup(const struct show *show, uint64_t cgroup)
{
	struct pod *pod;

	HASH_FIND(hh, show->pods, &cgroup, sizeof(cgroup), pod);
	return pod && is_uid(show, pod->uid);
}

static bool is_of_pod(const struct show *show, const struct layout *layout,
		      const struct nsv_event *event)
{
	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];

		if ((!strcmp(field->name, "pod") || !strcmp(field->name, "key.pod") ||
		     !strcmp(field->name, "cgroup_pod")) &&
		    is_cgroup(show, field_get(field, event)))
			return true;
		if (!strcmp(field->name, "uid") && field->kind == FIELD_TEXT &&
		    is_uid(show, (const char *)event + field->offset))
			return true;
	}
	return false;
}

static bool is_of_task(const struct show *show, const struct layout *layout,
		       const struct nsv_event *event)
{
	for (size_t i = 0; i < layout->n_fields; i++)
		if ((!strcmp(layout->fields[i].name, "task.tid") ||
		     !strcmp(layout->fields[i].name, "task.tgid")) &&
		    field_get(&layout->fields[i], event) == show->opts->task)
			return true;
	return false;
}

static bool is_wanted(const struct show *show, const struct nsv_event *event)
{
	const struct layout *layout = layout_of((enum nsv_type)event->type);

	if (show->opts->types && !(show->opts->types & UINT64_C(1) << event->type))
		return false;
	if (show->opts->since.given &&
	    !reading_is_past(&show->reading, &show->opts->since, event->boot_ns + 1))
		return false;
	return (!show->opts->pod || is_of_pod(show, layout, event)) &&
	       (!show->opts->task || is_of_task(show, layout, event));
}

/* ---- what is printed ---- */

static void put_hex(const uint8_t *bytes, char *out)
{
	for (int i = 0; i < CAPTURE_UUID; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* Of another run of nsvigil: nothing that was known holds any more. */
static void print_run(const struct show *show)
{
	const struct capture_header *header = reader_header(show->reading.reader);
	char session[2 * CAPTURE_UUID + 1], writer[ESCAPED_SIZE(sizeof(header->writer))];
	struct json_object *line;

	put_hex(header->session, session);
	escape(writer, sizeof(writer), header->writer, sizeof(header->writer));
	if (show->opts->output != OUTPUT_JSON) {
		reading_print_time(&show->reading, header->boot_ns, stdout);
		printf("run %s, written by %s, rules %u\n", session, writer, header->ruleset);
		return;
	}
	line = json_object_new_object();
	json_object_object_add(line, "type", json_object_new_string("run"));
	json_object_object_add(line, "session", json_object_new_string(session));
	json_object_object_add(line, "wall_ns", json_object_new_uint64(header->wall_ns));
	json_object_object_add(line, "boot_ns", json_object_new_uint64(header->boot_ns));
	json_object_object_add(line, "writer", json_object_new_string(writer));
	json_object_object_add(line, "ruleset", json_object_new_uint64(header->ruleset));
	puts(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
	json_object_put(line);
}

static void print_event(const struct show *show, const struct nsv_event *event)
{
	struct json_object *line;

	if (show->opts->output != OUTPUT_JSON) {
		reading_print_time(&show->reading, event->boot_ns, stdout);
		event_text(event, stdout);
		putchar('\n');
		return;
	}
	line = event_json(event);
	puts(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(line);
}

static int take_event(struct reading *reading, const struct nsv_event *event,
		      struct problem *problem)
{
	struct show *show = reading->ctx;

	(void)problem;
	if (show->opts->pod)
		learn_pod(show, event);
	if (reading->begins)
		print_run(show);
	if (is_wanted(show, event))
		print_event(show, event);
	return 0;
}

/* A line a type: name, number, slots; its fields, those with a star say what a record is about. */
static void print_types(void)
{
	const struct layout *layout;

	for (size_t i = 0; (layout = layout_at(i)); i++) {
		printf("%s %d %u", layout->name, (int)layout->type, layout->slots);
		for (size_t k = 0; k < layout->n_fields; k++)
			printf(" %s%s", layout->fields[k].name, layout->fields[k].key ? "*" : "");
		for (int k = 0; k < 2 && layout->tail_name[k]; k++)
			printf(" %s%s", layout->tail_name[k],
			       layout->tail == TAIL_TEXT ? "" : "[]");
		putchar('\n');
	}
}

/* ---- what may be found ---- */

static struct json_object *names_of(const char *(*name)(unsigned), unsigned n)
{
	struct json_object *names = json_object_new_array();

	for (unsigned i = 0; i < n; i++)
		json_object_array_add(names, json_text(name(i)));
	return names;
}

static const char *severity(unsigned i)
{
	return severity_name((enum severity)i);
}

static const char *verdict(unsigned i)
{
	return verdict_name((enum verdict)i);
}

/* What it needs to be shown for an interval, and not only for the moments of walks. */
static struct json_object *needs_of(const struct rule_info *rule)
{
	struct json_object *needs = json_object_new_array();

	for (unsigned hook = 0; hook < NSV_HOOKS_MAX; hook++)
		if (rule->needs & NEEDS(hook))
			json_object_array_add(needs, json_text(hook_name(hook)));
	if (rule->needs & NEEDS_BUNDLES)
		json_object_array_add(needs, json_text("bundles"));
	if (rule->needs & NEEDS_FILES)
		json_object_array_add(needs, json_text("files"));
	if (rule->needs & NEEDS_WALKS)
		json_object_array_add(needs, json_text("walks"));
	return needs;
}

static struct json_object *rule_json(const struct rule_info *rule)
{
	struct json_object *json = json_object_new_object();

	json_put(json, "name", json_text(rule->name));
	json_put(json, "severity", json_text(rule->severity));
	json_put(json, "what", json_text(rule->what));
	json_put(json, "why", json_text(rule->why));
	json_put(json, "todo", json_text(rule->todo));
	json_put(json, "needs", needs_of(rule));
	json_put(json, "only", json_text(rule_page(rule)->only));
	json_put(json, "detail", json_text(rule_page(rule)->detail));
	json_put(json, "alike", json_text(rule_page(rule)->alike));
	json_put(json, "attack", json_text(rule_page(rule)->attack));
	json_put(json, "control", json_text(rule_page(rule)->control));
	return json;
}

static void print_rules(void)
{
	struct json_object *all = json_object_new_object(), *rules = json_object_new_array();

	for (size_t i = 0; engine_rule(i); i++)
		json_object_array_add(rules, rule_json(engine_rule(i)));
	json_put(all, "ruleset", json_number(RULESET_VERSION));
	json_put(all, "severities", names_of(severity, SEVERITY_CRITICAL + 1));
	json_put(all, "verdicts", names_of(verdict, VERDICTS));
	json_put(all, "rules", rules);
	puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY |
							 JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(all);
}

/* ---- the node at a moment ---- */

static int judge(struct reading *reading, const struct nsv_event *event, struct problem *problem)
{
	struct show *show = reading->ctx;

	if (reading->begins) {
		engine_free(show->engine);
		show->engine = engine_new();
		engine_want_host_ids(show->engine);
		engine_set_clock(show->engine, reading->wall_ns);
	}
	return reading_judge(show->engine, event, problem);
}

static int print_state(struct show *show, struct problem *problem)
{
	const struct report_style style = {
		.color = cli_wants_color(show->opts), .wide = true, .watched = true};
	const struct report *report;
	int err = reading_run(&show->reading, judge, problem);

	if (err)
		return err;
	report = show->engine ? engine_report(show->engine) : NULL;
	if (!report)
		return problem_set(
			problem, -ENODATA,
			"there is no complete walk over the node up to then: give a later --until, or the "
			"file before");
	if (show->opts->output == OUTPUT_JSON) {
		report_json(report, true, stdout);
		return 0;
	}
	printf("The node at ");
	reading_print_time(&show->reading, report->boot_ns, stdout);
	printf("\n\n");
	report_text(report, &style, stdout);
	return 0;
}

static void show_free(struct show *show)
{
	struct pod *pod, *next;

	HASH_ITER(hh, show->pods, pod, next) {
		HASH_DEL(show->pods, pod);
		free(pod);
	}
	engine_free(show->engine);
	reading_end(&show->reading);
}

static void check_options(const struct options *opts)
{
	if (opts->only_types || opts->only_rules)
		return;
	if (!opts->n_args)
		cli_usage(&command_show, "which FILE?");
	if (opts->state &&
	    (opts->types || opts->pod || opts->task || opts->since.given || opts->keyframes))
		cli_usage(&command_show, "--state takes --until and --json only");
}

static int run(const struct options *opts)
{
	struct show show = {
		.reading = {.command = &command_show,
			    .args = opts->args,
			    .n_args = opts->n_args,
			    .until = opts->until,
			    .keyframes = opts->keyframes,
			    .after_gap = "",
			    .ctx = &show},
		.opts = opts,
	};
	struct problem problem = {};
	int err, code;

	check_options(opts);
	if (opts->only_rules) {
		print_rules();
		return cli_finish(&command_show, CLI_OK);
	}
	if (opts->only_types) {
		print_types();
		return cli_finish(&command_show, CLI_OK);
	}
	err = opts->state ? print_state(&show, &problem) :
			    reading_run(&show.reading, take_event, &problem);
	code = reading_code(&show.reading, err, &problem);
	show_free(&show);
	return cli_finish(&command_show, code);
}

const struct command command_show = {
	.name = "show",
	.bit = IN_SHOW,
	.args = "[FILE...]",
	.help = "prints the events of captures, or the node as it was",
	.doc = "Prints the events of captures. Several files are read as one stream, in the order "
	       "given. nsvigil import makes a capture from the lines that --json prints.\vExit "
	       "status: 0 if it read everything, 2 if the command line is wrong, 3 if it could not "
	       "read or write, 4 if a capture is damaged or incomplete.",
	.run = run,
};
