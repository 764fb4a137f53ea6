/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine's model of the node: what the events said, and what follows from it. Internal to
 * user/engine.
 *
 * Events change the first half of each object (model.c). At the end of a walk the second half,
 * below "judged", is made anew from it (judge.c, rules.c): pointers between objects are only
 * there, so that what is removed is never pointed to.
 */
#ifndef NSVIGIL_ENGINE_MODEL_H
#define NSVIGIL_ENGINE_MODEL_H

#include <stdint.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/ranges.h"
#include "lib/alloc.h"
#include "lib/hash.h"

#define RULES_MAX 64 /* bits of a u64 */

/* Beyond, only walks look at their mounts. */
#define BEGUN_MAX 256

/* A finding shows this many observations at a time; it counts all. */
#define EVIDENCE_SHOWN 4

/* Instead of a severity: the policy of the pod says which. */
#define SEVERITY_POLICY (-1)

enum id_space { SPACE_UID, SPACE_GID, SPACES };

/*
 * What a node of the range index stands for: a namespace's map, the IDs that a task holds, or those of a
 * line in a file. However many IDs or extents there are, it is one node, from the lowest to the highest:
 * who finds it looks for what is there in truth.
 */
struct claim {
	struct range_node node; /* first: the index hands out these */
	struct userns *userns;	/* one of the three */
	struct task *task;
	const struct id_owner *owner;
	enum id_space space;
};

struct extents {
	struct nsv_extent *v;
	size_t n;
};

/* A map, normalised: of an idmapped mount from the file system's IDs to kuids and kgids. */
struct mount_map {
	struct extents space[SPACES];
};

struct userns {
	struct nsv_ns ns;
	struct nsv_ns parent_ns;
	bool has_parent;
	bool has_maps;
	uint32_t level;
	uint32_t owner;		      /* kuid */
	struct extents map[SPACES];   /* normalised */
	struct range_set ids[SPACES]; /* kuids, kgids */
	uint64_t walk;
	UT_hash_handle hh;

	/* judged */
	struct userns *parent;
	bool node_or_above;
	bool claimed; /* its map is in the index */
	bool over;    /* it is only kept for a container that is over */

	struct task *oldest;	 /* that was in it when the node was last walked; NULL: none was */
	size_t n_pods;		 /* whose base it is: pod_has_base() says of which */
	size_t mapped_outsiders; /* tasks in it, in no pod, that hold an ID of its map */
};

enum task_state {
	TASK_UNKNOWN,  /* cannot be told */
	TASK_ENTRANT,  /* came from outside, has not run the image's code */
	TASK_WORKLOAD, /* runs the image's code, or was born of one that does */
	TASK_WORKER,   /* the kernel's code on the pod's account: not judged */
};

struct task_key {
	uint32_t tid;
	uint32_t pad;
	uint64_t start_ns;
};

struct task {
	struct task_key key;
	struct nsv_identity id;
	uint32_t groups[NSV_GROUPS_MAX];
	bool gone;	   /* it has exited, and is dropped at the end of the next walk */
	uint64_t raw_pod;  /* the cgroup by which the kernel side knows its pod */
	uint64_t since_ns; /* when it was first seen in its pod; put off while it is frozen */
	bool lingered;	   /* an entrant that stayed: judged as a workload process from then on */
	uint64_t walk;
	UT_hash_handle hh;

	/* judged */
	struct userns *userns;
	struct pod *pod;
	struct container *container;
	struct task *parent, *leader; /* leader: of a thread */
	enum task_state state;
	bool minds; /* a workload process of its pod is its child: a monitor, or an exec's parent */
};

/* What a runtime's bundle says of a container. */
struct bundle {
	char container[NSV_CONTAINER_LEN];
	char uid[NSV_POD_UID_LEN];
	char name[NSV_NAMESPACE_LEN];
	char handler[NSV_HANDLER_LEN];
	uint32_t kind, runtime;
	uint32_t pid, state;
	uint64_t item, walk;
	UT_hash_handle hh;
};

/* What a configuration mounts into a container. */
struct volume {
	struct volume_key {
		char container[NSV_CONTAINER_LEN];
		char point[NSV_PATH_LEN];
	} key;
	char uid[NSV_POD_UID_LEN];
	char source[NSV_PATH_LEN];
	uint32_t flags;
	uint64_t walk;
	UT_hash_handle hh;

