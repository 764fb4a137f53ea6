// SPDX-License-Identifier: BSD-2-Clause
#include "source/metadata.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "lib/hash.h"
#include "source/declared.h"
#include "source/files.h"
#include "source/kubelet.h"
#include "source/manifest.h"
#include "source/names.h"
#include "source/owners.h"
#include "source/podpath.h"

/* A file that was written just now may not be whole yet: nothing is said of it. */
#define FRESH_S 2

/* How far the clocks of files and of processes may be apart. */
#define CLOCKS_NS UINT64_C(1000000000)

#define READS_MAX 64 /* of notices, at a time */

#define ID_LEN 64 /* digits of a container's id */

/* Where kubeadm has the kubelet look for manifests. */
#define MANIFESTS "/etc/kubernetes/manifests"

struct item;

/* What a kind of directory has in it: an item an entry. */
struct kind {
	const char *below;    /* where it is in the directory that is given */
	const char *inner;    /* and where in the entry its file is; or NULL */
	const char *files[4]; /* what is read there: what else is in it, others may write */
	bool (*is_entry)(const char *name); /* what is none of ours is passed over */
	void (*look)(struct metadata *metadata, struct item *item);
};

struct place {
	const struct kind *kind;
	char *path; /* as the node has it */
	int fd;	    /* -1: it is not there */
	dev_t dev;  /* of the directory that is open */
	ino_t ino;
	int wd;	   /* of inotify; -1: not watched */
	bool told; /* that it cannot be read */
	bool changed;
};

struct item {
	struct item_key {
		uint64_t place; /* its number */
		char name[NAME_MAX + 1];
	} key;
	uint64_t number; /* in its events */
	int wd;
	bool watched;	   /* where its file is, and not only above */
	ino_t watched_dir; /* the entry, when it was watched */
	struct file_stamp stamp;
	int err;    /* of the last read */
	bool lasts; /* what was read is so until the directory is gone */
	struct records records;
	struct manifest *manifest;   /* whose it is; NULL: it is none */
	struct file_stamp pid_stamp; /* of the file that names a container's first process */
	uint32_t pid;		     /* as it does; 0: there is none */
	uint64_t content;	     /* of a manifest: a digest */
	struct timespec since;	     /* since when its file has that */
	struct adopted {
		bool is;       /* of a static pod's logs: it is known what the pod was made of */
		uint64_t by;   /* the manifest's number */
		uint64_t told; /* what was said of it last: a manifest's content */
	} adopted;
	bool pushed;	/* since they changed */
	char *text;	/* of a file of IDs; or NULL */
	bool seen;	/* in the directory, now */
	char *problem;	/* why there are none; or NULL */
	time_t written; /* when the file was */
	UT_hash_handle hh, by_wd;
};

struct metadata {
	const struct metadata_options *opts;
	int root;
	int notify; /* -1: nobody asked */
	struct place *places;
	size_t n_places, cap_places;
	struct item *items;    /* by key */
	struct item *watched;  /* likewise, by wd */
	struct stream *stream; /* what is new is pushed when it is read; NULL: later */
	bool any;	       /* was */
	int err;	       /* why not */
	uint64_t numbers;
	struct owners owners; /* of the kubelet's host IDs */
	bool ids_changed;     /* a file that it is made of */
	char node_name[NSV_POD_NAME_LEN];
	bool misnamed; /* told that it is another one */
	struct kubelet_config config;
	struct file_stamp config_stamp;
	int config_err;	     /* of the last read */
	size_t of_manifests; /* the place's number */
	bool blind;	     /* not all can be noticed */
	bool closing;
};

/* What stands before the path of a place, for people. */
static const char *root_of(const struct metadata *metadata)
{
	return strcmp(metadata->opts->root, "/") ? metadata->opts->root : "";
}

/* ---- what is said of what cannot be used ---- */

static void complain(const struct metadata *metadata, const struct place *place, const char *entry,
		     const char *why)
{
	char path[PATH_MAX], shown[512], text[1024];

	snprintf(path, sizeof(path), "%s%s%s%s", root_of(metadata), place->path, entry ? "/" : "",
		 entry ? entry : "");
	snprintf(text, sizeof(text), "cannot use %s: %s",
		 escape(shown, sizeof(shown), path, strlen(path)), why);
	if (metadata->opts->say)
		metadata->opts->say(metadata->opts->ctx, text);
}

/* Of the manifest of a static pod, and what is done about it. */
static void tell_of_manifest(const struct metadata *metadata, const struct item *manifest,
			     const struct item *log, const char *what)
{
	const struct place *place = &metadata->places[manifest->key.place];
	const struct nsv_pod_name *pod = (const void *)log->records.v[0];
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];
	char path[PATH_MAX], shown[512], text[4096];

	snprintf(path, sizeof(path), "%s%s/%s", root_of(metadata), place->path, manifest->key.name);
	snprintf(text, sizeof(text), "the manifest %s of the pod %s/%s %s",
		 escape(shown, sizeof(shown), path, strlen(path)),
		 escape(namespace, sizeof(namespace), pod->namespace, sizeof(pod->namespace)),
		 escape(name, sizeof(name), pod->name, sizeof(pod->name)), what);
	if (metadata->opts->say)
		metadata->opts->say(metadata->opts->ctx, text);
}

