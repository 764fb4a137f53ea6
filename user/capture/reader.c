// SPDX-License-Identifier: BSD-2-Clause
#include "capture/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "capture/codec.h"
#include "lib/alloc.h"
#include "lib/escape.h"

#define WINDOW_MIN 65536

struct reader {
	struct reader_options opts;
	char *const *files; /* NULL: the only one is open */
	size_t n_files, next;
	bool whole;
	uint64_t done, all; /* bytes of the files before; of all files */
	uint64_t bytes, events;
	unsigned runs;

	/* the file */
	FILE *file;
	char name[ESCAPED_SIZE(256)];
	struct capture_header header;
	bool begun;
	uint8_t *window; /* bytes of it: [at, have) are not read yet */
	size_t room, at, have;
	uint64_t offset; /* of window[0] */
	bool ended;	 /* by a block that says so */
	uint8_t chain[CAPTURE_HASH];

	/* the block */
	uint8_t *raw;
	size_t raw_room, raw_at, raw_have;
	uint32_t left; /* events in it */
	z_stream inflate;

	/* the stream */
	struct codec *codec;
	struct codec_skipped skipped;
	bool synced;		   /* what records refer to is known */
	bool continuous;	   /* nothing is missing since a keyframe, or the begin */
	bool any;		   /* seq is known */
	bool in_keyframe, passing; /* passing: it is passed over */
	uint64_t seq;		   /* of the last event */
};

/* ---- what is said ---- */

static void __attribute__((format(printf, 4, 5)))
say(struct reader *reader, uint64_t missing, uint64_t missing_to, const char *format, ...)
{
	struct reader_note note = {.missing = missing, .missing_to = missing_to};
	char what[256], text[sizeof(reader->name) + sizeof(what) + 2];
	va_list args;

	reader->whole = false;
	if (!reader->opts.note)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(text, sizeof(text), "%s: %s", reader->name, what);
	note.text = text;
	reader->opts.note(reader->opts.ctx, &note);
}

/* ---- bytes of the file ---- */

/* There may be a header that ends too early: behind what was read is room for the rest of it. */
static void set_room(struct reader *reader, size_t room)
{
	reader->window = xreallocarray(reader->window, room + CAPTURE_HEADER, 1);
	reader->room = room;
}

/* Whether so many are in the window, from `at` on; reads what is missing. */
static bool need(struct reader *reader, size_t n)
{
	if (reader->have - reader->at >= n)
		return true;
	memmove(reader->window, reader->window + reader->at, reader->have - reader->at);
	reader->offset += reader->at;
	reader->have -= reader->at;
	reader->at = 0;
	if (reader->room < n)
		set_room(reader, 2 * n);
	reader->have +=
		fread(reader->window + reader->have, 1, reader->room - reader->have, reader->file);
	return reader->have >= n;
}

static uint64_t position(const struct reader *reader)
{
	return reader->offset + reader->at;
}

/* A whole block lies at `at`. */
static bool is_block(struct reader *reader, struct block_header *block)
{
	const uint8_t *in;

	if (!need(reader, BLOCK_HEADER) || !block_get(reader->window + reader->at, block) ||
	    !need(reader, BLOCK_HEADER + block->packed))
		return false;
	in = reader->window + reader->at;
	return block_is_whole(in, in + BLOCK_HEADER, block->packed);
}

/* Goes on to the next block, over what is none. Returns false at the file's end. */
static bool find_block(struct reader *reader, struct block_header *block)
{
	const uint64_t from = position(reader);
	const uint8_t *found;

	while (!is_block(reader, block)) {
		if (!need(reader, 1)) {
			if (position(reader) > from)
				say(reader, 0, 0,
				    "its last %" PRIu64
				    " bytes are no whole block, and are skipped",
				    position(reader) - from);
			return false;
		}
		/* There may be bytes of a block that is there in part only: look on behind them. */
		found = memchr(reader->window + reader->at + 1, *BLOCK_MAGIC,
			       reader->have - reader->at - 1);
		reader->at = found ? (size_t)(found - reader->window) : reader->have;
	}
	if (position(reader) > from) {
		say(reader, 0, 0, "bytes %" PRIu64 " to %" PRIu64 " are damaged, and are skipped",
		    from, position(reader) - 1);
		reader->synced = false;
	}
	return true;
}

/* ---- files ---- */

static void set_name(struct reader *reader, const char *name)
{
	escape(reader->name, sizeof(reader->name), name, strnlen(name, 256));
}

/* Whether it goes on where the file before it ended. */
static void check_link(struct reader *reader, const struct capture_header *last)
{
	const struct capture_header *header = &reader->header;

	if (!reader->any)
		return;
	if (memcmp(header->session, last->session, CAPTURE_UUID)) {
		reader->runs++;
		reader->continuous = false;
		reader->seq = 0;
		reader->any = false;
		return;
	}
	if (header->index != last->index + 1 ||
	    memcmp(header->previous, last->uuid, CAPTURE_UUID)) {
		say(reader, 0, 0, "it is file %u of its run, and follows file %u", header->index,
		    last->index);
		reader->continuous = false;
	} else if (reader->ended && memcmp(header->previous_hash, reader->chain, CAPTURE_HASH)) {
		say(reader, 0, 0, "the file before it has changed since");
	}
}

