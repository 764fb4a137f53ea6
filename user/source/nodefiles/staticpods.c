// SPDX-License-Identifier: BSD-2-Clause
/* The manifests of static pods: which pods they are of, and what they ask for. */
#include "source/nodefiles/inner.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/nodefiles/manifest.h"

/* Of the manifest of a static pod, and what is done about it. */
static void tell_of_manifest(const struct metadata *metadata, const struct entry *manifest,
			     const struct entry *log, const char *what)
{
	const struct directory *directory = &metadata->directories[manifest->key.directory];
	const struct nsv_pod_name *pod = (const void *)log->records.v[0];
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];
	char path[PATH_MAX], shown[512], text[4096];

	snprintf(path, sizeof(path), "%s%s/%s", root_of(metadata), directory->path,
		 manifest->key.name);
	snprintf(text, sizeof(text), "the manifest %s of the pod %s/%s %s",
		 escape(shown, sizeof(shown), path, strlen(path)),
		 escape(namespace, sizeof(namespace), pod->namespace, sizeof(pod->namespace)),
		 escape(name, sizeof(name), pod->name, sizeof(pod->name)), what);
	say(metadata, text);
}

static void forget_manifest(struct entry *entry)
{
	free(entry->manifest);
	entry->manifest = NULL;
}

/* FNV-1a: what is told apart is what an editor makes of a file, and not what somebody forges. */
uint64_t digest(const char *text, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return hash | 1;
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* When a file or directory was made; false: it is not known. */
static bool born(int dir, const char *name, struct timespec *out)
{
	struct statx stx;

	if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &stx) ||
	    !(stx.stx_mask & STATX_BTIME))
		return false;
	*out = (struct timespec){stx.stx_btime.tv_sec, stx.stx_btime.tv_nsec};
	return true;
}

/*
 * Since when a file has its content: it was written, or came here with what somebody copied, whose time
 * of writing the copy may have. (That its mode or owner changed, or that it was written again with the
 * same, tells nothing.)
 */
static void date_content(const struct metadata *metadata, struct entry *entry)
{
	struct timespec made;

	entry->since = entry->stamp.mtime;
	if (born(metadata->directories[entry->key.directory].fd, entry->key.name, &made) &&
	    is_later(&made, &entry->since))
		entry->since = made;
}

/*
 * When the directory of a pod's logs was made: the kubelet does so first. What was written later is not what the
 * pod was made of.
 */
static bool is_older(const struct metadata *metadata, const struct entry *manifest,
		     const struct entry *log)
{
	struct timespec start;

	return born(metadata->directories[log->key.directory].fd, log->key.name, &start) &&
	       !is_later(&manifest->since, &start);
}

static bool is_named_in(const struct metadata *metadata, const struct entry *manifest,
			const struct entry *log)
{
	return manifest->manifest && manifest_is_pod(manifest->manifest, metadata->node_name,
						     (const void *)log->records.v[0]);
}

/* From then on it is known of the pod, whatever becomes of the manifest: content makes a static pod's uid. */
static void adopt(struct entry *log, const struct entry *manifest)
{
	const struct nsv_pod_name *pod = (const void *)log->records.v[0];
	const struct nsv_declared *its;
	struct nsv_declared *declared;

	log->adopted = (struct adopted){.is = true, .by = manifest->number};
	log->adopted.told = manifest->content;
	its = (const void *)manifest->records.v[0];
	if (log->records.n > 1)
		free(log->records.v[--log->records.n]);
	declared = records_add(&log->records, NSV_DECLARED, its->h.len);
	memcpy(declared, its, its->h.len);
	memcpy(declared->uid, pod->uid, sizeof(declared->uid));
	log->pushed = false;
}

/*
 * Of a static pod something says what it asks for, and that is not known: the kubelet makes its uid of the manifest,
 * if that names none, and its name of the node's.
 */
static void note_unknown(const struct metadata *metadata, struct entry *log)
{
	const struct nsv_pod_name *pod = (const void *)log->records.v[0];
	struct nsv_declared *unknown;

	if (log->records.n > 1 ||
	    (!manifest_is_uid(pod->uid) && !manifest_ends_in(pod->name, metadata->node_name)))
		return;
	unknown = records_add(&log->records, NSV_DECLARED, sizeof(*unknown));
	unknown->by = NSV_BY_MANIFEST;
	unknown->userns = NSV_DECLARED_UNKNOWN;
	unknown->item = log->number;
	memcpy(unknown->uid, ((const struct nsv_pod_name *)log->records.v[0])->uid,
	       sizeof(unknown->uid));
	log->pushed = false;
}

