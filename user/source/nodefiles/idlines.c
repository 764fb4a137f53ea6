// SPDX-License-Identifier: BSD-2-Clause
/* The node's files of IDs: whose host IDs are, and which the kubelet may allot. */
#include "source/nodefiles/inner.h"

#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/* Accounts before ranges, which may name their owners by number. */
static const struct id_file {
	const char *name;
	enum nsv_id_file file; /* 0: its lines are no events, and are parsed by this: */
	void (*parse)(const char *text, struct owners *owners);
} id_files[] = {
	{"nsswitch.conf", 0, owners_parse_switch}, {"passwd", NSV_FILE_PASSWD, NULL},
	{"group", 0, owners_parse_groups},	   {"subuid", NSV_FILE_SUBUID, NULL},
	{"subgid", NSV_FILE_SUBGID, NULL},
};

#define ID_FILES (sizeof(id_files) / sizeof(*id_files))

static bool is_id_file(const char *name)
{
	for (size_t i = 0; i < ID_FILES; i++)
		if (!strcmp(name, id_files[i].name))
			return true;
	return false;
}

static void look_at_ids(struct metadata *metadata, struct entry *entry)
{
	AUTO_FREE char *text = NULL;
	size_t len;

	if (!read_entry(metadata, entry, NULL, &text, &len) && !entry->err)
		return;
	free(entry->text);
	entry->text = text;
	text = NULL;
	metadata->ids_changed = true;
}

static void parse_ids(struct metadata *metadata, const struct id_file *file, struct entry *entry)
{
	if (file->parse) {
		file->parse(entry->text, &metadata->owners);
		return;
	}
	records_free(&entry->records);
	owners_parse(entry->text, file->file, &metadata->owners, &entry->records);
	finish_records(metadata, entry, NULL);
}

/* All of them anew, if one is another than before. */
void parse_all_ids(struct metadata *metadata)
{
	struct entry *entry;

	if (!metadata->ids_changed)
		return;
	metadata->ids_changed = false;
	metadata->owners = (struct owners){};
	for (size_t i = 0; i < ID_FILES; i++)
		for (entry = metadata->entries; entry; entry = entry->hh.next)
			if (entry->text && !strcmp(entry->key.name, id_files[i].name))
				parse_ids(metadata, &id_files[i], entry);
}

const struct kind metadata_etc = {.below = "", .is_entry = is_id_file, .look = look_at_ids};

int push_pool(const struct metadata *metadata, struct stream *stream)
{
	struct nsv_pool pool = {};

	pool.ids_per_pod = (uint32_t)metadata->places.config.ids_per_pod;
	if (!owners_pool(&metadata->owners, &pool))
		return 0;
	stream_event(&pool.h, NSV_POOL, sizeof(pool));
	return stream_push(stream, &pool.h);
}
