/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A node in a few lines, and what the engine says of it.
 *
 * A test describes pods, namespaces and tasks; walk() shows all of them to the engine, as the
 * sources would. What a test does not say is as on an ordinary node: PID 1 is in the initial user
 * namespace, a container has its own namespaces, owned by its user namespace, a task in it was
 * started by PID 1, runs the image's code and holds the first ID of its map.
 *
 * There is one node at a time: NODE_TEST() makes it and takes it away. What the functions return
 * are the records that the engine gets. They belong to the node; a test may change them, and each
 * walk sends them again until they are gone().
 */
#ifndef TESTS_UNIT_NODE_H
#define TESTS_UNIT_NODE_H

#include <stdbool.h>

#include "cmocka_all.h"
#include "engine/engine.h"

#define NODE_TEST(test) cmocka_unit_test_setup_teardown(test, node_begin, node_end)

/* Inode numbers of the initial namespaces. */
#define INITIAL_USERNS 4026531837ULL
#define INITIAL_PID_NS 4026531836ULL
#define INITIAL_MNT_NS 4026531841ULL

#define POD_A "aaaaaaaa-0000-4000-8000-000000000000"
#define POD_B "bbbbbbbb-0000-4000-8000-000000000000"
#define POD_C "cccccccc-0000-4000-8000-000000000000"

#define SECOND UINT64_C(1000000000)

/* A map: {inside, host, count}... */
#define MAP(...) ((const struct nsv_extent[]){__VA_ARGS__, {0, 0, 0}})
/* What the kubelet gives a pod: the n-th 65536 host IDs. */
#define FIRST_OF(n) ((n)*65536U)
#define LAST_OF(n) (FIRST_OF(n) + 65535U)
#define BLOCK(n) MAP({0, FIRST_OF(n), 65536})

struct node {
	struct nsv_node facts; /* sent, like the policy, before each walk */
	struct nsv_policy policy;
	struct nsv_userns *userns; /* the node's */
	struct nsv_identity *init; /* PID 1 */
	uint64_t now;		   /* when the next walk ends: 30 s, nothing is old yet */
	uint64_t shuffle;	   /* not 0: walks send their events in the order that it seeds */
	void (*during)(void);	   /* called in the middle of each walk */
	struct engine *engine;
	const struct report *report; /* of the last walk */
	struct told *told; /* what the engine said at once, since the last assert_told() */
	size_t n_told;
};

/* A finding_event, kept. */
struct told {
	enum finding_phase phase;
	enum severity severity;
	char rule[32], id[128];
	char uid[NSV_POD_UID_LEN], namespace[NSV_NAMESPACE_LEN], name[NSV_POD_NAME_LEN];
	char text[1024], check[256]; /* text: of the first observation; these may be empty */
	char other[NSV_POD_UID_LEN], ns_what[16], capability[32];
	uint32_t tid; /* of the first observation's subject */
	uint64_t count, opened_ns, boot_ns, ns;
	size_t n_evidence;
};

extern struct node node;

int node_begin(void **state);
int node_end(void **state);

/* Call it first: the node's user namespace is one below the initial one. gids: NULL is like map. */
void node_is_nested(const struct nsv_extent *map, const struct nsv_extent *gids);

/* A user namespace, owned by host root. parent: NULL is the node's. gids: NULL is like map. */
struct userns_spec {
	struct nsv_userns *parent;
	uint32_t owner;
	const struct nsv_extent *map, *gids;
};

#define userns(...) userns_add(&(const struct userns_spec){__VA_ARGS__})
struct nsv_userns *userns_add(const struct userns_spec *spec);

struct nsv_cgroup *pod(const char *uid);
struct nsv_cgroup *pod_at(const char *uid, const char *path);
struct nsv_pod_name *pod_name(const char *uid, const char *namespace, const char *name);

/* Of the policy: sent in each walk. */
struct nsv_policy_entry *policy_entry(const char *namespace, const char *name);

/* A container: a cgroup in the pod's, and namespaces that its user namespace owns. */
struct box {
	struct nsv_cgroup *pod, *cgroup;
	uint64_t pod_id; /* as it was made; the records may be gone */
	struct nsv_userns *userns;
	struct nsv_identity *init;
};

struct box *container(struct nsv_cgroup *pod, struct nsv_userns *userns); /* no task in it */
struct box *with_init(struct box *box);					  /* and now there is */
/* A pod with one container and a process in it. */
struct box *isolated_pod(const char *uid, const struct nsv_extent *map);
struct box *host_pod(const char *uid);

/*
 * What a file says of a pod's (box: NULL), or a container's, user namespace. map: NULL is none, the
 * node's.
 */
struct nsv_declared *declared(const char *uid, const struct box *box, enum nsv_declarer by,
			      const struct nsv_extent *map);
/* Something of the node that a configuration mounts into the container. */
struct nsv_volume *volume(const char *uid, const struct box *box, const char *point,
			  const char *source, uint32_t flags);