/* The kubelet reads all, runs one of them, and does not say which. */
struct candidates {
	const struct entry *older, *newer; /* than the pod; NULL: there is none */
	const struct entry *other;	   /* an older one that says something else; likewise */
};

static void take_candidate(const struct metadata *metadata, const struct entry *entry,
			   const struct entry *log, struct candidates *found)
{
	if (!is_older(metadata, entry, log)) {
		found->newer = entry;
		return;
	}
	if (found->older && found->older->manifest->userns != entry->manifest->userns)
		found->other = entry;
	if (!found->older || entry->number < found->older->number)
		found->older = entry;
}

static struct candidates find_manifests(const struct metadata *metadata, const struct entry *log)
{
	struct candidates found = {};
	const struct entry *entry;

	for (size_t i = 0; i < metadata->n_directories; i++) {
		if (metadata->directories[i].kind != &metadata_manifests)
			continue;
		DL_FOREACH(metadata->directories[i].entries, entry)
			if (is_named_in(metadata, entry, log))
				take_candidate(metadata, entry, log, &found);
	}
	return found;
}

/* Each of them is said once, of a content. */
static void tell_unused(const struct metadata *metadata, struct entry *log,
			const struct candidates *found)
{
	const struct entry *of = found->other ? found->older : found->newer;
	char what[ESCAPED_SIZE(NAME_MAX) + 512], other[ESCAPED_SIZE(NAME_MAX)];

	if (!of || log->adopted.told == of->content)
		return;
	log->adopted.told = of->content;
	if (found->other) {
		escape(other, sizeof(other), found->other->key.name,
		       strlen(found->other->key.name));
		snprintf(
			what, sizeof(what),
			"disagrees about hostUsers with %s, which is for the same pod, and the kubelet reads "
			"both: neither is used; move one of them out of the directory",
			other);
		tell_of_manifest(metadata, of, log, what);
	} else {
		tell_of_manifest(metadata, of, log,
				 "was written after the pod began, and is not used for it");
	}
}

void look_for_manifest(struct metadata *metadata, struct entry *log)
{
	struct candidates found;

	if (log->adopted.is || !log->records.n)
		return;
	found = find_manifests(metadata, log);
	if (found.older && !found.other)
		adopt(log, found.older);
	else {
		note_unknown(metadata, log);
		tell_unused(metadata, log, &found);
	}
}

void look_for_manifests(struct metadata *metadata)
{
	struct entry *log;

	DL_FOREACH(metadata->directories[OF_LOGS].entries, log)
		look_for_manifest(metadata, log);
}

/* What a pod was made of, of which the manifest says something else now, or nothing (NULL). */
static void note_other(struct metadata *metadata, const struct entry *manifest, bool is_gone)
{
	struct entry *log;

	DL_FOREACH(metadata->directories[OF_LOGS].entries, log) {
		const struct nsv_declared *declared;

		if (!log->adopted.is || log->adopted.by != manifest->number || log->records.n < 2)
			continue;
		declared = (const void *)log->records.v[1];
		if (!is_gone && manifest->manifest &&
		    manifest->manifest->userns == declared->userns)
			continue;
		if (!is_gone && is_named_in(metadata, manifest, log) && *manifest->manifest->uid) {
			/* The uid that it names does not tell one content from another. */
			free(log->records.v[--log->records.n]);
			note_unknown(metadata, log);
			log->adopted.by = 0;
			tell_of_manifest(metadata, manifest, log,
					 "has changed since the pod began, and is not used for it");
			continue;
		}
		tell_of_manifest(
			metadata, manifest, log,
			is_gone ?
				"was removed: what it said holds until the pod is gone" :
				"has changed since the pod began: what it said then holds until the pod is gone");
	}
}

static void note_change(struct metadata *metadata, const struct entry *manifest)
{
	note_other(metadata, manifest, false);
}

static void note_gone(struct metadata *metadata, struct entry *manifest)
{
	if (manifest->manifest && !metadata->closing)
		note_other(metadata, manifest, true);
}

/* Its event has no uid: of which pods it is is seen by their names. */
static void parse_manifest(struct metadata *metadata, struct entry *entry, const char *text,
			   size_t len)
{
	struct manifest manifest = {};
	struct problem problem = {};
	struct nsv_declared *declared;

	forget_manifest(entry);
	if (manifest_parse(text, len, &manifest, &problem)) {
		set_problem(entry, problem.text);
		return;
	}
	entry->manifest = xcalloc(1, sizeof(manifest));
	*entry->manifest = manifest;
	declared = records_add(&entry->records, NSV_DECLARED, sizeof(*declared));
	declared->by = NSV_BY_MANIFEST;
	declared->userns = manifest.userns;
	finish_records(metadata, entry, NULL);
}