/* A file that is not right is told when it stays so. */
static void tell_problem(const struct metadata *metadata, struct item *item)
{
	const struct place *place = &metadata->places[item->key.place];

	if (!item->problem || !*item->problem || time(NULL) - item->written < FRESH_S)
		return;
	complain(metadata, place, item->key.name, item->problem);
	*item->problem = '\0'; /* told */
}

static void set_problem(struct item *item, const char *why)
{
	free(item->problem);
	item->problem = why ? xstrdup(why) : NULL;
}

/* ---- items ---- */

static struct item *item_by_wd(const struct metadata *metadata, int wd)
{
	struct item *item;

	HASH_FIND(by_wd, metadata->watched, &wd, sizeof(wd), item);
	return item;
}

/* -1: it is not watched any more. */
static void set_wd(struct metadata *metadata, struct item *item, int wd)
{
	if (wd == item->wd)
		return;
	if (item->wd >= 0) {
		HASH_DELETE(by_wd, metadata->watched, item);
		inotify_rm_watch(metadata->notify, item->wd);
	}
	/* Two entries that are one directory: one of them gets its notices. */
	item->wd = wd >= 0 && item_by_wd(metadata, wd) ? -1 : wd;
	if (item->wd >= 0)
		HASH_ADD(by_wd, metadata->watched, wd, sizeof(item->wd), item);
}

static void note_gone(struct metadata *metadata, const struct item *manifest);

static void item_free(struct metadata *metadata, struct item *item)
{
	note_gone(metadata, item);
	HASH_DEL(metadata->items, item);
	set_wd(metadata, item, -1);
	records_free(&item->records);
	metadata->ids_changed |= item->text != NULL;
	free(item->text);
	free(item->manifest);
	free(item->problem);
	free(item);
}

static struct item *find_item(struct metadata *metadata, const struct place *place,
			      const char *name)
{
	struct item_key key = {.place = (uint64_t)(place - metadata->places)};
	struct item *item;

	snprintf(key.name, sizeof(key.name), "%s", name);
	HASH_FIND(hh, metadata->items, &key, sizeof(key), item);
	if (item)
		return item;
	item = xcalloc(1, sizeof(*item));
	item->key = key;
	item->number = ++metadata->numbers;
	item->wd = -1;
	table_add(metadata->items, key, item);
	return item;
}

/* When a file was written, as the events have times. */
static uint64_t since_boot(const struct timespec *at)
{
	const uint64_t boot_ns = stream_now();
	struct timespec now;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = (int64_t)(now.tv_sec - at->tv_sec) * 1000000000 + (now.tv_nsec - at->tv_nsec);
	if (age < 0)
		return boot_ns;
	return (uint64_t)age < boot_ns ? boot_ns - (uint64_t)age : 0;
}

/* What all events of a file have in common. */
static void finish_records(const struct metadata *metadata, struct item *item, const char *file)
{
	const struct place *place = &metadata->places[item->key.place];
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s%s%s", place->path, item->key.name, file ? "/" : "",
		 file ? file : "");
	for (size_t i = 0; i < item->records.n; i++) {
		struct nsv_declared *declared = (struct nsv_declared *)item->records.v[i];

		if (declared->h.type == NSV_BUNDLE)
			((struct nsv_bundle *)declared)->item = item->number;
		if (declared->h.type == NSV_VOLUME)
			((struct nsv_volume *)declared)->item = item->number << 16 | i;
		if (declared->h.type == NSV_ID_OWNER)
			((struct nsv_id_owner *)declared)->item = item->number << 16 | i;
		if (declared->h.type != NSV_DECLARED)
			continue;
		declared->item = item->number;
		declared->since_ns = since_boot(&item->stamp.mtime);
		memcpy(declared->file, path, strnlen(path, sizeof(declared->file) - 1));
	}
	item->pushed = false;
}

/*
 * Reads the item's file, if it is another one than last time. Returns true if there is a text to
 * be made events of.
 */
static bool read_item(const struct metadata *metadata, struct item *item, const char *file,
		      char **text, size_t *len)
{
	char path[NAME_MAX + 64];
	int err;

	snprintf(path, sizeof(path), "%s%s%s", item->key.name, file ? "/" : "", file ? file : "");
	err = files_read(metadata->places[item->key.place].fd, path, false, &item->stamp, text,
			 len);
	if (err == 1 || (err && err == item->err))
		return false;
	if (err == -ENOENT && item->lasts) {
		item->stamp = (struct file_stamp){};
		return false;
	}
	item->err = err;
	if (err && err != -EFBIG)
		item->stamp = (struct file_stamp){};
	records_free(&item->records);
	item->written = item->stamp.mtime.tv_sec;
	set_problem(item, err && err != -ENOENT ? files_error(err) : NULL);
	return !err;
}

/* ---- /var/log/pods ---- */

static bool is_log(const char *name)
{
	struct nsv_pod_name event;

	return names_parse(name, &event);
}

