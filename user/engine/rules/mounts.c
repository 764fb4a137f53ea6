// SPDX-License-Identifier: BSD-2-Clause
/* Maps of a pod's mounts, and of mounts that it made. */
#include "engine/rules/rule.h"

#include "lib/escape.h"

#include <string.h>

static struct mount_map base_map(const struct userns *base)
{
	return (struct mount_map){{base->map[SPACE_UID], base->map[SPACE_GID]}};
}

static bool is_pods_map(const struct pod *pod, const struct mount_map *map)
{
	for (size_t b = 0; b < pod->n_bases; b++) {
		const struct mount_map base = base_map(pod->bases[b]);

		if (mount_map_equal(map, &base))
			return true;
	}
	return false;
}

struct escape {
	enum id_space space;
	struct id_range range;
};

/* The first extent of a map that reaches IDs which are not the pod's. */
static bool find_escape(const struct pod *pod, const struct mount_map *map, struct escape *out)
{
	for (int s = 0; s < SPACES; s++) {
		for (size_t i = 0; i < map->space[s].n; i++) {
			const struct nsv_extent *extent = &map->space[s].v[i];
			const struct id_range range = {extent->host,
						       extent->host + (extent->count - 1)};
			bool own = false;

			for (size_t b = 0; b < pod->n_bases; b++)
				own |= range_set_covers(&pod->bases[b]->ids[s], range);
			if (own)
				continue;
			*out = (struct escape){(enum id_space)s, range};
			return true;
		}
	}
	return false;
}

/* Of a map that is within the pod's range, and yet not its map. */
static struct escape first_difference(const struct pod *pod, const struct mount_map *map)
{
	const struct extents *uids = &map->space[SPACE_UID], *base = &pod->bases[0]->map[SPACE_UID];
	const enum id_space space = same_map(uids, base) ? SPACE_GID : SPACE_UID;
	const struct nsv_extent *extent = map->space[space].v;

	return (struct escape){space, {extent->host, extent->host + (extent->count - 1)}};
}

/* 'process 99 ("crun")': it may be gone, and need never have been in a pod. */
static const char *describe_maker(const struct violations *to, const struct nsv_idmap *idmap)
{
	char comm[ESCAPED_SIZE(NSV_COMM_LEN)];

	return describe(to, "process %u (\"%s\")", idmap->task.tgid,
			escape(comm, sizeof(comm), idmap->comm, sizeof(idmap->comm)));
}

/* A process of the pod in the mount's namespace, if the namespace is the pod's alone. */
static const struct task *mount_task(const struct violations *to, const struct pod *pod,
				     const struct mount *mount)
{
	const struct task *task = model_task(to->engine, &mount->event.task);
	const struct pod *whose;

	if (!task || task->pod != pod || task->state != TASK_WORKLOAD)
		return NULL;
	if (!pod_began_with(pod, &mount->key.ns) &&
	    other_holder(to->engine, &mount->key.ns, pod, &whose))
		return NULL;
	return task;
}

static void mismatch(struct violations *to, const struct pod *pod, const struct mount *mount,
		     const struct idmap *made, struct escape ids)
{
	const struct userns *base = pod->bases[0];
	const struct nsv_mount *event = &mount->event;
	struct violation *violation = add(to, pod, SEVERITY_CRITICAL, party_userns(base, pod));
	char point[ESCAPED_SIZE(NSV_PATH_LEN)];

	violation->key.a = mount->key.id;
	violation->key.b = mount->key.ns.inum;
	set_ids(to, &violation->evidence, describe_id_kind(ids.space), ids.space, ids.range);
	violation->evidence.ns_what = ns_kind_name(NSV_NS_MNT);
	violation->evidence.ns = mount->key.ns;
	violation->evidence.mount =
		view_mount(to, &event->mount, event->has.known & NSV_HAS_MOUNT_ROOT, event->point);
	violation->evidence.text =
		describe(to, "%s at \"%s\" is idmapped to %s%s%s, not with the map of %s (%s)",
			 describe_mount(to, violation->evidence.mount),
			 escape(point, sizeof(point), event->point, strlen(event->point)),
			 describe_host_ids(to, ids.space, ids.range), made ? " by " : "",
			 made ? describe_maker(to, &made->event) : "", describe_userns(to, base),
			 describe_ranges(to, ids.space, &base->ids[ids.space]));
	violation->check = describe(to, "grep idmapped /proc/%u/mountinfo", event->task.tid);
}

/*
 * What runtimes make has the pod's map. What the pod made, or may have made, may have any map
 * within the pod's range.
 */
static void mismatched_mounts(struct violations *to, const struct pod *pod)
{
	const struct mount *mount;

	for (mount = mounts_of(to->engine, pod); pod->n_bases && mount; mount = mount->next) {
		const struct idmap *made;
		const struct mount_map *map;
		struct escape ids;

		if (!mount->event.idmapped || !mount_task(to, pod, mount))
			continue;
		made = mounts_made(to->engine, mount);
		if (!made && !(mount->event.has.known & NSV_HAS_MOUNT_MAPS))
			continue;
		map = mount->event.has.known & NSV_HAS_MOUNT_MAPS ? &mount->map : &made->map;
		if (is_pods_map(pod, map))
			continue;
		if (!find_escape(pod, map, &ids)) {
			if (!made || idmap_is_of(made, pod))
				continue;
			ids = first_difference(pod, map);
		}
		mismatch(to, pod, mount, made, ids);
	}
}