	/* judged */
	const struct mount *mount; /* what the kernel shows there; NULL: nothing was seen */
	bool mapped;		   /* it is idmapped, or another one there is */
};

/* Where something is to be mounted, in some container: only such mounts are of interest. */
struct volume_point {
	char point[NSV_PATH_LEN];
	uint64_t walk;
	UT_hash_handle hh;
};

/* A line of one of the node's files. */
struct id_owner {
	uint64_t item;
	struct nsv_id_owner event;
	uint64_t walk;
	UT_hash_handle hh;
};

/* What a file says of the user namespace that a pod, or one of its containers, is to have. */
struct declared {
	struct declared_key {
		uint64_t by;
		char uid[NSV_POD_UID_LEN];
		char container[NSV_CONTAINER_LEN];
	} key;
	uint32_t userns;
	uint64_t item, since_ns;
	struct mount_map map; /* to host IDs as the node sees them; normalised */
	char file[NSV_PATH_LEN];
	uint64_t walk;
	UT_hash_handle hh;
};

struct container {
	uint64_t cgroup;
	uint64_t pod_cgroup;
	enum nsv_cgroup_kind kind;
	char id[NSV_CONTAINER_LEN];
	bool frozen;
	/* The namespaces of its first workload process: a bit for each kind that is known. */
	uint32_t baseline_known;
	struct nsv_ns baseline[NSV_NS_KINDS];
	struct nsv_ns base_ns; /* the base, as the hooks saw the container begin, or the last walk */
	bool base_seen;	       /* the hooks saw it */
	uint64_t first_ns;     /* then: when the process that it began with was made */
	bool sure;	       /* so is the base: the hooks saw it, or two walks running did */
	bool began, walked;    /* something ran in it; a walk showed that */
	uint64_t walk;
	UT_hash_handle hh;

	/* judged */
	struct pod *pod;
	struct bundle *bundle;	 /* NULL: not known */
	struct volume **volumes; /* by point */
	size_t n_volumes;
	struct task *first;  /* its oldest workload process */
	struct userns *base; /* NULL: not known; the pod says why */
};

/* What is kept of a pod to attest it: attest.c. */
struct attest {
	uint64_t from_ns;     /* what came before is attested, or was not seen */
	uint64_t to_ns;	      /* the last walk that showed it */
	enum verdict verdict; /* with processes, if it ever had any */
	enum applied applied; /* since to_ns */
	uint32_t seen;	      /* a bit for each kind of `applied` that there was */
	/* Of files that rules compare with: whether they ever told, and did not when last judged. */
	bool declared, undeclared, bundled, unbundled;
	bool isolated; /* it had a base that is not the node's */
	struct nsv_ns base;
	struct range_set ids[SPACES]; /* as the node sees them */
	uint64_t broken;	      /* a bit for each rule */
	size_t unwalked;	      /* containers that began and ended between walks */
	struct attest_gap gaps[NSV_GAPS_MAX];
	size_t n_gaps;
	uint64_t gaps_seen, gap_ns, gap_to_ns; /* the last: where the last one ends */
	char namespace[NSV_NAMESPACE_LEN], name[NSV_POD_NAME_LEN]; /* the last ones known */
};

/* A cgroup by which the kernel side knows a pod. */
struct pod_cgroup {
	uint64_t cgroup;
	uint64_t pod;	   /* as the engine knows it: the pod's `cgroup` */
	bool is_container; /* a container's, which lies outside its pod's */
	bool gone;
	uint64_t walk;
	UT_hash_handle hh;
};

struct pod {
	uint64_t cgroup; /* the first one that was seen of it: podcgroups.c */
	char uid[NSV_POD_UID_LEN];
	char *path;
	uint64_t path_of;	 /* a cgroup */
	bool path_is_containers; /* for want of the pod's own */
	size_t n_cgroups;	 /* that are there */
	bool populated;		 /* for certain */
	uint64_t since_ns;	 /* when it came; 0: it was there before the first walk */
	struct nsv_limit limit;	 /* of the walk `limit_walk`: what was left out of it */
	uint64_t limit_walk;	 /* 0: nothing ever was */
	struct attest attest;
	uint64_t walk;
	UT_hash_handle hh;