static void look_at_log(struct metadata *metadata, struct item *item)
{
	struct nsv_pod_name *event;

	(void)metadata;
	if (item->records.n)
		return;
	event = records_add(&item->records, NSV_POD_NAME, sizeof(*event));
	names_parse(item->key.name, event);
	item->pushed = false;
}

/* ---- the kubelet's pods ---- */

static bool is_pod(const char *name)
{
	char uid[NSV_POD_UID_LEN];

	return podpath_uid(name, uid);
}

static void look_at_pod(struct metadata *metadata, struct item *item)
{
	AUTO_FREE char *text = NULL;
	struct problem problem = {};
	struct nsv_declared *none;
	char uid[NSV_POD_UID_LEN];
	size_t len;

	podpath_uid(item->key.name, uid);
	if (read_item(metadata, item, "userns", &text, &len)) {
		if (declared_allotment(text, len, uid, &item->records, &problem))
			set_problem(item, problem.text);
		/* When the pod ends the kubelet removes it before the directory. */
		item->lasts = item->records.n;
		finish_records(metadata, item, "userns");
	} else if (!item->records.n && !item->problem) {
		/* The kubelet knows the pod, and allotted nothing. */
		none = records_add(&item->records, NSV_DECLARED, sizeof(*none));
		none->by = NSV_BY_KUBELET;
		none->userns = NSV_DECLARED_NODE;
		memcpy(none->uid, uid, sizeof(none->uid));
		finish_records(metadata, item, "userns");
	}
}

/* ---- bundles ---- */

static bool is_container(const char *name)
{
	return strlen(name) == ID_LEN && name[strspn(name, "0123456789abcdef")] == '\0';
}

/* containerd's shim, by which it finds it again: the last part of its path. */
static char *read_shim(const struct metadata *metadata, const struct item *item)
{
	struct file_stamp any = {};
	char path[NAME_MAX + 64], *text = NULL, *name;
	size_t len;

	snprintf(path, sizeof(path), "%s/shim-binary-path", item->key.name);
	if (files_read(metadata->places[item->key.place].fd, path, false, &any, &text, &len))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	name = strrchr(text, '/');
	if (name)
		memmove(text, name + 1, strlen(name));
	return text;
}

/*
 * Whether the process was there before the file that names it: another one may have got its number. (Times of
 * starts count from boot, in hundredths of a second: fs/proc/array.c do_task_stat().)
 */
static bool is_the_one(uint32_t pid, const struct timespec *named)
{
	char path[32], text[1024], *at;
	unsigned long long start = 0;
	AUTO_FILE file = NULL;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	file = fopen(path, "re");
	n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	text[n] = '\0';
	at = strrchr(text, ')'); /* what is before may be anything */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at)
		start = strtoull(at, NULL, 10);
	return start && start * (1000000000ULL / (unsigned long)sysconf(_SC_CLK_TCK)) <=
				since_boot(named) + CLOCKS_NS;
}

/* What is said of a container's first process may change without its configuration. */
static void look_at_pid(struct metadata *metadata, struct item *item, const char *file)
{
	struct nsv_bundle *bundle = item->records.n ? (void *)item->records.v[0] : NULL;
	uint32_t state = NSV_BUNDLE_NO_PID;
	AUTO_FREE char *text = NULL;
	char path[NAME_MAX + 64];
	size_t len;
	int err;

	if (!bundle || bundle->h.type != NSV_BUNDLE || metadata->opts->other_pids)
		return;
	snprintf(path, sizeof(path), "%s/%s", item->key.name, file);
	err = files_read(metadata->places[item->key.place].fd, path, false, &item->pid_stamp, &text,
			 &len);
	if (!err)
		item->pid = (uint32_t)strtoul(text, NULL, 10);
	else if (err < 0)
		item->pid = 0;
	if (item->pid)
		state = is_the_one(item->pid, &item->pid_stamp.mtime) ? NSV_BUNDLE_RUNS :
									NSV_BUNDLE_OVER;
	item->pushed &= bundle->state == state && bundle->pid == item->pid;
	bundle->state = state;
	bundle->pid = item->pid;
}

static void look_at_config(struct metadata *metadata, struct item *item, const char *file,
			   bool has_shim)
{
	AUTO_FREE char *text = NULL;
	AUTO_FREE char *shim = NULL;
	struct problem problem = {};
	size_t len;

	if (!read_item(metadata, item, file, &text, &len))
		return;
	shim = has_shim ? read_shim(metadata, item) : NULL;
	if (declared_config(text, len, item->key.name, shim, &item->records, &problem))
		set_problem(item, problem.text);
	finish_records(metadata, item, file);
}

static void look_at_task(struct metadata *metadata, struct item *item)
{
	look_at_config(metadata, item, "config.json", true);
	look_at_pid(metadata, item, "init.pid");
}

static void look_at_userdata(struct metadata *metadata, struct item *item)
{
	look_at_config(metadata, item, "userdata/config.json", false);
	look_at_pid(metadata, item, "userdata/pidfile");
}

/* ---- manifests of static pods ---- */

