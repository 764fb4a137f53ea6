// SPDX-License-Identifier: BSD-2-Clause
#include "source/owners.h"

#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

#define FIRST_ID 65536

static bool number(const char *text, uint64_t *out)
{
	if (!text || !*text || strlen(text) > 10 || text[strspn(text, "0123456789")])
		return false;
	*out = strtoull(text, NULL, 10);
	return *out <= UINT64_C(1) << 32;
}

static void add(const char *owner, enum nsv_id_file file, uint64_t first, uint64_t count,
		struct records *out)
{
	struct nsv_id_owner *event = records_add(out, NSV_ID_OWNER, sizeof(*event));

	event->file = file;
	event->first = (uint32_t)first;
	event->count = (uint32_t)count;
	memcpy(event->owner, owner, strnlen(owner, sizeof(event->owner) - 1));
}

/* "name:password:uid:..." */
static void parse_user(char *line, struct owners *owners, struct records *out)
{
	const char *name = strsep(&line, ":"), *password = strsep(&line, ":");
	const char *uid = strsep(&line, ":");
	uint64_t id;

	if (!password || !*name || !number(uid, &id) || id > UINT32_MAX)
		return;
	owners->is_user |= !strcmp(name, "kubelet");
	if (id >= FIRST_ID)
		add(name, NSV_FILE_PASSWD, id, 1, out);
}

/* "name:first:count" */
static void parse_range(char *line, enum nsv_id_file file, struct owners *owners,
			struct records *out)
{
	const char *name = strsep(&line, ":"), *from = strsep(&line, ":"), *n = strsep(&line, ":");
	uint64_t first, count;

	if (!*name || !number(from, &first) || !number(n, &count) || !count || count > UINT32_MAX ||
	    first + count > UINT64_C(1) << 32)
		return;
	if (strcmp(name, "kubelet")) {
		add(name, file, first, count, out);
		return;
	}
	owners->lines[file]++;
	owners->kubelet[file] =
		(struct nsv_extent){(uint32_t)first, (uint32_t)first, (uint32_t)count};
}

void owners_parse(const char *text, enum nsv_id_file file, struct owners *owners,
		  struct records *out)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *at = copy, *line;

	owners->known |= 1U << file;
	owners->lines[file] = 0;
	if (file == NSV_FILE_PASSWD)
		owners->is_user = false;
	while ((line = strsep(&at, "\n")) && out->n < OWNERS_MAX) {
		if (file == NSV_FILE_PASSWD)
			parse_user(line, owners, out);
		else
			parse_range(line, file, owners, out);
	}
}

bool owners_pool(const struct owners *owners, struct nsv_pool *out)
{
	const struct nsv_extent *uids = &owners->kubelet[NSV_FILE_SUBUID];
	const struct nsv_extent *gids = &owners->kubelet[NSV_FILE_SUBGID];

	if (!(owners->known & 1U << NSV_FILE_PASSWD))
		return false;
	if (!owners->is_user && !owners->lines[NSV_FILE_SUBUID] &&
	    !owners->lines[NSV_FILE_SUBGID]) {
		out->first = out->ids_per_pod ?: FIRST_ID;
		out->count = (UINT64_C(1) << 32) - out->first;
		out->is_default = 1;
		return true;
	}
	if (owners->lines[NSV_FILE_SUBUID] != 1 || owners->lines[NSV_FILE_SUBGID] != 1 ||
	    uids->first != gids->first || uids->count != gids->count)
		return false;
	out->first = uids->first;
	out->count = uids->count;
	return true;
}