	/* judged; the arrays are in the arena */
	struct container **containers; /* by cgroup id */
	size_t n_containers;
	bool sandboxed;	     /* what runs it isolates it otherwise: see SANDBOXES in judge.c */
	struct task **tasks; /* by start, then thread id; of the last walk, and who began since */
	size_t n_tasks;
	struct userns **bases; /* distinct, the node's not among them */
	size_t n_bases;
	bool on_node;	    /* a container's base is the node's */
	const char *why;    /* a container's base is not known, and why */
	bool elsewhere;	    /* one of its containers runs, and not in its cgroup */
	unsigned unsettled; /* walks running that left something of it to the next one */
	uint64_t judged;    /* engine.judged, when it was judged between walks */
	size_t unsure;	    /* tasks of unknown state that would break a rule as workloads */
};

/* An idmapped mount that a pod has. */
struct mount {
	struct mount_key {
		uint64_t pod; /* cgroup */
		struct nsv_ns ns;
		uint64_t id; /* as in mountinfo */
	} key;
	struct nsv_mount event;
	struct mount_map map; /* if event.has says so */
	uint64_t walk;
	bool now; /* it was seen when its container began, and not only by walks */
	UT_hash_handle hh;
};

/* Of a kind: what the kernel side has counted under another cgroup of the pod's. */
struct cap_part {
	uint64_t pod, count;
};

/* A kind of capability check. */
struct capability {
	struct nsv_cap_key key; /* `pod`: as the engine knows it */
	struct nsv_cap first;	/* the event about it; a scan has only counts, and none (h.len 0) */
	uint64_t count;		/* of all */
	uint64_t own;		/* under the cgroup that the key has */
	struct cap_part *parts;
	size_t n_parts, cap_parts;
	uint64_t told; /* how many of them findings have counted */
	uint64_t first_ns, last_ns;
	uint64_t walk;
	UT_hash_handle hh;
};

/* That one was made. */
struct idmap {
	struct idmap_key {
		uint64_t id; /* unique, or as in mountinfo */
	} key;
	struct nsv_idmap event;
	struct task_key maker; /* the task that the engine knows it by */
	struct mount_map map;
	UT_hash_handle hh;
};

/* Who made it: what pods do to themselves must not push out what is done to them. */
enum idmap_maker { MAKER_OUTSIDE, MAKER_WORKLOAD, MAKERS };

struct pod_name {
	char uid[NSV_POD_UID_LEN];
	char namespace[NSV_NAMESPACE_LEN];
	char name[NSV_POD_NAME_LEN];
	uint64_t walk;
	UT_hash_handle hh;
};

/* What broke a rule, so that the next walk knows it again. */
struct offence_key {
	uint64_t rule, pod, kind, a, b;
};

struct seen_offence {
	struct offence_key key;
	bool told; /* it is in what was told of its finding */
	UT_hash_handle hh;
};

/* Somebody whose a namespace is: a pod, or (NULL) something on the node outside pods. */
struct ns_holder {
	struct nsv_ns ns;
	const struct pod *pod;
};

struct policy_entry {
	struct nsv_policy_entry event;
	uint64_t rule; /* NO_RULE: it is about the policy, or about a rule that is not known here */
};

struct engine {
	struct nsv_node node;
	struct nsv_policy policy;
	struct nsv_allow *allowed; /* since that policy */
	size_t n_allowed, cap_allowed;
	struct policy_entry *entries; /* likewise */
	size_t n_entries, cap_entries;
	uint32_t hooks[NSV_HOOKS_MAX]; /* enum nsv_how */
	bool has_node;
	uint64_t walk; /* counts walks; 0: none yet */
	bool walking;
	bool wants_walk; /* to tell what is over */
	bool waits;	 /* the last walk left out what waits for a pod's name */
	uint64_t boot_ns;

	struct mount *mounts;		/* by key */
	struct idmap *idmaps[MAKERS];	/* by key, the oldest first */
	struct userns *userns;		/* by ns */
	struct task *tasks;		/* by key */
	struct container *containers;	/* by cgroup */
	struct pod *pods;		/* by cgroup */
	struct pod_cgroup *pod_cgroups; /* by cgroup */
	struct pod_name *names;		/* by uid */
	struct bundle *bundles;		/* by container */
	struct declared *declared;	/* by key */
	struct volume *volumes;		/* by key */
	struct volume_point *points;	/* by point */
	struct id_owner *owners;	/* by item */
	struct nsv_pool pool;
	uint64_t pool_walk;		 /* that named it; 0: it is not known */
	struct capability *capabilities; /* by key */
	uint64_t checks[NSV_CAPABILITIES][CHECK_RESULTS];

