/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine's model of the node: what the events said, and what follows from it. Internal to
 * user/engine.
 *
 * Events change the first half of each object (events.c). At the end of a walk the second half,
 * below "judged", is made anew from it (judge/): pointers between objects are only
 * there, so that what is removed is never pointed to.
 */
#ifndef NSVIGIL_ENGINE_MODEL_MODEL_H
#define NSVIGIL_ENGINE_MODEL_MODEL_H

#include <nsvigil/keyframe.h>
#include <stdint.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/model/ranges.h"
#include "lib/alloc.h"
#include "lib/hash.h"

#define RULES_MAX 64 /* bits of a u64 */

/* Beyond, only walks look at their mounts. */
#define BEGUN_MAX 256

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
	UT_hash_handle hh;
	uint64_t walk;
	struct nsv_ns parent_ns;
	bool has_parent;
	bool has_maps;
	uint32_t level;
	uint32_t owner;		      /* kuid */
	struct extents map[SPACES];   /* normalised */
	struct range_set ids[SPACES]; /* kuids, kgids */

	/* judged */
	struct userns *parent;
	bool node_or_above;
	bool claimed; /* its map is in the index */
	bool over;    /* it is only kept for a container that is over */

	struct task *oldest; /* that was in it when the node was last walked; NULL: none was */
	struct pod **pods;   /* whose base it is, by cgroup id; in the arena */
	size_t n_pods, cap_pods;
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
	UT_hash_handle hh;
	uint64_t walk;
	uint64_t raw_pod;  /* the cgroup by which the kernel side knows its pod */
	uint64_t since_ns; /* when it was first seen in its pod; put off while it is frozen */
	bool gone;	   /* it has exited, and is dropped at the end of the next walk */
	bool lingered;	   /* an entrant that stayed: judged as a workload process from then on */
	bool came_in;	   /* the hooks saw it come from outside, after its container had begun */
	bool came_foreign; /* and it was in no user namespace of the pod's then */
	bool unsure;	   /* whose a namespace is that it is in the next walk tells */

	/* judged */
	struct userns *userns;
	struct pod *pod;
	struct container *container;
	struct task *beside_prev, *beside; /* in the same container: its `tasks` */
	const struct pod *listed;	   /* whose `tasks` it is among */
	struct task *parent, *leader;	   /* leader: of a thread */
	enum task_state state;
	bool minds; /* a workload process of its pod is its child: a monitor, or an exec's parent */

	/* As the last event had it; behind what is looked at of every task. */
	struct nsv_identity id;
	uint32_t groups[NSV_GROUPS_MAX];
};

/* What a runtime's bundle says of a container. */
struct bundle {
	char container[NSV_CONTAINER_LEN];
	UT_hash_handle hh;
	char uid[NSV_POD_UID_LEN];
	char name[NSV_NAMESPACE_LEN];
	char handler[NSV_HANDLER_LEN];
	uint32_t kind, runtime;
	uint32_t pid, state;
	uint64_t item, walk;
};

/* What a configuration mounts into a container. */
struct volume {
	struct volume_key {
		char container[NSV_CONTAINER_LEN];
		char point[NSV_PATH_LEN];
	} key;
	UT_hash_handle hh;
	uint64_t walk;
	char uid[NSV_POD_UID_LEN];
	char source[NSV_PATH_LEN];
	const char *in_pods; /* what that has behind the pod's directory of the kubelet's; NULL: it is not in there */
	uint32_t flags;
	struct volume *prev, *next; /* of the same container: container_volumes */

	/* judged */
	const struct mount *mount; /* what the kernel shows there; NULL: nothing was seen */
	bool mapped;		   /* it is idmapped, or another one there is */
};

/* What is known of the volumes of a container. */
struct container_volumes {
	char container[NSV_CONTAINER_LEN];
	struct volume *volumes;
	size_t n;
	UT_hash_handle hh;
};

/* Where something is to be mounted, in some container: only such mounts are of interest. */
struct volume_point {
	char point[NSV_PATH_LEN];
	uint64_t walk;
	UT_hash_handle hh;
};

