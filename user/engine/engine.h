/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine: events in, verdicts and findings out.
 *
 * It is pure. It has no clock, no file, no socket, no global and no locale; what it says follows
 * from the events alone, byte for byte, on any machine. It includes nothing of user/source,
 * user/sink or libbpf.
 */
#ifndef NSVIGIL_ENGINE_H
#define NSVIGIL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nsvigil/event.h>

/* Counts up whenever the same events may lead to other findings than before. */
#define RULESET_VERSION 15

enum severity {
	SEVERITY_INFO,
	SEVERITY_NOTICE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
	SEVERITY_CRITICAL,
};

/* What a rule needs to be shown for an interval, and not only for the moments of walks. */
#define NEEDS(hook) (1U << (hook)) /* an nsv_hook, at once */
#define NEEDS_BUNDLES (1U << 29)   /* what the runtime's configuration says of its containers */
#define NEEDS_FILES (1U << 30)	   /* what files of the node say of the pod */
#define NEEDS_WALKS (1U << 31)	   /* only walks show it */

/* Where and when something is said: which node, since which boot, by which clock. As the events tell. */
struct origin {
	const char *node;	/* its name; raw: escape it; NULL: not known */
	const uint8_t *boot_id; /* 16 bytes; NULL: not known */
	uint64_t wall_ns;	/* since 1970, UTC, when CLOCK_BOOTTIME was 0; 0: not known */
};

/* What a rule is about, for people. All strings are static. */
struct rule_info {
	const char *name;     /* stable: the same in text, JSON, docs and tests */
	const char *severity; /* as documented: "critical", "policy", ... */
	const char *what;     /* what the kernel shows when it is broken; one sentence */
	const char *why;      /* why it matters */
	const char *todo;     /* what to do */
	unsigned needs;	      /* NEEDS() */
};

enum verdict {
	VERDICT_ISOLATED, /* every workload process in the pod's own user namespace */
	VERDICT_HOST,	  /* the pod runs in the node's user namespace */
	VERDICT_MIXED,	  /* its containers do not agree */
	VERDICT_VIOLATED, /* critical was found, or error if it has or was to have a user namespace */
	VERDICT_STARTING,   /* nothing in it has run the image's code yet */
	VERDICT_NOT_JUDGED, /* the state is not known well enough */
	VERDICT_EMPTY,	    /* no process */
	VERDICT_SANDBOXED,  /* what runs it isolates it otherwise, and it is not judged */
	VERDICTS,
};

/* Whether the rules were applied to every workload process of the pod, and why not. */
enum applied {
	APPLIED,
	NOT_APPLIED_SANDBOXED,	/* what runs it isolates it otherwise */
	NOT_APPLIED_EMPTY,	/* it has no process */
	NOT_APPLIED_STARTING,	/* no process of it has run the image's code yet */
	NOT_APPLIED_NOT_JUDGED, /* the state is not known well enough */
	NOT_APPLIED_NO_FILE,	/* no file of the node tells: of a rule that compares with one */
	APPLIED_KINDS,
};

/* Which file says that the pod is to have a user namespace of its own. */
enum allotted {
	ALLOTTED_UNKNOWN,  /* not all is known that would say so or not */
	ALLOTTED_NONE,	   /* all say that it is to have none */
	ALLOTTED_KUBELET,  /* what the kubelet gave it */
	ALLOTTED_RUNTIME,  /* the configuration of a container */
	ALLOTTED_MANIFEST, /* a static pod's manifest, and none of those */
};

/* Which one the kernel shows. */
enum observed {
	OBSERVED_UNKNOWN, /* no container has begun, or it cannot be told */
	OBSERVED_NODE,	  /* the node's */
	OBSERVED_OWN,
	OBSERVED_MIXED, /* its containers do not agree */
};

/* Host IDs [first, last], uid or gid apart. */
struct id_range {
	uint32_t first, last;
};

/* A task, as a finding names it. comm is raw: escape it before it is shown. */
struct task_view {
	struct nsv_task task;
	char comm[NSV_COMM_LEN + 1];
};

struct userns_view {
	struct nsv_ns ns;
	uint32_t level; /* counted from the node's: 0 is the node's own */
	uint32_t owner; /* host UID */
	const struct nsv_extent *uid_map, *gid_map;
	size_t n_uid_map, n_gid_map;
};

/* What the evidence is about, and whose the other side is. */
enum party_kind { PARTY_NONE, PARTY_POD, PARTY_PROCESS, PARTY_USERNS };