	uint64_t dirty;	 /* a pod's cgroup: files or mounts say something of it; 0: none */
	uint64_t judged; /* counts what is judged between walks */
	uint64_t begun[BEGUN_MAX]; /* containers: engine_each_begun() */
	size_t n_begun;

	/* judged */
	struct arena arena;    /* holds all that is judged, up to the next walk's end */
	struct pod **pod_list; /* by cgroup id */
	size_t n_pods;
	struct task **leaders; /* of processes, by process id */
	size_t n_leaders;
	struct task *node_task, *first_task; /* the node's process; PID 1 */
	struct userns *node_userns;
	struct nsv_ns *outer; /* mount namespaces that runtimes come from, ascending */
	size_t n_outer;
	struct ns_holder *holders; /* by namespace, then by pod's cgroup id; all but user */
	size_t n_holders;
	struct range_index index[SPACES];
	struct seen_offence *last, *offences; /* of the walk before; of this one, and since */
	struct capability **cap_list;	      /* by pod's cgroup id, then key */
	size_t n_caps;
	struct report *report;

	const struct engine_sink *sink;
	struct open_finding *open;     /* by key */
	struct closed_finding *closed; /* likewise */
	bool unrecorded;	       /* since the last tick: see live_lost() */

	/* While a keyframe is read: its rules' numbers, as they are here. */
	struct {
		bool on;
		uint64_t rules[RULES_MAX];
		size_t n_rules;
	} restore;
};

/* Whether a field of an event has its end in it. */
static inline bool is_text(const char *s, size_t size)
{
	return memchr(s, '\0', size);
}

/* model.c: events into the model */
int model_event(struct engine *engine, const struct nsv_event *event);
void model_sweep(struct engine *engine); /* drops what the current walk did not name */
void model_clear(struct engine *engine); /* drops everything */

struct userns *model_userns(const struct engine *engine, const struct nsv_ns *ns);
struct task *model_task(const struct engine *engine, const struct nsv_task *task);
/* Made if need be, as one of which nothing is known. */
struct task *model_add_task(struct engine *engine, const struct nsv_task *task);
struct container *model_container(struct engine *engine, uint64_t cgroup); /* made if need be */
struct pod *model_pod(const struct engine *engine, uint64_t cgroup);
/* Whether the last walk left out something of it. */
bool model_is_exhausted(const struct engine *engine, const struct pod *pod);
/* Whether it has the form of a pod's uid. */
bool model_is_uid(const char uid[NSV_POD_UID_LEN]);
/* Whether the policy lets the pod join namespaces of that kind. */
bool model_may_join(const struct engine *engine, const struct pod *pod, enum nsv_ns_kind kind);

/* podcgroups.c: which pod a cgroup is of */
/* One that has the pod's uid in its name: the pod's own, or a container's that is not below it. */
int podcgroups_take(struct engine *engine, const struct nsv_cgroup *event, bool is_container);
void podcgroups_removed(struct engine *engine, const struct nsv_changed *event);
/* From the cgroup by which the kernel side knows a pod to the one by which the engine does. */
uint64_t podcgroups_pod(const struct engine *engine, uint64_t cgroup);
bool podcgroups_is_container(const struct engine *engine, uint64_t cgroup);
void podcgroups_place(const struct engine *engine, struct nsv_identity *id);
/* At the end of a walk: those that somebody refers to. */
void podcgroups_keep(struct engine *engine);
void podcgroups_drop_before(struct engine *engine, uint64_t walk); /* after pods were */

