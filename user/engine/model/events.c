// SPDX-License-Identifier: BSD-2-Clause
/* Events into the model. Nothing is judged here. */
#include "engine/model/model.h"

#include <errno.h>
#include <string.h>

int events_node(struct engine *engine, const struct nsv_node *node)
{
	if (!is_text(node->release, sizeof(node->release)) ||
	    !is_text(node->name, sizeof(node->name)))
		return -EPROTO;
	engine->node = *node;
	engine->has_node = true;
	engine->origin.node = *engine->node.name ? engine->node.name : NULL;
	engine->origin.boot_id = engine->node.boot_id;
	return 0;
}

/*
 * The two clocks are never read at the same moment. A smaller difference is no other time, so that what is told
 * twice has the same time.
 */
#define SAME_CLOCK_NS 1000000

void events_clock(struct engine *engine, const struct nsv_tick *tick)
{
	const uint64_t was = engine->origin.wall_ns, is = tick->wall_ns - tick->h.boot_ns;

	if (tick->wall_ns && (!was || (is > was ? is - was : was - is) >= SAME_CLOCK_NS))
		engine->origin.wall_ns = is;
}

int events_cgroup(struct engine *engine, const struct nsv_cgroup *event)
{
	struct container *container;
	bool is_apart = false;
	int err;

	if (!is_text(event->uid, sizeof(event->uid)) ||
	    !is_text(event->container, sizeof(event->container)) ||
	    event->h.len <= sizeof(*event) || !is_text(event->path, event->h.len - sizeof(*event)))
		return -EPROTO;
	if (event->kind == NSV_CGROUP_POD)
		return podcgroups_take(engine, event, false);
	if (event->kind != NSV_CGROUP_CONTAINER && event->kind != NSV_CGROUP_MONITOR)
		return -EPROTO;
	is_apart = event->uid[0];
	err = is_apart ? podcgroups_take(engine, event, true) : 0;
	if (err || (!is_apart && podcgroups_is_container(engine, event->pod)))
		return err;
	container = model_container(engine, event->id);
	container->pod_cgroup = podcgroups_pod(engine, is_apart ? event->id : event->pod);
	container->kind = event->kind;
	container->frozen = event->has.known & NSV_HAS_FROZEN && event->frozen;
	memcpy(container->id, event->container, sizeof(container->id));
	container->walk = engine->walk;
	return 0;
}

int events_changed(struct engine *engine, const struct nsv_changed *event)
{
	podcgroups_removed(engine, event);
	return 0;
}

/*
 * What says first how a pod is called is believed as long as there is that pod: the kubelet's directory of its logs before
 * what the runtime got of the pod. A pod that may write where the logs are could give itself, by rename(2), the name of one
 * that has an exception.
 */
int events_pod_name(struct engine *engine, const struct nsv_pod_name *event)
{
	struct pod_name *name;

	if (!model_is_uid(event->uid) || !is_text(event->namespace, sizeof(event->namespace)) ||
	    !is_text(event->name, sizeof(event->name)))
		return -EPROTO;
	HASH_FIND_STR(engine->names, event->uid, name);
	if (!name) {
		name = xcalloc(1, sizeof(*name));
		memcpy(name->uid, event->uid, sizeof(name->uid));
		table_add_str(engine->names, uid, name);
	} else if (name->walk == engine->walk || uids_pods(engine, event->uid)) {
		name->walk = engine->walk;
		return 0;
	}
	memcpy(name->namespace, event->namespace, sizeof(name->namespace));
	memcpy(name->name, event->name, sizeof(name->name));
	name->walk = engine->walk;
	return 0;
}

int events_identity(struct engine *engine, const struct nsv_identity *event)
{
	struct task *task;
	uint64_t pod;

	if (event->ngroups_sent > NSV_GROUPS_MAX || event->ngroups_sent > event->ngroups ||
	    sizeof(*event) + event->ngroups_sent * sizeof(uint32_t) > event->h.len ||
	    !is_text(event->exe, sizeof(event->exe)))
		return -EPROTO;
	task = model_add_task(engine, &event->task);
	pod = task->id.pod;
	task->id = *event;
	task->raw_pod = event->pod;
	podcgroups_place(engine, &task->id);
	if (!task->since_ns || task->id.pod != pod)
		task->since_ns = event->h.boot_ns;
	task->gone = false;
	memcpy(task->groups, nsv_identity_groups(event), event->ngroups_sent * sizeof(uint32_t));
	task->walk = engine->walk;
	return 0;
}

int events_hooks(struct engine *engine, const struct nsv_hooks *event)
{
	for (size_t i = 0; i < NSV_HOOKS_MAX; i++)
		if (event->how[i] > NSV_HOW_PARTLY)
			return -EPROTO;
	memcpy(engine->hooks, event->how, sizeof(engine->hooks));
	return 0;
}

int events_exit(struct engine *engine, const struct nsv_exit *event)
{
	struct task *task = model_task(engine, &event->task);

	if (task)
		task->gone = true;
	return 0;
}

int events_limit(struct engine *engine, const struct nsv_limit *event)
{
	struct pod *pod = model_pod(engine, podcgroups_pod(engine, event->pod));

	if (pod) {
		pod->limit = *event;
		pod->limit_walk = engine->walk;
	}
	return 0;
}