struct party {
	enum party_kind kind;
	struct task_view process; /* PROCESS */
	struct nsv_ns userns;	  /* USERNS; of a PROCESS the one that it is in */
	const char *pod; /* POD: its uid; of a PROCESS or USERNS that of its pod, or NULL */
};

/* A mount, as a finding names it. The texts are raw: escape them before they are shown. */
struct mount_view {
	uint32_t id; /* as in mountinfo */
	uint32_t major, minor;
	const char *type;  /* of the file system */
	const char *root;  /* the path in it; NULL while not known */
	const char *point; /* where it is; NULL: it was seen when it was made */
};

/* One observation that breaks a rule: which numbers, of whom, against whom. */
struct evidence {
	struct party subject;
	struct party other;
	const char *id_what; /* "uid", "fsgid", "group", ...; NULL: no host ID involved */
	struct id_range ids;
	const char *ns_what; /* "net", "mnt", ...; NULL: no other namespace involved */
	struct nsv_ns ns;
	const struct mount_view *mount; /* NULL: no mount involved */
	const char *capability;		/* "CAP_SYS_ADMIN"; over `ns`; NULL: none involved */
	const char *text;		/* one sentence with all of the above, escaped, ASCII */
};

struct finding {
	const struct rule_info *rule;
	size_t rule_index; /* engine_rule() */
	enum severity severity;
	int natural;  /* without a policy; negative: the policy says it */
	bool assumed; /* the pod's name is not known, and its policy would matter */
	const struct evidence *evidence; /* the first few, in a fixed order */
	size_t n_evidence;
	size_t count;		     /* how many there are in all */
	const struct evidence *news; /* of those that were not told before, likewise */
	size_t n_news;
	size_t fresh;		      /* how many these are in all */
	const struct nsv_task *tasks; /* of all of it whose subject is a process */
	size_t n_tasks;
	const char *check; /* a command with which a person can check the first one by hand */
};

/* Capability checks of a kind, by a pod's workload processes. All strings are static or ASCII. */
struct capability_view {
	const char *name;     /* "CAP_SYS_ADMIN" */
	const char *task_at;  /* in which user namespace: "node", "pod", "below", "other" */
	const char *asked_at; /* over which one; likewise */
	bool granted;
	bool held;	   /* in the task's effective set */
	const char *probe; /* "no", "yes", "unknown" */
	uint64_t count;
	uint64_t first_ns, last_ns;
};

struct pod_view {
	const char *uid;       /* as in its cgroup's name, dashed; ASCII */
	const char *namespace; /* NULL while not known */
	const char *name;
	uint64_t cgroup;
	const char *path;	  /* of its cgroup; raw: escape it */
	const char *qos;	  /* "Burstable"; NULL: its cgroup's place does not tell */
	const char *runtime;	  /* "containerd"; NULL while not known, as the next ones */
	const char *handler;	  /* what runs it; raw */
	const char *const *names; /* of its containers; raw */
	size_t n_names;
	enum allotted allotted;
	enum observed observed;
	bool has_volumes; /* it is known which it has; of those that the kernel shows: */
	size_t volumes, mapped_volumes;
	enum verdict verdict;
	enum applied applied;
	const char *reason;		  /* why the verdict is starting or not judged, else NULL */
	const struct userns_view *userns; /* of its first container; NULL while not known */
	size_t containers;
	size_t processes;	     /* all */
	size_t workloads;	     /* processes that run the image's code */
	size_t entrants;	     /* on their way in, and container monitors */
	size_t not_judged;	     /* processes whose state could not be told */
	const struct id_range *uids; /* host UIDs: of an isolated pod its range, else those held */
	size_t n_uids;
	const struct finding *findings; /* worst first, then by rule */
	size_t n_findings;
	const struct capability_view *caps; /* by number, then in a fixed order */
	size_t n_caps;
};

struct report {
	const struct nsv_node *node;
	struct origin origin;
	uint64_t boot_ns; /* when the walk that it rests on ended */
	enum nsv_policy_default policy;
	unsigned walks;
	struct nsv_ns node_userns;
	const struct pod_view *pods; /* by namespace, name, uid, cgroup */
	size_t n_pods;
	size_t n_not_selected; /* pods that are not among them, because somebody selected: report_select() */
	size_t pods_seen; /* of which at least one task was seen */
	size_t verdicts[VERDICTS];
	enum severity worst; /* of all findings; INFO if there are none */
	size_t n_findings;
	bool settled;	       /* nothing that was seen waits for another look */
	uint64_t first_cgroup; /* PID 1's; 0 if it was not seen */
	bool first_in_pod;     /* PID 1 is in a pod's cgroup: this is no node, but a container */
	const struct nsv_place *places; /* where the node's files were looked for */
	size_t n_places;
	bool has_pool;	      /* this and what follows: engine_want_host_ids() */
	struct id_range pool; /* host IDs of which the kubelet gives pods theirs */
	const struct id_range
		*others; /* host UIDs that something outside pods holds, or that files give to it */
	size_t n_others;
};

