// SPDX-License-Identifier: BSD-2-Clause
/* What files of the node say of pods: containers' names, and user namespaces that they are to have. */
#include "engine/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Keys are compared as bytes: what is behind the text is zeros. */
#define copy_text(to, from) memcpy(to, from, strlen(from))

int metadata_take_bundle(struct engine *engine, const struct nsv_bundle *event)
{
	struct bundle *bundle;

	if (!model_is_uid(event->uid) || !is_text(event->container, sizeof(event->container)) ||
	    !is_text(event->name, sizeof(event->name)) ||
	    !is_text(event->handler, sizeof(event->handler)))
		return -EPROTO;
	HASH_FIND_STR(engine->bundles, event->container, bundle);
	if (!bundle) {
		bundle = xcalloc(1, sizeof(*bundle));
		copy_text(bundle->container, event->container);
		table_add_str(engine->bundles, container, bundle);
	}
	memcpy(bundle->uid, event->uid, sizeof(bundle->uid));
	memcpy(bundle->name, event->name, sizeof(bundle->name));
	memcpy(bundle->handler, event->handler, sizeof(bundle->handler));
	bundle->kind = event->kind;
	bundle->runtime = event->runtime;
	bundle->pid = event->pid;
	bundle->state = event->state;
	bundle->item = event->item;
	bundle->walk = engine->walk;
	return 0;
}

static struct declared *find_declared(const struct engine *engine, const struct declared_key *key)
{
	struct declared *declared;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND(hh, engine->declared, key, sizeof(*key), declared);
	return declared;
}

int metadata_take_declared(struct engine *engine, const struct nsv_declared *event)
{
	struct declared_key key = {.by = event->by};
	struct declared *declared;

	if (!model_is_uid(event->uid) || !is_text(event->container, sizeof(event->container)) ||
	    !is_text(event->file, sizeof(event->file)) || event->by < NSV_BY_KUBELET ||
	    event->by > NSV_BY_MANIFEST || event->userns < NSV_DECLARED_NODE ||
	    event->userns > NSV_DECLARED_OWN ||
	    !are_extents(&event->h, nsv_declared_uids(event), event->n_uid, event->n_gid))
		return -EPROTO;
	copy_text(key.uid, event->uid);
	copy_text(key.container, event->container);
	declared = find_declared(engine, &key);
	if (!declared) {
		declared = xcalloc(1, sizeof(*declared));
		declared->key = key;
		table_add(engine->declared, key, declared);
	}
	declared->userns = event->userns;
	declared->item = event->item;
	declared->since_ns = event->since_ns;
	mount_map_set(&declared->map, nsv_declared_uids(event), event->n_uid, event->n_gid);
	memcpy(declared->file, event->file, sizeof(declared->file));
	declared->walk = engine->walk;
	return 0;
}

/* ---- volumes ---- */

/* An image may have /var/run as a link to /run, as most do: mounts show where that leads. */
static const char *other_point(const char *point)
{
	return strncmp(point, "/var/run/", 9) ? NULL : point + 4;
}

static void add_point(struct engine *engine, const char *text)
{
	struct volume_point *point;

	HASH_FIND_STR(engine->points, text, point);
	if (!point) {
		point = xcalloc(1, sizeof(*point));
		copy_text(point->point, text);
		table_add_str(engine->points, point, point);
	}
	point->walk = engine->walk;
}

bool metadata_is_point(const struct engine *engine, const char *text)
{
	struct volume_point *point;

	HASH_FIND_STR(engine->points, text, point);
	return point;
}

int metadata_take_volume(struct engine *engine, const struct nsv_volume *event)
{
	struct volume_key key = {};
	struct volume *volume;

	if (!model_is_uid(event->uid) || !is_text(event->container, sizeof(event->container)) ||
	    !is_text(event->point, sizeof(event->point)) ||
	    !is_text(event->source, sizeof(event->source)))
		return -EPROTO;
	copy_text(key.container, event->container);
	copy_text(key.point, event->point);
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): key is whole */
	HASH_FIND(hh, engine->volumes, &key, sizeof(key), volume);
	if (!volume) {
		volume = xcalloc(1, sizeof(*volume));
		volume->key = key;
		table_add(engine->volumes, key, volume);
	}
	memcpy(volume->uid, event->uid, sizeof(volume->uid));
	memcpy(volume->source, event->source, sizeof(volume->source));
	volume->flags = event->flags;
	volume->walk = engine->walk;
	add_point(engine, event->point);
	if (other_point(event->point))
		add_point(engine, other_point(event->point));
	return 0;
}

static bool is_at(const struct volume *volume, const char *point)
{
	const char *other = other_point(volume->key.point);

	return !strcmp(volume->key.point, point) || (other && !strcmp(other, point));
}

/* What the source has behind the pod's directory of the kubelet's, or NULL: it is not in there. */
static const char *in_pods(const struct volume *volume)
{
	char dir[NSV_POD_UID_LEN + 8] = "/pods/";
	const char *at;

	strcat(strcat(dir, volume->uid), "/");
	at = strstr(volume->source, dir);
	return at ? at + strlen(dir) : NULL;
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
	const char *at = in_pods(volume);

	return at ? !strncmp(at, "volume", 6) : !is_runtimes(volume);
}

