// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which pod a cgroup is of. The kernel side knows a pod by the id of a cgroup that has the pod's uid in its
 * name, and there may be several: beside the kubelet's that of a runtime which puts its containers elsewhere.
 * The engine knows the pod by the one that it saw first, whichever comes and goes after that.
 */
#include "engine/model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* For how many walks one that is gone is kept. */
#define WALKS_AFTER 2

static struct pod_cgroup *find(const struct engine *engine, uint64_t cgroup)
{
	struct pod_cgroup *found;

	HASH_FIND(hh, engine->pod_cgroups, &cgroup, sizeof(cgroup), found);
	return found;
}

uint64_t podcgroups_pod(const struct engine *engine, uint64_t cgroup)
{
	const struct pod_cgroup *its = cgroup ? find(engine, cgroup) : NULL;

	return its ? its->pod : cgroup;
}

bool podcgroups_is_container(const struct engine *engine, uint64_t cgroup)
{
	const struct pod_cgroup *its = find(engine, cgroup);

	return its && its->is_container;
}

void podcgroups_place(const struct engine *engine, struct nsv_identity *id)
{
	const struct pod_cgroup *its = id->pod ? find(engine, id->pod) : NULL;
	const bool in_pod = id->cgroup_pod == id->pod;

	/* Of such a container all is one, also what lies below it. */
	if (its && its->is_container)
		id->container = id->pod;
	if (its)
		id->pod = its->pod;
	id->cgroup_pod = in_pod ? id->pod : podcgroups_pod(engine, id->cgroup_pod);
}

/*
 * Whether the pod has a cgroup now. A walk names the older ones first; what it has not named is gone, and the
 * uid is of another pod by now: static pods get theirs again.
 */
static bool is_there(const struct engine *engine, const struct pod *pod)
{
	return engine->walking ? pod->walk == engine->walk : pod->n_cgroups;
}

static struct pod *find_pod(const struct engine *engine, const struct nsv_cgroup *event)
{
	struct pod *pod, *found = NULL;

	if (engine->restore.on) /* as it was */
		return model_pod(engine, event->pod);
	for (pod = uids_pods(engine, event->uid); pod; pod = pod->uid_next)
		if (is_there(engine, pod) && (!found || pod->cgroup > found->cgroup))
			found = pod;
	return found;
}

static struct pod *add_pod(struct engine *engine, const struct nsv_cgroup *event)
{
	struct pod *pod = xcalloc(1, sizeof(*pod));

	pod->cgroup = event->id;
	/* One that a walk shows is seen as of its end. */
	if (!engine->walking)
		pod->attest.from_ns = event->h.boot_ns;
	if (engine->walk > 1 || !engine->walking)
		pod->since_ns = event->h.boot_ns;
	memcpy(pod->uid, event->uid, sizeof(pod->uid));
	uids_add_pod(engine, pod);
	table_add(engine->pods, cgroup, pod);
	return pod;
}

static struct pod_cgroup *add(struct engine *engine, const struct nsv_cgroup *event)
{
	struct pod *pod = find_pod(engine, event);
	struct pod_cgroup *its;

	if (!pod && event->pod != event->id)
		return NULL;
	if (!pod)
		pod = add_pod(engine, event);
	its = xcalloc(1, sizeof(*its));
	its->cgroup = event->id;
	its->pod = pod->cgroup;
	its->gone = true;
	table_add(engine->pod_cgroups, cgroup, its);
	return its;
}

/* The kubelet's own, if there is one. */
static void take_path(struct pod *pod, const struct nsv_cgroup *event, bool is_container)
{
	if (pod->path && pod->path_of != event->id && (is_container || !pod->path_is_containers))
		return;
	free(pod->path);
	pod->path = xstrdup(event->path);
	pod->path_of = event->id;
	pod->path_is_containers = is_container;
}

int podcgroups_take(struct engine *engine, const struct nsv_cgroup *event, bool is_container)
{
	struct pod_cgroup *its;
	struct pod *pod;

	if (!model_is_uid(event->uid) || (event->pod != event->id && !engine->restore.on))
		return -EPROTO;
	its = find(engine, event->id);
	if (its && !model_pod(engine, its->pod)) /* it came from a capture that lies */
		return -EPROTO;
	if (!its)
		its = add(engine, event);
	if (!its)
		return -EPROTO;
	pod = model_pod(engine, its->pod);
	pod->n_cgroups += its->gone;
	its->gone = false;
	its->is_container = is_container;
	its->walk = engine->walk;
	take_path(pod, event, is_container);
	if (strcmp(pod->uid, event->uid) != 0) { /* it came from a capture that lies */
		uids_drop_pod(engine, pod);
		memcpy(pod->uid, event->uid, sizeof(pod->uid));
		uids_add_pod(engine, pod);
	}
	if (pod->walk != engine->walk)
		pod->populated = false;
	pod->populated |= event->has.known & NSV_HAS_POPULATED && event->populated;
	pod->walk = engine->walk;
	return 0;
}

static void set_gone(struct engine *engine, struct pod_cgroup *its)
{
	struct pod *pod = model_pod(engine, its->pod);

	if (pod && !its->gone)
		pod->n_cgroups--;
	its->gone = true;
}

void podcgroups_removed(struct engine *engine, const struct nsv_changed *event)
{
	struct pod_cgroup *its = event->made ? NULL : find(engine, event->id);

	if (its)
		set_gone(engine, its);
}

void podcgroups_sweep(struct engine *engine)
{
	struct pod_cgroup *its;

	for (its = engine->pod_cgroups; its; its = its->hh.next)
		if (its->walk != engine->walk)
			set_gone(engine, its);
}

void podcgroups_keep(struct engine *engine, uint64_t cgroup)
{
	struct pod_cgroup *its = find(engine, cgroup);

	if (its)
		its->walk = engine->walk;
}

/* The kernel side may still have something to say of one that has just gone. */
void podcgroups_drop_before(struct engine *engine, uint64_t walk)
{
	struct pod_cgroup *its, *next;

	HASH_ITER(hh, engine->pod_cgroups, its, next) {
		if (model_pod(engine, its->pod) && walk - its->walk <= WALKS_AFTER)
			continue;
		HASH_DEL(engine->pod_cgroups, its);
		free(its);
	}
}
