// SPDX-License-Identifier: BSD-2-Clause
#include "sink/syslog_record.h"

#include <ctype.h>
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "sink/json.h"

/* journald takes no longer name of a field. */
#define FIELD_NAME_MAX 64

/* Returns whether a list in it was longer. */
static bool cut_lists(struct json_object *value, size_t max)
{
	bool out = false;

	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member)
		{
			(void)key;
			out |= cut_lists(member, max);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		size_t n = json_object_array_length(value);

		if (n > max)
			json_object_array_del_idx(value, max, n - max);
		for (size_t i = 0; i < n && i < max; i++)
			out |= cut_lists(json_object_array_get_idx(value, i), max);
		out |= n > max;
	}
	return out;
}

static void add_text(struct syslog_record *record, const char *more)
{
	const size_t len = strlen(record->text), size = strlen(more) + 1;

	record->text = xreallocarray(record->text, len + size, 1);
	memcpy(record->text + len, more, size);
}

static void cut(struct syslog_record *record, size_t max)
{
	if (!cut_lists(record->document, max) || record->is_cut)
		return;
	record->is_cut = true;
	add_text(record, " (lists are cut)");
}

struct syslog_record *syslog_record_new(int priority, char *text, struct json_object *document)
{
	struct syslog_record *record = xcalloc(1, sizeof(*record));

	*record = (struct syslog_record){
		.priority = priority,
		.text = text,
		.document = document,
	};
	clock_gettime(CLOCK_REALTIME, &record->time);
	cut(record, SYSLOG_LIST_MAX);
	return record;
}

void syslog_record_left_out(struct syslog_record *record, uint64_t n)
{
	struct json_object *document = record->document;
	char more[64];

	snprintf(more, sizeof(more), " (%llu repeats before are left out)", (unsigned long long)n);
	add_text(record, more);
	json_put(document, "left_out", json_number(n));
}

struct syslog_record *syslog_record_dropped(uint64_t dropped)
{
	struct json_object *document = json_object_new_object();
	char *text;
	size_t len;
	FILE *out = xmemstream(&text, &len);

	fprintf(out, "%llu records were dropped: the log did not take them",
		(unsigned long long)dropped);
	fclose(out);
	json_put(document, "type", json_text("dropped"));
	json_put(document, "dropped", json_number(dropped));
	return syslog_record_new(LOG_WARNING, text, document);
}

void syslog_record_free(struct syslog_record *record)
{
	if (!record)
		return;
	free(record->text);
	json_object_put(record->document);
	free(record);
}

/*
 * journald's native protocol: a name, a newline, the length in 64 bits, the value, a newline. The
 * other form, NAME=value, ends at the first newline.
 */
static void put_field(FILE *out, const char *name, const char *value)
{
	const uint64_t len = strlen(value), le = htole64(len);

	fprintf(out, "%s\n", name);
	fwrite(&le, sizeof(le), 1, out);
	fwrite(value, len, 1, out);
	fputc('\n', out);
}

/* pod.uid below NSVIGIL is NSVIGIL_POD_UID. */
static void name_member(char name[FIELD_NAME_MAX + 1], const char *parent, const char *key)
{
	snprintf(name, FIELD_NAME_MAX + 1, "%s_%s", parent, key);
	for (char *c = name; *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
}

/* A field for each leaf. Elements of an array have the same name: journald takes a field twice. */
static void put_fields(FILE *out, const char *name, struct json_object *value)
{
	char member_name[FIELD_NAME_MAX + 1];

	switch (json_object_get_type(value)) {
	case json_type_null:
		break;
	case json_type_object: {
		json_object_object_foreach(value, key, member)
		{
			name_member(member_name, name, key);
			put_fields(out, member_name, member);
		}
		break;
	}
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(value); i++)
			put_fields(out, name, json_object_array_get_idx(value, i));
		break;
	default:
		put_field(out, name, json_object_get_string(value));
	}
}

char *syslog_record_journal(const struct syslog_record *record, int facility, size_t *len)
{
	char number[16], *buf;
	FILE *out = xmemstream(&buf, len);

	put_field(out, "MESSAGE", record->text);
	snprintf(number, sizeof(number), "%d", record->priority);
	put_field(out, "PRIORITY", number);
	snprintf(number, sizeof(number), "%d", facility >> 3);
	put_field(out, "SYSLOG_FACILITY", number);
	put_field(out, "SYSLOG_IDENTIFIER", "nsvigil");
	put_fields(out, "NSVIGIL", record->document);
	fclose(out);
	return buf;
}

/*
 * What comes from outside is escaped in the text, in this form. '@' besides, so that "@cee:" is in
 * the line once, whatever a process calls itself.
 */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		if (*text >= ' ' && *text <= '~' && *text != '@')
			fputc(*text, out);
		else
			fprintf(out, "\\x%02x", (unsigned char)*text);
}

static char *classic_line(const struct syslog_record *record, int facility, pid_t pid, size_t *len)
{
	char when[32], *buf;
	FILE *out = xmemstream(&buf, len);
	struct tm tm;

	localtime_r(&record->time.tv_sec, &tm);
	strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm);
	fprintf(out, "<%d>%s nsvigil[%d]: ", facility | record->priority, when, (int)pid);
	put_text(out, record->text);
	fprintf(out, " @cee:%s", json_line(record->document));
	fclose(out);
	return buf;
}

char *syslog_record_classic(struct syslog_record *record, int facility, pid_t pid, size_t *len)
{
	char *line = classic_line(record, facility, pid, len);

	/* A line that the daemon cuts is no JSON any more. */
	for (size_t max = SYSLOG_LIST_MAX; *len > SYSLOG_CLASSIC_MAX && max;) {
		max /= 2;
		cut(record, max);
		free(line);
		line = classic_line(record, facility, pid, len);
	}
	return line;
}