static int begin_file(struct reader *reader, struct problem *problem)
{
	const struct capture_header last = reader->header;
	enum header_is is = HEADER_NONE;

	reader->begun = true;
	reader->at = reader->have = 0;
	reader->offset = 0;
	reader->left = 0;
	reader->synced = false;
	if (need(reader, CAPTURE_HEADER) || reader->have >= strlen(CAPTURE_MAGIC)) {
		memset(reader->window + reader->have, 0, CAPTURE_HEADER);
		is = header_get(reader->window, &reader->header);
	}
	if (is != HEADER_NONE && reader->have < CAPTURE_HEADER) {
		say(reader, 0, 0, "it ends within its header");
		reader->at = reader->have;
		reader->ended = true;
		return 0;
	}
	if (!reader->have && reader->n_files > 1) {
		say(reader, 0, 0, "it is empty");
		reader->ended = true;
		return 0;
	}
	if (is == HEADER_NONE)
		return problem_set(problem, -EINVAL, "%s is %s", reader->name,
				   reader->have ? "not a capture of nsvigil" : "empty");
	if (is == HEADER_OTHER_VERSION)
		return problem_set(problem, -EPROTONOSUPPORT,
				   "%s is in version %u of the format, and this nsvigil knows "
				   "version %u: read it with a newer one",
				   reader->name, reader->header.version, CAPTURE_VERSION);
	if (is == HEADER_DAMAGED) {
		say(reader, 0, 0, "its header is damaged");
		reader->header = last;
	} else {
		check_link(reader, &last);
		if (reader->header.index == 1) {
			reader->any = true;
			reader->continuous = true;
		}
	}
	header_hash(reader->window, reader->chain);
	reader->ended = false;
	reader->at = CAPTURE_HEADER;
	return 0;
}

static void end_file(struct reader *reader)
{
	if (!reader->ended)
		say(reader, 0, 0,
		    "it was not closed: what its writer had not written yet is missing");
	reader->done += position(reader);
	fclose(reader->file);
	reader->file = NULL;
	reader->begun = false;
}

static int open_next(struct reader *reader, struct problem *problem)
{
	const char *path = reader->files[reader->next++];
	const bool is_stdin = !strcmp(path, "-");

	set_name(reader, is_stdin ? "standard input" : path);
	reader->file = is_stdin ? fdopen(dup(STDIN_FILENO), "re") : fopen(path, "re");
	if (!reader->file)
		return problem_set(problem, -errno, "cannot open %s: %s", reader->name,
				   strerror(errno));
	return begin_file(reader, problem);
}

/* ---- blocks ---- */

static bool unpack(struct reader *reader, const struct block_header *block)
{
	z_stream *z = &reader->inflate;

	if (!reader->raw || reader->raw_room < block->raw) {
		free(reader->raw);
		reader->raw_room = block->raw;
		reader->raw = xcalloc(1, reader->raw_room);
	}
	inflateReset(z);
	z->next_in = reader->window + reader->at + BLOCK_HEADER;
	z->avail_in = block->packed;
	z->next_out = reader->raw;
	z->avail_out = (uInt)reader->raw_room;
	return inflate(z, Z_FINISH) == Z_STREAM_END && !z->avail_in && z->total_out == block->raw;
}

static void check_chain(struct reader *reader, const struct block_header *block, bool follows)
{
	const uint8_t *in = reader->window + reader->at;
	uint8_t hash[CAPTURE_HASH];

	block_hash(in, in + BLOCK_HEADER, block->packed, reader->chain, hash);
	if (follows && memcmp(hash, block->hash, CAPTURE_HASH))
		say(reader, 0, 0, "the hash of the block at byte %" PRIu64 " is not what it was",
		    position(reader));
	memcpy(reader->chain, block->hash, CAPTURE_HASH);
}

static void miss(struct reader *reader, uint64_t from, uint64_t to)
{
	say(reader, from, to, "events %" PRIu64 " to %" PRIu64 " are missing", from, to);
	reader->continuous = false;
}

/* Its events can be decoded. */
static bool take_block(struct reader *reader, const struct block_header *block)
{
	if (block->flags & BLOCK_END) {
		reader->ended = true;
		if (block->seq > reader->seq)
			miss(reader, reader->seq + 1, block->seq);
		return false;
	}
	if (block->flags & BLOCK_RESTART) {
		codec_restart(reader->codec);
		reader->synced = true;
	}
	if (!reader->synced)
		return false;
	if (!unpack(reader, block)) {
		say(reader, 0, 0, "the block at byte %" PRIu64 " cannot be unpacked",
		    position(reader));
		reader->synced = false;
		return false;
	}
	codec_set_base(reader->codec, block->seq, block->boot_ns);
	reader->raw_at = 0;
	reader->raw_have = block->raw;
	reader->left = block->events;
	reader->bytes += block->raw;
	return true;
}

