// SPDX-License-Identifier: BSD-2-Clause
#include "sink/event_text.h"

#include <inttypes.h>
#include <string.h>

#include "capture/layout.h"
#include "lib/escape.h"

/* The fields that are shown even if they are 0, in this order; of other types all that are not. */
static const struct {
	enum nsv_type type;
	const char *fields[16];
} brief[] = {
	{NSV_IDENTITY,
	 {"cause", "state", "task.tgid", "task.tid", "comm", "exe", "parent.tgid", "pod",
	  "container", "uid.real", "uid.effective", "gid.effective", "ns.user.inum"}},
	{NSV_ACTIVITY,
	 {"cause", "state", "task.tgid", "task.tid", "comm", "exe", "parent.tgid", "pod",
	  "container", "uid.real", "uid.effective", "gid.effective", "userns.inum"}},
	{NSV_IDMAP,
	 {"task.tgid", "comm", "pod", "state", "result", "mount.id", "mount.type", "mount.root"}},
	{NSV_MOUNT,
	 {"pod", "task.tgid", "mount.id", "mount.type", "mount.root", "point", "idmapped"}},
	{NSV_CGROUP, {"kind", "id", "pod", "uid", "container", "populated", "frozen"}},
	{NSV_USERNS, {"ns.inum", "level", "owner", "parent.inum"}},
};

static const struct field *field_by_name(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->n_fields; i++)
		if (!strcmp(layout->fields[i].name, name))
			return &layout->fields[i];
	return NULL;
}

static void put_text(const char *name, const char *text, size_t size, FILE *out)
{
	for (size_t at = 0; at < size && text[at];) {
		char part[ESCAPED_SIZE(64)];
		const size_t n = size - at < 64 ? size - at : 64;

		if (!at)
			fprintf(out, " %s=\"", name);
		fputs(escape(part, sizeof(part), text + at, n), out);
		at += strnlen(text + at, n);
	}
	fputs(size && *text ? "\"" : "", out);
}

static void put_field(const struct field *field, const struct nsv_event *event, FILE *out)
{
	const char *at = (const char *)event + field->offset, *name;
	const uint64_t value = field->kind <= FIELD_SIGNED ? field_get(field, event) : 0;

	if (field->kind == FIELD_TEXT) {
		put_text(field->name, at, field->size, out);
		return;
	}
	fprintf(out, " %s=", field->name);
	name = field->n_names ? field_value_name(field, value) : NULL;
	if (field->kind == FIELD_BYTES)
		for (size_t i = 0; i < field->size; i++)
			fprintf(out, "%02x", (unsigned char)at[i]);
	else if (name)
		fputs(name, out);
	else if (field->kind == FIELD_SIGNED)
		fprintf(out, "%" PRId64, (int64_t)value);
	else
		fprintf(out, "%" PRIu64, value);
}

static void put_extents(const struct layout *layout, const struct nsv_event *event, FILE *out)
{
	const struct nsv_extent *extent = (const void *)((const char *)event + layout->size);

	for (int i = 0; i < 2; i++) {
		uint32_t n;

		memcpy(&n, (const char *)event + layout->counts[i], sizeof(n));
		for (uint32_t k = 0; k < n; k++, extent++)
			fprintf(out, "%s%u:%u:%u",
				k ? "," :
				i ? " gid_map=" :
				    " uid_map=",
				extent->first, extent->host, extent->count);
	}
}

static void put_tail(const struct layout *layout, const struct nsv_event *event, FILE *out)
{
	const __u32 *groups = (const void *)((const char *)event + layout->size);

	if (layout->tail == TAIL_TEXT)
		put_text(layout->tail_name[0], (const char *)event + layout->size,
			 event->len - layout->size, out);
	if (layout->tail == TAIL_GROUPS)
		for (uint64_t i = 0; i < layout_count(layout, event); i++)
			fprintf(out, "%s%u", i ? "," : " groups=", groups[i]);
	if (layout->tail == TAIL_EXTENTS)
		put_extents(layout, event, out);
}

void event_text(const struct nsv_event *event, FILE *out)
{
	const struct layout *layout = layout_of((enum nsv_type)event->type);
	const char *const *fields = NULL;

	fprintf(out, "%llu %s", event->seq, layout->name);
	for (size_t i = 0; i < sizeof(brief) / sizeof(*brief); i++)
		if (brief[i].type == layout->type)
			fields = brief[i].fields;
	for (; fields && *fields; fields++)
		put_field(field_by_name(layout, *fields), event, out);
	for (size_t i = 0; !fields && i < layout->n_fields; i++)
		if (layout->fields[i].kind > FIELD_SIGNED || field_get(&layout->fields[i], event))
			put_field(&layout->fields[i], event, out);
	put_tail(layout, event, out);
}