/* The life of a finding: it opens, may repeat, closes, and may open again. */
enum finding_phase {
	FINDING_OPENED,
	FINDING_REPEATED,
	FINDING_CLOSED,
	FINDING_REOPENED, /* it was closed, and its pod has been there since */
	FINDING_REGRADED, /* its severity is another one: the pod's name, or another policy, came */
	FINDING_PHASES
};

struct finding_event {
	enum finding_phase phase;
	const char *id; /* the same as long as it is open, and when it opens again */
	const struct rule_info *rule;
	enum severity severity;
	const char *uid;       /* of the pod; NULL: it is about the node */
	const char *namespace; /* raw: escape it; NULL while not known */
	const char *name;
	uint64_t count; /* observations so far */
	struct origin origin;
	uint64_t opened_ns, boot_ns;
	const struct evidence *evidence; /* what is new; none of a closed one */
	size_t n_evidence;
	const char *check;
};

enum attest_cause {
	ATTEST_PERIOD,
	ATTEST_POD_ENDED,
	ATTEST_WATCH_ENDED,
	ATTEST_POLICY,
	ATTEST_CAUSES
};

enum attest_status {
	RULE_SHOWN,  /* not broken from first to last, but for the gaps */
	RULE_PARTLY, /* not seen broken; `lacks` says what there was not to show it at once */
	RULE_BROKEN,
	RULE_IDLE, /* it is about isolated pods, and this one is not; or the policy leaves it out */
	RULE_NOT_APPLIED, /* never from first to last; `why` says why */
};

struct attested_rule {
	const struct rule_info *rule;
	enum attest_status status;
	unsigned lacks; /* as rule_info.needs, but for NEEDS_BUNDLES: that is NEEDS_FILES */
	bool by_nature; /* in part, because only walks show it, and there was nothing else missing */
	enum applied why; /* of one that was not applied */
};

/* All rules together: what there is to say of the pod's isolation, from first to last. */
enum attest_result {
	ATTESTED_SHOWN, /* each rule that applies held: all the time, or if only walks show it, at each */
	ATTESTED_PARTLY,  /* none was seen broken, but there were gaps, or something was missing */
	ATTESTED_BROKEN,  /* at least one rule was */
	ATTESTED_NOTHING, /* no rule was applied, or the pod has no user namespace of its own */
	ATTEST_RESULTS
};

struct attest_gap {
	uint64_t from_ns, to_ns;
	enum gap_cause {
		GAP_LOST,
		GAP_NOT_JUDGED,
		GAP_SANDBOXED,
		GAP_NOT_PRINTED,
		GAP_CAUSES
	} cause;
};

/* What was shown of a pod, from when to when: without it, silence would prove nothing. */
struct attestation {
	enum attest_cause cause;
	const char *uid;       /* of the pod */
	const char *namespace; /* raw: escape it; NULL if it was never known */
	const char *name;
	struct origin origin;
	uint64_t from_ns, to_ns; /* since the last one, or since it was first seen */
	uint64_t boot_ns;	 /* when this is said */
	enum attest_result result;
	enum verdict verdict;		    /* the last one with processes, if it had any */
	struct nsv_ns userns;		    /* its base; 0: none was seen */
	const struct id_range *uids, *gids; /* of its base, as the node sees them */
	size_t n_uids, n_gids;
	const struct attest_gap *gaps; /* when not all was seen or judged: the first few */
	size_t n_gaps;
	uint64_t gaps_seen, gap_ns; /* how many there were, and for how long */
	const uint32_t *hooks;	    /* enum nsv_how of each nsv_hook */
	const struct attested_rule *rules;
	size_t n_rules;
};

/* Who is told at once. What it gets is valid during the call only. */
struct engine_sink {
	void (*finding)(void *ctx, const struct finding_event *event);
	void (*attestation)(void *ctx, const struct attestation *attestation);
	void *ctx;
};

struct engine;

struct engine *engine_new(void) __attribute__((returns_nonnull));
void engine_free(struct engine *engine); /* NULL is fine */

/* The sink must live as long as the engine. Without one only the report tells. */
void engine_set_sink(struct engine *engine, const struct engine_sink *sink);

