// SPDX-License-Identifier: BSD-2-Clause
#include "allow.h"

#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "lib/alloc.h"

#define USAGE                                                                                      \
	"--allow-join takes NAMESPACE/NAME[=KIND,...] with mnt, pid, net, ipc, uts, cgroup or "    \
	"time for KIND, not '%s'"

static unsigned parse_kind(const char *text, size_t len)
{
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		const char *name = ns_kind_name((enum nsv_ns_kind)kind);

		if (strlen(name) == len && !memcmp(name, text, len))
			return 1U << kind;
	}
	return 0;
}

/* 0: they are no kinds. */
static unsigned parse_kinds(const char *text)
{
	unsigned kinds = 0, kind;

	for (;; text++) {
		size_t len = strcspn(text, ",");

		kind = parse_kind(text, len);
		kinds |= kind;
		text += len;
		if (!kind || !*text)
			return kind ? kinds : 0;
	}
}

static bool copy(char *to, size_t size, const char *from, size_t len)
{
	if (!len || len >= size)
		return false;
	memcpy(to, from, len);
	return true;
}

void allow_parse(struct allow_list *list, const struct argp_state *state, const char *text)
{
	size_t namespace = strcspn(text, "/=");
	const char *name = text + namespace + 1;
	struct nsv_allow allow = {.kinds = (1U << NSV_NS_KINDS) - 2};
	size_t len;

	if (text[namespace] != '/')
		cli_usage(state, USAGE, text);
	len = strcspn(name, "=");
	if (name[len])
		allow.kinds = parse_kinds(name + len + 1);
	if (!allow.kinds || !copy(allow.namespace, sizeof(allow.namespace), text, namespace) ||
	    !copy(allow.name, sizeof(allow.name), name, len))
		cli_usage(state, USAGE, text);
	xgrow(list->v, list->n, &list->cap);
	list->v[list->n++] = allow;
}

void allow_free(struct allow_list *list)
{
	free(list->v);
}