/* Returns false at the file's end. */
static bool next_block(struct reader *reader)
{
	struct block_header block;
	bool taken = false;

	while (!taken) {
		const uint64_t from = position(reader);

		if (!find_block(reader, &block))
			return false;
		check_chain(reader, &block, position(reader) == from);
		taken = take_block(reader, &block);
		reader->at += BLOCK_HEADER + block.packed;
	}
	return true;
}

/* ---- events ---- */

static void damaged(struct reader *reader)
{
	say(reader, 0, 0, "the block before byte %" PRIu64 " has %s", position(reader),
	    reader->left ? "records that cannot be read" : "more than its records");
	reader->synced = false;
	reader->left = 0;
}

/* A keyframe and what belongs to it have the number of the event before it. */
static void take_seq(struct reader *reader, const struct nsv_event *event)
{
	const uint64_t seq = codec_seq(reader->codec);
	const uint64_t last = event && event->type == NSV_KEYFRAME ? seq : seq - 1;

	if (!reader->any)
		reader->continuous = seq == 1;
	else if (last > reader->seq && seq > reader->seq)
		miss(reader, reader->seq + 1, last);
	reader->seq = seq;
	reader->any = true;
}

static const struct nsv_event *decode(struct reader *reader)
{
	const struct nsv_event *event = NULL;
	long len;

	while (reader->left && !event) {
		len = codec_decode(reader->codec, reader->raw + reader->raw_at,
				   reader->raw_have - reader->raw_at, &event, &reader->skipped);
		if (len < 0) {
			damaged(reader);
			return NULL;
		}
		reader->raw_at += (size_t)len;
		reader->left--;
		reader->events++;
		take_seq(reader, event);
	}
	if (!reader->left && reader->raw_at != reader->raw_have) {
		damaged(reader);
		reader->raw_at = reader->raw_have;
	}
	return event;
}

/* Whether it is part of a keyframe that says nothing new. */
static bool is_passed_over(struct reader *reader, const struct nsv_event *event)
{
	if (event->type == NSV_KEYFRAME) {
		reader->in_keyframe = true;
		reader->passing = reader->continuous && !reader->opts.keyframes;
		reader->continuous = true;
	} else if (event->type == NSV_WALK) {
		reader->in_keyframe = false;
	}
	return reader->in_keyframe && reader->passing;
}

static void say_skipped(struct reader *reader)
{
	if (reader->skipped.events || reader->skipped.fields)
		say(reader, 0, 0,
		    "%" PRIu64 " events and %" PRIu64 " fields are of a newer nsvigil, and are "
		    "skipped",
		    reader->skipped.events, reader->skipped.fields);
	reader->skipped = (struct codec_skipped){};
}

int reader_next(struct reader *reader, const struct nsv_event **event, struct problem *problem)
{
	int err = reader->file && !reader->begun ? begin_file(reader, problem) : 0;

	while (!err) {
		while (reader->left) {
			const struct nsv_event *next = decode(reader);

			if (!next || is_passed_over(reader, next))
				continue;
			*event = next;
			return 1;
		}
		if (reader->file && next_block(reader))
			continue;
		if (reader->file) {
			say_skipped(reader);
			end_file(reader);
		}
		if (reader->next >= reader->n_files)
			return 0;
		err = open_next(reader, problem);
	}
	return err;
}

/* ---- the rest ---- */

struct reader *reader_new(FILE *file, const char *name, const struct reader_options *opts)
{
	struct reader *reader = xcalloc(1, sizeof(*reader));

	reader->opts = *opts;
	reader->whole = true;
	set_room(reader, WINDOW_MIN);
	reader->codec = codec_new();
	if (inflateInit2(&reader->inflate, -MAX_WBITS) != Z_OK)
		abort();
	reader->file = file;
	if (name)
		set_name(reader, name);
	return reader;
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) || !S_ISREG(st.st_mode) ? 0 : (uint64_t)st.st_size;
}

int reader_open(char *const *files, size_t n_files, const struct reader_options *opts,
		struct reader **out, struct problem *problem)
{
	struct reader *reader = reader_new(NULL, NULL, opts);
	int err;

	reader->files = files;
	reader->n_files = n_files;
	for (size_t i = 0; i < n_files; i++)
		reader->all += size_of(files[i]);
	err = open_next(reader, problem);
	if (err)
		reader_free(reader);
	else
		*out = reader;
	return err;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	if (reader->file)
		fclose(reader->file);
	inflateEnd(&reader->inflate);
	codec_free(reader->codec);
	free(reader->window);
	free(reader->raw);
	free(reader);
}

unsigned reader_runs(const struct reader *reader)
{
	return reader->runs;
}

const struct capture_header *reader_header(const struct reader *reader)
{
	return &reader->header;
}

bool reader_is_whole(const struct reader *reader)
{
	return reader->whole;
}

void reader_progress(const struct reader *reader, uint64_t *done, uint64_t *all)
{
	*done = reader->done + (reader->file ? position(reader) : 0);
	*all = reader->all;
}

void reader_counts(const struct reader *reader, uint64_t *bytes, uint64_t *events)
{
	*bytes = reader->bytes;
	*events = reader->events;
}