/*
 * What the clock says until a tick does, as origin.wall_ns: of a capture what its header says. Old captures have no
 * tick at their beginning.
 */
void engine_set_clock(struct engine *engine, uint64_t wall_ns);

/* Reports also say whose the node's host IDs are (pool, others), for which each walk goes through all tasks. */
void engine_want_host_ids(struct engine *engine);

/* Holds until the next event. */
struct origin engine_origin(const struct engine *engine);

/* What a workload process counts as having begun in. Of the other namespaces those that are known. */
struct began {
	struct nsv_ns base;
	uint32_t known; /* bit k (an nsv_ns_kind) */
	struct nsv_ns ns[NSV_NS_KINDS];
};

/*
 * After a walk: each workload process that the hooks do not remember as one, for the source to
 * remember. An entrant is not: where it came from cannot be told any more.
 */
void engine_each_unremembered(const struct engine *engine,
			      void (*take)(const struct nsv_identity *task,
					   const struct began *began, void *ctx),
			      void *ctx);

/*
 * Each container that has begun since this was asked or a walk ended, by its first process, for the source
 * to look at its mounts and files while it is there, and to say so (NSV_LOOK). Returns how many.
 */
size_t engine_each_begun(struct engine *engine,
			 void (*take)(const struct nsv_identity *first, void *ctx), void *ctx);

/*
 * Takes one event; nothing of it is referred to afterwards. Unknown types are skipped.
 * Returns 0, -EPROTO for a record that contradicts the protocol, or, at the end of a walk,
 * -ENODATA when the walk did not show the node's own process.
 */
int engine_event(struct engine *engine, const struct nsv_event *event);

/*
 * What the last complete walk showed. Points into the engine; holds until the next walk ends, or another
 * keyframe begins. NULL before the first complete walk.
 */
const struct report *engine_report(const struct engine *engine);

/* How many pods have each verdict: as the last walk showed them, and by what began since. VERDICTS of them. */
const size_t *engine_verdicts(const struct engine *engine);

/*
 * What only a walk can tell: whether a finding is over, which has time, or whether what is not certain by what
 * hooks saw is so.
 */
enum walk_wanted { WALK_NOT_WANTED, WALK_WANTED_LATER, WALK_WANTED_SOON };
enum walk_wanted engine_wants_walk(const struct engine *engine);

/*
 * Between walks: gives all that an engine has to know which begins here, as events that it takes
 * before the next walk (NSV_KEYFRAME and what follows). `seq`: of the last event. Each is valid
 * during the call only.
 */
void engine_keyframe(struct engine *engine, uint64_t seq,
		     void (*take)(void *ctx, const struct nsv_event *event), void *ctx);

/* How many findings of that rule (engine_rule()) and severity are open now. */
size_t engine_open_findings(const struct engine *engine, size_t rule, enum severity severity);

/* What came of a capability check. Stopped: refused, by the pod's user namespace alone. */
enum check_result { CHECK_GRANTED, CHECK_STOPPED, CHECK_REFUSED, CHECK_RESULTS };

/* How many checks there were that are not known to only ask, those of pods that are over among them. */
uint64_t engine_checks(const struct engine *engine, unsigned capability, enum check_result result);

const struct rule_info *engine_rule(size_t i); /* NULL past the last one */
/* The number of the rule with that name, of `len` characters, or NO_RULE. */
#define NO_RULE UINT64_MAX
uint64_t engine_find_rule(const char *name, size_t len);
const char *severity_name(enum severity severity);
const char *verdict_name(enum verdict verdict);
const char *allotted_name(enum allotted allotted);
const char *place_kind_name(uint32_t kind);
const char *place_how_name(uint32_t how);
const char *place_state_name(uint32_t state);
const char *observed_name(enum observed observed);
const char *phase_name(enum finding_phase phase);
const char *attest_cause_name(enum attest_cause cause);
const char *attest_result_name(enum attest_result result); /* "shown in part" */
const char *applied_name(enum applied applied);		   /* "file not found" */
const char *gap_cause_name(enum gap_cause cause);	   /* "not judged" */
const char *hook_name(enum nsv_hook hook);		   /* "tasks"; NULL: there is none */
const char *how_name(enum nsv_how how);			   /* "at once" */
const char *cause_name(enum nsv_cause cause);		   /* "exec" */
const char *capability_name(unsigned number);	 /* "CAP_SYS_ADMIN"; NULL: it has none here */
const char *ns_kind_name(enum nsv_ns_kind kind); /* "mnt" */

#endif