static void forget_manifest(struct item *item)
{
	free(item->manifest);
	item->manifest = NULL;
}

/* FNV-1a: what is told apart is what an editor makes of a file, and not what somebody forges. */
static uint64_t digest(const char *text, size_t len)
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
static void date_content(const struct metadata *metadata, struct item *item)
{
	struct timespec made;

	item->since = item->stamp.mtime;
	if (born(metadata->places[item->key.place].fd, item->key.name, &made) &&
	    is_later(&made, &item->since))
		item->since = made;
}

static void note_change(struct metadata *metadata, const struct item *manifest);

/* Its event has no uid: of which pods it is is seen by their names. */
static void parse_manifest(struct metadata *metadata, struct item *item, const char *text,
			   size_t len)
{
	struct manifest manifest = {};
	struct problem problem = {};
	struct nsv_declared *declared;

	forget_manifest(item);
	if (manifest_parse(text, len, &manifest, &problem)) {
		set_problem(item, problem.text);
		return;
	}
	item->manifest = xcalloc(1, sizeof(manifest));
	*item->manifest = manifest;
	if (!manifest.userns)
		return;
	declared = records_add(&item->records, NSV_DECLARED, sizeof(*declared));
	declared->by = NSV_BY_MANIFEST;
	declared->userns = manifest.userns;
	finish_records(metadata, item, NULL);
}

static void look_at_manifest(struct metadata *metadata, struct item *item)
{
	AUTO_FREE char *text = NULL;
	uint64_t content;
	size_t len;

	if (!read_item(metadata, item, NULL, &text, &len)) {
		if (item->err)
			forget_manifest(item);
		return;
	}
	content = digest(text, len);
	parse_manifest(metadata, item, text, len);
	/* One that is none is on its way to another content, or back to the one that it had. */
	if (!item->manifest || content == item->content)
		return;
	item->content = content;
	date_content(metadata, item);
	note_change(metadata, item);
}

/*
 * When the directory of a pod's logs was made: the kubelet does so first. What was written later is not what the
 * pod was made of.
 */
static bool is_older(const struct metadata *metadata, const struct item *manifest,
		     const struct item *log)
{
	struct timespec start;

	return born(metadata->places[log->key.place].fd, log->key.name, &start) &&
	       !is_later(&manifest->since, &start);
}

static bool is_named_in(const struct metadata *metadata, const struct item *manifest,
			const struct item *log)
{
	return manifest->manifest && manifest_is_pod(manifest->manifest, metadata->node_name,
						     (const void *)log->records.v[0]);
}

/* From then on it is known of the pod, whatever becomes of the manifest: content makes a static pod's uid. */
static void adopt(struct item *log, const struct item *manifest)
{
	const struct nsv_pod_name *pod = (const void *)log->records.v[0];
	const struct nsv_declared *its;
	struct nsv_declared *declared;

	log->adopted = (struct adopted){.is = true, .by = manifest->number};
	log->adopted.told = manifest->content;
	if (!manifest->records.n)
		return;
	its = (const void *)manifest->records.v[0];
	declared = records_add(&log->records, NSV_DECLARED, its->h.len);
	memcpy(declared, its, its->h.len);
	memcpy(declared->uid, pod->uid, sizeof(declared->uid));
	log->pushed = false;
}

/* Of several the kubelet takes one, and does not say which. */
struct candidates {
	const struct item *older, *newer; /* than the pod; NULL: there is none */
	bool differ;			  /* the older ones, in what they say */
};

static struct candidates find_manifests(const struct metadata *metadata, const struct item *log)
{
	struct candidates found = {};
	const struct item *item;

	for (item = metadata->items; item; item = item->hh.next) {
		if (!is_named_in(metadata, item, log))
			continue;
		if (!is_older(metadata, item, log)) {
			if (item->records.n)
				found.newer = item;
			continue;
		}
		found.differ |= found.older &&
				found.older->manifest->userns != item->manifest->userns;
		if (!found.older || item->number < found.older->number)
			found.older = item;
	}
	return found;
}

/* Each of them is said once, of a content. */
static void tell_unused(const struct metadata *metadata, struct item *log,
			const struct candidates *found)
{
	const struct item *of = found->differ ? found->older : found->newer;

	if (!of || log->adopted.told == of->content)
		return;
	log->adopted.told = of->content;
	if (found->differ)
		tell_of_manifest(
			metadata, of, log,
			"is not its only one, and they say different things of hostUsers: what they say is not used");
	else
		tell_of_manifest(
			metadata, of, log,
			"was written after the pod began: what it says is not used for it");
}

static void look_for_manifest(struct metadata *metadata, struct item *log)
{
	struct candidates found;

	if (log->adopted.is || !log->records.n)
		return;
	found = find_manifests(metadata, log);
	if (found.older && !found.differ)
		adopt(log, found.older);
	else
		tell_unused(metadata, log, &found);
}

static void look_for_manifests(struct metadata *metadata)
{
	struct item *log;

	for (log = metadata->items; log; log = log->hh.next)
		if (!log->key.place) /* of logs */
			look_for_manifest(metadata, log);
}

