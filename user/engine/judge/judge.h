/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is what: states of tasks, bases of containers, who holds what. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_JUDGE_JUDGE_H
#define NSVIGIL_ENGINE_JUDGE_JUDGE_H

#include "engine/model/model.h"

/* Makes room for one more in an array in the arena. */
#define arena_grow(engine, array, n, cap)                                                          \
	do {                                                                                       \
		if ((n) == *(cap)) {                                                               \
			void *larger =                                                             \
				arena_calloc(&(engine)->arena, *(cap)*2 + 4, sizeof(*(array)));    \
                                                                                                   \
			if (n)                                                                     \
				memcpy(larger, array, (n) * sizeof(*(array)));                     \
			(array) = larger;                                                          \
			*(cap) = *(cap)*2 + 4;                                                     \
		}                                                                                  \
	} while (0)

/* judge.c: of the whole node, at the end of a walk. Returns 0, or -ENODATA: the node's own process is not known. */
int judge(struct engine *engine);
void judge_forget(struct engine *engine);

/* between.c */
/* Places one task that changed since, as judge() did all. Returns whether a container begins with it. */
bool judge_task(struct engine *engine, struct task *task);
/* With the first process of a PID namespace all of its container ends: nothing has its base any more. */
void judge_exit(const struct engine *engine, struct task *task);

/* links.c */
/* Nothing is linked with anything, until it is linked anew. */
void links_clear(struct engine *engine);
void links_list_leaders(struct engine *engine);
int links_find_node(struct engine *engine);
void links_join_namespaces(struct engine *engine);
void links_join_task(struct engine *engine, struct task *task);
void links_list_pods(struct engine *engine);
void links_list_tasks(struct engine *engine);
void links_list_containers(struct engine *engine);
/* Of the last walk: the process with that number, or NULL. */
struct task *judge_leader(const struct engine *engine, uint32_t pid);

/* states.c */
void states_find_outer(struct engine *engine);
enum task_state states_of(const struct engine *engine, const struct task *task);
void states_find_lingering(const struct engine *engine, struct pod *pod);
bool states_is_inside(const struct engine *engine, const struct task *task);

/* bases.c */
void bases_find(struct engine *engine, struct pod *pod);
struct userns *bases_of_first(const struct engine *engine, const struct task *first, const char **why);
void bases_take(struct engine *engine, struct pod *pod, struct userns *base);
void bases_set_baseline(struct container *container);
void bases_forget(struct container *container);
bool bases_is_sandboxed(const struct pod *pod);
/* Whether the hooks saw it begin and no walk shows it, since it has ended: it is judged once more. */
bool container_is_over(const struct container *container);

/* holders.c */
void holders_list(struct engine *engine);
void holders_add(struct engine *engine, const struct task *task);
/* Whether a namespace is somebody else's than the pod's; *whose: which pod's, or NULL, nobody's in a pod. */
bool other_holder(const struct engine *engine, const struct nsv_ns *ns, const struct pod *pod,
		  const struct pod **whose);

/* claims.c */
void claims_index(struct engine *engine);
void claims_add_map(struct engine *engine, struct userns *ns);
/* Whether an ID of the task's is to be compared with other pods' ranges. */
bool task_claims(const struct task *task, enum id_space space, uint32_t id);
/* Whether it may still be a stage of a start: it is younger than starts take. */
bool task_is_young(const struct engine *engine, const struct task *task);

/* volumes.c */
/* Ties what is to be mounted to the containers, and to what the kernel shows. */
void volumes_judge(struct engine *engine);
void volumes_judge_pod(struct engine *engine, struct pod *pod);
/* How many volumes the pod's containers have that the kernel shows, and how many of them only idmapped. */
size_t volumes_count(struct engine *engine, const struct pod *pod, size_t *mapped);
/* Whether it is one of the pod's volumes, and not a file that the runtime made. */
bool volume_is_pods(const struct volume *volume);

/* bundles.c */
/* Which pods have containers that run elsewhere. */
void bundles_judge(struct engine *engine);
/* Ties the pod's containers to the bundles that are known by now. */
void bundles_judge_pod(const struct engine *engine, struct pod *pod);

#endif
