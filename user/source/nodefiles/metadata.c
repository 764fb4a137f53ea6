// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/nodefiles/inner.h"

#define READS_MAX 64 /* of notices, at a time */

#define TURNS 4 /* after so many all directories have been looked for */

int metadata_open(const struct metadata_options *opts, struct metadata **out,
		  struct problem *problem)
{
	struct metadata *metadata;
	int root = open(opts->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return problem_set(problem, -errno, "cannot open the node's root %s: %s",
				   opts->root, strerror(errno));
	metadata = xcalloc(1, sizeof(*metadata));
	metadata->opts = opts;
	metadata->root = root;
	metadata->notify = -1;
	metadata->given = (struct places_given){
		.pod_logs = opts->pod_logs,
		.kubelet = opts->kubelet,
		.kubelet_config = opts->kubelet_config,
		.manifests = opts->manifests,
		.runtimes = opts->runtimes,
		.n_runtimes = opts->n_runtimes,
		.node_pid = opts->node_pid,
	};
	places_init(&metadata->places);
	add_directory(metadata, &metadata_logs, NULL);
	add_directory(metadata, &metadata_etc, "/etc");
	find_places(metadata);
	*out = metadata;
	return 0;
}

void metadata_close(struct metadata *metadata)
{
	if (!metadata)
		return;
	metadata->closing = true;
	while (metadata->entries)
		entry_free(metadata, metadata->entries);
	for (size_t i = 0; i < metadata->n_directories; i++) {
		directory_close(metadata, &metadata->directories[i]);
		free(metadata->directories[i].path);
	}
	free(metadata->directories);
	places_free(&metadata->places);
	if (metadata->notify >= 0)
		close(metadata->notify);
	close(metadata->root);
	free(metadata);
}

/* Where a distribution has it that this node is not of; a runtime's comes with the first container. */
static bool is_given_up(const struct metadata *metadata, size_t at)
{
	const struct directory *directory = &metadata->directories[at];
	bool other = false;

	if (!directory->place || directory->place->how != NSV_PLACE_USUAL ||
	    directory->place->kind == NSV_PLACE_RUNTIME || directory->fd >= 0 ||
	    directory_is_new(metadata, directory))
		return false;
	for (size_t i = 0; i < metadata->n_directories; i++) {
		const struct directory *one = &metadata->directories[i];

		if (one->kind == directory->kind)
			other |= i < at || directory_is_new(metadata, one);
	}
	return other;
}

void metadata_each_path(const struct metadata *metadata,
			void (*take)(void *ctx, int root, const char *path), void *ctx)
{
	for (size_t i = 0; i < metadata->n_directories; i++)
		if (metadata->directories[i].path && !is_given_up(metadata, i))
			take(ctx, metadata->root, metadata->directories[i].path);
	for (size_t i = 0; i < metadata->places.n; i++)
		if (metadata->places.v[i].kind == NSV_PLACE_CONFIG &&
		    metadata->places.state != PLACES_MISSING)
			take(ctx, metadata->root, metadata->places.v[i].path);
	places_each_source(&metadata->places, metadata->root, take, ctx);
}

void metadata_confined(struct metadata *metadata)
{
	metadata->confined = true;
}

int metadata_walk(struct metadata *metadata, struct stream *stream)
{
	struct entry *entry;
	int err = 0;

	find_places(metadata);
	for (size_t i = 0; i < metadata->n_directories; i++)
		directory_look(metadata, &metadata->directories[i]);
	look_for_manifests(metadata);
	tell_misnamed(metadata);
	for (entry = metadata->entries; !err && entry; entry = entry->hh.next)
		err = push_entry(metadata, entry, stream);
	if (!err)
		err = push_pool(metadata, stream);
	return err ? err : push_places(metadata, stream);
}

/* Until pushed(): what is looked at is pushed if it is new. */
static void push_to(struct metadata *metadata, struct stream *stream)
{
	metadata->stream = stream;
	metadata->err = 0;
}

static int pushed(struct metadata *metadata)
{
	metadata->stream = NULL;
	return metadata->err;
}

int metadata_pod(struct metadata *metadata, struct stream *stream, const char *uid,
		 const char *container)
{
	push_to(metadata, stream);
	for (size_t i = 0; i < metadata->n_directories; i++) {
		struct directory *directory = &metadata->directories[i];

		if (directory->kind == &metadata_pods)
			entry_look(metadata, directory, uid);
		else if (container && (directory->kind == &metadata_tasks ||
				       directory->kind == &metadata_userdata))
			entry_look(metadata, directory, container);
	}
	return pushed(metadata);
}

int metadata_notice(struct metadata *metadata)
{
	metadata->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return metadata->notify < 0 ? -errno : metadata->notify;
}

static void take_place_notice(struct metadata *metadata, struct directory *directory,
			      const struct inotify_event *event)
{
	if (event->mask & IN_IGNORED)
		directory->wd = -1;
	if (event->len && !directory->changed)
		entry_look(metadata, directory, event->name);
	else
		directory->changed = true;
}

/* The kernel has forgotten the watch already. */
static void unwatched(struct metadata *metadata, struct entry *entry)
{
	HASH_DELETE(by_wd, metadata->watched, entry);
	entry->wd = -1;
}

/* A pod may write its /etc/hosts, which is in the kubelet's directory of the pod, as often as it likes. */
static bool is_read(const struct kind *kind, const char *name)
{
	for (size_t i = 0; kind->files[i]; i++)
		if (!strcmp(name, kind->files[i]))
			return true;
	return false;
}

static void take_notice(struct metadata *metadata, const struct inotify_event *event)
{
	struct entry *entry = entry_by_wd(metadata, event->wd);
	char name[NAME_MAX + 1];

	for (size_t i = 0; i < metadata->n_directories; i++) {
		struct directory *directory = &metadata->directories[i];

		if (event->mask & IN_Q_OVERFLOW)
			directory->changed = true;
		else if (directory->wd == event->wd)
			take_place_notice(metadata, directory, event);
	}
	if (!entry)
		return;
	if (event->mask & IN_IGNORED)
		unwatched(metadata, entry);
	else if (entry->watched && event->len &&
		 !is_read(metadata->directories[entry->key.directory].kind, event->name))
		return;
	strcpy(name, entry->key.name); /* the entry may go */
	entry_look(metadata, &metadata->directories[entry->key.directory], name);
}

static void read_notices(struct metadata *metadata)
{
	char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	/* Who makes them as fast as they are read does not keep all else waiting. */
	for (int i = 0; i < READS_MAX && (n = read(metadata->notify, buffer, sizeof(buffer))) > 0;
	     i++)
		for (const char *at = buffer; at < buffer + n;) {
			const struct inotify_event *event = (const void *)at;

			take_notice(metadata, event);
			at += sizeof(*event) + event->len;
		}
}

int metadata_names(struct metadata *metadata, struct stream *stream)
{
	struct directory *logs = &metadata->directories[OF_LOGS];

	push_to(metadata, stream);
	/* What the pod was made of was there before, and so was the notice of it. */
	if (metadata->notify >= 0)
		read_notices(metadata);
	if (logs->wd < 0 || logs->changed || metadata->blind || !is_there(metadata, logs))
		directory_look(metadata, logs);
	return pushed(metadata);
}

/* Whether paths lead where they did is asked of a few directories at a time. */
static bool has_turn(const struct metadata *metadata, size_t at)
{
	return at % TURNS == metadata->turn % TURNS;
}

static int look_for_news(struct metadata *metadata, struct stream *stream, bool all)
{
	push_to(metadata, stream);
	if (metadata->notify >= 0)
		read_notices(metadata);
	for (size_t i = 0; i < metadata->n_directories; i++) {
		struct directory *directory = &metadata->directories[i];

		if (directory->changed || metadata->blind ||
		    ((all || has_turn(metadata, i)) && directory_is_new(metadata, directory)))
			directory_look(metadata, directory);
	}
	return pushed(metadata);
}

int metadata_news(struct metadata *metadata, struct stream *stream)
{
	return look_for_news(metadata, stream, true);
}

int metadata_turn(struct metadata *metadata, struct stream *stream)
{
	metadata->turn++;
	return look_for_news(metadata, stream, false);
}