/*
 * Volumes that are not the kubelet's (hostPath, volumes of images) are known for certain by the idmap that they
 * are to have.
 */
bool volume_is_pods(const struct volume *volume)
{
	return is_volume(volume) && (in_pods(volume) || volume->flags & NSV_VOLUME_IDMAPPED);
}

/*
 * What tells a volume from another: volumes/PLUGIN/NAME and volume-subpaths/NAME of the kubelet's are one; else
 * where it comes from.
 */
static const char *volume_name(const struct volume *volume, size_t *len)
{
	const char *at = in_pods(volume);

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

size_t metadata_count_volumes(struct engine *engine, const struct pod *pod, size_t *mapped)
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

static int by_container(const void *a, const void *b)
{
	const struct volume *x = *(struct volume *const *)a, *y = *(struct volume *const *)b;
	int order = strcmp(x->key.container, y->key.container);

	return order ? order : strcmp(x->key.point, y->key.point);
}

/* Each container's are a slice of one sorted array. */
static void list_volumes(struct engine *engine, struct volume **all, size_t n)
{
	for (size_t p = 0; p < engine->n_pods; p++) {
		const struct pod *pod = engine->pod_list[p];

		for (size_t c = 0; c < pod->n_containers; c++) {
			struct container *container = pod->containers[c];
			size_t low = 0, high = n;

			container->n_volumes = 0;
			while (low < high) {
				size_t mid = low + (high - low) / 2;

				if (strcmp(all[mid]->key.container, container->id) < 0)
					low = mid + 1;
				else
					high = mid;
			}
			container->volumes = &all[low];
			while (low < n && !strcmp(all[low]->key.container, container->id) &&
			       !strcmp(all[low]->uid, pod->uid)) {
				low++;
				container->n_volumes++;
			}
		}
	}
}

/* In the mount namespace that a container began with: another one may have other mounts there. */
static void find_volume(struct engine *engine, const struct mount *mount)
{
	const struct pod *pod = model_pod(engine, mount->key.pod);

	for (size_t c = 0; pod && c < pod->n_containers; c++) {
		const struct container *container = pod->containers[c];

		if (!(container->baseline_known & 1U << NSV_NS_MNT) ||
		    !ns_equal(&container->baseline[NSV_NS_MNT], &mount->key.ns))
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

void metadata_judge_volumes(struct engine *engine)
{
	struct volume **all, *volume;
	const struct mount *mount;
	size_t n = 0;

	all = arena_calloc(&engine->arena, HASH_COUNT(engine->volumes) + 1, sizeof(*all));
	for (volume = engine->volumes; volume; volume = volume->hh.next) {
		volume->mount = NULL;
		volume->mapped = false;
		all[n++] = volume;
	}
	qsort(all, n, sizeof(*all), by_container);
	list_volumes(engine, all, n);
	for (mount = engine->mounts; mount; mount = mount->hh.next)
		find_volume(engine, mount);
}

void metadata_judge_pod(struct engine *engine, struct pod *pod)
{
	const struct mount *mount;

	for (size_t c = 0; c < pod->n_containers; c++) {
		struct container *container = pod->containers[c];
		struct volume *volume;
		size_t n = 0;

		container->volumes = arena_calloc(&engine->arena, HASH_COUNT(engine->volumes) + 1,
						  sizeof(*container->volumes));
		for (volume = engine->volumes; volume; volume = volume->hh.next) {
			if (!*container->id || strcmp(volume->key.container, container->id) != 0 ||
			    strcmp(volume->uid, pod->uid) != 0)
				continue;
			volume->mount = NULL;
			volume->mapped = false;
			container->volumes[n++] = volume;
		}
		container->n_volumes = n;
		qsort(container->volumes, n, sizeof(*container->volumes), by_container);
	}
	for (mount = engine->mounts; mount; mount = mount->hh.next)
		if (mount->key.pod == pod->cgroup)
			find_volume(engine, mount);
}

void metadata_judge_mount(struct engine *engine, const struct mount *mount)
{
	find_volume(engine, mount);
}

/* ---- containers that are not where they should be ---- */

static void set_elsewhere(struct engine *engine, const struct bundle *bundle, bool only_empty)
{
	for (size_t p = 0; p < engine->n_pods; p++)
		if (!strcmp(engine->pod_list[p]->uid, bundle->uid) &&
		    (!only_empty || !engine->pod_list[p]->n_tasks))
			engine->pod_list[p]->elsewhere = true;
}

/* That one runs is certain if its first process was seen, and where. */
void metadata_judge_bundles(struct engine *engine)
{
	const struct bundle *bundle;

	for (bundle = engine->bundles; bundle; bundle = bundle->hh.next) {
		const struct task *init = NULL;

		if (bundle->state == NSV_BUNDLE_RUNS)
			init = judge_leader(engine, bundle->pid);
		if (init && (!init->pod || strcmp(init->pod->uid, bundle->uid) != 0))
			set_elsewhere(engine, bundle, false);
		else if (bundle->state == NSV_BUNDLE_NO_PID)
			set_elsewhere(engine, bundle, true);
	}
}

/* ---- whose host IDs are ---- */

int metadata_take_owner(struct engine *engine, const struct nsv_id_owner *event)
{
	struct id_owner *owner;

	if (!is_text(event->owner, sizeof(event->owner)) || event->file < NSV_FILE_PASSWD ||
	    event->file > NSV_FILE_SUBGID || !event->count ||
	    (uint64_t)event->first + event->count > UINT64_C(1) << 32)
		return -EPROTO;
	HASH_FIND(hh, engine->owners, &event->item, sizeof(event->item), owner);
	if (!owner) {
		owner = xcalloc(1, sizeof(*owner));
		owner->item = event->item;
		table_add(engine->owners, item, owner);
	}
	owner->event = *event;
	owner->walk = engine->walk;
	return 0;
}

int metadata_take_pool(struct engine *engine, const struct nsv_pool *event)
{
	if (!event->count || event->first > UINT32_MAX ||
	    event->count > (UINT64_C(1) << 32) - event->first)
		return -EPROTO;
	engine->pool = *event;
	engine->pool_walk = engine->walk;
	return 0;
}

static void drop_volumes(struct engine *engine, uint64_t walk)
{
	struct volume_point *point, *next_point;
	struct volume *volume, *next;

	HASH_ITER(hh, engine->volumes, volume, next) {
		if (volume->walk >= walk)
			continue;
		HASH_DEL(engine->volumes, volume);
		free(volume);
	}
	HASH_ITER(hh, engine->points, point, next_point) {
		if (point->walk >= walk)
			continue;
		HASH_DEL(engine->points, point);
		free(point);
	}
}

static void drop_owners(struct engine *engine, uint64_t walk)
{
	struct id_owner *owner, *next;

	HASH_ITER(hh, engine->owners, owner, next) {
		if (owner->walk >= walk)
			continue;
		HASH_DEL(engine->owners, owner);
		free(owner);
	}
	if (engine->pool_walk < walk)
		engine->pool_walk = 0;
}

static bool has_pod(const struct engine *engine, const char *uid)
{
	const struct pod *pod;

	for (pod = engine->pods; pod; pod = pod->hh.next)
		if (!strcmp(pod->uid, uid))
			return true;
	return false;
}

static bool has_container(const struct engine *engine, const char *id)
{
	const struct container *container;

	for (container = engine->containers; container; container = container->hh.next)
		if (!strcmp(container->id, id))
			return true;
	return false;
}

/*
 * When a pod ends its files go first, and its cgroup later: what they said of it and of its containers is known
 * until these are gone. (After pods and containers were swept.)
 */
static bool is_over(const struct engine *engine, const char *uid, const char *container)
{
	return !has_pod(engine, uid) || (*container && !has_container(engine, container));
}

void metadata_drop_before(struct engine *engine, uint64_t walk)
{
	struct declared *declared, *next_declared;
	struct bundle *bundle, *next_bundle;

	drop_volumes(engine, walk);
	drop_owners(engine, walk);
	HASH_ITER(hh, engine->bundles, bundle, next_bundle) {
		if (bundle->walk >= walk || !is_over(engine, bundle->uid, bundle->container))
			continue;
		HASH_DEL(engine->bundles, bundle);
		free(bundle);
	}
	HASH_ITER(hh, engine->declared, declared, next_declared) {
		if (declared->walk >= walk ||
		    !is_over(engine, declared->key.uid, declared->key.container))
			continue;
		HASH_DEL(engine->declared, declared);
		mount_map_free(&declared->map);
		free(declared);
	}
}

struct declared *metadata_declared(const struct engine *engine, const struct pod *pod,
				   const struct container *container, enum nsv_declarer by)
{
	struct declared_key key = {.by = by};

	copy_text(key.uid, pod->uid);
	if (container)
		copy_text(key.container, container->id);
	return find_declared(engine, &key);
}

bool metadata_declares(const struct engine *engine, const struct pod *pod)
{
	if (metadata_declared(engine, pod, NULL, NSV_BY_KUBELET) ||
	    metadata_declared(engine, pod, NULL, NSV_BY_MANIFEST))
		return true;
	for (size_t c = 0; c < pod->n_containers; c++)
		if (pod->containers[c]->id[0] &&
		    metadata_declared(engine, pod, pod->containers[c], NSV_BY_RUNTIME))
			return true;
	return false;
}

/* Both have to agree on whose it is: ids are used by one runtime only, and there may be two. */
struct bundle *metadata_bundle(const struct engine *engine, const struct pod *pod,
			       const struct container *container)
{
	struct bundle *bundle;

	HASH_FIND_STR(engine->bundles, container->id, bundle);
	return bundle && !strcmp(bundle->uid, pod->uid) ? bundle : NULL;
}
