/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A rule: a block in the file of its family, and its name in EACH_RULE. It looks at one pod, or at one workload process
 * of a pod, and says what breaks it. It knows no policy, and whether that becomes a finding is decided above.
 */
#ifndef NSVIGIL_ENGINE_RULES_RULE_H
#define NSVIGIL_ENGINE_RULES_RULE_H

#include "engine/judge/judge.h"
#include "engine/rules/text.h"

/* Instead of a severity: the policy of the pod says which. */
#define SEVERITY_POLICY (-1)

/* What broke a rule, so that the next walk knows it again. */
struct violation_key {
	uint64_t rule, pod, kind, a, b;
};

/* What the policy makes of it: policy.h. */
struct grade {
	bool none;    /* no finding */
	bool assumed; /* the pod's name is not known, and would matter: the strictest */
	bool waits;   /* likewise, and the name may still come */
	enum severity severity;
};

struct violation {
	size_t rule; /* index in the table */
	int natural; /* a severity, or SEVERITY_POLICY */
	struct grade grade;
	struct violation_key key;
	struct evidence evidence;
	const char *check;
};

struct violations {
	struct engine *engine; /* whose arena the texts are in */
	size_t rule;	       /* the one that is applied */
	/* Whether all that is to be said of it was said; NULL: of none. Those are counted, of a rule. */
	bool (*is_old)(const struct engine *engine, const struct violation_key *key);
	size_t old;
	struct violation *v;
	size_t n, cap;
};

/* What is set of the functions is applied. */
struct rule {
	struct rule_info info;
	bool isolated; /* it is about isolated pods alone */
	bool partial; /* broken, it says that not all of the pod is judged, and not what is wrong with it */
	bool proof; /* broken, it shows that the pod is isolated: no rule that is attested */
	/* Of which pods the policy says how bad it is. */
	enum { OF_NONE, OF_NOT_ISOLATED, OF_ALL } policy;
	void (*pod)(struct violations *to, const struct pod *pod);
	void (*task)(struct violations *to, const struct pod *pod, const struct task *task);
	/* A task that has just become what it is; a state is no violation. */
	void (*change)(struct violations *to, const struct pod *pod, const struct task *task);
	/* The first check of its kind. */
	void (*capability)(struct violations *to, const struct pod *pod,
			   const struct capability *cap);
};

/* In the order in which people read them; the one about losses is the last. */
#define EACH_RULE(each) \
	each(host_userns) \
	each(split_userns) \
	each(privileged_ids) \
	each(shared_userns) \
	each(overlapping_ids) \
	each(ids_in_use) \
	each(unmapped_identity) \
	each(foreign_owner) \
	each(unexpected_mapping) \
	each(foreign_userns) \
	each(idmap_mismatch) \
	each(left_pod) \
	each(foreign_namespace) \
	each(lingering_entrant) \
	each(host_capability) \
	each(host_capability_stopped) \
	each(declared_mismatch) \
	each(volume_not_idmapped) \
	each(exhausts_limits) \
	each(blind)

#define DECLARED(name) extern const struct rule name##_rule;
EACH_RULE(DECLARED)
#undef DECLARED

/* rules.c */
/* All that is wrong with one pod now, by rule and then in a fixed order. */
void rules_apply(struct violations *to, const struct pod *pod);
/* Of that, what is about the pod as a whole and its containers. */
void rules_apply_pod(struct violations *to, const struct pod *pod);
/* What is wrong with one workload process as it is; and with one that has just changed. */
void rules_apply_task(struct violations *to, const struct pod *pod, const struct task *task);
void rules_apply_change(struct violations *to, const struct pod *pod, const struct task *task);
/* Whether a pod's process made a mount that reaches IDs which are not the pod's. */
bool idmap_escapes(const struct idmap *idmap, const struct pod *pod);
/* What is wrong with a capability check. */
void rules_apply_capability(struct violations *to, const struct pod *pod,
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

/* A finding shows this many observations at a time; it counts all. */
#define EVIDENCE_SHOWN 4

/* evidence.c */
/* Whether somebody may read what is said of the violation: it is new, or one of the first. To be asked once. */
bool needs_text(struct violations *to, const struct violation *violation);
struct violation *add(struct violations *to, const struct pod *pod, int natural, struct party subject);
void set_ids(struct violations *to, struct evidence *evidence, const char *what, enum id_space space,
	     struct id_range range);
/* A task of the pod in its base namespace, or any; NULL: the pod has ended. */
const struct task *task_in(const struct pod *pod, const struct userns *ns);
/* How to see two maps. Either may be NULL: its namespace has no task of its own. */
const char *check_maps(const struct violations *to, const struct task *one, const struct task *other,
		       enum id_space space);
/* How to see a pod's map. */
const char *check_map(const struct violations *to, const struct pod *pod, const struct userns *base,
		      enum id_space space);
int isolated_severity(const struct pod *pod);
const struct mount_view *view_mount(const struct violations *to, const struct nsv_mount_name *name,
				    bool has_root, const char *point);
/* 'mount 512 (ext4, 8:1 "/srv/data")' */
const char *describe_mount(const struct violations *to, const struct mount_view *mount);

/* userns.c */
/* In no namespace of the pod's, and not of a container that is on the node's. */
bool is_foreign(const struct pod *pod, const struct task *task);

#endif
