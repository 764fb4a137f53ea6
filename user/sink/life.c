// SPDX-License-Identifier: BSD-2-Clause
#include "sink/life.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/remark.h"

#define WRITE_EVERY_NS (5 * UINT64_C(1000000000))

/* ---- the line ---- */

void life_format(const struct life_record *record, char out[LIFE_SIZE])
{
	char line[LIFE_SIZE], whole[LIFE_SIZE + 1];

	snprintf(line, sizeof(line),
		 LIFE_MAGIC "1 version=%s boot_id=%s boot_ns=%" PRIu64 " wall_ns=%" PRIu64
			    " state=%s pid=%" PRIu32,
		 record->version, record->boot_id, record->boot_ns, record->wall_ns,
		 record->ended ? "ended" : "watching", record->pid);
	snprintf(whole, sizeof(whole), "%-*s\n", LIFE_SIZE - 1, line);
	memcpy(out, whole, LIFE_SIZE);
}

/* What is read has to be what would be written, to the byte. */
int life_parse(const char *data, size_t size, struct life_record *out)
{
	struct life_record record = {};
	char line[LIFE_SIZE], again[LIFE_SIZE], state[16];

	if (size != LIFE_SIZE)
		return -EINVAL;
	memcpy(line, data, LIFE_SIZE);
	line[LIFE_SIZE - 1] = '\0';
	if (sscanf(line,
		   LIFE_MAGIC "1 version=%31s boot_id=%36s boot_ns=%" SCNu64 " wall_ns=%" SCNu64
			      " state=%15s pid=%" SCNu32,
		   record.version, record.boot_id, &record.boot_ns, &record.wall_ns, state,
		   &record.pid) != 6)
		return -EINVAL;
	record.ended = !strcmp(state, "ended");
	life_format(&record, again);
	if (memcmp(data, again, LIFE_SIZE) != 0)
		return -EINVAL;
	*out = record;
	return 0;
}

struct unwatched life_compare(const struct life_record *before, const struct life_record *now)
{
	const bool rebooted = strcmp(before->boot_id, now->boot_id) != 0;
	const uint64_t then_ns = rebooted ? before->wall_ns : before->boot_ns;
	const uint64_t now_ns = rebooted ? now->wall_ns : now->boot_ns;

	return (struct unwatched){
		.is_known = now_ns >= then_ns,
		.ns = now_ns >= then_ns ? now_ns - then_ns : 0,
		.since_ns = before->wall_ns,
		.ended = before->ended,
		.rebooted = rebooted,
	};
}

/* ---- the file ---- */

static void tell(const struct life *life, const char *what, int err, const char *then)
{
	remark("nsvigil watch: %s %s: %s; %s", what, life->path, strerror(err), then);
}

static void read_boot_id(char out[BOOT_ID_TEXT])
{
	AUTO_FILE file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file || !fgets(out, BOOT_ID_TEXT, file))
		strcpy(out, "-");
}

/* The clock since boot is not ahead of itself. */
static bool is_possible(const struct life *life, const struct life_record *before)
{
	return strcmp(before->boot_id, life->boot_id) != 0 || before->boot_ns <= now_boot_ns();
}

static void read_before(struct life *life)
{
	char data[LIFE_SIZE + 1];
	const ssize_t n = pread(life->fd, data, sizeof(data), 0);

	if (n < 0)
		tell(life, "cannot read", errno, "it is unknown for how long nobody watched");
	else if (n &&
		 (life_parse(data, (size_t)n, &life->before) || !is_possible(life, &life->before)))
		remark("nsvigil watch: %s is damaged, or not a state file of nsvigil: it is unknown for how "
		       "long nobody watched",
		       life->path);
	else
		life->has_before = n > 0;
}

/* Returns 0 or -errno. Neither a symbolic link nor a pipe is waited for or followed. */
static int open_file(const char *path, int *out)
{
	AUTO_FD fd =
		open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	*out = TAKE_FD(fd);
	return 0;
}

int life_open(const char *path, struct life *life, struct problem *problem)
{
	int err;

	*life = (struct life){.path = path, .fd = -1};
	if (!path)
		return 0;
	err = open_file(path, &life->fd);
	if (err == -EBUSY)
		return problem_set(problem, err,
				   "another watch has %s: give each one a --state of its own",
				   path);
	if (err) {
		tell(life, "cannot open", -err,
		     "the next watch will not know for how long nobody watched");
		return 0;
	}
	read_boot_id(life->boot_id);
	read_before(life);
	return 0;
}

/* As it would be written then, since boot. */
static struct life_record record_at(const struct life *life, uint64_t boot_ns)
{
	struct life_record record = {
		.version = NSVIGIL_VERSION,
		.boot_ns = boot_ns,
		.wall_ns = now_wall_ns() - (now_boot_ns() - boot_ns),
		.pid = (uint32_t)getpid(),
	};

	strcpy(record.boot_id, life->boot_id);
	return record;
}

static void write_state(struct life *life, bool ended)
{
	struct life_record record;
	char data[LIFE_SIZE];
	ssize_t n;

	life->written_ns = now_boot_ns();
	record = record_at(life, life->written_ns);
	record.ended = ended;
	life_format(&record, data);
	n = pwrite(life->fd, data, sizeof(data), 0);
	if (n != sizeof(data) && !life->told)
		tell(life, "cannot write", n < 0 ? errno : ENOSPC,
		     "it is tried again every five seconds");
	life->told = n != sizeof(data);
}

/* What is behind the line would make it another one. */
static void shorten(const struct life *life)
{
	struct stat st;

	if (!fstat(life->fd, &st) && st.st_size > LIFE_SIZE && ftruncate(life->fd, LIFE_SIZE))
		tell(life, "cannot shorten", errno, "the next watch will call it damaged");
}

void life_begin(struct life *life, uint64_t from_ns)
{
	const struct life_record from = record_at(life, from_ns);

	if (life->fd < 0)
		return;
	if (life->has_before)
		life->unwatched = life_compare(&life->before, &from);
	shorten(life);
	write_state(life, false);
}

void life_tick(struct life *life)
{
	if (life->fd >= 0 && now_boot_ns() - life->written_ns >= WRITE_EVERY_NS)
		write_state(life, false);
}

void life_end(struct life *life)
{
	if (life->fd >= 0)
		write_state(life, true);
}

void life_close(struct life *life)
{
	if (life->fd >= 0)
		close(life->fd);
	life->fd = -1;
}

const struct unwatched *life_unwatched(const struct life *life)
{
	return life->has_before ? &life->unwatched : NULL;
}
