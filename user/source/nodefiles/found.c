// SPDX-License-Identifier: BSD-2-Clause
/* Which directories are looked at, where the node has them, and what is said of those that are not there. */
#include "source/nodefiles/inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/escape.h"

/* What is looked at of each kind of place. */
static const struct {
	enum nsv_place_kind place;
	const struct kind *kind;
} looks[] = {
	{NSV_PLACE_LOGS, &metadata_logs},	    {NSV_PLACE_KUBELET, &metadata_pods},
	{NSV_PLACE_MANIFESTS, &metadata_manifests}, {NSV_PLACE_RUNTIME, &metadata_tasks},
	{NSV_PLACE_RUNTIME, &metadata_userdata},
};

#define LOOKS (sizeof(looks) / sizeof(*looks))

/* The next directory of that kind from *at on, made if there is none; *at is behind it. */
static struct directory *next_directory(struct metadata *metadata, const struct kind *kind,
					size_t *at)
{
	while (*at < metadata->n_directories && metadata->directories[*at].kind != kind)
		++*at;
	if (*at == metadata->n_directories)
		add_directory(metadata, kind, NULL);
	return &metadata->directories[(*at)++];
}

static void place_kind(struct metadata *metadata, enum nsv_place_kind place,
		       const struct kind *kind)
{
	const struct places *places = &metadata->places;
	size_t at = 0;

	for (size_t i = 0; i < places->n; i++) {
		struct directory *directory;

		if (places->v[i].kind != place)
			continue;
		directory = next_directory(metadata, kind, &at);
		directory_move(metadata, directory, places->v[i].path);
		directory->place = &places->v[i];
	}
	for (; at < metadata->n_directories; at++)
		if (metadata->directories[at].kind == kind) {
			directory_move(metadata, &metadata->directories[at], NULL);
			metadata->directories[at].place = NULL;
		}
}

/* What is wrong with the kubelet's configuration is said once, and again if it is something else. */
static void tell_config(struct metadata *metadata)
{
	const struct places *places = &metadata->places;
	char shown[512], text[2048];
	uint64_t what;

	if (places->state != PLACES_WRONG) {
		metadata->config_told = 0;
		return;
	}
	snprintf(text, sizeof(text), "cannot use %s%s: %s%s", root_of(metadata),
		 escape(shown, sizeof(shown), places->which, strlen(places->which)),
		 places->problem.text, places->denied ? denied_by(metadata) : "");
	what = digest(text, strlen(text));
	if (what != metadata->config_told)
		say(metadata, text);
	metadata->config_told = what;
}

/* At each walk: the kubelet may start at any time, and be told something else. */
void find_places(struct metadata *metadata)
{
	places_find(&metadata->places, metadata->root, &metadata->given);
	name_node(metadata);
	for (size_t i = 0; i < LOOKS; i++)
		place_kind(metadata, looks[i].place, looks[i].kind);
	tell_config(metadata);
}

/* By the directories that are looked at there. */
static enum nsv_place_state state_of(const struct metadata *metadata, const struct place *place)
{
	bool unusable = place->kind == NSV_PLACE_CONFIG && metadata->places.state == PLACES_WRONG &&
			!strncmp(place->path, metadata->places.which, strlen(place->path));
	AUTO_FD fd = -1;

	for (size_t i = 0; i < metadata->n_directories; i++) {
		if (metadata->directories[i].place != place)
			continue;
		if (metadata->directories[i].fd >= 0)
			return NSV_PLACE_FOUND;
		unusable |= metadata->directories[i].told;
	}
	if (unusable)
		return NSV_PLACE_UNUSABLE;
	/* The kubelet has no directory of pods before there is one, nor a runtime of containers. */
	if (place->kind != NSV_PLACE_MANIFESTS && place->kind != NSV_PLACE_LOGS)
		fd = files_find(metadata->root, place->path);
	return fd >= 0 ? NSV_PLACE_FOUND : NSV_PLACE_MISSING;
}

/* What cannot be used was said. */
static bool is_any_there(const struct metadata *metadata, enum nsv_place_kind kind)
{
	const struct places *places = &metadata->places;

	if (kind == NSV_PLACE_CONFIG) /* what goes over it is not all */
		return places->state != PLACES_MISSING;
	for (size_t i = 0; i < places->n; i++)
		if (places->v[i].kind == kind &&
		    state_of(metadata, &places->v[i]) != NSV_PLACE_MISSING)
			return true;
	return false;
}

static int push_place(const struct metadata *metadata, size_t i, struct stream *stream)
{
	const struct place *place = &metadata->places.v[i];
	struct nsv_place event = {.item = i + 1, .kind = place->kind, .how = place->how};

	event.state = state_of(metadata, place);
	snprintf(event.of, sizeof(event.of), "%s", place->of);
	memcpy(event.path, place->path, strnlen(place->path, sizeof(event.path) - 1));
	stream_event(&event.h, NSV_PLACE, sizeof(event));
	return stream_push(stream, &event.h);
}

/* Of the usual places those that are there, or all of a kind of which none is. */
int push_places(const struct metadata *metadata, struct stream *stream)
{
	const struct places *places = &metadata->places;
	int err = 0;

	for (size_t i = 0; !err && i < places->n; i++) {
		const bool usual = places->v[i].how == NSV_PLACE_USUAL;

		if (usual && state_of(metadata, &places->v[i]) == NSV_PLACE_MISSING &&
		    is_any_there(metadata, places->v[i].kind))
			continue;
		err = push_place(metadata, i, stream);
	}
	return err;
}

static void tell_kind(struct metadata *metadata, enum nsv_place_kind kind, const char *what,
		      const char *then)
{
	char list[2048], text[3072];

	if (metadata->missing_told & 1U << kind || is_any_there(metadata, kind) ||
	    !*places_list(&metadata->places, kind, list, sizeof(list)))
		return;
	metadata->missing_told |= 1U << kind;
	snprintf(text, sizeof(text), "%s was not found%s%s (looked for: %s): %s; give %s", what,
		 *root_of(metadata) ? " in " : "", root_of(metadata), list, then,
		 places_option(kind));
	say(metadata, text);
}

void metadata_tell_missing(struct metadata *metadata)
{
	tell_kind(metadata, NSV_PLACE_CONFIG, "the kubelet's configuration",
		  "the usual values are assumed");
	tell_kind(metadata, NSV_PLACE_LOGS, "the directory of pods' logs",
		  "pods' names are unknown");
	tell_kind(metadata, NSV_PLACE_KUBELET, "the kubelet's directory",
		  "it is unknown which user namespaces it allotted");
	tell_kind(metadata, NSV_PLACE_RUNTIME, "the state of a container runtime",
		  "it is unknown which user namespaces it was told to make");
	tell_unknown_pods(metadata);
}
