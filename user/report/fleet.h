/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What files say of one node or of many: nodes, their pods, what was found, and what was attested. All texts are
 * printable ASCII, whatever was in the files; who writes them escapes what its own format wants escaped.
 */
#ifndef NSVIGIL_REPORT_FLEET_H
#define NSVIGIL_REPORT_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "lib/alloc.h"
#include "lib/hash.h"

/* How much of one pod's evidence is kept, and of its intervals; more is counted. */
#define FLEET_EVIDENCE 4
#define FLEET_SPANS 64
/* How many intervals of one pod's, of which no two touch, are known again. A watch that runs on makes one. */
#define FLEET_INTERVALS 1024
/* Of all versions together there are fewer rules. */
#define FLEET_RULES 512

/* Nanoseconds since 1970; of a node of which no record has a time of day, since it was booted. 0: not known. */
typedef uint64_t moment;

/* Whether it is a time of day, which it is from 1973 on: no machine is up for so long. */
static inline bool moment_is_wall(moment when)
{
	return when >= UINT64_C(100000000000000000);
}

/* What was attested of an interval. The worst is the highest. */
enum fleet_result { RESULT_NONE, RESULT_SHOWN, RESULT_PARTLY, RESULT_NOT_SHOWN, RESULT_BROKEN };

/* A text that is there once. */
struct fleet_word {
	UT_hash_handle hh;
	bool remarked;
	char text[];
};

/* As the files say, which may be of another version: the first that names it is heard. */
struct fleet_rule {
	const char *name;
	const char *what, *why, *todo, *url; /* NULL: not said */
	UT_hash_handle hh;
};

struct fleet_gap {
	moment from, to;
	const char *why;
};

/* An attested interval. */
struct fleet_span {
	moment from, to;
	enum fleet_result result;
	uint64_t gap_ns;
	struct fleet_gap *gaps; /* the first few */
	size_t n_gaps;
};

/* In which it was attested already. A time of day would not do: each file has its own of one moment. */
struct fleet_interval {
	const char *boot_id; /* NULL: not known */
	uint64_t from_ns, to_ns;
	bool ended; /* and so did the pod, which may begin again: a static one */
};

struct fleet_finding {
	const struct fleet_rule *rule;
	const char *kind; /* of namespace, if the rule has one for each; NULL: it has not */
	enum severity severity;
	bool open;
	bool by_scan; /* a scan said it: one that is newer and does not say it closes it */
	bool told;    /* not only an attestation says that the rule was broken */
	moment news;  /* when the newest was said of it */
	moment dated; /* when the line was written that says since when; 0: none does */
	uint64_t count;
	moment opened, closed;
	const char *check; /* NULL: not said */
	const char *evidence[FLEET_EVIDENCE];
	size_t n_evidence;
	struct fleet_pod *pod; /* NULL: it is about the node */
	struct fleet_node *node;
	struct fleet_finding *next; /* of the pod, or of the node */
	bool listed;
	struct fleet_finding *next_scanned; /* of the node's scanned_findings */
};

struct fleet_pod {
	const char *uid;
	const char *namespace, *name; /* NULL: not known */
	const char *reason;	      /* NULL: none is said */
	/* The newest; fleet_settle() makes it the worst that it had of one that has ended. */
	enum verdict verdict, at_end;
	unsigned had; /* verdicts, as bits */
	bool failed; /* something at error or above was said of it, or something broken that no line names */
	bool own;	     /* the IDs are the range of a user namespace of its own */
	bool ended;	     /* it is there no more */
	bool namesake;	     /* another one of the node has its name */
	moment seen;	     /* last */
	moment scanned;	     /* by the newest scan that has it */
	moment news;	     /* when the newest was said of it */
	const char *boot_id; /* in which that was; NULL: not known */
	struct id_range *uids;
	size_t n_uids;
	struct fleet_finding *findings;

	/* of all its attestations; what several attest counts once */
	enum fleet_result result; /* the worst */
	moment from, to;
	uint64_t span_ns, gap_ns;
	uint64_t attested; /* how many there were */
	struct fleet_span *spans;
	size_t n_spans, cap_spans;
	struct fleet_interval *intervals; /* no two touch */
	size_t n_intervals;

	struct fleet_node *node;
	UT_hash_handle hh;
};

struct fleet_boot {
	const char *id;
	struct fleet_boot *next;  /* that followed, and is dated before it; NULL: none is known */
	moment until;		  /* when that one began */
	struct fleet_boot *maybe; /* likewise, in a stream of which that is not sure */
	size_t stream;		  /* the last one that has it */
	bool disorder;		  /* a stream has it on both sides of another one */
	UT_hash_handle hh;
};

struct fleet_node {
	const char *key;			/* its name; if no record names it, the file's */
	bool named;				/* a record names it */
	const char *away;			/* it did not answer: why; NULL: it did */
	const char *boot_id, *version, *kernel; /* NULL: not known */
	const char *policy;
	moment seen;	/* the newest record */
	moment scanned; /* the newest scan */
	moment from;	/* the first record */
	bool has_scan;
	unsigned scans;
	struct fleet_boot *boots;
	struct fleet_pod *pods;
	struct fleet_finding *findings;		/* about the node itself */
	struct fleet_finding *scanned_findings; /* those of the newest scan */

