/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of the node, inside: directories, what is in them, and the kinds that there are. Only for user/source/nodefiles. */
#ifndef NSVIGIL_SOURCE_NODEFILES_INNER_H
#define NSVIGIL_SOURCE_NODEFILES_INNER_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "lib/hash.h"
#include "source/nodefiles/files.h"
#include "source/nodefiles/manifest.h"
#include "source/nodefiles/metadata.h"
#include "source/nodefiles/names.h"
#include "source/nodefiles/owners.h"
#include "source/nodefiles/places.h"
#include "source/nodefiles/records.h"

struct entry;

/* What a kind of directory has in it: one for each entry. */
struct kind {
	const char *below;    /* where it is in the directory that is given */
	const char *inner;    /* and where in the entry its file is; or NULL */
	const char *files[4]; /* what is read there: what else is in it, others may write */
	bool is_of_pods;      /* what is said there is said of pods, with what else is */
	bool (*is_entry)(const char *name); /* what is none of ours is passed over */
	void (*look)(struct metadata *metadata, struct entry *entry);
	/* It goes with what it said; or NULL. */
	void (*gone)(struct metadata *metadata, struct entry *entry);
};

struct directory {
	const struct kind *kind;
	char *path; /* as the node has it; NULL: none, for now */
	char *only; /* of what is there nothing else is looked at: the path is a file's; or NULL */
	const struct place *place;
	int fd;	    /* -1: it is not there */
	dev_t dev;  /* of the directory that is open */
	ino_t ino;
	int wd;	   /* of inotify; -1: not watched */
	bool told; /* that it cannot be read */
	bool changed;
	struct entry *entries; /* what is in it; on by `next` */
};

struct entry {
	struct entry_key {
		uint64_t directory; /* its number */
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
	bool is_vm;		     /* of a container: a runtime for virtual machines has it */
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
	struct entry *prev, *next;
	UT_hash_handle hh, by_wd;
};

/* How many directories of logs there are with a pod's uid. */
struct logged {
	char uid[NSV_POD_UID_LEN];
	size_t n;
	UT_hash_handle hh;
};

struct metadata {
	const struct metadata_options *opts;
	int root;
	int notify; /* -1: nobody asked */
	struct directory *directories;
	size_t n_directories, cap_directories;
	struct entry *entries;    /* by key */
	struct entry *watched;  /* likewise, by wd */
	struct logged *logged; /* by uid */
	struct stream *stream; /* what is new is pushed when it is read; NULL: later */
	int err;	       /* why not */
	uint64_t numbers;
	struct owners owners; /* of the kubelet's host IDs */
	bool ids_changed;     /* a file that it is made of */
	char node_name[NSV_POD_NAME_LEN];
	bool misnamed; /* told that it is another one */
	bool unknown_told; /* that a static pod has no manifest */
	struct places_given given;
	struct places places;
	uint64_t config_told; /* what was said of the kubelet's configuration: a digest */
	unsigned missing_told; /* bit k (an nsv_place_kind): that there is none */
	bool blind;	     /* not all can be noticed */
	bool confined;	     /* what it may read was listed when it began */
	bool closing;
	unsigned turn; /* which of the directories' paths are asked for now */
};

/* The first of the directories. */
#define OF_LOGS 0

/* What kinds there are: each in the file that reads it. */
extern const struct kind metadata_logs, metadata_pods, metadata_tasks, metadata_userdata, metadata_manifests,
	metadata_etc;

/* entries.c */
/* What stands before the path of a directory, for people. */
const char *root_of(const struct metadata *metadata);
/* Tells people, where somebody takes it. */
static inline void say(const struct metadata *metadata, const char *text)
{
	if (metadata->opts->say)
		metadata->opts->say(metadata->opts->ctx, text);
}
/* `entry`: NULL, or what in the directory it is about. */
void complain(const struct metadata *metadata, const struct directory *directory, const char *name, const char *why);
/* What is to be said besides where this process may not read. */
const char *denied_by(const struct metadata *metadata);
/* A file that is not right is told when it stays so. */
void tell_problem(const struct metadata *metadata, struct entry *entry);
void set_problem(struct entry *entry, const char *why); /* NULL: there is none */
struct entry *entry_by_wd(const struct metadata *metadata, int wd);
void set_wd(struct metadata *metadata, struct entry *entry, int wd); /* -1: it is not watched any more */
void entry_free(struct metadata *metadata, struct entry *entry);
struct entry *find_entry(struct metadata *metadata, const struct directory *directory, const char *name); /* made if need be */
/* When a file was written, as the events have times. */
uint64_t since_boot(const struct timespec *at);
/* What all events of a file have in common. */
void finish_records(const struct metadata *metadata, struct entry *entry, const char *file);
/*
 * Reads the entry's file, if it is another one than last time. Returns true if there is a text to
 * be made events of.
 */
bool read_entry(const struct metadata *metadata, struct entry *entry, const char *file, char **text, size_t *len);
int push_entry(const struct metadata *metadata, struct entry *entry, struct stream *stream);
/* Pushed at once, if somebody asked. */
void say_news(struct metadata *metadata, struct entry *entry);

/* podlogs.c */
bool is_logged(const struct metadata *metadata, const char *uid);

/* Whether more than one is of that pod, by their names: somebody else than the kubelet made one. */
bool is_ambiguous(const struct metadata *metadata, const char *uid);

/* directories.c */
void directory_close(struct metadata *metadata, struct directory *directory);
/* Whether the path still leads to the directory that is open. */
bool is_there(const struct metadata *metadata, const struct directory *directory);
void directory_look(struct metadata *metadata, struct directory *directory);
void entry_look(struct metadata *metadata, struct directory *directory, const char *name); /* one entry alone */
/* NULL: it is nowhere, for now. */
void directory_move(struct metadata *metadata, struct directory *directory, const char *dir);
void add_directory(struct metadata *metadata, const struct kind *kind, const char *dir);
/* Whether there is something to be looked at: it changed, or it came or went. */
bool directory_is_new(const struct metadata *metadata, const struct directory *directory);

/* found.c */
void find_places(struct metadata *metadata);
/* Where is what, and what is not there. */
int push_places(const struct metadata *metadata, struct stream *stream);

/* staticpods.c */
void name_node(struct metadata *metadata);
void look_for_manifest(struct metadata *metadata, struct entry *log);
void look_for_manifests(struct metadata *metadata);
void tell_misnamed(struct metadata *metadata);
/* Once: that there is a static pod of which no manifest is known. */
void tell_unknown_pods(struct metadata *metadata);
uint64_t digest(const char *text, size_t len);

/* idlines.c */
void parse_all_ids(struct metadata *metadata);
int push_pool(const struct metadata *metadata, struct stream *stream);

#endif
