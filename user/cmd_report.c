// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil report: what scans, logs and captures say, of one node or of many. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/file.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "reading.h"
#include "report/boots.h"
#include "report/peek.h"
#include "report/read.h"
#include "report/take.h"
#include "report/write.h"
#include "sink/life.h"
#include "sink/report.h"
#include "sink/watch.h"

static void (*const writers[])(struct fleet *fleet, FILE *out) = {
	[REPORT_TABLE] = write_table,
	[REPORT_CSV] = write_csv,
	[REPORT_HTML] = write_html,
	[REPORT_JUNIT] = write_junit,
	[REPORT_OPENREPORTS] = write_openreports,
};

/* ---- which files ---- */

struct paths {
	char **v;
	size_t n, cap;
};

static void add_path(struct paths *paths, char *path)
{
	xgrow(paths->v, paths->n, &paths->cap);
	paths->v[paths->n++] = path;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In the order of their names, which is that of captures in time. What is below it is another one's. */
static int add_directory(struct paths *paths, const char *path)
{
	struct dirent **entries;
	const int n = scandir(path, &entries, is_shown, alphasort);
	struct stat stat_buf;

	for (int i = 0; i < n; i++) {
		char *file = NULL;

		if (asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
			abort();
		free(entries[i]);
		if (stat(file, &stat_buf) || !S_ISDIR(stat_buf.st_mode))
			add_path(paths, file);
		else
			free(file);
	}
	if (n >= 0)
		free(entries);
	return n < 0 ? -errno : 0;
}

/* How it is called in a report: names of files are as hostile as others. */
static const char *shown_name(struct fleet *fleet, const char *path)
{
	return fleet_text(fleet, path, strlen(path));
}

static void unreadable(struct fleet *fleet, const char *path, int err)
{
	fleet->damaged = true;
	fleet_remark(fleet, "%s cannot be read: %s", shown_name(fleet, path), strerror(-err));
}

static void list_paths(struct fleet *fleet, const struct options *opts, struct paths *paths)
{
	struct stat stat_buf;
	int err;

	for (size_t i = 0; i < opts->n_args; i++) {
		if (!stat(opts->args[i], &stat_buf) && S_ISDIR(stat_buf.st_mode)) {
			err = add_directory(paths, opts->args[i]);
			if (err)
				unreadable(fleet, opts->args[i], err);
		} else {
			add_path(paths, xstrdup(opts->args[i]));
		}
	}
}

/* ---- captures: what watch said then, and how the node was at the end ---- */

struct captured {
	struct reading reading;
	struct stream stream;
	struct engine *engine;
	struct engine_sink sink;
};

static void take(struct captured *captured, struct json_object *document)
{
	if (!captured->stream.wall_ns)
		captured->stream.wall_ns = captured->reading.wall_ns;
	take_document(&captured->stream, document);
	json_object_put(document);
}

static void take_finding(void *ctx, const struct finding_event *event)
{
	take(ctx, watch_document_finding(event));
}

static void take_attestation(void *ctx, const struct attestation *attestation)
{
	take(ctx, watch_document_attestation(attestation));
}

static void take_note(void *ctx, const struct reader_note *note)
{
	struct captured *captured = ctx;

	captured->stream.fleet->damaged = true;
	fleet_remark(captured->stream.fleet, "%s", note->text);
}

/* "nsvigil 0.1.0": of a capture whose events do not say it. */
static void take_writer(struct captured *captured)
{
	const char *writer = reader_header(captured->reading.reader)->writer, *space;
	struct fleet_node *node = captured->stream.node;

	space = memchr(writer, ' ', sizeof(((struct capture_header *)0)->writer));
	if (node && !node->version && space)
		node->version =
			fleet_word(captured->stream.fleet, space + 1, strnlen(space + 1, 16));
}

/* Another run begins, or none does: how the last one ended. */
static void end_run(struct captured *captured)
{
	const struct report *report = captured->engine ? engine_report(captured->engine) : NULL;

	if (report)
		take(captured, report_document(report, false));
	if (captured->engine)
		take_writer(captured);
	engine_free(captured->engine);
	captured->engine = NULL;
}

static int judge(struct reading *reading, const struct nsv_event *event, struct problem *problem)
{
	struct captured *captured = reading->ctx;

	if (reading->begins) {
		end_run(captured);
		captured->stream.wall_ns = 0;
		captured->engine = engine_new();
		engine_want_host_ids(captured->engine);
		engine_set_sink(captured->engine, &captured->sink);
	}
	return reading_judge(captured->engine, event, problem);
}

/* `in`: the only one, if it is open; it is closed. */
static void read_captures(struct fleet *fleet, char *const *files, size_t n, FILE *in)
{
	struct problem problem = {};
	struct captured captured = {
		.stream = {.fleet = fleet,
			   .name = shown_name(fleet, files[0]),
			   .node_key = shown_name(fleet, files[0])},
		.reading = {.command = &command_report,
			    .args = files,
			    .n_args = n,
			    .in = in,
			    .note = take_note,
			    .after_gap = ""},
	};

	captured.sink = (struct engine_sink){
		.finding = take_finding, .attestation = take_attestation, .ctx = &captured};
	captured.reading.ctx = &captured;
	if (reading_run(&captured.reading, judge, &problem)) {
		fleet->damaged = true;
		fleet_remark(fleet, "%s", problem.text);
	}
	if (captured.reading.reader)
		end_run(&captured);
	reading_end(&captured.reading);
}

/* ---- what a file is ---- */

enum kind { KIND_DOCUMENTS, KIND_CAPTURE, KIND_STATE, KIND_NONE };

struct opened {
	FILE *file; /* NULL: it cannot be read */
	enum kind kind;
	bool again;		       /* it can be opened once more, which a pipe cannot */
	uint8_t session[CAPTURE_UUID]; /* of a capture: the run that it is of */
};

static bool is_regular(const char *path)
{
	struct stat stat_buf;

	return !stat(path, &stat_buf) && S_ISREG(stat_buf.st_mode);
}

static bool begins(const uint8_t *head, size_t n, const char *with)
{
	return n >= strlen(with) && !memcmp(head, with, strlen(with));
}

static struct opened open_file(const char *path)
{
	uint8_t head[CAPTURE_HEADER] = {};
	struct capture_header header = {};
	struct opened opened = {.kind = KIND_NONE, .again = is_regular(path)};
	size_t n;

	opened.file = peek_open(path, head, sizeof(head), &n);
	if (!opened.file)
		return opened;
	if (begins(head, n, CAPTURE_MAGIC))
		opened.kind = KIND_CAPTURE;
	else
		opened.kind = begins(head, n, LIFE_MAGIC) ? KIND_STATE : KIND_DOCUMENTS;
	if (opened.kind == KIND_CAPTURE && n == sizeof(head))
		header_get(head, &header);
	memcpy(opened.session, header.session, CAPTURE_UUID);
	return opened;
}

static bool is_of_run(const char *path, const uint8_t *session)
{
	struct opened opened;

	if (!strcmp(path, "-") || !is_regular(path))
		return false;
	opened = open_file(path);
	if (opened.file)
		fclose(opened.file);
	return opened.kind == KIND_CAPTURE && !memcmp(session, opened.session, CAPTURE_UUID);
}

/*
 * Those of one run come one after the other, and are one stream, but what comes through a pipe is one alone. Returns how
 * many were read.
 */
static size_t read_run(struct fleet *fleet, const struct paths *paths, size_t from,
		       const struct opened *opened)
{
	size_t n = 1;

	if (!opened->again) {
		read_captures(fleet, paths->v + from, 1, opened->file);
		return 1;
	}
	fclose(opened->file);
	while (from + n < paths->n && is_of_run(paths->v[from + n], opened->session))
		n++;
	read_captures(fleet, paths->v + from, n, NULL);
	return n;
}

/* Returns how many were read: captures of one run at once. *again is false from then on if one was a pipe. */
static size_t read_files(struct fleet *fleet, const struct paths *paths, size_t from, bool *again)
{
	const char *path = paths->v[from];
	const struct opened opened = open_file(path);

	switch (opened.kind) {
	case KIND_CAPTURE:
		*again &= opened.again;
		return read_run(fleet, paths, from, &opened);
	case KIND_DOCUMENTS:
		read_documents(fleet, opened.file, shown_name(fleet, path), opened.again);
		*again &= opened.again;
		fclose(opened.file);
		return 1;
	case KIND_STATE: /* It lies beside a watch's captures, and says nothing of pods. */
		fclose(opened.file);
		return 1;
	case KIND_NONE:
		break;
	}
	unreadable(fleet, path, -errno);
	return 1;
}

/* Returns whether all can be read once more. */
static bool read_once(struct fleet *fleet, const struct options *opts)
{
	struct paths paths = {};
	bool again = true;
	size_t n;

	list_paths(fleet, opts, &paths);
	for (size_t i = 0; i < paths.n; i += n) {
		n = 1;
		if (!strcmp(paths.v[i], "-")) {
			read_documents(fleet, stdin, "standard input", false);
			again = false;
		} else {
			n = read_files(fleet, &paths, i, &again);
		}
		fleet->n_files += n;
	}
	for (size_t i = 0; i < paths.n; i++)
		free(paths.v[i]);
	free(paths.v);
	return again;
}

static void read_all(struct fleet *fleet, const struct options *opts)
{
	const bool again = read_once(fleet, opts);

	if (!boots_overtaken(fleet))
		return;
	if (again) {
		fleet_forget(fleet);
		read_once(fleet, opts);
		return;
	}
	fleet->damaged = true;
	fleet_remark(
		fleet,
		"a clock was ahead, so that all files have to be read twice, and a pipe cannot be: "
		"give report the files themselves");
}

/* ---- the command ---- */

static void say_remarks(const struct fleet *fleet)
{
	fflush(stdout);
	for (const struct fleet_remark *each = fleet->remarks; each; each = each->next)
		fprintf(stderr, "nsvigil report: %s\n", each->text);
}

static int code_of(const struct fleet *fleet)
{
	if (fleet->damaged || fleet->n_away)
		return CLI_DAMAGED;
	return fleet->worst >= (int)SEVERITY_WARNING ? CLI_FOUND : CLI_OK;
}

static int run(const struct options *opts)
{
	struct fleet *fleet = fleet_new();
	struct problem problem = {};
	int code;

	read_all(fleet, opts);
	fleet_settle(fleet);
	say_remarks(fleet);
	if (!fleet->n_nodes) {
		problem_set(
			&problem, -ENODATA,
			"no file says anything of a node: give it what nsvigil scan --json or nsvigil "
			"watch --json print, or captures");
		code = cli_failed(&command_report, &problem);
	} else {
		writers[opts->report_output](fleet, stdout);
		code = cli_finish(&command_report, code_of(fleet));
	}
	fleet_free(fleet);
	return code;
}

const struct command command_report = {
	.name = "report",
	.bit = IN_REPORT,
	.args = "FILE...",
	.help = "says of one node or many what scans, logs and captures have",
	.doc = "Reads what nsvigil scan --json and nsvigil watch --json printed, and captures, of one node or of "
	       "many, and makes one report of all. A FILE is also a directory of them, or - for standard input. What "
	       "cannot be read is said and passed over.\v"
	       "Exit status: 0 if nothing is open at warning or above, 1 if something is, 2 if the command line is "
	       "wrong, 3 if nothing could be read, 4 if not all could be read, a node did not answer, or which of its boots "
	       "is the newest is not sure: the rest is reported.",
	.run = run,
};