	/* What its last line said of how many pods there are, where no scan says which. */
	bool has_counts;
	moment counted;
	moment attested;     /* up to when one was attested that had not ended */
	moment all_attested; /* when all of them were last */
	size_t counts[VERDICTS];

	/* Host UIDs. */
	bool has_pool;
	struct id_range pool;
	struct id_range *others; /* that something outside pods has */
	size_t n_others;

	/* fleet_settle() */
	struct fleet_pod **list; /* the pods: the worst first */
	size_t n_list;
	size_t verdicts[VERDICTS]; /* of those that are there */
	size_t ended[VERDICTS];	   /* of those that have ended: the worst of each */
	size_t n_pods, n_ended, n_open;
	int worst; /* enum severity of what is open; -1: nothing is */
	uint64_t span_ns, gap_ns;
	UT_hash_handle hh;
};

/* Something that whoever reads the result has to know: a file that is torn, versions that disagree. */
struct fleet_remark {
	const char *text;
	struct fleet_remark *next;
};

struct fleet {
	struct arena arena;
	struct fleet_word *words;
	struct fleet_rule *rules;
	struct fleet_node *nodes;
	struct fleet_remark *remarks, **last_remark;
	size_t n_remarks;
	size_t n_files;
	size_t streams;
	bool again;   /* all is read once more: which boots follow is known */
	bool damaged; /* not all could be read */

	/* fleet_settle() */
	struct fleet_node **list; /* the worst first */
	size_t n_nodes, n_away;
	struct fleet_finding **open; /* the worst first, then by rule */
	size_t n_open;
	struct fleet_finding **closed; /* the newest first */
	size_t n_closed;
	size_t n_pods, n_ended;
	size_t verdicts[VERDICTS], ended[VERDICTS];
	int worst;
	uint64_t span_ns, gap_ns;
	moment from, to; /* of all records that have a time of day */
};

struct fleet *fleet_new(void) __attribute__((returns_nonnull));
void fleet_free(struct fleet *fleet); /* NULL is fine */

/* All but which boot follows which, to read all files again. */
void fleet_forget(struct fleet *fleet);

/* A text that lives as long as the fleet: bytes that are not printable ASCII as \xNN, cut where it is very long. */
const char *fleet_text(struct fleet *fleet, const char *text, size_t len)
	__attribute__((returns_nonnull));
/* Likewise, of those that come again and again. */
const char *fleet_word(struct fleet *fleet, const char *text, size_t len)
	__attribute__((returns_nonnull));

struct fleet_node *fleet_get_node(struct fleet *fleet, const char *key, bool named)
	__attribute__((returns_nonnull));
struct fleet_pod *fleet_get_pod(struct fleet *fleet, struct fleet_node *node, const char *uid)
	__attribute__((returns_nonnull));
/* NULL: there are FLEET_RULES others, so that it is none of nsvigil's; it is remarked. */
struct fleet_rule *fleet_get_rule(struct fleet *fleet, const char *name);
/* `pod`: NULL of the node itself. */
struct fleet_finding *fleet_get_finding(struct fleet *fleet, struct fleet_node *node,
					struct fleet_pod *pod, const struct fleet_rule *rule,
					const char *kind) __attribute__((returns_nonnull));

/* Says it once. */
void fleet_remark(struct fleet *fleet, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* When all was taken: counts, and puts in order. */
void fleet_settle(struct fleet *fleet);

/* "212 of 230 pods isolated; 3 violated; of 40 that ended 39 were isolated, 1 violated; worst: critical" */
const char *fleet_headline(struct fleet *fleet);

/*
 * "default/web", or the uid of a pod whose name is not known; with both where another one has the name; "the node" without
 * one.
 */
const char *fleet_pod_name(struct fleet *fleet, const struct fleet_pod *pod);
/* "131072-196607, 262144" */
const char *fleet_ranges(struct fleet *fleet, const struct id_range *ranges, size_t n);
/* "99.98%", rounded down, so that only what is whole is 100%; "-" if nothing was attested. */
const char *fleet_coverage(struct fleet *fleet, uint64_t span_ns, uint64_t gap_ns);
/* "2026-01-31T12:00:00Z", "3605.2 s after boot", or "-". */
const char *fleet_moment(struct fleet *fleet, moment when);
const char *fleet_result_name(enum fleet_result result);
/* The worst severity of what is open; "-" of -1. */
const char *fleet_worst_name(int worst);
int fleet_pod_worst(const struct fleet_pod *pod);
/* Who looks for pods that were not kept apart looks at it first. */
bool fleet_pod_is_bad(const struct fleet_pod *pod);
/* What is said of its pod or node: what is open, and of a pod that has ended all that was ever found. */
bool fleet_finding_counts(const struct fleet_finding *finding);
/* When the pod was there last. */
moment fleet_pod_end(const struct fleet_pod *pod);

#endif
