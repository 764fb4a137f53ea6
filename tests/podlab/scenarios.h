/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenarios: which pods there are, and what nsvigil has to say about each.
 *
 * All is data: play.c makes it, verify.c compares with it. What a field leaves out is the
 * ordinary: one container of a pod with hostUsers: false, as it should be.
 */
#ifndef PODLAB_SCENARIOS_H
#define PODLAB_SCENARIOS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "pod.h"
#include "workload.h"

/* What the pods' namespace is called. */
#define LAB_NAMESPACE "podlab"

/* The most that a scenario needs. */
#define SCENARIO_PODS 20
#define POD_PROCESSES 3
#define POD_FINDINGS 3
#define MAP_SPANS 3

/* Whose user namespace, whose block of 65536 host IDs. */
enum whose {
	OWN, /* the pod's that it stands at */
	POD_A,
	POD_B,
	NODE,
};

/*
 * A run of extents, each of `count` IDs: inside from `first`, on the host from `offset` in a
 * block. `times` of them (0: one), contiguous inside, `step` apart on the host.
 */
struct span {
	uint32_t first;
	enum whose block;
	uint32_t offset, count;
	uint32_t times, step;
};

/* GIDs that are not given are as the UIDs. */
struct map {
	struct span uids[MAP_SPANS], gids[MAP_SPANS];
};

enum role {
	ROLE_NONE,
	ROLE_WORKLOAD, /* in the pod's namespaces and its own mount, PID and cgroup ones */
	ROLE_ENTRANT,  /* a program of the host, in the host's namespaces, with the host's IDs */
	ROLE_MONITOR,  /* likewise, in a cgroup of its own in the pod's */
};

struct process_spec {
	enum role role;
	unsigned container; /* in whose cgroup it is, counted from 0 */
	const char *below;  /* and where below that */
	enum whose userns;  /* OWN: its pod's; NODE */
	struct map map;	    /* if given: it has a user namespace of its own, with this map */
	uint32_t id;	    /* its UID and GID, as its user namespace numbers them */
	unsigned keep;	    /* KEEP_*: what it does not give up of the host's */
	uint32_t uid_of_a, group_of_a; /* which host ID in a's block it holds; 0: none */
	bool volume; /* its configuration has a volume at VOLUME_POINT, with an idmap */
	const char *comm;
	const char *steps[WORKLOAD_STEPS_MAX + 1];
};

/* Some evidence of a finding has what is given here, all of it at once. */
struct evidence_spec {
	const char *kind; /* of host ID */
	enum whose block;
	uint32_t offset, count; /* count 0: the last one may be any */
	const char *other;	/* the other party's type */
	enum whose other_pod;	/* POD_A, POD_B, or OWN: any or none */
};

struct finding_spec {
	const char *rule;
	const char *severity; /* NULL: as the policy says */
	struct evidence_spec evidence;
};

/* What a file says of the pod's user namespace. */
enum says {
	SAYS_TRUE,
	SAYS_NOTHING, /* there is no such file */
	SAYS_OWN,     /* that it has one of its own, with its block */
	SAYS_OTHER,   /* likewise, with the second pod's block */
};

struct pod_spec {
	const char *verdict; /* NULL: there is no such pod */
	struct finding_spec findings[POD_FINDINGS];
	enum layout layout;
	bool static_pod;  /* its UID has no dashes */
	bool listed;	  /* /etc/passwd has a user with an ID of its block */
	const char *shim; /* what runs its containers; NULL: that is not told */
	bool nameless;	  /* it has no directory for logs, and no file tells of it */
	enum says kubelet, runtime;
	enum whose userns; /* OWN, POD_A: the first pod's, NODE */
	enum whose net;	   /* OWN, POD_A */
	uint32_t owner;	   /* host UID of its user namespace's creator */
	struct map map;	   /* if not given: the pod's own block, as the kubelet does it */
	struct process_spec processes[POD_PROCESSES];
};

struct scenario {
	const char *name;
	const char *what;
	bool bad;
	bool apart; /* only made if named: not among all, good and bad */
	struct pod_spec pods[SCENARIO_PODS];
	struct process_spec outside; /* a process outside pods */
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

/* Which of them were asked for. */
struct selection {
	bool *chosen; /* by index in the table */
	bool all;
};

const struct scenario *scenario_find(const char *name);

/* How many pods a scenario has. */
size_t scenario_pods(const struct scenario *scenario);

/* The host ID at `offset` in a block, as seen from a pod. */
uint32_t scenario_host_id(const struct scenario *scenario, size_t pod, enum whose block,
			  uint32_t offset);

bool map_is_given(const struct map *map);

/* A map with its host IDs, as seen from a pod; the ordinary one if it is not given. */
void scenario_idmap(const struct scenario *scenario, size_t pod, const struct map *map,
		    struct idmap *out);

/* What a pod is called, and where it is from cgroup2's mount point. All fixed by the table. */
void scenario_pod_uid(const struct scenario *scenario, size_t pod, char out[NAME_MAX]);
void scenario_pod_name(const struct scenario *scenario, size_t pod, char out[NAME_MAX]);
void scenario_pod_cgroup(const struct scenario *scenario, size_t pod, char out[PATH_MAX]);
void scenario_container_id(const struct scenario *scenario, size_t pod, unsigned container,
			   char out[NAME_MAX]);

#endif
