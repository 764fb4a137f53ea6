// SPDX-License-Identifier: BSD-2-Clause
#include "report/read.h"

#include <errno.h>
#include <string.h>

#include "report/take.h"

/* A scan of a node with 500 pods that all break rules has 5 MB. */
#define DOCUMENT_MAX (256U << 20)
#define CHUNK 65536

struct read {
	struct stream stream;
	struct json_tokener *tokener;
	size_t bytes;	       /* of the document that is being read; 0: none is */
	bool skips;	       /* up to the next line that begins a document */
	bool continues;	       /* the line was cut by a runtime, and goes on in the next one */
	unsigned long line;    /* from 1 */
	unsigned long began;   /* where the document began */
	unsigned long torn_at; /* the first one that is not whole; 0: all are */
	size_t torn, others;   /* documents that are not whole; lines that are no JSON */
};

static void reset(struct read *read)
{
	json_tokener_reset(read->tokener);
	read->bytes = 0;
}

static void tear(struct read *read)
{
	if (!read->torn++)
		read->torn_at = read->began;
	reset(read);
	read->skips = true;
}

/* One more piece of a document, all of it in one line. */
static void feed(struct read *read, const char *text, size_t len)
{
	struct json_object *document;

	if (read->skips)
		return;
	if (!read->bytes)
		read->began = read->line;
	read->bytes += len;
	document = json_tokener_parse_ex(read->tokener, text, (int)len);
	if (document) {
		const size_t end = json_tokener_get_parse_end(read->tokener);

		take_document(&read->stream, document);
		json_object_put(document);
		/* One line has one; where more follows, a writer was cut off and another one went on. */
		if (memchr(text + end, '{', len - end))
			tear(read);
		reset(read);
	} else if (json_tokener_get_error(read->tokener) != json_tokener_continue ||
		   read->bytes > DOCUMENT_MAX) {
		tear(read);
	}
}

/* "2026-01-31T12:00:00.123456789+00:00 stdout F ": how CRI's runtimes write logs. */
static size_t cri_prefix(const char *text, size_t len, bool *partial)
{
	const char *at = memchr(text, ' ', len < 64 ? len : 64);
	const size_t left = at ? len - (size_t)(at - text) : 0;

	if (left < 10 || text[0] < '0' || text[0] > '9' ||
	    (memcmp(at, " stdout ", 8) != 0 && memcmp(at, " stderr ", 8) != 0) || at[9] != ' ')
		return 0;
	*partial = at[8] == 'P';
	return (size_t)(at - text) + 10;
}

/* "[pod/nsvigil-abcde/nsvigil] " and "2026-01-31T12:00:00.123456789Z ": how kubectl logs does, when asked to. */
static size_t kubectl_prefix(const char *text, size_t len)
{
	const char *brace = memchr(text, '{', len < 512 ? len : 512);
	size_t n = brace ? (size_t)(brace - text) : 0;

	if (!n || text[n - 1] != ' ')
		return 0;
	if (text[0] == '[' && memmem(text, n, "] ", 2))
		return n;
	return text[0] >= '0' && text[0] <= '9' && memchr(text, 'T', n) ? n : 0;
}

/* The first piece of a line, and mostly all of it. */
static void begin_line(struct read *read, const char *text, size_t len)
{
	bool partial = false, continues = read->continues;
	size_t prefix = cri_prefix(text, len, &partial);

	read->line++;
	if (!prefix && !read->bytes)
		prefix = kubectl_prefix(text, len);
	read->continues = partial;
	text += prefix;
	len -= prefix;
	if (partial && len && text[len - 1] == '\n')
		len--;
	if (!continues && len && text[0] == '{') {
		/* The last one ends here, whether it was whole or not. */
		if (read->bytes)
			tear(read);
		read->skips = false;
	} else if (!continues && !read->bytes) {
		/* What else is in a log: the lines for people. */
		read->others += !read->skips && len && text[0] != '\n';
		return;
	}
	feed(read, text, len);
}

static void remark(const struct read *read)
{
	struct fleet *fleet = read->stream.fleet;
	const char *name = read->stream.name;

	if (read->torn) {
		fleet->damaged = true;
		fleet_remark(
			fleet,
			"%s: %zu document%s not whole, the first one at line %lu: what was there is missing",
			name, read->torn, read->torn == 1 ? " is" : "s are", read->torn_at);
	}
	if (read->stream.unknown) {
		fleet->damaged = true;
		fleet_remark(fleet, "%s: %zu document%s neither scan's nor watch's: left out", name,
			     read->stream.unknown, read->stream.unknown == 1 ? " is" : "s are");
	}
	if (!read->stream.documents && !read->torn) {
		fleet->damaged = true;
		fleet_remark(fleet,
			     "%s: there is no document of nsvigil's in it: make one by nsvigil "
			     "scan --json, or nsvigil watch --json",
			     name);
	} else if (read->others) {
		fleet_remark(fleet, "%s: %zu line%s no JSON, and passed over", name, read->others,
			     read->others == 1 ? " is" : "s are");
	}
}

/* fgets() and strlen(), but for bytes of 0. */
static size_t next_piece(FILE *in, char *buffer, size_t size)
{
	size_t n = 0;
	int c;

	while (n < size && (c = getc_unlocked(in)) != EOF) {
		buffer[n++] = (char)c;
		if (c == '\n')
			break;
	}
	return n;
}

void read_documents(struct fleet *fleet, FILE *in, const char *name, bool in_order)
{
	static char buffer[CHUNK];
	struct read read = {
		.stream = {.fleet = fleet, .name = name, .node_key = name, .in_order = in_order},
		.tokener = json_tokener_new(),
	};
	bool begins = true;
	size_t n;

	if (!read.tokener)
		abort();
	while ((n = next_piece(in, buffer, sizeof(buffer)))) {
		if (begins)
			begin_line(&read, buffer, n);
		else if (read.bytes)
			feed(&read, buffer, n);
		begins = buffer[n - 1] == '\n';
	}
	if (ferror(in)) {
		fleet->damaged = true;
		fleet_remark(fleet, "%s: cannot be read to its end: %s", name, strerror(errno));
	}
	if (read.bytes)
		tear(&read);
	json_tokener_free(read.tokener);
	remark(&read);
}