bool idmap_escapes(const struct idmap *idmap, const struct pod *pod)
{
	struct escape ids;

	return idmap_is_of(idmap, pod) && pod->n_bases && find_escape(pod, &idmap->map, &ids);
}

/* A container on the node's user namespace has no range. */
static void mismatched_by(struct violations *to, const struct pod *pod, const struct task *task)
{
	const struct idmap *idmap = to->engine->idmaps[MAKER_WORKLOAD];

	if (!task->container->base || task->container->base->node_or_above)
		return;
	for (; idmap; idmap = idmap->hh.next) {
		const struct nsv_idmap *event = &idmap->event;
		struct violation *violation;
		struct escape ids = {};

		if (memcmp(&idmap->maker, &task->key, sizeof(task->key)) ||
		    !idmap_escapes(idmap, pod))
			continue;
		find_escape(pod, &idmap->map, &ids);
		violation = add(to, pod, SEVERITY_CRITICAL, party_task(task));
		set_ids(to, &violation->evidence, describe_id_kind(ids.space), ids.space,
			ids.range);
		violation->evidence.mount =
			view_mount(to, &event->mount, event->has.known & NSV_HAS_MOUNT_ROOT, NULL);
		violation->evidence.text =
			describe(to, "%s has idmapped %s to %s, outside the pod's range %s",
				 describe_task(to, task),
				 describe_mount(to, violation->evidence.mount),
				 describe_host_ids(to, ids.space, ids.range),
				 describe_ranges(to, ids.space, &pod->bases[0]->ids[ids.space]));
		violation->check =
			describe(to, "grep idmapped /proc/%u/mountinfo", task->id.task.tid);
	}
}

const struct rule idmap_mismatch_rule = {
	.info =
		{
			.name = "idmap-mismatch",
			.severity = "critical",
			.what = "a mount in an isolated pod is idmapped with another map than the pod's, or a workload "
				"process idmapped a mount to host IDs outside its pod's range",
			.why = "The mount's files have owners outside the pod's range: the pod can reach files of "
			       "another pod or of the node, or leaves files that others own.",
			.todo = "Find out what made the mount, and with which map, then recreate the pod.",
			.needs = NEEDS(NSV_HOOK_IDMAPS) | NEEDS_WALKS,
		},
	.isolated = true,
	.pod = mismatched_mounts,
	.task = mismatched_by,
};

static void unmapped_volume(struct violations *to, const struct pod *pod,
			    const struct container *container, const struct volume *volume)
{
	const struct mount *mount = volume->mount;
	struct violation *violation =
		add(to, pod, SEVERITY_WARNING, party_userns(container->base, pod));
	char point[ESCAPED_SIZE(NSV_PATH_LEN)], source[ESCAPED_SIZE(NSV_PATH_LEN)];

	violation->key.a = mount->key.id;
	violation->key.b = mount->key.ns.inum;
	violation->evidence.ns_what = ns_kind_name(NSV_NS_MNT);
	violation->evidence.ns = mount->key.ns;
	violation->evidence.mount =
		view_mount(to, &mount->event.mount, mount->event.has.known & NSV_HAS_MOUNT_ROOT,
			   mount->event.point);
	violation->evidence.text = describe(
		to, "%s at \"%s\" of %s is not idmapped; it is the volume \"%s\"%s",
		describe_mount(to, violation->evidence.mount),
		escape(point, sizeof(point), mount->event.point, strlen(mount->event.point)),
		describe_container(to, container),
		escape(source, sizeof(source), volume->source, strlen(volume->source)),
		volume->flags & NSV_VOLUME_IDMAPPED ? ", which the runtime was told to idmap" : "");
	violation->check = describe(to, "cat /proc/%u/mountinfo", mount->event.task.tid);
}

/* An overlay cannot be idmapped: what is below it is (volumes of images). */
static void volume_not_idmapped(struct violations *to, const struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];

		if (!container->base || container->base->node_or_above)
			continue;
		for (size_t v = 0; v < container->n_volumes; v++) {
			const struct volume *volume = container->volumes[v];

			if (volume->mount && !volume->mapped && volume_is_pods(volume) &&
			    strcmp(volume->mount->event.mount.type, "overlay") != 0)
				unmapped_volume(to, pod, container, volume);
		}
	}
}

const struct rule volume_not_idmapped_rule = {
	.info =
		{
			.name = "volume-not-idmapped",
			.severity = "warning",
			.what = "an isolated pod has a volume that is mounted without an idmap",
			.why = "The files keep their owners on the node: either the pod cannot use them, or they "
			       "belong to its host IDs, which the kubelet may later give to another pod.",
			.todo = "Update the OCI runtime: runc before 1.2 and crun before 1.9 silently ignore the "
				"idmap. Then recreate the pod.",
			.needs = NEEDS_BUNDLES | NEEDS_WALKS,
		},
	.isolated = true,
	.pod = volume_not_idmapped,
};
