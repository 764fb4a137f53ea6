// SPDX-License-Identifier: BSD-2-Clause
#include "sink/syslog_message.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

/* RFC 5424, section 6. */
#define HOSTNAME_LEN 255
#define PARAM_NAME_LEN 32

#define CUT " cut=\"1\""

/* So much of the sentence there is room for, whatever parameters there are. */
#define TEXT_MIN 160

struct builder {
	FILE *out;
	size_t room; /* for parameters */
	bool is_cut;
};

/* What is no printable ASCII is \xHH, as in all output. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, out);
}

/* "\xHH", as names have it that were escaped. */
static bool is_escape(const char *text)
{
	return text[0] == '\\' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
	       isxdigit((unsigned char)text[3]);
}

/*
 * In a parameter all that is special, or escaped already, is %HH. RFC 5424 has '"', '\' and ']' with a '\' before
 * them, and receivers that go by a pattern (fluent-bit, Logstash) or cut at a backslash lose what is behind; so no value
 * has any of these.
 */
static void put_param_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (is_escape(text)) {
			fprintf(out, "%%%.2s", text + 2);
			text += 3;
		} else if (*text < ' ' || *text > '~' || strchr("\"\\]%", *text)) {
			fprintf(out, "%%%02x", (unsigned char)*text);
		} else {
			fputc(*text, out);
		}
	}
}

/* Whole, or not at all. */
static void put_param(struct builder *builder, const char *name, const char *value)
{
	AUTO_FREE char *param = NULL;
	size_t len;
	FILE *out = xmemstream(&param, &len);

	fprintf(out, " %s=\"", name);
	put_param_text(out, value);
	fputc('"', out);
	fclose(out);
	if (len > builder->room) {
		builder->is_cut = true;
		return;
	}
	builder->room -= len;
	fwrite(param, len, 1, builder->out);
}

/*
 * pod.uid is pod_uid. Names have 32 characters at most, so what is in evidence has no "evidence_"
 * before it.
 */
static void name_member(char name[PARAM_NAME_LEN + 1], const char *parent, const char *key)
{
	const bool is_top = !*parent || !strcmp(parent, "evidence");

	snprintf(name, PARAM_NAME_LEN + 1, "%s%s%s", is_top ? "" : parent, is_top ? "" : "_", key);
	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-')
			*c = '_';
}

/* What a rule's name stands for in the manual page, and what the sentence has. */
static bool is_left_out(const char *name)
{
	static const char *const names[] = {"what", "why", "todo", "text"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static void put_value(struct builder *builder, const char *name, struct json_object *value);

static void put_members(struct builder *builder, const char *parent, struct json_object *object)
{
	char name[PARAM_NAME_LEN + 1];

	json_object_object_foreach(object, key, member)
	{
		name_member(name, parent, key);
		if (!is_left_out(name))
			put_value(builder, name, member);
	}
}

/* "one,two" of words. */
static void put_words(struct builder *builder, const char *name, struct json_object *list)
{
	AUTO_FREE char *words = NULL;
	size_t len;
	FILE *out = xmemstream(&words, &len);

	for (size_t i = 0; i < json_object_array_length(list); i++)
		fprintf(out, "%s%s", i ? "," : "",
			json_object_get_string(json_object_array_get_idx(list, i)));
	fclose(out);
	put_param(builder, name, words);
}

/* What lacks of each rule would make names that are too long: all rules of all groups. */
static void put_groups(struct builder *builder, const char *name, struct json_object *groups)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *rules =
			json_object_object_get(json_object_array_get_idx(groups, i), "rules");

		for (size_t k = 0; k < json_object_array_length(rules); k++)
			json_object_array_add(all,
					      json_object_get(json_object_array_get_idx(rules, k)));
	}
	if (json_object_array_length(all))
		put_words(builder, name, all);
	json_object_put(all);
}

/* Of a list of objects, the first one. */
static void put_list(struct builder *builder, const char *name, struct json_object *list)
{
	struct json_object *first = json_object_array_get_idx(list, 0);

	if (json_object_is_type(first, json_type_object))
		put_members(builder, name, first);
	else if (first)
		put_words(builder, name, list);
}

static void put_value(struct builder *builder, const char *name, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		break;
	case json_type_object:
		put_members(builder, name, value);
		break;
	case json_type_array:
		if (!strcmp(name, "rules_partly"))
			put_groups(builder, name, value);
		else
			put_list(builder, name, value);
		break;
	default:
		put_param(builder, name, json_object_get_string(value));
	}
}

bool syslog_is_hostname(const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return len && len <= HOSTNAME_LEN;
}

static void put_header(FILE *out, const struct syslog_record *record,
		       const struct syslog_origin *origin)
{
	const char *type = json_object_get_string(json_object_object_get(record->document, "type"));
	char when[32];
	struct tm tm;

	gmtime_r(&record->time.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	fprintf(out, "<%d>1 %s.%06ldZ %s nsvigil %d %s ", origin->facility | record->priority, when,
		record->time.tv_nsec / 1000,
		syslog_is_hostname(origin->hostname) ? origin->hostname : "-", (int)origin->pid,
		type);
}

/* How much of the text is sent: no escape is cut in two. */
static size_t text_that_fits(const char *text, size_t len, size_t room)
{
	if (len <= room)
		return len;
	for (size_t at = room > 3 ? room - 3 : 0; at < room; at++)
		if (text[at] == '\\')
			return at;
	return room;
}

char *syslog_message(const struct syslog_record *record, const struct syslog_origin *origin,
		     uint32_t sequence, size_t max, size_t *len)
{
	static const size_t rest = sizeof("] " CUT) - 1;
	AUTO_FREE char *text = NULL;
	struct builder builder = {};
	size_t text_len, room;
	char *message;
	FILE *out = xmemstream(&text, &text_len);

	put_text(out, record->text);
	fclose(out);
	out = xmemstream(&message, len);
	put_header(out, record, origin);
	fprintf(out, "[meta sequenceId=\"%u\"][nsvigil@%u", sequence, origin->enterprise);
	room = max - (size_t)ftell(out) - rest;
	builder.out = out;
	builder.room = room - (text_len < TEXT_MIN ? text_len : TEXT_MIN);
	put_members(&builder, "", record->document);
	room = max - (size_t)ftell(out) - rest;
	builder.is_cut |= text_len > room;
	fprintf(out, "%s] ", builder.is_cut ? CUT : "");
	fwrite(text, text_that_fits(text, text_len, room), 1, out);
	fclose(out);
	return message;
}
