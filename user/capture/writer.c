// SPDX-License-Identifier: BSD-2-Clause
#include "capture/writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <zlib.h>

#include "capture/codec.h"
#include "capture/file.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/clock.h"

#define BLOCK_RAW (256U << 10) /* a block is handed over when it has so much */
#define QUEUE_MAX 32	       /* blocks that wait */

/* Records refer to nothing older than this: it bounds what a damaged block takes with it. */
#define RESTART_NS UINT64_C(300000000000)
#define RESTART_BYTES (16U << 20)

/* After a file that failed, the next one is tried at once, then ever more rarely. */
#define RETRY_NS UINT64_C(30000000000)
#define RETRY_NS_MAX UINT64_C(960000000000)

struct block {
	struct block *next;
	struct block_header header;
	uint64_t file; /* which it belongs to, from 1 */
	uint64_t last_seq;
	bool opens; /* nothing but: the file begins */
	uint8_t raw[];
};

struct writer {
	struct writer_options opts;
	char *dir, *file;
	struct capture_header header; /* of the file; the next one's is made from it */
	char stamp[32];		      /* of all files' names */

	/* the caller's */
	struct codec *codec;
	struct block *block; /* that is being filled */
	uint64_t n_files;
	uint64_t restart_ns, restart_bytes; /* the time of the last restart; bytes since */
	bool restart;			    /* the next block is one */
	bool broken;			    /* nothing is written until the next file */
	uint64_t unrecorded;
	uint64_t retry_ns, retry_after_ns;
	int broken_err;

	/* the thread's */
	pthread_t thread;
	bool started;
	int fd;
	uint64_t offset;
	uint8_t chain[CAPTURE_HASH];
	uint64_t last_seq;
	uint64_t in_file; /* events in the present file */
	uint8_t *packed;
	z_stream deflate;

	/* both' */
	pthread_mutex_t lock;
	pthread_cond_t work, room;
	struct block *head, **tail;
	unsigned queued;
	bool ending;
	uint64_t failed; /* the last file that did */
	int failed_err;
	uint64_t dropped; /* events */
	uint64_t written; /* bytes of the present file */
};

/* ---- files ---- */

static void set_uuid(uint8_t *uuid)
{
	/* From the kernel's pool, which is there since long before: it does not fail. */
	if (getrandom(uuid, CAPTURE_UUID, 0) != CAPTURE_UUID)
		abort();
	uuid[6] = (uint8_t)((uuid[6] & 15) | 64);
	uuid[8] = (uint8_t)((uuid[8] & 63) | 128);
}

/* Sorted by their names, files are in the order in which they were written. */
static void file_name(const struct writer *writer, char *out, size_t size)
{
	snprintf(out, size, "nsvigil-%s-%06u.nsvcap", writer->stamp, writer->header.index);
}

static int is_capture(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return !strncmp(entry->d_name, "nsvigil-", 8) && n > 15 &&
	       !strcmp(entry->d_name + n - 7, ".nsvcap");
}

static bool is_own(const struct writer *writer, const char *name)
{
	const size_t n = strlen(writer->stamp);

	return !strncmp(name + 8, writer->stamp, n) && name[8 + n] == '-';
}

/*
 * Those of other sessions first, in the order of their names: their clock may have been ahead of this one's. The file
 * that is being written is this session's last.
 */
static void remove_oldest(const struct writer *writer)
{
	struct dirent **found = NULL;
	int n = scandir(writer->dir, &found, is_capture, alphasort);
	int too_many = n - (int)writer->opts.files;
	AUTO_FD dir = open(writer->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int own = 0; own <= 1; own++)
		for (int i = 0; i < n && dir >= 0; i++)
			if (is_own(writer, found[i]->d_name) == own && too_many-- > 0)
				unlinkat(dir, found[i]->d_name, 0);
	for (int i = 0; i < n; i++)
		free(found[i]);
	free(found);
}

static int open_file(const struct writer *writer)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	AUTO_FD dir = -1;
	char name[96];
	int fd;

	if (writer->file) {
		fd = open(writer->file, flags, 0600);
		return fd < 0 ? -errno : fd;
	}
	dir = open(writer->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	file_name(writer, name, sizeof(name));
	fd = openat(dir, name, flags, 0600);
	return fd < 0 ? -errno : fd;
}

