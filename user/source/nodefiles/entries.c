// SPDX-License-Identifier: BSD-2-Clause
/* Entries of directories: what was read of each, and what of that was pushed. */
#include "source/nodefiles/inner.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/nodefiles/files.h"

/* A file that was written just now may not be whole yet: nothing is said of it. */
#define FRESH_S 2

/* What stands before the path of a directory, for people. */
const char *root_of(const struct metadata *metadata)
{
	return strcmp(metadata->opts->root, "/") ? metadata->opts->root : "";
}

const char *denied_by(const struct metadata *metadata)
{
	return metadata->confined ?
		       ": this process may read only what was there when it began; start it "
		       "again, or give it --confine=no" :
		       "";
}

void complain(const struct metadata *metadata, const struct directory *directory, const char *name,
	      const char *why)
{
	char path[PATH_MAX], shown[512], text[1024];

	snprintf(path, sizeof(path), "%s%s%s%s", root_of(metadata), directory->path,
		 name ? "/" : "", name ? name : "");
	snprintf(text, sizeof(text), "cannot use %s: %s",
		 escape(shown, sizeof(shown), path, strlen(path)), why);
	say(metadata, text);
}

/* A file that is not right is told when it stays so. */
void tell_problem(const struct metadata *metadata, struct entry *entry)
{
	const struct directory *directory = &metadata->directories[entry->key.directory];

	if (!entry->problem || !*entry->problem || time(NULL) - entry->written < FRESH_S)
		return;
	complain(metadata, directory, entry->key.name, entry->problem);
	*entry->problem = '\0'; /* told */
}

void set_problem(struct entry *entry, const char *why)
{
	free(entry->problem);
	entry->problem = why ? xstrdup(why) : NULL;
}

struct entry *entry_by_wd(const struct metadata *metadata, int wd)
{
	struct entry *entry;

	HASH_FIND(by_wd, metadata->watched, &wd, sizeof(wd), entry);
	return entry;
}

/* -1: it is not watched any more. */
void set_wd(struct metadata *metadata, struct entry *entry, int wd)
{
	if (wd == entry->wd)
		return;
	if (entry->wd >= 0) {
		HASH_DELETE(by_wd, metadata->watched, entry);
		inotify_rm_watch(metadata->notify, entry->wd);
	}
	/* Two entries that are one directory: one of them gets its notices. */
	entry->wd = wd >= 0 && entry_by_wd(metadata, wd) ? -1 : wd;
	if (entry->wd >= 0)
		HASH_ADD(by_wd, metadata->watched, wd, sizeof(entry->wd), entry);
}

void entry_free(struct metadata *metadata, struct entry *entry)
{
	const struct kind *kind = metadata->directories[entry->key.directory].kind;

	if (kind->gone)
		kind->gone(metadata, entry);
	HASH_DEL(metadata->entries, entry);
	DL_DELETE(metadata->directories[entry->key.directory].entries, entry);
	set_wd(metadata, entry, -1);
	records_free(&entry->records);
	metadata->ids_changed |= entry->text != NULL;
	free(entry->text);
	free(entry->manifest);
	free(entry->problem);
	free(entry);
}

struct entry *find_entry(struct metadata *metadata, const struct directory *directory,
			 const char *name)
{
	struct entry_key key = {.directory = (uint64_t)(directory - metadata->directories)};
	struct entry *entry;

	snprintf(key.name, sizeof(key.name), "%s", name);
	HASH_FIND(hh, metadata->entries, &key, sizeof(key), entry);
	if (entry)
		return entry;
	entry = xcalloc(1, sizeof(*entry));
	entry->key = key;
	entry->number = ++metadata->numbers;
	entry->wd = -1;
	table_add(metadata->entries, key, entry);
	DL_APPEND(metadata->directories[key.directory].entries, entry);
	return entry;
}

/* When a file was written, as the events have times. */
uint64_t since_boot(const struct timespec *at)
{
	const uint64_t boot_ns = stream_now();
	struct timespec now;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = (int64_t)(now.tv_sec - at->tv_sec) * 1000000000 + (now.tv_nsec - at->tv_nsec);
	if (age < 0)
		return boot_ns;
	return (uint64_t)age < boot_ns ? boot_ns - (uint64_t)age : 0;
}

