// SPDX-License-Identifier: BSD-2-Clause
#include "sink/json.h"

#include <errno.h>
#include <string.h>

#include "capture/file.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/escape.h"

struct json_object *json_text(const char *s)
{
	return s ? json_object_new_string(s) : NULL;
}

/* Names and paths from outside, in the one form that all outputs show. */
struct json_object *json_escaped(const char *s)
{
	size_t n;
	AUTO_FREE char *out = NULL;

	if (!s)
		return NULL;
	n = strlen(s);
	out = xcalloc(1, ESCAPED_SIZE(n));
	return json_text(escape(out, ESCAPED_SIZE(n), s, n));
}

struct json_object *json_number(uint64_t n)
{
	return json_object_new_uint64(n);
}

void json_put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

const char *json_line(struct json_object *object)
{
	return json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE);
}

int json_print(struct json_object *object, FILE *out)
{
	int ret = fprintf(out, "%s\n",
			  json_object_to_json_string_ext(
				  object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
						  JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(object);
	return ret < 0 || fflush(out) ? -errno : 0;
}

struct json_object *json_time(const struct origin *origin, uint64_t boot_ns)
{
	char text[CLOCK_FRACTION_TEXT];

	return origin->wall_ns ?
		       json_text(clock_fraction_text(origin->wall_ns + boot_ns, 6, text)) :
		       NULL;
}

void json_put_origin(struct json_object *object, const struct origin *origin, uint64_t boot_ns)
{
	char boot_id[UUID_TEXT];

	if (origin->boot_id)
		uuid_text(origin->boot_id, boot_id);
	json_put(object, "time", json_time(origin, boot_ns));
	json_put(object, "node", json_escaped(origin->node));
	json_put(object, "boot_id", origin->boot_id ? json_text(boot_id) : NULL);
	json_put(object, "version", json_text(NSVIGIL_VERSION));
}

struct json_object *json_ns(const struct nsv_ns *ns)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "inum", json_number(ns->inum));
	json_put(out, "id", ns->id ? json_number(ns->id) : NULL);
	return out;
}

struct json_object *json_range(const struct id_range *range)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "first", json_number(range->first));
	json_put(out, "last", json_number(range->last));
	return out;
}

static struct json_object *json_process(const struct task_view *process)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "pid", json_number(process->task.tgid));
	json_put(out, "tid", json_number(process->task.tid));
	json_put(out, "start_ns", json_number(process->task.start_ns));
	json_put(out, "comm", json_escaped(process->comm));
	return out;
}

static struct json_object *json_party(const struct party *party)
{
	static const char *const names[] = {NULL, "pod", "process", "userns"};
	struct json_object *out;

	if (party->kind == PARTY_NONE)
		return NULL;
	out = json_object_new_object();
	json_put(out, "type", json_text(names[party->kind]));
	json_put(out, "pod", json_text(party->pod));
	json_put(out, "process",
		 party->kind == PARTY_PROCESS ? json_process(&party->process) : NULL);
	json_put(out, "user_namespace", party->userns.inum ? json_ns(&party->userns) : NULL);
	return out;
}

static struct json_object *json_mount(const struct mount_view *mount)
{
	struct json_object *out;
	char device[32];

	if (!mount)
		return NULL;
	out = json_object_new_object();
	snprintf(device, sizeof(device), "%u:%u", mount->major, mount->minor);
	json_put(out, "id", json_number(mount->id));
	json_put(out, "device", json_text(device));
	json_put(out, "type", json_escaped(mount->type));
	json_put(out, "root", json_escaped(mount->root));
	json_put(out, "point", json_escaped(mount->point));
	return out;
}

struct json_object *json_evidence(const struct evidence *evidence)
{
	struct json_object *out = json_object_new_object(), *ids = NULL, *ns = NULL;

	json_put(out, "text", json_text(evidence->text));
	json_put(out, "subject", json_party(&evidence->subject));
	json_put(out, "other", json_party(&evidence->other));
	if (evidence->id_what) {
		ids = json_range(&evidence->ids);
		json_put(ids, "kind", json_text(evidence->id_what));
	}
	json_put(out, "ids", ids);
	if (evidence->ns_what) {
		ns = json_ns(&evidence->ns);
		json_put(ns, "kind", json_text(evidence->ns_what));
	}
	json_put(out, "namespace", ns);
	json_put(out, "mount", json_mount(evidence->mount));
	json_put(out, "capability", json_text(evidence->capability));
	return out;
}

struct json_object *json_check(const struct capability_view *cap)
{
	struct json_object *out = json_object_new_object();

	json_put(out, "capability", json_text(cap->name));
	json_put(out, "task_in", json_text(cap->task_at));
	json_put(out, "asked_over", json_text(cap->asked_at));
	json_put(out, "granted", json_object_new_boolean(cap->granted));
	json_put(out, "held", json_object_new_boolean(cap->held));
	json_put(out, "probe", json_text(cap->probe));
	json_put(out, "count", json_number(cap->count));
	json_put(out, "first_ns", json_number(cap->first_ns));
	json_put(out, "last_ns", json_number(cap->last_ns));
	return out;
}