static int write_all(struct writer *writer, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = write(writer->fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static void count_written(struct writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->written = writer->offset;
	pthread_mutex_unlock(&writer->lock);
}

/* One that could not even be begun is of no use, and would be in the way of the next try. */
static void remove_file(const struct writer *writer)
{
	AUTO_FD dir = writer->dir ? open(writer->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	char name[96];

	file_name(writer, name, sizeof(name));
	if (writer->dir)
		unlinkat(dir, name, 0);
	else
		unlink(writer->file);
}

/* The first of a session, or the one after the file that the thread has just closed. */
static int begin_file(struct writer *writer)
{
	struct capture_header *header = &writer->header;
	const struct capture_header before = *header;
	uint8_t bytes[CAPTURE_HEADER];
	int err;

	if (header->index) {
		memcpy(header->previous, header->uuid, CAPTURE_UUID);
		memcpy(header->previous_hash, writer->chain, CAPTURE_HASH);
		header->previous_seq = writer->last_seq;
	}
	header->index++;
	header->wall_ns = now_wall_ns();
	header->boot_ns = now_boot_ns();
	if (writer->opts.wall_ns && header->index == 1) {
		header->wall_ns = writer->opts.wall_ns;
		header->boot_ns = writer->opts.boot_ns;
	}
	set_uuid(header->uuid);
	header_put(bytes, header);
	header_hash(bytes, writer->chain);
	writer->fd = open_file(writer);
	if (writer->fd < 0) {
		err = writer->fd;
		*header = before;
		return err;
	}
	err = write_all(writer, bytes, sizeof(bytes));
	if (err) {
		close(writer->fd);
		writer->fd = -1;
		remove_file(writer);
		*header = before;
		return err;
	}
	writer->offset = sizeof(bytes);
	count_written(writer);
	if (writer->dir)
		remove_oldest(writer);
	return 0;
}

/* ---- the thread ---- */

static void fail(struct writer *writer, uint64_t file, int err)
{
	if (writer->fd >= 0) {
		/* Half a block is of no use. */
		if (ftruncate(writer->fd, (off_t)writer->offset))
			err = -errno;
		close(writer->fd);
		writer->fd = -1;
	}
	pthread_mutex_lock(&writer->lock);
	writer->failed = file;
	writer->failed_err = err;
	pthread_mutex_unlock(&writer->lock);
}

static int write_block(struct writer *writer, struct block *block)
{
	uint8_t chain[CAPTURE_HASH], *out = writer->packed;
	z_stream *z = &writer->deflate;
	int err;

	deflateReset(z);
	z->next_in = block->raw;
	z->avail_in = block->header.raw;
	z->next_out = out + BLOCK_HEADER;
	z->avail_out = BLOCK_PACKED_MAX;
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return -EIO;
	block->header.packed = (uint32_t)z->total_out;
	memcpy(chain, writer->chain, sizeof(chain));
	block_put(out, &block->header, out + BLOCK_HEADER, chain);
	err = write_all(writer, out, BLOCK_HEADER + block->header.packed);
	if (err)
		return err;
	memcpy(writer->chain, chain, sizeof(chain));
	writer->offset += BLOCK_HEADER + block->header.packed;
	count_written(writer);
	return 0;
}

static int end_file(struct writer *writer)
{
	struct block block = {.header = {.flags = BLOCK_END, .seq = writer->last_seq}};
	const int fd = writer->fd;
	int err;

	if (fd < 0)
		return 0;
	err = write_block(writer, &block);
	if (!err && fdatasync(fd) && errno != EINVAL && errno != EROFS)
		err = -errno;
	if (err)
		return err;
	writer->fd = -1;
	return close(fd) ? -errno : 0;
}

static void drop(struct writer *writer, uint64_t events)
{
	pthread_mutex_lock(&writer->lock);
	writer->dropped += events;
	pthread_mutex_unlock(&writer->lock);
}

static void take_block(struct writer *writer, struct block *block)
{
	int err = 0;

	if (block->opens) {
		err = end_file(writer);
		if (err) { /* what of it is on the disk nobody knows */
			fail(writer, block->file - 1, err);
			drop(writer, writer->in_file);
		}
		writer->in_file = 0;
		err = begin_file(writer);
		if (err)
			fail(writer, block->file, err);
		return;
	}
	if (writer->fd >= 0) {
		err = write_block(writer, block);
		if (!err) {
			writer->last_seq = block->last_seq;
			writer->in_file += block->header.events;
			return;
		}
		fail(writer, block->file, err);
	}
	drop(writer, block->header.events);
}

static void *run(void *ctx)
{
	struct writer *writer = ctx;
	struct block *block;

	pthread_mutex_lock(&writer->lock);
	for (;;) {
		while (!writer->head && !writer->ending)
			pthread_cond_wait(&writer->work, &writer->lock);
		block = writer->head;
		if (!block)
			break;
		writer->head = block->next;
		if (!writer->head)
			writer->tail = &writer->head;
		writer->queued--;
		pthread_cond_signal(&writer->room);
		pthread_mutex_unlock(&writer->lock);
		take_block(writer, block);
		free(block);
		pthread_mutex_lock(&writer->lock);
	}
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

/* ---- the caller's side ---- */

/* False: too many wait. What opens a file is never too much. */
static bool enqueue(struct writer *writer, struct block *block)
{
	bool fits;

	pthread_mutex_lock(&writer->lock);
	while (writer->opts.waits && writer->queued >= QUEUE_MAX)
		pthread_cond_wait(&writer->room, &writer->lock);
	fits = block->opens || (writer->queued < QUEUE_MAX && writer->failed < block->file);
	if (fits) {
		*writer->tail = block;
		writer->tail = &block->next;
		writer->queued++;
		pthread_cond_signal(&writer->work);
	}
	pthread_mutex_unlock(&writer->lock);
	return fits;
}

static struct block *block_new(const struct writer *writer)
{
	struct block *block = xcalloc(1, sizeof(*block) + BLOCK_RAW + ENCODED_MAX);

	block->file = writer->n_files;
	return block;
}

static void break_off(struct writer *writer, int err)
{
	writer->broken = true;
	writer->broken_err = err;
}

void writer_flush(struct writer *writer)
{
	struct block *block = writer->block;

	if (!block)
		return;
	writer->block = NULL;
	if (enqueue(writer, block))
		return;
	writer->unrecorded += block->header.events;
	free(block);
	break_off(writer, -ENOBUFS);
}

/* Only at the begin of a walk, which says anew all that there is. */
static void restart_at(struct writer *writer, const struct nsv_event *event)
{
	const struct nsv_walk *walk = (const void *)event;

	if (event->type == NSV_WALK && walk->phase == NSV_WALK_BEGIN &&
	    (event->boot_ns - writer->restart_ns > RESTART_NS ||
	     writer->restart_bytes > RESTART_BYTES))
		writer->restart = true;
	if (!writer->restart)
		return;
	writer_flush(writer);
	codec_restart(writer->codec);
	writer->restart_ns = event->boot_ns;
	writer->restart_bytes = 0;
}

static void begin_block(struct writer *writer, const struct nsv_event *event)
{
	struct block *block = block_new(writer);

	if (writer->restart) {
		block->header.flags = BLOCK_RESTART;
		codec_set_base(writer->codec, event->seq - 1, event->boot_ns);
		writer->restart = false;
	}
	block->header.seq = codec_seq(writer->codec);
	block->header.boot_ns = codec_boot_ns(writer->codec);
	writer->block = block;
}

void writer_event(struct writer *writer, const struct nsv_event *event)
{
	struct block *block;
	long len;

	if (!writer->broken)
		restart_at(writer, event);
	if (writer->broken) {
		writer->unrecorded++;
		return;
	}
	if (!writer->block)
		begin_block(writer, event);
	block = writer->block;
	len = codec_encode(writer->codec, event, block->raw + block->header.raw);
	if (len < 0) {
		writer->unrecorded++;
		return;
	}
	block->header.raw += (uint32_t)len;
	block->header.events++;
	block->last_seq = event->seq;
	writer->restart_bytes += (uint64_t)len;
	if (block->header.raw >= BLOCK_RAW)
		writer_flush(writer);
}

/* What the thread could not write. */
static void notice_failure(struct writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	if (writer->failed == writer->n_files && !writer->broken)
		break_off(writer, writer->failed_err);
	if (writer->dropped)
		writer->broken_err = writer->failed_err;
	writer->unrecorded += writer->dropped;
	writer->dropped = 0;
	pthread_mutex_unlock(&writer->lock);
	if (writer->broken && writer->block) {
		writer->unrecorded += writer->block->header.events;
		free(writer->block);
		writer->block = NULL;
	}
}

bool writer_wants_next(struct writer *writer)
{
	bool is_long;

	notice_failure(writer);
	if (!writer->dir)
		return false;
	pthread_mutex_lock(&writer->lock);
	is_long = writer->written >= writer->opts.file_bytes;
	pthread_mutex_unlock(&writer->lock);
	return writer->broken ? now_boot_ns() >= writer->retry_after_ns : is_long;
}

bool writer_next(struct writer *writer)
{
	struct block *block;

	if (!writer_wants_next(writer))
		return false;
	if (!writer->broken) {
		writer->retry_ns = 0;
	} else {
		writer->retry_ns = writer->retry_ns ? writer->retry_ns * 2 : RETRY_NS;
		if (writer->retry_ns > RETRY_NS_MAX)
			writer->retry_ns = RETRY_NS_MAX;
		writer->retry_after_ns = now_boot_ns() + writer->retry_ns;
	}
	writer_flush(writer);
	pthread_mutex_lock(&writer->lock);
	writer->written = 0;
	pthread_mutex_unlock(&writer->lock);
	writer->n_files++;
	writer->broken = false;
	writer->restart = true;
	block = block_new(writer);
	block->opens = true;
	return enqueue(writer, block);
}

uint64_t writer_unrecorded(struct writer *writer, const char **why)
{
	uint64_t n;

	notice_failure(writer);
	n = writer->unrecorded;
	writer->unrecorded = 0;
	*why = writer->broken_err == -ENOBUFS ? "the disk is too slow" :
						strerror(-writer->broken_err);
	return n;
}

int writer_start(struct writer *writer, struct problem *problem)
{
	sigset_t all, old;
	int err;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&writer->thread, NULL, run, writer);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	writer->started = !err;
	return err ? problem_set(problem, -err, "cannot start a thread for the capture: %s",
				 strerror(err)) :
		     0;
}

static void writer_free(struct writer *writer)
{
	deflateEnd(&writer->deflate);
	codec_free(writer->codec);
	free(writer->block);
	free(writer->packed);
	free(writer->dir);
	free(writer->file);
	free(writer);
}

static struct writer *writer_new(const struct writer_options *opts)
{
	struct writer *writer = xcalloc(1, sizeof(*writer));
	time_t now = time(NULL);
	char when[20];
	struct tm tm;

	writer->opts = *opts;
	writer->dir = opts->dir ? xstrdup(opts->dir) : NULL;
	writer->file = opts->file ? xstrdup(opts->file) : NULL;
	writer->codec = codec_new();
	writer->packed = xcalloc(1, BLOCK_HEADER + BLOCK_PACKED_MAX);
	writer->tail = &writer->head;
	writer->fd = -1;
	writer->n_files = 1;
	writer->restart = true;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->work, NULL);
	pthread_cond_init(&writer->room, NULL);
	if (deflateInit2(&writer->deflate, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	set_uuid(writer->header.session);
	writer->header.ruleset = opts->ruleset;
	snprintf(writer->header.writer, sizeof(writer->header.writer), "nsvigil %s",
		 NSVIGIL_VERSION);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	snprintf(writer->stamp, sizeof(writer->stamp), "%s-%02x%02x%02x%02x", when,
		 writer->header.session[0], writer->header.session[1], writer->header.session[2],
		 writer->header.session[3]);
	return writer;
}

int writer_open(const struct writer_options *opts, struct writer **out, struct problem *problem)
{
	struct writer *writer = writer_new(opts);
	const char *where = opts->dir ?: opts->file;
	int err = begin_file(writer);

	if (err) {
		writer_free(writer);
		return problem_set(problem, err, "cannot write a capture %s %s: %s%s",
				   opts->dir ? "in" : "to", where, strerror(-err),
				   err == -ENOENT && opts->dir ? "; make that directory first" :
				   err == -EEXIST	       ? "; name a new file" :
								 "");
	}
	*out = writer;
	return 0;
}

int writer_close(struct writer *writer, struct problem *problem)
{
	const char *where;
	int err;

	if (!writer)
		return 0;
	where = writer->dir ?: writer->file;
	writer_flush(writer);
	pthread_mutex_lock(&writer->lock);
	writer->ending = true;
	pthread_cond_signal(&writer->work);
	pthread_mutex_unlock(&writer->lock);
	if (writer->started)
		pthread_join(writer->thread, NULL);
	else
		run(writer);
	notice_failure(writer);
	err = end_file(writer);
	if (err)
		fail(writer, writer->n_files, err);
	else if (writer->broken)
		err = writer->broken_err;
	if (err)
		problem_set(problem, err, "the capture %s %s is not whole: %s",
			    writer->dir ? "in" : "at", where, strerror(-err));
	writer_free(writer);
	return err;
}
