/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Findings that are open, and those that were: what the engine tells of them, and what keyframes keep.
 * Internal to user/engine.
 */
#ifndef NSVIGIL_ENGINE_FINDINGS_H
#define NSVIGIL_ENGINE_FINDINGS_H

#include <nsvigil/keyframe.h>

#include "engine/rules/rule.h"

struct seen_violation {
	struct violation_key key;
	bool told; /* it is in what was told of its finding */
	UT_hash_handle hh;
};

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
	struct pod_uid *its;
	struct open_finding *uid_prev, *uid_next;
	UT_hash_handle hh;
};

/* That a task is among those of a finding. */
struct breach {
	struct open_finding *open;
	size_t at; /* in its tasks */
};

/* A task, and the open findings that it is among the tasks of. */
struct breaker {
	struct task_key key;
	struct breach *in, one; /* in: &one, or allocated */
	size_t n, cap;
	UT_hash_handle hh;
};

/* One that is not open, but was. No more of them than rules for each pod that there is. */
struct closed_finding {
	struct open_key key;
	UT_hash_handle hh;
};

struct open_key finding_key(uint64_t rule, uint64_t part, const char *uid);
/* Of the finding that a violation of the pod belongs to. */
struct open_key finding_key_of(const struct violation *violation, const struct pod *pod);
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
void finding_set_grade(struct engine *engine, struct open_finding *open, const struct grade *grade);
/* Takes in one violation more. */
void finding_take_grade(struct engine *engine, struct open_finding *open, int natural, bool is_new);

/* The tasks that break its rule: each once, and found in the time that a look into a table takes. */
bool finding_has_task(const struct engine *engine, const struct open_finding *open,
		      const struct task_key *key);
/* Returns false if it is among them already. */
bool finding_add_task(struct engine *engine, struct open_finding *open, const struct task_key *key);
void finding_drop_task(struct engine *engine, struct open_finding *open,
		       const struct task_key *key);
/* These, and no others. */
void finding_set_tasks(struct engine *engine, struct open_finding *open,
		       const struct task_key *tasks, size_t n);
/* What the task is in, or NULL. */
struct breaker *breaker_find(const struct engine *engine, const struct task_key *key);

void findings_clear(struct engine *engine);

/* Of keyframes: what is open or was, and what the next walk may confirm. */
void findings_each(const struct engine *engine,
		   void (*take)(const struct nsv_kept_finding *finding, void *ctx), void *ctx);
void findings_restore(struct engine *engine, uint64_t rule, const struct nsv_kept_finding *finding);
/* Among the violations of this walk, and since: it is added if need be. */
struct seen_violation *seen_remember(struct engine *engine, const struct violation_key *key);
struct seen_violation *seen_find(struct seen_violation *table, const struct violation_key *key);
void seen_forget(struct seen_violation **table);
/* The worst that is open of the pod; `state`: of what walks see as long as it lasts, too. */
enum severity findings_worst(const struct pod *pod, bool state);
/* Likewise those of which a finding waits for the pod's name. */
uint64_t findings_held(const struct pod *pod);
/* The rules that the pod breaks now, a bit for each. */
uint64_t findings_broken(const struct pod *pod);

#endif