/* What a pod was made of, of which the manifest says something else now, or nothing (NULL). */
static void note_other(struct metadata *metadata, const struct item *manifest, bool is_gone)
{
	struct item *log;

	for (log = metadata->items; log; log = log->hh.next) {
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
			log->adopted.by = 0;
			tell_of_manifest(
				metadata, manifest, log,
				"says otherwise than when the pod began: what it says is not used for it");
			continue;
		}
		tell_of_manifest(
			metadata, manifest, log,
			is_gone ? "is gone: what it said holds until the pod is gone" :
				  "says otherwise than when the pod began: what it said then holds "
				  "until the pod is gone");
	}
}

static void note_change(struct metadata *metadata, const struct item *manifest)
{
	note_other(metadata, manifest, false);
}

static void note_gone(struct metadata *metadata, const struct item *manifest)
{
	if (manifest->manifest && !metadata->closing)
		note_other(metadata, manifest, true);
}

/* ---- /etc ---- */

/* Accounts before ranges, which may name their owners by number. */
static const struct id_file {
	const char *name;
	enum nsv_id_file file; /* 0: of groups, whose lines are no events */
} id_files[] = {
	{"passwd", NSV_FILE_PASSWD},
	{"group", 0},
	{"subuid", NSV_FILE_SUBUID},
	{"subgid", NSV_FILE_SUBGID},
};

#define ID_FILES (sizeof(id_files) / sizeof(*id_files))

static bool is_id_file(const char *name)
{
	for (size_t i = 0; i < ID_FILES; i++)
		if (!strcmp(name, id_files[i].name))
			return true;
	return false;
}

static void look_at_ids(struct metadata *metadata, struct item *item)
{
	AUTO_FREE char *text = NULL;
	size_t len;

	if (!read_item(metadata, item, NULL, &text, &len) && !item->err)
		return;
	free(item->text);
	item->text = text;
	text = NULL;
	metadata->ids_changed = true;
}

static void parse_ids(struct metadata *metadata, const struct id_file *file, struct item *item)
{
	if (!file->file) {
		owners_parse_groups(item->text, &metadata->owners);
		return;
	}
	records_free(&item->records);
	owners_parse(item->text, file->file, &metadata->owners, &item->records);
	finish_records(metadata, item, NULL);
}

/* All of them anew, if one is another than before. */
static void parse_all_ids(struct metadata *metadata)
{
	struct item *item;

	if (!metadata->ids_changed)
		return;
	metadata->ids_changed = false;
	metadata->owners = (struct owners){};
	for (size_t i = 0; i < ID_FILES; i++)
		for (item = metadata->items; item; item = item->hh.next)
			if (item->text && !strcmp(item->key.name, id_files[i].name))
				parse_ids(metadata, &id_files[i], item);
}

/* ---- places ---- */

static const struct kind logs = {.below = "", .is_entry = is_log, .look = look_at_log};
static const struct kind pods = {.below = "/pods",
				 .inner = "",
				 .files = {"userns"},
				 .is_entry = is_pod,
				 .look = look_at_pod};
static const struct kind tasks = {
	.below = "/io.containerd.runtime.v2.task/k8s.io",
	.inner = "",
	.files = {"config.json", "init.pid", "shim-binary-path"},
	.is_entry = is_container,
	.look = look_at_task,
};
static const struct kind manifests = {
	.below = "", .is_entry = manifest_is_entry, .look = look_at_manifest};
static const struct kind etc = {.below = "", .is_entry = is_id_file, .look = look_at_ids};
static const struct kind userdata = {
	.below = "/overlay-containers",
	.inner = "/userdata",
	.files = {"config.json", "pidfile"},
	.is_entry = is_container,
	.look = look_at_userdata,
};

static void place_close(struct metadata *metadata, struct place *place)
{
	if (place->fd >= 0)
		close(place->fd);
	if (place->wd >= 0)
		inotify_rm_watch(metadata->notify, place->wd);
	place->fd = place->wd = -1;
}

/* Has a directory watched; by its descriptor, since its path may lead elsewhere by now. */
static int watch(struct metadata *metadata, int fd)
{
	const uint32_t what = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
	char path[64];
	int wd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	wd = inotify_add_watch(metadata->notify, path, what | IN_ONLYDIR);
	if (wd < 0 && errno == ENOSPC && !metadata->blind) {
		metadata->blind = true;
		if (metadata->opts->say)
			metadata->opts->say(metadata->opts->ctx,
					    "not all files that appear can be noticed at once, but "
					    "only once a second: raise the sysctl "
					    "fs.inotify.max_user_watches");
	}
	return wd;
}

/*
 * Whether the path still leads to the directory that is open: it may have been removed, or renamed and
 * made anew, or something was mounted over it, and none of that is noticed.
 */
static bool is_there(const struct metadata *metadata, const struct place *place)
{
	struct stat st;
	AUTO_FD fd = place->fd < 0 ? -1 : files_find(metadata->root, place->path);

	return fd >= 0 && !fstat(fd, &st) && st.st_dev == place->dev && st.st_ino == place->ino;
}