static void look_at_manifest(struct metadata *metadata, struct entry *entry)
{
	AUTO_FREE char *text = NULL;
	uint64_t content;
	size_t len;

	if (!read_entry(metadata, entry, NULL, &text, &len)) {
		if (entry->err)
			forget_manifest(entry);
		return;
	}
	content = digest(text, len);
	parse_manifest(metadata, entry, text, len);
	/* One that is none is on its way to another content, or back to the one that it had. */
	if (!entry->manifest || content == entry->content)
		return;
	entry->content = content;
	date_content(metadata, entry);
	note_change(metadata, entry);
}

const struct kind metadata_manifests = {.below = "",
					.is_of_pods = true,
					.is_entry = manifest_is_entry,
					.look = look_at_manifest,
					.gone = note_gone};

static void say_misnamed(const struct metadata *metadata, const struct nsv_pod_name *pod)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];
	char node_name[ESCAPED_SIZE(NSV_POD_NAME_LEN)], text[4096];

	snprintf(text, sizeof(text),
		 "cannot use the manifests of static pods: the name of %s/%s does not end in the "
		 "node's name, \"%s\": give the node's name with --node-name",
		 escape(namespace, sizeof(namespace), pod->namespace, sizeof(pod->namespace)),
		 escape(name, sizeof(name), pod->name, sizeof(pod->name)),
		 escape(node_name, sizeof(node_name), metadata->node_name,
			sizeof(metadata->node_name)));
	say(metadata, text);
}

/*
 * The node has one name. If a static pod's ends otherwise, and none's so, then manifests would be
 * nobody's without a word.
 */
void tell_misnamed(struct metadata *metadata)
{
	const struct nsv_pod_name *other = NULL;
	const struct entry *entry;
	bool any = false;

	for (entry = metadata->entries; entry && !metadata->misnamed; entry = entry->hh.next) {
		const struct nsv_pod_name *pod;

		any |= entry->manifest && entry->records.n;
		if (metadata->directories[entry->key.directory].kind != &metadata_logs)
			continue;
		pod = (const void *)entry->records.v[0];
		if (!manifest_is_uid(pod->uid))
			continue;
		if (manifest_ends_in(pod->name, metadata->node_name))
			return;
		other = pod;
	}
	if (!any || !other)
		return;
	say_misnamed(metadata, other);
	metadata->misnamed = true;
}

static bool is_unknown(const struct entry *log)
{
	const struct nsv_declared *declared = log->records.n > 1 ? (const void *)log->records.v[1] :
								   NULL;

	return declared && declared->userns == NSV_DECLARED_UNKNOWN && !log->adopted.told;
}

void tell_unknown_pods(struct metadata *metadata)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];
	char text[4096], list[2048];
	const struct nsv_pod_name *pod = NULL;
	const struct entry *log;
	size_t n = 0;

	if (metadata->unknown_told)
		return;
	DL_FOREACH(metadata->directories[OF_LOGS].entries, log) {
		if (!is_unknown(log))
			continue;
		pod = (const void *)log->records.v[0];
		n++;
	}
	if (!n)
		return;
	metadata->unknown_told = true;
	places_list(&metadata->places, NSV_PLACE_MANIFESTS, list, sizeof(list));
	snprintf(
		text, sizeof(text),
		"no manifest was found for %zu static pods, such as %s/%s (looked in: %s), so it is "
		"unknown whether they ask for a user namespace; give --manifests-dir",
		n, escape(namespace, sizeof(namespace), pod->namespace, sizeof(pod->namespace)),
		escape(name, sizeof(name), pod->name, sizeof(pod->name)),
		*list ? list :
		*metadata->places.config.static_url ?
			"none: the kubelet gets them from a URL" :
			"none: the kubelet has no directory for them");
	say(metadata, text);
}

/* The kubelet makes it lower case. */
void name_node(struct metadata *metadata)
{
	const char *name = metadata->opts->node_name ?: metadata->places.node_name;
	struct utsname host;

	if (!name || !*name)
		name = uname(&host) ? "" : host.nodename;
	memset(metadata->node_name, 0, sizeof(metadata->node_name));
	for (size_t i = 0; i + 1 < sizeof(metadata->node_name) && name[i]; i++)
		metadata->node_name[i] = (char)tolower((unsigned char)name[i]);
}

const char *metadata_node_name(const struct metadata *metadata)
{
	return metadata->node_name;
}
