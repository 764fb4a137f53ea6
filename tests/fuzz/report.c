// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a file that report reads, and read twice, as two files: each format is printable ASCII, in HTML and XML
 * there is no element but the report's own, OpenReports are JSON, and no pod that was violated has ended isolated.
 */
#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "report/boots.h"
#include "report/read.h"
#include "report/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void read_file(struct fleet *fleet, const char *name, const uint8_t *data, size_t size)
{
	char *text = xcalloc(1, size + 1);
	FILE *in;

	memcpy(text, data, size);
	in = fmemopen(text, size, "r");
	read_documents(fleet, in, name, true);
	fclose(in);
	free(text);
}

static void check_counts(const struct fleet *fleet)
{
	size_t there = 0, ended = 0;

	for (int v = 0; v < VERDICTS; v++) {
		there += fleet->verdicts[v];
		ended += fleet->ended[v];
	}
	require(there == fleet->n_pods && ended == fleet->n_ended);
	for (size_t n = 0; n < fleet->n_nodes; n++)
		for (size_t p = 0; p < fleet->list[n]->n_list; p++) {
			const struct fleet_pod *pod = fleet->list[n]->list[p];

			require(!pod->ended || pod->verdict != VERDICT_ISOLATED ||
				(!pod->failed && !(pod->had & 1U << VERDICT_VIOLATED)));
			require(pod->n_spans <= FLEET_SPANS);
		}
	for (size_t i = 0; i < fleet->n_open; i++)
		require(!fleet->open[i]->pod || !fleet->open[i]->pod->ended);
}

/* Each sign that begins an element begins one of these. */
static void check_elements(const char *text)
{
	static const char own[] =
		" html head meta title style body h1 h2 h3 p nav a div b ul li section span dl dt dd table thead "
		"tbody tr th td br code svg rect circle line text footer !DOCTYPE ?xml testsuites testsuite "
		"testcase failure skipped error ";

	for (text = strchr(text, '<'); text; text = strchr(text + 1, '<')) {
		const char *name = text[1] == '/' ? text + 2 : text + 1;
		const size_t len = strcspn(name, " >/");
		char word[16];

		require(len && len < sizeof(word) - 2);
		snprintf(word, sizeof(word), " %.*s ", (int)len, name);
		require(strstr(own, word));
	}
}

static void check_json(char *text)
{
	char *end;

	for (text = strstr(text, "---\n"); text; text = end) {
		struct json_object *document;

		/* A name has no end of a line. */
		end = strstr(text + 4, "\n---\n");
		if (end)
			*end++ = '\0';
		document = json_tokener_parse(text + 4);
		require(document);
		json_object_put(document);
	}
}

static char *check_format(struct fleet *fleet, void (*format)(struct fleet *fleet, FILE *out))
{
	static const char plain[] =
		"\r\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
		"abcdefghijklmnopqrstuvwxyz{|}~";
	size_t len;
	char *text;
	FILE *out = xmemstream(&text, &len);

	format(fleet, out);
	fclose(out);
	require(strlen(text) == len);
	require(text[strspn(text, plain)] == '\0');
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fleet *fleet = fleet_new();
	char *text;

	if (size) {
		read_file(fleet, "a", data, size);
		read_file(fleet, "b", data, size);
	}
	if (boots_overtaken(fleet)) {
		fleet_forget(fleet);
		read_file(fleet, "a", data, size);
		read_file(fleet, "b", data, size);
	}
	fleet_settle(fleet);
	check_counts(fleet);
	free(check_format(fleet, write_table));
	free(check_format(fleet, write_csv));
	text = check_format(fleet, write_html);
	check_elements(text);
	free(text);
	text = check_format(fleet, write_junit);
	check_elements(text);
	free(text);
	text = check_format(fleet, write_openreports);
	check_json(text);
	free(text);
	fleet_free(fleet);
	return 0;
}