/* policy.c: what the policy makes of a broken rule */
struct grade {
	bool none;    /* no finding */
	bool assumed; /* the pod's name is not known, and would matter: the strictest */
	bool waits;   /* likewise, and the name may still come */
	enum severity severity;
};
/* Whether pods may be graded otherwise than until now. */
bool policy_changes(const struct engine *engine, const struct nsv_policy *policy);
int policy_take(struct engine *engine, const struct nsv_policy *policy);
int policy_take_entry(struct engine *engine, const struct nsv_policy_entry *event);
bool policy_matches(const char *pattern, const char *text);
/* Whether the name of a pod is waited for. */
bool policy_is_waiting(const struct engine *engine);
/* `uid`: of the pod; empty: it is about the node. `natural`: a severity, or SEVERITY_POLICY. */
struct grade policy_grade(const struct engine *engine, const char *uid, uint64_t rule, int natural);

/* mounts.c: idmapped mounts, made and had */
int mounts_take_idmap(struct engine *engine, const struct nsv_idmap *event);
int mounts_take_mount(struct engine *engine, const struct nsv_mount *event);
/* The pod's mount with that number in a namespace with that one, or NULL. */
const struct mount *mounts_find(const struct engine *engine, const struct pod *pod, uint64_t id,
				uint64_t ns_inum);
bool mount_map_equal(const struct mount_map *a, const struct mount_map *b);
void mounts_drop_before(struct engine *engine, uint64_t walk); /* UINT64_MAX: those made, too */
/* How a mount that a pod has was made, or NULL: it was not seen, or it cannot be told which. */
const struct idmap *mounts_made(const struct engine *engine, const struct mount *mount);
/* The one that an event told about, if a workload process made it. */
struct idmap *mounts_by_workload(const struct engine *engine, const struct nsv_idmap *event);
void mounts_forget(struct engine *engine, struct idmap *idmap);
/* True if a workload process of the pod made it. */
bool idmap_is_of(const struct idmap *idmap, const struct pod *pod);
/* A map that an event tells: are_extents() says that it is one. */
void mount_map_set(struct mount_map *map, const struct nsv_extent *extents, size_t n_uid,
		   size_t n_gid);
void mount_map_free(struct mount_map *map);
/* Whether a record has the extents that it says, and only sane ones. */
bool are_extents(const struct nsv_event *event, const struct nsv_extent *extents, uint32_t n_uid,
		 uint32_t n_gid);

/* metadata.c: what files of the node say */
int metadata_take_bundle(struct engine *engine, const struct nsv_bundle *event);
int metadata_take_declared(struct engine *engine, const struct nsv_declared *event);
int metadata_take_volume(struct engine *engine, const struct nsv_volume *event);
int metadata_take_owner(struct engine *engine, const struct nsv_id_owner *event);
int metadata_take_pool(struct engine *engine, const struct nsv_pool *event);
/* Whether something is to be mounted there, in some container. */
bool metadata_is_point(const struct engine *engine, const char *point);
/* Ties what is to be mounted to the containers, and to what the kernel shows. */
void metadata_judge_volumes(struct engine *engine);
/* Likewise of one pod, and of one mount in it, between walks. */
void metadata_judge_pod(struct engine *engine, struct pod *pod);
void metadata_judge_mount(struct engine *engine, const struct mount *mount);
/* Which pods have containers that run elsewhere. */
void metadata_judge_bundles(struct engine *engine);
/* How many volumes the pod's containers have that the kernel shows, and how many of them only idmapped. */
size_t metadata_count_volumes(struct engine *engine, const struct pod *pod, size_t *mapped);
/* Whether it is one of the pod's volumes, and not a file that the runtime made. */
bool volume_is_pods(const struct volume *volume);
void metadata_drop_before(struct engine *engine, uint64_t walk);
/* Of one of the pod's containers by its runtime, or (NULL) of all of the pod. */
struct declared *metadata_declared(const struct engine *engine, const struct pod *pod,
				   const struct container *container, enum nsv_declarer by);
/* Whether some file says of the pod in which user namespace it is to be. */
bool metadata_declares(const struct engine *engine, const struct pod *pod);
/* The bundle that a container was started from. */
struct bundle *metadata_bundle(const struct engine *engine, const struct pod *pod,
			       const struct container *container);

/* capability.c: checks into the model, and out of it */
int capability_take_first(struct engine *engine, const struct nsv_cap *event);
int capability_take_count(struct engine *engine, const struct nsv_capstat *event);
/* `key`: as the kernel side has it. */
struct capability *capability_find(const struct engine *engine, const struct nsv_cap_key *key);
void capability_free(struct capability *cap);
void capability_keep(struct engine *engine); /* as long as their pods */
void capability_list(struct engine *engine);
const struct capability_view *capability_views(struct engine *engine, uint64_t pod, size_t *n);