/* Where files were looked for. */
struct looked_at {
	uint64_t item;
	struct nsv_place event;
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
	UT_hash_handle hh;
	uint64_t walk;
	uint32_t userns;
	uint64_t item, since_ns;
	struct mount_map map; /* to host IDs as the node sees them; normalised */
	char file[NSV_PATH_LEN];
};

struct container {
	uint64_t cgroup;
	UT_hash_handle hh;
	uint64_t walk;
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

	/* judged */
	struct pod *pod;
	struct bundle *bundle;	 /* NULL: not known */
	struct volume **volumes; /* by point */
	size_t n_volumes;
	struct task *tasks;  /* all that are known to be in it; on by `beside` */
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

/* What has a uid: uids.c. */
struct pod_uid {
	char uid[NSV_POD_UID_LEN];
	struct pod *pods;	   /* the first that was seen first; on by uid_next */
	struct open_finding *open; /* likewise */
	UT_hash_handle hh;
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
	UT_hash_handle hh;
	uint64_t walk;
	char uid[NSV_POD_UID_LEN];
	struct pod_uid *its;
	struct pod *uid_prev, *uid_next;
	char *path;
	uint64_t path_of;	 /* a cgroup */
	bool path_is_containers; /* for want of the pod's own */
	size_t n_cgroups;	 /* that are there */
	bool populated;		 /* for certain */
	uint64_t since_ns;	 /* when it came; 0: it was there before the first walk */
	struct nsv_limit limit;	 /* of the walk `limit_walk`: what was left out of it */
	uint64_t limit_walk;	 /* 0: nothing ever was */
	struct attest attest;

	/* judged; the arrays are in the arena */
	bool listed;		       /* in engine.pod_list */
	struct container **containers; /* by cgroup id; after these who began since */
	size_t n_containers, cap_containers;
	bool sandboxed;	     /* what runs it isolates it otherwise: see SANDBOXES in judge.c */
	struct task **tasks; /* by start, then thread id; of the last walk, and who began since */
	size_t n_tasks, cap_tasks;
	struct userns **bases; /* distinct, the node's not among them */
	size_t n_bases, cap_bases;
	bool on_node;	    /* a container's base is the node's */
	const char *why;    /* a container's base is not known, and why */
	bool elsewhere;	    /* one of its containers runs, and not in its cgroup */
	enum walk_wanted wants_walk; /* for what was seen of it since the last one */
	unsigned unsettled; /* walks running that left something of it to the next one */
	enum verdict verdict; /* as engine.verdicts counts it */
	uint64_t counted;   /* since this walk */
	uint64_t judged;    /* engine.judged, when it was judged between walks */
	uint64_t seen_rules; /* that it was seen to break in the last walk: a bit each */
	size_t unsure;	    /* tasks of unknown state that would break a rule as workloads */
};

/* An idmapped mount that a pod has. */
struct mount {
	struct mount_key {
		uint64_t pod; /* cgroup */
		struct nsv_ns ns;
		uint64_t id; /* as in mountinfo */
	} key;
	UT_hash_handle hh;
	uint64_t walk;
	struct nsv_mount event;
	struct mount_map map;	   /* if event.has says so */
	struct mount *prev, *next; /* of the same pod: pod_mounts */
	bool now; /* it was seen when its container began, and not only by walks */
};

struct pod_mounts {
	uint64_t pod; /* cgroup */
	struct mount *mounts;
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

/*
 * Whose a namespace is: a pod's, or (NULL) something's on the node outside pods. Two are enough to tell somebody
 * else than a given pod: the first ones by cgroup id.
 */
struct ns_holders {
	struct nsv_ns ns;
	const struct pod *by[2];
	size_t n;
	UT_hash_handle hh;
};

struct engine {
	struct nsv_node node;
	struct nsv_policy policy;
	struct nsv_allow *allowed; /* since that policy */
	size_t n_allowed, cap_allowed;
	struct nsv_policy_entry *entries; /* likewise */
	size_t n_entries, cap_entries;
	uint32_t hooks[NSV_HOOKS_MAX]; /* enum nsv_how */
	bool has_node;
	struct origin origin; /* points into `node` */
	uint64_t walk; /* counts walks; 0: none yet */
	bool walking;
	enum walk_wanted wants_walk;
	bool waits;	 /* the last walk left out what waits for a pod's name */
	uint64_t boot_ns;

