// SPDX-License-Identifier: BSD-2-Clause
/* Volumes of pods' containers, tied to what the kernel shows. */
#include "engine/judge/judge.h"

#include <stdlib.h>
#include <string.h>

static bool is_at(const struct volume *volume, const char *point)
{
	const char *other = metadata_other_point(volume->key.point);

	return !strcmp(volume->key.point, point) || (other && !strcmp(other, point));
}

/* What runtimes make for each pod, and mount there. (A pod may have the node's own file there instead.) */
static bool is_runtimes(const struct volume *volume)
{
	static const char *const own[] = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
					  "/run/.containerenv"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(volume->key.point, own[i]))
			return strcmp(volume->source, own[i]) != 0;
	return !strncmp(volume->key.point, "/dev/", 5) ||
	       !strncmp(volume->key.point, "/proc/", 6) || !strncmp(volume->key.point, "/sys/", 5);
}

/* Of the kubelet's files in the pod's directory its volumes are volumes, volume-subpaths. */
static bool is_volume(const struct volume *volume)
{
	const char *at = volume->in_pods;

	return at ? !strncmp(at, "volume", 6) : !is_runtimes(volume);
}

/*
 * Volumes that are not the kubelet's (hostPath, volumes of images) are known for certain by the idmap that they
 * are to have.
 */
bool volume_is_pods(const struct volume *volume)
{
	return is_volume(volume) && (volume->in_pods || volume->flags & NSV_VOLUME_IDMAPPED);
}

/*
 * What tells a volume from another: volumes/PLUGIN/NAME and volume-subpaths/NAME of the kubelet's are one; else
 * where it comes from.
 */
static const char *volume_name(const struct volume *volume, size_t *len)
{
	const char *at = volume->in_pods;

	if (!at) {
		*len = strlen(volume->source);
		return volume->source;
	}
	for (int skip = strncmp(at, "volumes/", 8) ? 1 : 2; skip && strchr(at, '/'); skip--)
		at = strchr(at, '/') + 1;
	*len = strcspn(at, "/");
	return at;
}

static int by_name(const void *a, const void *b)
{
	const struct volume *x = *(struct volume *const *)a, *y = *(struct volume *const *)b;
	size_t n, m;
	const char *name = volume_name(x, &n), *other = volume_name(y, &m);
	int order = memcmp(name, other, n < m ? n : m);

	return order ? order : (n > m) - (n < m);
}

size_t volumes_count(struct engine *engine, const struct pod *pod, size_t *mapped)
{
	size_t n = 0, all = 0, unmapped = 0;
	struct volume **list;

	for (size_t c = 0; c < pod->n_containers; c++)
		n += pod->containers[c]->n_volumes;
	list = arena_calloc(&engine->arena, n + 1, sizeof(*list));
	n = 0;
	for (size_t c = 0; c < pod->n_containers; c++)
		for (size_t v = 0; v < pod->containers[c]->n_volumes; v++) {
			struct volume *volume = pod->containers[c]->volumes[v];

			if (volume->mount && is_volume(volume))
				list[n++] = volume;
		}
	qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 0; i < n; all++) {
		bool every = true;
		size_t first = i;

		for (; i < n && !by_name(&list[first], &list[i]); i++)
			every &= list[i]->mapped;
		unmapped += !every;
	}
	*mapped = all - unmapped;
	return all;
}

static int by_point(const void *a, const void *b)
{
	const struct volume *x = *(struct volume *const *)a, *y = *(struct volume *const *)b;

	return strcmp(x->key.point, y->key.point);
}

static bool is_seen(const struct mount *mounts, const struct nsv_ns *ns)
{
	for (; mounts; mounts = mounts->next)
		if (ns_equal(&mounts->key.ns, ns))
			return true;
	return false;
}

/*
 * In the mount namespace that a container began with: another one may have other mounts there. If nobody is in that one
 * any more, the copy that its first process made. NULL: it is not known.
 */
static const struct nsv_ns *where_volumes_are(const struct container *container,
					      const struct mount *mounts)
{
	const struct nsv_ns *began_in = &container->baseline[NSV_NS_MNT];
	const struct task *first = container->first;

	if (!(container->baseline_known & 1U << NSV_NS_MNT))
		return NULL;
	if (is_seen(mounts, began_in) || !first || !(first->id.has.known & 1U << NSV_NS_MNT))
		return began_in;
	return &first->id.ns[NSV_NS_MNT].ns;
}

static void find_volumes(const struct container *container, const struct mount *mounts)
{
	const struct nsv_ns *ns = where_volumes_are(container, mounts);

	for (const struct mount *mount = mounts; ns && mount; mount = mount->next) {
		if (!ns_equal(ns, &mount->key.ns))
			continue;
		for (size_t v = 0; v < container->n_volumes; v++) {
			struct volume *volume = container->volumes[v];

			if (!is_at(volume, mount->event.point))
				continue;
			/* The lowest id, so that no order of a table is seen. */
			if (!volume->mount || mount->key.id < volume->mount->key.id)
				volume->mount = mount;
			volume->mapped |= mount->event.idmapped;
		}
	}
}

static void list_volumes(struct engine *engine, const struct pod *pod, struct container *container)
{
	const struct container_volumes *its = metadata_volumes(engine, container->id);
	struct volume *volume = its ? its->volumes : NULL;
	size_t n = 0;

	container->n_volumes = 0;
	if (!*container->id || !volume)
		return;
	container->volumes = arena_calloc(&engine->arena, its->n, sizeof(*container->volumes));
	for (; volume; volume = volume->next) {
		if (strcmp(volume->uid, pod->uid) != 0)
			continue;
		volume->mount = NULL;
		volume->mapped = false;
		container->volumes[n++] = volume;
	}
	container->n_volumes = n;
	qsort(container->volumes, n, sizeof(*container->volumes), by_point);
}

void volumes_judge_pod(struct engine *engine, struct pod *pod)
{
	for (size_t c = 0; c < pod->n_containers; c++) {
		list_volumes(engine, pod, pod->containers[c]);
		if (pod->containers[c]->n_volumes)
			find_volumes(pod->containers[c], mounts_of(engine, pod));
	}
}

void volumes_judge(struct engine *engine)
{
	for (size_t p = 0; p < engine->n_pods; p++)
		volumes_judge_pod(engine, engine->pod_list[p]);
}