/* Returns true if the directory is there. */
static bool place_open(struct metadata *metadata, struct place *place)
{
	struct stat st;
	int fd;

	if (is_there(metadata, place))
		return true;
	place_close(metadata, place);
	fd = files_open_dir(metadata->root, place->path);
	if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR && !place->told) {
		complain(metadata, place, NULL, files_error(fd));
		place->told = true;
	}
	if (fd < 0)
		return false;
	place->fd = fd;
	if (!fstat(fd, &st)) {
		place->dev = st.st_dev;
		place->ino = st.st_ino;
	}
	if (metadata->notify >= 0)
		place->wd = watch(metadata, fd);
	return true;
}

/*
 * Of an entry that is a directory: watched before it is looked at, so that nothing is missed. It may be
 * another one than before.
 */
static void watch_item(struct metadata *metadata, const struct place *place, struct item *item)
{
	char path[NAME_MAX + 64];
	AUTO_FD fd = -1;
	struct stat st;

	if (metadata->notify < 0 || !place->kind->inner ||
	    fstatat(place->fd, item->key.name, &st, AT_SYMLINK_NOFOLLOW))
		return;
	if (item->wd >= 0 && item->watched && item->watched_dir == st.st_ino)
		return;
	snprintf(path, sizeof(path), "%s%s", item->key.name, place->kind->inner);
	fd = files_open_below(place->fd, path);
	item->watched = fd >= 0;
	if (fd < 0) /* not yet: what it will be in */
		fd = files_open_below(place->fd, item->key.name);
	if (fd < 0)
		return;
	item->watched_dir = st.st_ino;
	set_wd(metadata, item, watch(metadata, fd));
}

/* What is gone takes what it said with it. */
static void drop_unseen(struct metadata *metadata, const struct place *place)
{
	struct item *item, *next;

	HASH_ITER(hh, metadata->items, item, next)
		if (item->key.place == (uint64_t)(place - metadata->places) && !item->seen)
			item_free(metadata, item);
}

static void say_news(struct metadata *metadata, struct item *item);
static int push_pool(const struct metadata *metadata, struct stream *stream);

static void look_at(struct metadata *metadata, const struct place *place, struct item *item)
{
	watch_item(metadata, place, item);
	place->kind->look(metadata, item);
	tell_problem(metadata, item);
	if (!item->key.place && metadata->stream) /* in a walk: when manifests were looked at */
		look_for_manifest(metadata, item);
	say_news(metadata, item);
}

/* What is new of the node's files of IDs, all of which belong together, and of manifests, whose pods' it is. */
static void look_across(struct metadata *metadata, const struct place *place)
{
	struct item *item;
	const bool ids = metadata->ids_changed;

	parse_all_ids(metadata);
	if (place == &metadata->places[metadata->of_manifests])
		look_for_manifests(metadata);
	else if (!ids)
		return;
	for (item = metadata->items; metadata->stream && item; item = item->hh.next)
		say_news(metadata, item);
	if (metadata->stream && ids && !metadata->err)
		metadata->err = push_pool(metadata, metadata->stream);
}