/* judge.c: from the model to who is what */
/* Of the last walk: the process with that number, or NULL. */
struct task *judge_leader(const struct engine *engine, uint32_t pid);
int judge(struct engine *engine);
/* Places one task that changed since, as judge() did all. Returns whether a container begins with it. */
bool judge_task(struct engine *engine, struct task *task);
/* With the first process of a PID namespace all of its container ends: nothing has its base any more. */
void judge_exit(const struct engine *engine, struct task *task);
/* Whether it may still be a stage of a start: it is younger than starts take. */
/* Whether an ID of the task's is to be compared with other pods' ranges. */
bool task_claims(const struct task *task, enum id_space space, uint32_t id);
bool task_is_young(const struct engine *engine, const struct task *task);
/* Whether the hooks saw it begin and no walk shows it, since it has ended: it is judged once more. */
bool container_is_over(const struct container *container);
/* Ties the pod's containers to the bundles that are known by now. */
void judge_bundles(const struct engine *engine, struct pod *pod);
/* Somebody else than `pod` whose namespace it is, or NULL. */
const struct ns_holder *other_holder(const struct engine *engine, const struct nsv_ns *ns,
				     const struct pod *pod);
void judge_forget(struct engine *engine);
/* It is another namespace now, which has only got the number of one that is gone. */
void judge_renew(struct engine *engine, struct userns *ns);

/* True if `ns` is `above` or lies below it. */
bool userns_is_within(const struct userns *ns, const struct userns *above);
/* The pod's base that `ns` is or lies below, or NULL. */
struct userns *pod_base_of(const struct pod *pod, const struct userns *ns);
bool pod_has_base(const struct pod *pod, const struct userns *ns);
/*
 * One in the node's user namespace that lingers in a container whose base is not known, since nothing
 * was seen to begin there.
 */
bool task_is_stranger(const struct task *task);
/* True if a mount namespace is one that a container began with. */
bool pod_began_with(const struct pod *pod, const struct nsv_ns *ns);
/* True if `ns` is, or lies below, the base of a pod other than `pod`: which one. */
const struct pod *other_pod_of(const struct engine *engine, const struct userns *ns,
			       const struct pod *pod);
/* A pod that was made anew has another cgroup, and the same uid: it is no other one. */
bool is_same_pod(const struct pod *a, const struct pod *b);
bool ns_equal(const struct nsv_ns *a, const struct nsv_ns *b);

/* As the node sees it: through its user namespace's map. An ID that it does not see stays. */
uint32_t node_id(const struct engine *engine, enum id_space space, uint32_t id);
/* The kuid of the node's root. */
uint32_t node_root(const struct engine *engine);

/* Each ID that a task holds, once a (space, id): calls take() in a fixed order. */
void task_each_id(const struct task *task,
		  void (*take)(enum id_space space, uint32_t id, const char *what, void *ctx),
		  void *ctx);

/* rules.c */
struct offence {
	size_t rule; /* index in the table */
	int natural; /* a severity, or SEVERITY_POLICY */
	struct grade grade;
	struct offence_key key;
	struct evidence evidence;
	const char *check;
};

struct offences {
	struct engine *engine; /* whose arena the texts are in */
	size_t rule;	       /* the one that is applied */
	struct offence *v;
	size_t n, cap;
};

/* All that is wrong with one pod now, by rule and then in a fixed order. */
void rules_apply(struct offences *to, const struct pod *pod);
/* Of that, what is about the pod as a whole and its containers. */
void rules_apply_pod(struct offences *to, const struct pod *pod);
/* What is wrong with one workload process that has just changed. */
void rules_apply_change(struct offences *to, const struct pod *pod, const struct task *task);
/* Whether a pod's process made a mount that reaches IDs which are not the pod's. */
bool idmap_escapes(const struct idmap *idmap, const struct pod *pod);
/* What is wrong with a capability check. */
void rules_apply_capability(struct offences *to, const struct pod *pod,
			    const struct capability *cap);