	struct mount *mounts;			     /* by key */
	struct pod_mounts *pod_mounts;		     /* by pod */
	struct idmap *idmaps[MAKERS];		     /* by key, the oldest first */
	struct userns *userns;			     /* by ns */
	struct task *tasks;			     /* by key */
	struct container *containers;		     /* by cgroup */
	struct pod *pods;			     /* by cgroup */
	struct pod_cgroup *pod_cgroups;		     /* by cgroup */
	struct pod_uid *uids;			     /* by uid */
	struct pod_name *names;			     /* by uid */
	struct bundle *bundles;			     /* by container */
	struct declared *declared;		     /* by key */
	struct volume *volumes;			     /* by key */
	struct container_volumes *container_volumes; /* by container */
	struct volume_point *points;		     /* by point */
	struct id_owner *owners;		     /* by item */
	struct nsv_pool pool;
	uint64_t pool_walk;		 /* that named it; 0: it is not known */
	struct looked_at *places;	 /* by item */
	struct capability *capabilities; /* by key */
	uint64_t checks[NSV_CAPABILITIES][CHECK_RESULTS];

	size_t verdicts[VERDICTS]; /* of the last walk, and since */
	uint64_t dirty;	 /* a pod's cgroup: files or mounts say something of it; 0: none */
	uint64_t judged; /* counts what is judged between walks */
	uint64_t begun[BEGUN_MAX]; /* containers: engine_each_begun() */
	size_t n_begun;

	/* judged */
	struct arena arena;    /* holds all that is judged, up to the next walk's end */
	struct pod **pod_list; /* by cgroup id; after these who came since */
	size_t n_pods, cap_pods;
	struct task **leaders; /* of processes, by process id */
	size_t n_leaders;
	struct task *node_task, *first_task; /* the node's process; PID 1 */
	struct userns *node_userns;
	struct nsv_ns *outer; /* mount namespaces that runtimes come from, ascending */
	size_t n_outer;
	struct ns_holders *holders; /* by ns; of all kinds but user */
	struct range_index index[SPACES];
	struct seen_violation *last, *violations; /* of the walk before; of this one, and since */
	struct capability **cap_list;	      /* by pod's cgroup id, then key */
	size_t n_caps;
	struct report *report;