static void place_look(struct metadata *metadata, struct place *place)
{
	struct dirent *entry;
	struct item *item;
	AUTO_DIR dir = NULL;
	int fd;

	for (item = metadata->items; item; item = item->hh.next)
		if (item->key.place == (uint64_t)(place - metadata->places))
			item->seen = false;
	place->changed = false;
	if (place_open(metadata, place)) {
		fd = openat(place->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		dir = fd < 0 ? NULL : fdopendir(fd);
		if (fd >= 0 && !dir)
			close(fd);
	}
	while (dir && (entry = readdir(dir))) {
		if (!place->kind->is_entry(entry->d_name))
			continue;
		item = find_item(metadata, place, entry->d_name);
		item->seen = true;
		look_at(metadata, place, item);
	}
	drop_unseen(metadata, place);
	look_across(metadata, place);
}

/* One entry alone. */
static void entry_look(struct metadata *metadata, struct place *place, const char *name)
{
	struct item *item;
	struct stat st;

	if (place->fd < 0 || !place->kind->is_entry(name))
		return;
	item = find_item(metadata, place, name);
	if (fstatat(place->fd, name, &st, AT_SYMLINK_NOFOLLOW))
		item_free(metadata, item);
	else
		look_at(metadata, place, item);
	look_across(metadata, place);
}

/* Returns true if it is another one than before. */
static bool place_move(struct place *place, const char *dir)
{
	size_t len = strlen(dir) + strlen(place->kind->below) + 2;
	char *path = xcalloc(1, len);
	bool moved;

	snprintf(path, len, "%s%s%s", *dir == '/' ? "" : "/", dir, place->kind->below);
	moved = !place->path || strcmp(place->path, path) != 0;
	free(place->path);
	place->path = path;
	return moved;
}

static void add_place(struct metadata *metadata, const struct kind *kind, const char *dir)
{
	struct place *place;

	xgrow(metadata->places, metadata->n_places, &metadata->cap_places);
	place = &metadata->places[metadata->n_places++];
	*place = (struct place){.kind = kind, .fd = -1, .wd = -1};
	place_move(place, dir);
}

/* The one that is given, the one that the kubelet is told, or the usual one. */
static void place_manifests(struct metadata *metadata)
{
	struct place *place = &metadata->places[metadata->of_manifests];
	const char *dir = metadata->opts->manifests;

	if (!dir)
		dir = *metadata->config.static_pods ? metadata->config.static_pods : MANIFESTS;
	if (place_move(place, dir))
		place_close(metadata, place);
}

/* At each walk: the kubelet reads it when it starts, which it may do at any time. */
static void look_at_kubelet(struct metadata *metadata)
{
	const char *path = metadata->opts->kubelet_config;
	char shown[512], text[1200];
	struct problem problem;
	int err = kubelet_read(metadata->root, path, &metadata->config_stamp, &metadata->config,
			       &problem);

	if (err > 0)
		return;
	if (err) { /* the next time it is read again */
		metadata->config = (struct kubelet_config){};
		metadata->config_stamp = (struct file_stamp){};
	}
	if (err && err != -ENOENT && err != metadata->config_err && metadata->opts->say) {
		snprintf(text, sizeof(text), "cannot use %s%s: %s", root_of(metadata),
			 escape(shown, sizeof(shown), path, strlen(path)), problem.text);
		metadata->opts->say(metadata->opts->ctx, text);
	}
	metadata->config_err = err;
	place_manifests(metadata);
}

/* The kubelet makes it lower case. */
static void name_node(struct metadata *metadata)
{
	const char *name = metadata->opts->node_name;
	struct utsname host;

	if (!name)
		name = uname(&host) ? "" : host.nodename;
	for (size_t i = 0; i + 1 < sizeof(metadata->node_name) && name[i]; i++)
		metadata->node_name[i] = (char)tolower((unsigned char)name[i]);
}

int metadata_open(const struct metadata_options *opts, struct metadata **out,
		  struct problem *problem)
{
	static const char *const defaults[] = {
		"/run/containerd",
		"/run/k3s/containerd",
		"/run/k0s/containerd",
		"/run/containers/storage",
	};
	const char *const *runtimes = opts->n_runtimes ? opts->runtimes : defaults;
	size_t n = opts->n_runtimes ? opts->n_runtimes : sizeof(defaults) / sizeof(*defaults);
	struct metadata *metadata;
	int root = open(opts->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return problem_set(problem, -errno, "cannot open the node's root %s: %s",
				   opts->root, strerror(errno));
	metadata = xcalloc(1, sizeof(*metadata));
	metadata->opts = opts;
	metadata->root = root;
	metadata->notify = -1;
	name_node(metadata);
	add_place(metadata, &logs, opts->pod_logs);
	add_place(metadata, &pods, opts->kubelet);
	metadata->of_manifests = metadata->n_places;
	add_place(metadata, &manifests, opts->manifests ?: MANIFESTS);
	add_place(metadata, &etc, "/etc");
	for (size_t i = 0; i < n; i++) {
		add_place(metadata, &tasks, runtimes[i]);
		add_place(metadata, &userdata, runtimes[i]);
	}
	*out = metadata;
	return 0;
}

void metadata_close(struct metadata *metadata)
{
	if (!metadata)
		return;
	metadata->closing = true;
	while (metadata->items)
		item_free(metadata, metadata->items);
	for (size_t i = 0; i < metadata->n_places; i++) {
		place_close(metadata, &metadata->places[i]);
		free(metadata->places[i].path);
	}
	free(metadata->places);
	if (metadata->notify >= 0)
		close(metadata->notify);
	close(metadata->root);
	free(metadata);
}

/* ---- events ---- */

static bool is_named(const struct metadata *metadata, const char *uid)
{
	const struct item *item;

	for (item = metadata->items; item; item = item->hh.next)
		if (metadata->places[item->key.place].kind == &logs && item->records.n &&
		    !strcmp(((const struct nsv_pod_name *)item->records.v[0])->uid, uid))
			return true;
	return false;
}

/* A copy, because the stream numbers what it gets. */
static int push_copy(const struct nsv_event *record, struct stream *stream)
{
	AUTO_FREE struct nsv_event *event = xcalloc(1, record->len);

	memcpy(event, record, record->len);
	stream_event(event, (enum nsv_type)record->type, record->len);
	return stream_push(stream, event);
}

/* A pod's name in its bundle is told if no log has it. */
static int push_record(const struct metadata *metadata, const struct item *item,
		       const struct nsv_event *record, struct stream *stream)
{
	if (record->type == NSV_POD_NAME && metadata->places[item->key.place].kind != &logs &&
	    is_named(metadata, ((const struct nsv_pod_name *)record)->uid))
		return 0;
	return push_copy(record, stream);
}

/* A manifest says something of pods, which have it. */
static int push_item(const struct metadata *metadata, struct item *item, struct stream *stream)
{
	int err = 0;

	item->pushed = true;
	if (metadata->places[item->key.place].kind == &manifests)
		return 0;
	for (size_t i = 0; !err && i < item->records.n; i++)
		err = push_record(metadata, item, item->records.v[i], stream);
	return err;
}

static void say_news(struct metadata *metadata, struct item *item)
{
	if (!metadata->stream || metadata->err || item->pushed || !item->records.n)
		return;
	metadata->any |= metadata->places[item->key.place].kind != &manifests;
	metadata->err = push_item(metadata, item, metadata->stream);
}

static int push_pool(const struct metadata *metadata, struct stream *stream)
{
	struct nsv_pool pool = {};

	pool.ids_per_pod = (uint32_t)metadata->config.ids_per_pod;
	if (!owners_pool(&metadata->owners, &pool))
		return 0;
	stream_event(&pool.h, NSV_POOL, sizeof(pool));
	return stream_push(stream, &pool.h);
}

static void say_misnamed(const struct metadata *metadata, const struct nsv_pod_name *pod)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];
	char node_name[ESCAPED_SIZE(NSV_POD_NAME_LEN)], text[4096];

	snprintf(text, sizeof(text),
		 "cannot use the manifests of static pods: the name of %s/%s does not end in the "
		 "node's, \"%s\": give that with --node-name",
		 escape(namespace, sizeof(namespace), pod->namespace, sizeof(pod->namespace)),
		 escape(name, sizeof(name), pod->name, sizeof(pod->name)),
		 escape(node_name, sizeof(node_name), metadata->node_name,
			sizeof(metadata->node_name)));
	if (metadata->opts->say)
		metadata->opts->say(metadata->opts->ctx, text);
}

