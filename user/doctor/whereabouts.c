// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/whereabouts.h"

#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/nodefiles/files.h"

static bool is_there(int root, const struct place *place)
{
	AUTO_FD fd = files_find(root, place->path);

	return fd >= 0;
}

const char *whereabouts_path(int root, const struct places *places, enum nsv_place_kind kind)
{
	const char *first = NULL;

	for (size_t i = 0; i < places->n; i++) {
		if (places->v[i].kind != kind)
			continue;
		if (is_there(root, &places->v[i]))
			return places->v[i].path;
		first = first ?: places->v[i].path;
	}
	return first;
}

/* Those that are there. Returns whether there is one. */
static bool say_found(int root, const struct places *places, enum nsv_place_kind kind,
		      struct result *result)
{
	size_t at = 0;

	for (size_t i = 0; i < places->n && at < sizeof(result->detail); i++) {
		const struct place *place = &places->v[i];
		char path[128];

		if (place->kind != kind || !is_there(root, place))
			continue;
		at += (size_t)snprintf(result->detail + at, sizeof(result->detail) - at,
				       "%s%s (%s%s%s)", at ? ", " : "",
				       escape(path, sizeof(path), place->path, strlen(place->path)),
				       place_how_name(place->how), *place->of ? ", " : "",
				       place->of);
	}
	return at;
}

/* What is not known without it. A node need not have static pods, nor any pod yet. */
static void say_missing(const struct places *places, enum nsv_place_kind kind,
			struct result *result)
{
	char list[300];

	if (!*places_list(places, kind, list, sizeof(list))) {
		snprintf(result->detail, sizeof(result->detail), "none: the kubelet has %s",
			 *places->config.static_url ? "a URL" : "none");
		return;
	}
	snprintf(result->detail, sizeof(result->detail), "not found: looked for %s", list);
	result->status = kind == NSV_PLACE_MANIFESTS ? STATUS_OK : STATUS_UNKNOWN;
	snprintf(result->todo, sizeof(result->todo), "%s, say %s",
		 kind == NSV_PLACE_MANIFESTS ? "if there are static pods" :
					       "if the node has it elsewhere",
		 places_option(kind));
}

void whereabouts_check(int root, const struct places *places, struct rows *rows)
{
	static const enum nsv_place_kind kinds[] = {NSV_PLACE_KUBELET, NSV_PLACE_LOGS,
						    NSV_PLACE_MANIFESTS, NSV_PLACE_RUNTIME};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct result *result = rows_add(rows, "files", place_kind_name(kinds[i]));

		result->status = STATUS_OK;
		if (!say_found(root, places, kinds[i], result))
			say_missing(places, kinds[i], result);
	}
}