/* Whether a rule is about checks: what happened stays true as long as the pod is there. */
bool rule_is_capability(size_t i);
/* Whether a finding says that not all of the pod is judged: it is no reason to call the pod violated. */
bool rule_is_partial(size_t i);
/* Whether a finding shows that the pod is isolated, so that a pod without one is no better. */
bool rule_is_proof(size_t i);
/* Whether a rule is about a state, which a walk sees as long as it lasts. */
bool rule_is_state(size_t i);
/* Whether it is judged at the end of walks alone. */
bool rule_is_walked(size_t i);
/* Whether it is about isolated pods alone. */
bool rule_is_isolated(size_t i);
/* How it is graded where there is no policy about it: a severity, or SEVERITY_POLICY. */
int rule_natural(size_t i, bool isolated);
/* The index of the rule that is about losses: the last one. */
size_t rules_blind(void);
/* Whether it cannot be told if the task breaks a rule: its state or some of its groups unknown. */
bool rules_are_unsure(const struct engine *engine, const struct pod *pod, const struct task *task);

/* report.c */
void report_make(struct engine *engine);
/* The verdict on a pod in which something has run since the last walk, and whether all was applied. */
struct pod_view report_pod_now(struct engine *engine, struct pod *pod);

/* live.c: what the hooks saw, and the life of findings */
void live_advance(struct engine *engine, uint64_t boot_ns); /* time has come so far */
void live_change(struct engine *engine, struct task *task);
/* Judges a pod of which something has become known. */
void live_pod(struct engine *engine, struct pod *pod);
/* What files and mounts said of a pod is judged when something else comes: they say many things at a time. */
void live_flush(struct engine *engine);
/* A process of the pod has that mount, it is said between walks. */
void live_mount(struct engine *engine, const struct nsv_mount *event);
/* A file says something of the pods with that uid. */
void live_file(struct engine *engine, const char *uid, uint64_t boot_ns);
void live_walked(struct engine *engine); /* opens and closes what the report shows */
void live_exit(struct engine *engine, struct task *task, uint64_t boot_ns);
void live_idmap(struct engine *engine, const struct nsv_idmap *event);
void live_capability(struct engine *engine, struct capability *cap, uint64_t boot_ns);
void live_lost(struct engine *engine, const struct nsv_lost *lost);
/* After a name or a policy may have come, or time has: findings are what they are by now. */
void live_regrade(struct engine *engine);
/* What is held of a pod is told. */
void live_release(struct engine *engine, const struct pod *pod);
void live_clear(struct engine *engine);

/* Of keyframes: what is open or was, and what the next walk may confirm. */
void live_each(const struct engine *engine,
	       void (*take)(const struct nsv_kept_finding *finding, void *ctx), void *ctx);
void live_restore(struct engine *engine, uint64_t rule, const struct nsv_kept_finding *finding);
/* Among the offences of this walk, and since: it is added if need be. */
struct seen_offence *live_remember(struct engine *engine, const struct offence_key *key);
struct seen_offence *live_find_seen(struct seen_offence *table, const struct offence_key *key);
void live_forget_seen(struct seen_offence **table);
/* The worst that is open of the pod; `state`: of what walks see as long as it lasts, too. */
enum severity live_worst(const struct engine *engine, const struct pod *pod, bool state);
/* Likewise those of which a finding waits for the pod's name. */
uint64_t live_held(const struct engine *engine, const struct pod *pod);
/* The rules that the pod breaks now, a bit for each. */
uint64_t live_broken(const struct engine *engine, const struct pod *pod);

/* keyframe.c: an event of a keyframe, from its first one to the walk after it */
int keyframe_event(struct engine *engine, const struct nsv_event *event);
/* engine.c: as it was made, but for the sink */
void engine_clear(struct engine *engine);

/* attest.c: what was shown of each pod, and for how long */
void attest_walked(struct engine *engine);		    /* takes in what the report shows */
void attest_judged(struct engine *engine, struct pod *pod); /* it was judged between walks */
void attest_broken(struct pod *pod, uint64_t rule);	    /* it broke a rule */
void attest_lost(struct engine *engine, const struct nsv_lost *lost);
void attest_ended(struct engine *engine);  /* of pods that the walk does not name */
void attest_tick(struct engine *engine);   /* of pods for which it is time */
void attest_all(struct engine *engine);	   /* nobody looks any more */
void attest_policy(struct engine *engine); /* another policy comes */
void attest_free(struct attest *attest);

#endif
