// SPDX-License-Identifier: BSD-2-Clause
/* Whether what is wrong with a pod is known for certain, or is left to a walk to see once more. */
#include "engine/certain.h"

static bool container_is_there(const struct container *container)
{
	return container->first && !container->first->gone;
}

/* How it began is known for certain, and it may not have ended since. */
static bool container_is_sure(const struct container *container)
{
	return container->sure && container_is_there(container);
}

/* Of one that is over, which has no first process any more, a walk keeps the base: nobody breaks anything with that. */
static bool pod_is_sure(const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->base && pod->containers[c]->first &&
		    !container_is_sure(pod->containers[c]))
			return false;
	return true;
}

/* Whose base that is: what the pod's other containers are does not matter. */
static bool base_is_sure(const struct pod *pod, const struct nsv_ns *base)
{
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];

		if (container->base && ns_equal(&container->base->ns, base) &&
		    container_is_sure(container))
			return true;
	}
	return false;
}

static bool process_is_sure(const struct engine *engine, const struct party *party)
{
	const struct task *task = model_task(engine, &party->process.task);

	return task && task->container && container_is_sure(task->container);
}

/* A hook saw how it came to be what it is. */
static bool is_seen(const struct engine *engine, const struct party *party)
{
	const struct task *task = model_task(engine, &party->process.task);

	return task && task->id.has.known & NSV_HAS_STATE;
}

static bool party_is_sure(const struct engine *engine, const struct pod *pod,
			  const struct party *party)
{
	const struct pod *other;

	switch (party->kind) {
	case PARTY_PROCESS:
		return process_is_sure(engine, party);
	case PARTY_USERNS:
		return base_is_sure(pod, &party->userns);
	case PARTY_POD:
		other = party->pod ? uids_pods(engine, party->pod) : NULL;
		return !other || pod_is_sure(other);
	default:
		return true;
	}
}

/* A line of a file of the node: nothing that only a walk shows. */
static bool is_of_file(const struct violation *violation)
{
	return violation->key.kind / 16 && violation->evidence.subject.kind == PARTY_USERNS;
}

bool certain_is(const struct engine *engine, const struct pod *pod,
		const struct violation *violation)
{
	const struct evidence *evidence = &violation->evidence;

	if (!party_is_sure(engine, pod, &evidence->subject) ||
	    (evidence->subject.kind == PARTY_PROCESS && !is_seen(engine, &evidence->subject)))
		return false;
	if (engine_rule(violation->rule)->needs & NEEDS_WALKS && !is_of_file(violation)) {
		const struct mount *mount =
			evidence->mount ?
				mounts_find(engine, pod, violation->key.a, violation->key.b) :
				NULL;

		return mount && mount->now;
	}
	return party_is_sure(engine, pod, &evidence->other);
}

static bool has_begun_in(const struct pod *pod, const struct userns *ns)
{
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->base == ns && container_is_there(pod->containers[c]))
			return true;
	return false;
}

/* It is the node's, or a container that is there began in it: its number is nobody else's. */
static bool owner_is_sure(const struct userns *owner)
{
	for (size_t i = 0; owner && i < owner->n_pods; i++)
		if (has_begun_in(owner->pods[i], owner))
			return true;
	return owner && owner->node_or_above;
}

bool certain_whose(const struct engine *engine, const struct task *task,
		   const struct violation *violation)
{
	const unsigned kind = violation->key.kind / 16U;
	const struct nsv_ns_ref *ref = &task->id.ns[kind % NSV_NS_KINDS];

	return !violation->evidence.ns_what || !kind || ref->ns.id ||
	       owner_is_sure(model_userns(engine, &ref->owner));
}