	const struct engine_sink *sink;
	bool wants_host_ids;	       /* engine_want_host_ids() */
	struct open_finding *open;     /* by key */
	struct closed_finding *closed; /* likewise */
	struct breaker *breakers;      /* by key */
	bool regrades;		       /* all findings, at the next tick: the policy has changed */
	bool grade_waits;	       /* some finding's grade may change by itself */
	uint64_t attest_due_ns;	       /* no attestation is due before */
	bool has_unsure;	       /* some task is */
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

/* As soon as anybody wants it. */
static inline void model_want_walk(struct engine *engine, enum walk_wanted wanted)
{
	if (wanted > engine->wants_walk)
		engine->wants_walk = wanted;
}

static inline int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* events.c: what they say of the node. Each returns 0, or -EPROTO: it is not what the protocol has. */
int events_node(struct engine *engine, const struct nsv_node *node);
void events_clock(struct engine *engine, const struct nsv_tick *tick);
int events_cgroup(struct engine *engine, const struct nsv_cgroup *event);
int events_changed(struct engine *engine, const struct nsv_changed *event);
int events_pod_name(struct engine *engine, const struct nsv_pod_name *event);
int events_identity(struct engine *engine, const struct nsv_identity *event);
int events_hooks(struct engine *engine, const struct nsv_hooks *event);
int events_exit(struct engine *engine, const struct nsv_exit *event);
int events_limit(struct engine *engine, const struct nsv_limit *event);

/* sweep.c */
void model_sweep(struct engine *engine); /* what the current walk did not name is gone, and still there */
void model_drop(struct engine *engine);	 /* and is no more */
void model_clear(struct engine *engine); /* drops everything */

/* model.c */
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

/* It broke the rule: its next attestation says so. */
static inline void pod_broke(struct pod *pod, uint64_t rule)
{
	pod->attest.broken |= UINT64_C(1) << rule;
}

/* userns.c */
int userns_take(struct engine *engine, const struct nsv_userns *event);
void userns_free(struct userns *ns);

/* uids.c */
struct pod_uid *uids_find(const struct engine *engine, const char *uid); /* or NULL */
/* The first pod with that uid, or NULL; on by uid_next. */
struct pod *uids_pods(const struct engine *engine, const char *uid);
void uids_add_pod(struct engine *engine, struct pod *pod);
void uids_drop_pod(struct engine *engine, struct pod *pod);

/* What has neither pods nor findings is not kept. */
struct pod_uid *uids_get(struct engine *engine, const char *uid);
void uids_drop_unused(struct engine *engine, struct pod_uid *its);

/* podcgroups.c: which pod a cgroup is of */
/* One that has the pod's uid in its name: the pod's own, or a container's that is not below it. */
int podcgroups_take(struct engine *engine, const struct nsv_cgroup *event, bool is_container);
void podcgroups_removed(struct engine *engine, const struct nsv_changed *event);
/* From the cgroup by which the kernel side knows a pod to the one by which the engine does. */
uint64_t podcgroups_pod(const struct engine *engine, uint64_t cgroup);
bool podcgroups_is_container(const struct engine *engine, uint64_t cgroup);
void podcgroups_place(const struct engine *engine, struct nsv_identity *id);
/* At the end of a walk: what it did not name is gone, and one that somebody refers to is kept nevertheless. */
void podcgroups_sweep(struct engine *engine);
void podcgroups_keep(struct engine *engine, uint64_t cgroup);
void podcgroups_drop_before(struct engine *engine, uint64_t walk); /* after pods were */

/* policy.c: the policy, as it was told */
/* Whether pods may be graded otherwise than until now. */
bool policy_changes(const struct engine *engine, const struct nsv_policy *policy);
int policy_take(struct engine *engine, const struct nsv_policy *policy);
int policy_take_entry(struct engine *engine, const struct nsv_policy_entry *event);
int policy_take_allow(struct engine *engine, const struct nsv_allow *allow);
bool policy_matches(const char *pattern, const char *text);
/* Whether the policy lets the pod join namespaces of that kind. */
bool model_may_join(const struct engine *engine, const struct pod *pod, enum nsv_ns_kind kind);

/* mounts.c: idmapped mounts, made and had */
int mounts_take_idmap(struct engine *engine, const struct nsv_idmap *event);
int mounts_take_mount(struct engine *engine, const struct nsv_mount *event);
/* The first of the pod's mounts, or NULL; on by `next`. */
const struct mount *mounts_of(const struct engine *engine, const struct pod *pod);
/* The pod's mount with that number in a namespace with that one, or NULL. */
const struct mount *mounts_find(const struct engine *engine, const struct pod *pod, uint64_t id,
				uint64_t ns_inum);
/* Whether the mount that an event told of is of interest. */
bool mounts_has(const struct engine *engine, const struct nsv_mount *event);
void mounts_drop_before(struct engine *engine, uint64_t walk); /* UINT64_MAX: those made, too */
/* How a mount that a pod has was made, or NULL: it was not seen, or it cannot be told which. */
const struct idmap *mounts_made(const struct engine *engine, const struct mount *mount);
/* The one that an event told about, if a workload process made it. */
struct idmap *mounts_by_workload(const struct engine *engine, const struct nsv_idmap *event);
void mounts_forget(struct engine *engine, struct idmap *idmap);
/* True if a workload process of the pod made it. */
bool idmap_is_of(const struct idmap *idmap, const struct pod *pod);

/* maps.c */
/* A map that an event tells: are_extents() says that it is one. */
void mount_map_set(struct mount_map *map, const struct nsv_extent *extents, size_t n_uid,
		   size_t n_gid);
void mount_map_free(struct mount_map *map);
/* Whether a record has the extents that it says, and only sane ones. */
bool are_extents(const struct nsv_event *event, const struct nsv_extent *extents, uint32_t n_uid,
		 uint32_t n_gid);

bool mount_map_equal(const struct mount_map *a, const struct mount_map *b);
/* Whether a map is what extents become when they are normalised. */
bool map_is(const struct extents *map, const struct nsv_extent *extents, size_t n);
bool same_map(const struct extents *a, const struct extents *b);

/* files.c: what files of the node say */
int metadata_take_bundle(struct engine *engine, const struct nsv_bundle *event);
int metadata_take_declared(struct engine *engine, const struct nsv_declared *event);
int metadata_take_volume(struct engine *engine, const struct nsv_volume *event);
int metadata_take_owner(struct engine *engine, const struct nsv_id_owner *event);
int metadata_take_pool(struct engine *engine, const struct nsv_pool *event);
int metadata_take_place(struct engine *engine, const struct nsv_place *event);
/* Whether it was looked for, and not found anywhere. */
bool metadata_lacks(const struct engine *engine, enum nsv_place_kind kind);
/* Whether something is to be mounted there, in some container. */
bool metadata_is_point(const struct engine *engine, const char *point);
void metadata_drop_before(struct engine *engine, uint64_t walk);
/* Of one of the pod's containers by its runtime, or (NULL) of all of the pod. */
struct declared *metadata_declared(const struct engine *engine, const struct pod *pod,
				   const struct container *container, enum nsv_declarer by);
/* What files say of the user namespace that the pod is to have, all together. */
enum allotted metadata_allotted(const struct engine *engine, const struct pod *pod);
/* The bundle that a container was started from. */
struct bundle *metadata_bundle(const struct engine *engine, const struct pod *pod,
			       const struct container *container);

/* What is known of the container's volumes, or NULL. */
struct container_volumes *metadata_volumes(const struct engine *engine, const char *container);
/* An image may have /var/run as a link to /run, as most do: mounts show where that leads. NULL: there is no other. */
const char *metadata_other_point(const char *point);

/* capability.c: checks into the model */
int capability_take_first(struct engine *engine, const struct nsv_cap *event);
int capability_take_count(struct engine *engine, const struct nsv_capstat *event);
/* `key`: as the kernel side has it. */
struct capability *capability_find(const struct engine *engine, const struct nsv_cap_key *key);
void capability_free(struct capability *cap);
void capability_keep(struct engine *engine); /* as long as their pods */

/* relations.c */
/* True if `ns` is `above` or lies below it. */
bool userns_is_within(const struct userns *ns, const struct userns *above);
/* The pod's base that `ns` is or lies below, or NULL. */
struct userns *pod_base_of(const struct pod *pod, const struct userns *ns);
bool pod_has_base(const struct pod *pod, const struct userns *ns);
/* It is in no pod. The kernel may know its pod before the engine does: one that was made while a walk was under way. */
bool task_is_outside(const struct task *task);
/*
 * One in the node's user namespace that lingers in a container whose base is not known, since nothing
 * was seen to begin there.
 */
bool task_is_stranger(const struct task *task);
/* True if a mount namespace is one that a container began with. */
bool pod_began_with(const struct pod *pod, const struct nsv_ns *ns);
/* The pod other than `pod` whose base `ns` is or lies below, or NULL. */
const struct pod *other_pod_of(const struct userns *ns, const struct pod *pod);
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
/* No container of the pod has it any more. */
void pod_leave_base(struct pod *pod, struct userns *base);

#endif
