/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings that are open, and those that were: what the engine tells of them, and what keyframes keep.
 * Internal to user/engine.
 */
#ifndef NSVIGIL_ENGINE_FINDINGS_H
#define NSVIGIL_ENGINE_FINDINGS_H

#include "engine/say.h"

struct open_key {
	uint64_t rule, part;	   /* part: which namespace, where a rule is about several */
	char uid[NSV_POD_UID_LEN]; /* empty: about the node. Zeroed to its end */
};

struct open_finding {
	struct open_key key;
	int natural; /* the worst: a severity, or SEVERITY_POLICY */
	enum severity severity;
	bool assumed; /* as of a grade */
	bool held;    /* nobody was told: the pod's name is waited for */
	bool again;   /* it was closed before */
	uint64_t count;
	uint64_t opened_ns;
	uint64_t repeat_ns; /* each repetition that was told puts it off by what one costs */
	char *id;
	uint64_t last_ns; /* about a transition: when somebody was seen there */
	uint64_t pod;	  /* about checks: its cgroup */
	uint64_t walk;	  /* about a loss: the walk that was under way, which does not end it */
	char namespace[NSV_NAMESPACE_LEN], name[NSV_POD_NAME_LEN]; /* the last ones known */
	struct task_key *tasks; /* those that break the rule now, as far as the hooks know */
	size_t n_tasks, cap_tasks;
	bool by_walk; /* a walk shows it */
	UT_hash_handle hh;
};

/* One that is not open, but was. No more of them than rules for each pod that there is. */
struct closed_finding {
	struct open_key key;
	UT_hash_handle hh;
};

struct open_key finding_key(uint64_t rule, uint64_t part, const char *uid);
/* Of the finding that an offence of the pod belongs to. */
struct open_key finding_key_of(const struct offence *offence, const struct pod *pod);
/* NULL: it is not open. */
struct open_finding *finding_find(const struct engine *engine, const struct open_key *key);
struct open_finding *finding_new(struct engine *engine, const struct open_key *key);
void finding_free(struct engine *engine, struct open_finding *open);
void finding_close(struct engine *engine, struct open_finding *open); /* and says so */
/* Of pods that are gone. */
void findings_forget_closed(struct engine *engine);

void finding_update_name(const struct engine *engine, struct open_finding *open);
void finding_tell(const struct engine *engine, struct open_finding *open, enum finding_phase phase,
		  const struct evidence *evidence, size_t n, const char *check);

struct grade finding_grade(const struct engine *engine, const struct open_finding *open);
void finding_set_grade(struct open_finding *open, const struct grade *grade);
/* Takes in one offence more. */
void finding_take_grade(const struct engine *engine, struct open_finding *open, int natural,
			bool is_new);

/* Which of its tasks it is; n_tasks: none. */
size_t finding_task(const struct open_finding *open, const struct task_key *key);

#endif