/*
 * The node has one name. If a static pod's ends otherwise, and none's so, then manifests would be
 * nobody's without a word.
 */
static void tell_misnamed(struct metadata *metadata)
{
	const struct nsv_pod_name *other = NULL;
	const struct item *item;
	bool any = false;

	for (item = metadata->items; item && !metadata->misnamed; item = item->hh.next) {
		const struct nsv_pod_name *pod;

		any |= item->manifest && item->records.n;
		if (metadata->places[item->key.place].kind != &logs)
			continue;
		pod = (const void *)item->records.v[0];
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

int metadata_walk(struct metadata *metadata, struct stream *stream)
{
	struct item *item;
	int err = 0;

	look_at_kubelet(metadata);
	for (size_t i = 0; i < metadata->n_places; i++)
		place_look(metadata, &metadata->places[i]);
	look_for_manifests(metadata);
	tell_misnamed(metadata);
	for (item = metadata->items; !err && item; item = item->hh.next)
		err = push_item(metadata, item, stream);
	return err ? err : push_pool(metadata, stream);
}

/* Until pushed(): what is looked at is pushed if it is new. */
static void push_to(struct metadata *metadata, struct stream *stream)
{
	metadata->stream = stream;
	metadata->any = false;
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
	for (size_t i = 0; i < metadata->n_places; i++) {
		struct place *place = &metadata->places[i];

		if (place->kind == &pods)
			entry_look(metadata, place, uid);
		else if (container && (place->kind == &tasks || place->kind == &userdata))
			entry_look(metadata, place, container);
	}
	return pushed(metadata);
}

/* ---- what appears ---- */

int metadata_notice(struct metadata *metadata)
{
	metadata->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return metadata->notify < 0 ? -errno : metadata->notify;
}

static void take_place_notice(struct metadata *metadata, struct place *place,
			      const struct inotify_event *event)
{
	if (event->mask & IN_IGNORED)
		place->wd = -1;
	if (event->len && !place->changed)
		entry_look(metadata, place, event->name);
	else
		place->changed = true;
}

/* The kernel has forgotten the watch already. */
static void unwatched(struct metadata *metadata, struct item *item)
{
	HASH_DELETE(by_wd, metadata->watched, item);
	item->wd = -1;
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
	struct item *item = item_by_wd(metadata, event->wd);
	char name[NAME_MAX + 1];

	for (size_t i = 0; i < metadata->n_places; i++) {
		struct place *place = &metadata->places[i];

		if (event->mask & IN_Q_OVERFLOW)
			place->changed = true;
		else if (place->wd == event->wd)
			take_place_notice(metadata, place, event);
	}
	if (!item)
		return;
	if (event->mask & IN_IGNORED)
		unwatched(metadata, item);
	else if (item->watched && event->len &&
		 !is_read(metadata->places[item->key.place].kind, event->name))
		return;
	strcpy(name, item->key.name); /* the item may go */
	entry_look(metadata, &metadata->places[item->key.place], name);
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
	push_to(metadata, stream);
	/* What the pod was made of was there before. */
	if (metadata->notify >= 0)
		read_notices(metadata);
	place_look(metadata, &metadata->places[0]);
	return pushed(metadata);
}

int metadata_news(struct metadata *metadata, struct stream *stream, bool *any)
{
	push_to(metadata, stream);
	if (metadata->notify >= 0)
		read_notices(metadata);
	for (size_t i = 0; i < metadata->n_places; i++) {
		struct place *place = &metadata->places[i];

		if (place->changed || metadata->blind || !is_there(metadata, place))
			place_look(metadata, place);
	}
	*any = metadata->any;
	return pushed(metadata);
}