/* What all events of a file have in common. */
void finish_records(const struct metadata *metadata, struct entry *entry, const char *file)
{
	const struct directory *directory = &metadata->directories[entry->key.directory];
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s%s%s", directory->path, entry->key.name, file ? "/" : "",
		 file ? file : "");
	for (size_t i = 0; i < entry->records.n; i++) {
		struct nsv_declared *declared = (struct nsv_declared *)entry->records.v[i];

		if (declared->h.type == NSV_BUNDLE)
			((struct nsv_bundle *)declared)->item = entry->number;
		if (declared->h.type == NSV_VOLUME)
			((struct nsv_volume *)declared)->item = entry->number << 16 | i;
		if (declared->h.type == NSV_ID_OWNER)
			((struct nsv_id_owner *)declared)->item = entry->number << 16 | i;
		if (declared->h.type != NSV_DECLARED)
			continue;
		declared->item = entry->number;
		declared->since_ns = since_boot(&entry->stamp.mtime);
		memcpy(declared->file, path, strnlen(path, sizeof(declared->file) - 1));
	}
	entry->pushed = false;
}

/*
 * Reads the entry's file, if it is another one than last time. Returns true if there is a text to
 * be made events of.
 */
bool read_entry(const struct metadata *metadata, struct entry *entry, const char *file, char **text,
		size_t *len)
{
	char path[NAME_MAX + 64];
	int err;

	snprintf(path, sizeof(path), "%s%s%s", entry->key.name, file ? "/" : "", file ? file : "");
	err = files_read(metadata->directories[entry->key.directory].fd, path, false, &entry->stamp,
			 text, len);
	if (err == 1 || (err && err == entry->err))
		return false;
	if (err == -ENOENT && entry->lasts) {
		entry->stamp = (struct file_stamp){};
		return false;
	}
	entry->err = err;
	if (err && err != -EFBIG)
		entry->stamp = (struct file_stamp){};
	records_free(&entry->records);
	entry->written = entry->stamp.mtime.tv_sec;
	set_problem(entry, err && err != -ENOENT ? files_error(err) : NULL);
	return !err;
}

/* A copy, because the stream numbers what it gets. */
static int push_copy(const struct nsv_event *record, struct stream *stream)
{
	AUTO_FREE struct nsv_event *event = xcalloc(1, record->len);

	memcpy(event, record, record->len);
	stream_event(event, (enum nsv_type)record->type, record->len);
	return stream_push(stream, event);
}

/* A pod's name in its bundle is told if no log has it; of two logs that have one neither is. */
static bool is_told(const struct metadata *metadata, const struct entry *entry,
		    const struct nsv_event *record)
{
	const struct nsv_pod_name *name = (const void *)record;

	if (record->type != NSV_POD_NAME)
		return true;
	return entry->key.directory == OF_LOGS ? !is_ambiguous(metadata, name->uid) :
						 !is_logged(metadata, name->uid);
}

static int push_record(const struct metadata *metadata, const struct entry *entry,
		       const struct nsv_event *record, struct stream *stream)
{
	return is_told(metadata, entry, record) ? push_copy(record, stream) : 0;
}

/* What a manifest says is said of each pod that it is of. */
static bool is_of_pods(const struct metadata *metadata, const struct entry *entry)
{
	return metadata->directories[entry->key.directory].kind->is_of_pods;
}

/* A manifest says something of pods, which have it. */
int push_entry(const struct metadata *metadata, struct entry *entry, struct stream *stream)
{
	int err = 0;

	entry->pushed = true;
	if (is_of_pods(metadata, entry))
		return 0;
	for (size_t i = 0; !err && i < entry->records.n; i++)
		err = push_record(metadata, entry, entry->records.v[i], stream);
	return err;
}

void say_news(struct metadata *metadata, struct entry *entry)
{
	if (!metadata->stream || metadata->err || entry->pushed || !entry->records.n)
		return;
	metadata->err = push_entry(metadata, entry, metadata->stream);
}