/* A mount that the container's first process has. */
struct nsv_mount *mounted(const struct box *box, uint32_t id, const char *point, bool idmapped);
/* A line of a file of the node. */
struct nsv_id_owner *id_owner(enum nsv_id_file file, const char *owner, uint32_t first,
			      uint32_t count);
struct nsv_place *place(uint64_t item, uint32_t kind, uint32_t state);
struct nsv_pool *pool(uint64_t first, uint64_t count);
/* What walks leave out of the box' pod. */
struct nsv_limit *limit(const struct box *box, uint64_t tasks, uint64_t namespaces);
/* What the runtime's bundle says of the container. */
struct nsv_bundle *bundle(const char *uid, const struct box *box, const char *name);

struct task_spec {
	uint32_t tid;		     /* 0: the next one */
	struct box *in;		     /* NULL: in no pod */
	struct nsv_userns *userns;   /* NULL: the container's, or the node's */
	struct nsv_identity *parent; /* NULL: PID 1 */
	struct nsv_identity *thread_of;
	bool entrant; /* its executable is the node's */
	bool memfd;   /* its executable is in no mount namespace */
	bool worker;
	const char *comm; /* NULL: "app" */
};

/* It starts `tid` milliseconds after the kernel; a thread right after its process. */
#define task(...) task_add(&(const struct task_spec){__VA_ARGS__})
struct nsv_identity *task_add(const struct task_spec *spec);

void hold_uid(struct nsv_identity *task, uint32_t uid); /* all four */
void hold_gid(struct nsv_identity *task, uint32_t gid);
/* Supplementary groups. A test may set ngroups to more. */
#define hold_groups(task, ...)                                                                     \
	hold_group_list(task, (const uint32_t[]){__VA_ARGS__},                                     \
			ARRAY_SIZE(((const uint32_t[]){__VA_ARGS__})))
void hold_group_list(struct nsv_identity *task, const uint32_t *groups, size_t n);

/*
 * What the hooks say between walks. A task that they saw has a state from then on, in walks too:
 * a workload process, if it is not told otherwise.
 */
void live(struct nsv_identity *task);
void live_as(struct nsv_identity *task, enum nsv_state state);
/* Shows a new pod's or container's cgroups and user namespace, as the hooks do. */
void show_box(struct box *box);
/* The mounts and files of a container were read when it began. */
void looked_at(const struct box *box);
/* It exits, and the record is gone(). */
void exit_of(struct nsv_identity *task);
void lost(uint64_t identities);
/* Any record, now, and what the engine answers; send_copy(): likewise, and the last report is kept. */
int send_now(void *record);
int send_copy(void *record);
int send_phase(uint32_t phase); /* enum nsv_walk_phase: a walk begins or ends */

/*
 * What the engine told its sink since the last time: "opened rule:severity:count" and so on, with
 * ", " between, and without severity and count where it is closed. "" is nothing.
 */
#define assert_told(what) expect_told(what, __FILE__, __LINE__)
void expect_told(const char *what, const char *file, int line);
/* The i-th of them, from 0: of what the last assert_told() saw. */
const struct told *told(size_t i);
/* What was told up to now is of no interest. */
void forget_told(void);
/* Another engine, which has seen nothing. */
void new_engine(void);
/* The end of the last walk's report that does not count walks. */
const char *node_state(void);

/* The record will not be sent again. */
void gone(void *record);

/* Sends all, and expects the engine to take it. */
void walk(void);
/* Walks twice, so that what is wrong is confirmed. */
void look(void);
/* The same, event by event; the first error ends it and is returned. */
int walk_result(void);

/* Runs it in a process of its own: what ends that is one test's failure. No assertions in it. */
#define assert_survived(run) expect_survived(run, __FILE__, __LINE__)
void expect_survived(void (*run)(void), const char *file, int line);

/* Of the last walk; the test fails if there is none. */
const struct pod_view *the_pod(const char *uid);
const struct finding *the_finding(const char *uid, const char *rule);
/* The first observation of a finding. */
const struct evidence *the_evidence(const char *uid, const char *rule);
/* The last walk's report. The node frees them. */
const char *node_json(void);
char *node_text(bool color);

/*
 * A pod's verdict, and all of its findings as they come: "rule:severity rule:severity", or "".
 */
#define assert_pod(uid, verdict, findings) expect_pod(uid, verdict, findings, __FILE__, __LINE__)
void expect_pod(const char *uid, const char *verdict, const char *findings, const char *file,
		int line);

/* That a text has each of these in it. */
#define assert_says(text, ...)                                                                     \
	expect_says(text, (const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)
void expect_says(const char *text, const char *const *parts, const char *file, int line);

#define assert_ids(evidence, what, from, to)                                                       \
	do {                                                                                       \
		assert_non_null((evidence)->id_what);                                              \
		assert_string_equal((evidence)->id_what, what);                                    \
		assert_int_equal((evidence)->ids.first, from);                                     \
		assert_int_equal((evidence)->ids.last, to);                                        \
	} while (0)

#endif
