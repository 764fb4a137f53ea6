// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/owners.h"

#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

#define FIRST_ID 65536

static void add(const char *owner, enum nsv_id_file file, uint64_t first, uint64_t count,
		struct records *out)
{
	struct nsv_id_owner *event = records_add(out, NSV_ID_OWNER, sizeof(*event));

	event->file = file;
	event->first = (uint32_t)first;
	event->count = (uint32_t)count;
	memcpy(event->owner, owner, strnlen(owner, sizeof(event->owner) - 1));
}

static void parse_users(const char *text, struct owners *owners, struct records *out)
{
	AUTO_FREE char *copy = xstrdup(text);
	struct id_line line;
	char *rest = copy;

	owners->is_user = idfiles_find_account(text, KUBELET_USER, owners->number[NSV_FILE_SUBUID]);
	while (out->n < OWNERS_MAX && idfiles_next_account(&rest, &line))
		if (line.first >= FIRST_ID)
			add(line.owner, NSV_FILE_PASSWD, line.first, 1, out);
}

static bool is_range(const struct id_line *line)
{
	return line->count && line->count <= UINT32_MAX &&
	       line->first + line->count <= UINT64_C(1) << 32;
}

static void parse_ranges(const char *text, enum nsv_id_file file, struct owners *owners,
			 struct records *out)
{
	AUTO_FREE char *copy = xstrdup(text);
	struct id_line line;
	char *rest = copy;

	while (out->n < OWNERS_MAX && idfiles_next_range(&rest, &line)) {
		if (!is_range(&line))
			continue;
		if (!idfiles_is_own(line.owner, KUBELET_USER, owners->number[file])) {
			add(line.owner, file, line.first, line.count, out);
			continue;
		}
		owners->lines[file]++;
		owners->kubelet[file] = (struct nsv_extent){
			(uint32_t)line.first, (uint32_t)line.first, (uint32_t)line.count};
	}
}

void owners_parse_switch(const char *text, struct owners *owners)
{
	owners->other_users = idfiles_has_other_users(text);
	owners->other_ranges = idfiles_has_other_ranges(text);
}

void owners_parse_groups(const char *text, struct owners *owners)
{
	idfiles_find_account(text, KUBELET_USER, owners->number[NSV_FILE_SUBGID]);
}

void owners_parse(const char *text, enum nsv_id_file file, struct owners *owners,
		  struct records *out)
{
	owners->known |= 1U << file;
	if (file == NSV_FILE_PASSWD)
		parse_users(text, owners, out);
	else
		parse_ranges(text, file, owners, out);
}

bool owners_pool(const struct owners *owners, struct nsv_pool *out)
{
	const struct nsv_extent *uids = &owners->kubelet[NSV_FILE_SUBUID];
	const struct nsv_extent *gids = &owners->kubelet[NSV_FILE_SUBGID];

	if (!(owners->known & 1U << NSV_FILE_PASSWD))
		return false;
	/* A line for a user that does not exist is ignored; it may exist elsewhere. */
	if (!owners->is_user && owners->other_users &&
	    (owners->lines[NSV_FILE_SUBUID] || owners->lines[NSV_FILE_SUBGID]))
		return false;
	if (!owners->is_user) {
		out->first = out->ids_per_pod ?: FIRST_ID;
		out->count = (UINT64_C(1) << 32) - out->first;
		out->is_default = 1;
		return true;
	}
	if (owners->other_ranges)
		return false;
	if (owners->lines[NSV_FILE_SUBUID] != 1 || owners->lines[NSV_FILE_SUBGID] != 1 ||
	    uids->first != gids->first || uids->count != gids->count)
		return false;
	out->first = uids->first;
	out->count = uids->count;
	return true;
}
