// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/declared.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "source/podpath.h"

/* As deep as json-c goes if nobody says otherwise; a config.json is 6. */
#define DEPTH 32

/* That are looked at of a container. */
#define VOLUMES_MAX 256

static struct json_object *get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

/* A list, or NULL, and how long it is. */
static struct json_object *list_of(struct json_object *object, const char *key, size_t *n)
{
	struct json_object *value = get(object, key);
	struct json_object *list = json_object_is_type(value, json_type_array) ? value : NULL;

	*n = list ? json_object_array_length(list) : 0;
	return list;
}

/* NULL: there is no such text. One with a NUL in it is none. */
static const char *text_of(struct json_object *object, const char *key)
{
	struct json_object *value = get(object, key);
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

/* What does not fit is left out: half a name is another one. */
static void copy(char *out, size_t size, const char *text)
{
	if (text && strlen(text) < size)
		memcpy(out, text, strlen(text) + 1);
}

static struct json_object *parse(const char *text, size_t len, struct problem *problem)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct json_object *root = json_tokener_parse_ex(tokener, text, (int)len);
	enum json_tokener_error err = json_tokener_get_error(tokener);

	json_tokener_free(tokener);
	if (err == json_tokener_continue)
		problem_set(problem, -EINVAL, "it ends in the middle");
	else if (err != json_tokener_success)
		problem_set(problem, -EINVAL, "it is not JSON: %s", json_tokener_error_desc(err));
	else if (!json_object_is_type(root, json_type_object))
		problem_set(problem, -EINVAL, "it is not a JSON object");
	else
		return root;
	json_object_put(root);
	return NULL;
}

/* ---- maps ---- */

/* The keys differ: the OCI's are containerID, hostID, size, the kubelet's containerId, ... */
struct map_keys {
	const char *first, *host, *count;
};

struct map {
	struct nsv_extent v[NSV_EXTENTS_MAX];
	uint32_t n;
};

static bool number(struct json_object *object, const char *key, uint32_t *out)
{
	struct json_object *value = get(object, key);
	int64_t n;

	if (!json_object_is_type(value, json_type_int))
		return false;
	n = json_object_get_int64(value);
	if (n < 0 || n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool extent(struct json_object *object, const struct map_keys *keys, struct nsv_extent *out)
{
	return number(object, keys->first, &out->first) && number(object, keys->host, &out->host) &&
	       number(object, keys->count, &out->count) && out->count &&
	       (uint64_t)out->first + out->count <= UINT64_C(1) << 32 &&
	       (uint64_t)out->host + out->count <= UINT64_C(1) << 32;
}

/* Without the array there is no map, and that is right. */
static int map_of(struct json_object *object, const char *key, const struct map_keys *keys,
		  struct map *out, struct problem *problem)
{
	size_t n;
	struct json_object *array = list_of(object, key, &n);

	if (!array && get(object, key))
		return problem_set(problem, -EINVAL, "its %s are not a list", key);
	if (n > NSV_EXTENTS_MAX)
		return problem_set(problem, -EINVAL, "its %s have more than %d entries", key,
				   NSV_EXTENTS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!extent(json_object_array_get_idx(array, i), keys, &out->v[i]))
			return problem_set(problem, -EINVAL, "its %s have an invalid entry", key);
	out->n = (uint32_t)n;
	return 0;
}

static int maps_of(struct json_object *object, const struct map_keys *keys, struct map *uids,
		   struct map *gids, struct problem *problem)
{
	int err = map_of(object, "uidMappings", keys, uids, problem);

	return err ? err : map_of(object, "gidMappings", keys, gids, problem);
}

static struct nsv_declared *add_declared(struct records *out, enum nsv_declarer by,
					 const struct map *uids, const struct map *gids)
{
	size_t n = uids->n + gids->n;
	struct nsv_declared *declared =
		records_add(out, NSV_DECLARED, sizeof(*declared) + n * sizeof(struct nsv_extent));
	struct nsv_extent *extents = (struct nsv_extent *)(declared + 1);

	declared->by = by;
	declared->n_uid = uids->n;
	declared->n_gid = gids->n;
	memcpy(extents, uids->v, uids->n * sizeof(*extents));
	memcpy(extents + uids->n, gids->v, gids->n * sizeof(*extents));
	return declared;
}

/* ---- the kubelet's allotment ---- */

static int add_allotment(struct json_object *root, const char *uid, struct records *out,
			 struct problem *problem)
{
	static const struct map_keys keys = {"containerId", "hostId", "length"};
	struct map uids = {}, gids = {};
	struct nsv_declared *declared;
	int err = maps_of(root, &keys, &uids, &gids, problem);

	if (err)
		return err;
	if (!uids.n || !gids.n)
		return problem_set(problem, -EINVAL, "it has no uidMappings and gidMappings");
	declared = add_declared(out, NSV_BY_KUBELET, &uids, &gids);
	declared->userns = NSV_DECLARED_OWN;
	copy(declared->uid, sizeof(declared->uid), uid);
	return 0;
}

int declared_allotment(const char *text, size_t len, const char *uid, struct records *out,
		       struct problem *problem)
{
	struct json_object *root = parse(text, len, problem);
	int err = root ? add_allotment(root, uid, out, problem) : -EINVAL;

	json_object_put(root);
	return err;
}

/* ---- a container's configuration ---- */

/* Where each runtime says what; CRI-O copies the kubelet's labels, and the pod's own annotations. */
static const struct dialect {
	const char *type, *uid, *namespace, *pod, *container, *handler;
} dialects[] = {
	[NSV_RUNTIME_CONTAINERD] = {"io.kubernetes.cri.container-type",
				    "io.kubernetes.cri.sandbox-uid",
				    "io.kubernetes.cri.sandbox-namespace",
				    "io.kubernetes.cri.sandbox-name",
				    "io.kubernetes.cri.container-name", NULL},
	[NSV_RUNTIME_CRIO] = {"io.kubernetes.cri-o.ContainerType", "io.kubernetes.pod.uid",
			      "io.kubernetes.pod.namespace", "io.kubernetes.pod.name",
			      "io.kubernetes.container.name", "io.kubernetes.cri-o.RuntimeHandler"},
};

/* The cgroup, "SLICE:PREFIX:ID" or a path, is the kubelet's word: it names the pod's. */
static bool uid_of_cgroup(const char *path, char uid[NSV_POD_UID_LEN])
{
	char part[NSV_NAME_LEN];

	while (path && *path) {
		size_t n = strcspn(path, "/:");

		if (n < sizeof(part)) {
			memcpy(part, path, n);
			part[n] = '\0';
			if (podpath_pod(part, uid))
				return true;
		}
		path += n + (path[n] != '\0');
	}
	return false;
}

static bool has_userns(struct json_object *linux_part)
{
	size_t n;
	struct json_object *list = list_of(linux_part, "namespaces", &n);

	for (size_t i = 0; i < n; i++) {
		const char *type = text_of(json_object_array_get_idx(list, i), "type");

		if (type && !strcmp(type, "user"))
			return true;
	}
	return false;
}

/* The pod's name is in its log directory, too; here it is if that is not to be seen. */
static void add_name(const char *uid, const char *namespace, const char *name, struct records *out)
{
	struct nsv_pod_name *event;

	if (!namespace || !name || !*namespace || !*name ||
	    strlen(namespace) >= sizeof(event->namespace) || strlen(name) >= sizeof(event->name))
		return;
	event = records_add(out, NSV_POD_NAME, sizeof(*event));
	copy(event->uid, sizeof(event->uid), uid);
	copy(event->namespace, sizeof(event->namespace), namespace);
	copy(event->name, sizeof(event->name), name);
}

static bool is_bind(struct json_object *mount)
{
	size_t n;
	struct json_object *list = list_of(mount, "options", &n);
	const char *type = text_of(mount, "type");

	if (type && !strcmp(type, "bind"))
		return true;
	for (size_t i = 0; i < n; i++) {
		const char *option = json_object_get_string(json_object_array_get_idx(list, i));

		if (option && (!strcmp(option, "bind") || !strcmp(option, "rbind")))
			return true;
	}
	return false;
}

/* A path that is too long to be compared is left out. */
static void add_volume(struct json_object *mount, const char *id, const char *uid,
		       struct records *out)
{
	const char *point = text_of(mount, "destination"), *source = text_of(mount, "source");
	struct nsv_volume *volume;

	if (!is_bind(mount) || !point || *point != '/' || !source ||
	    strlen(point) >= sizeof(volume->point))
		return;
	volume = records_add(out, NSV_VOLUME, sizeof(*volume));
	volume->flags = get(mount, "uidMappings") ? NSV_VOLUME_IDMAPPED : 0;
	copy(volume->uid, sizeof(volume->uid), uid);
	copy(volume->container, sizeof(volume->container), id);
	copy(volume->point, sizeof(volume->point), point);
	memcpy(volume->source, source, strnlen(source, sizeof(volume->source) - 1));
	for (size_t n = strlen(volume->point); n > 1 && volume->point[n - 1] == '/';)
		volume->point[--n] = '\0';
}

static void add_volumes(struct json_object *root, const char *id, const char *uid,
			struct records *out)
{
	size_t n;
	struct json_object *list = list_of(root, "mounts", &n);

	for (size_t i = 0; i < n && i < VOLUMES_MAX; i++)
		add_volume(json_object_array_get_idx(list, i), id, uid, out);
}

/* Annotations are asked for it where the cgroup does not tell. */
static bool find_uid(struct json_object *root, const struct dialect *dialect,
		     char uid[NSV_POD_UID_LEN])
{
	const char *text = text_of(get(root, "annotations"), dialect->uid);

	return uid_of_cgroup(text_of(get(root, "linux"), "cgroupsPath"), uid) ||
	       (text && podpath_any_uid(text, uid));
}

/*
 * CRI-O lets the pod's annotations stand in for its own: that virtual machines are a runtime's, is told by what its
 * shim has beside the configuration.
 */
static const char *handler_of(struct json_object *notes, const struct declared_at *at)
{
	const char *key = dialects[at->runtime].handler;

	if (!key)
		return at->shim;
	return at->is_vm ? text_of(notes, key) : NULL;
}

static struct nsv_bundle *add_bundle(struct json_object *notes, const struct declared_at *at,
				     const char *uid, struct records *out)
{
	const struct dialect *dialect = &dialects[at->runtime];
	struct nsv_bundle *bundle = records_add(out, NSV_BUNDLE, sizeof(*bundle));

	bundle->kind = strcmp(text_of(notes, dialect->type), "sandbox") ? NSV_BUNDLE_CONTAINER :
									  NSV_BUNDLE_SANDBOX;
	bundle->runtime = at->runtime;
	copy(bundle->container, sizeof(bundle->container), at->id);
	copy(bundle->uid, sizeof(bundle->uid), uid);
	if (bundle->kind == NSV_BUNDLE_CONTAINER)
		copy(bundle->name, sizeof(bundle->name), text_of(notes, dialect->container));
	copy(bundle->handler, sizeof(bundle->handler), handler_of(notes, at));
	return bundle;
}

static int add_config(struct json_object *root, const struct declared_at *at, struct records *out,
		      struct problem *problem)
{
	static const struct map_keys keys = {"containerID", "hostID", "size"};
	struct json_object *notes = get(root, "annotations"), *linux_part = get(root, "linux");
	const struct dialect *dialect = &dialects[at->runtime];
	const bool own = has_userns(linux_part);
	char uid[NSV_POD_UID_LEN] = "";
	struct map uids = {}, gids = {};
	struct nsv_declared *declared;
	uint32_t kind;
	int err;

	if (!text_of(notes, dialect->type) || !find_uid(root, dialect, uid)) /* it is no pod's */
		return 0;
	err = maps_of(linux_part, &keys, &uids, &gids, problem);
	if (err)
		return err;
	if (!own) /* maps of what it has not */
		uids.n = gids.n = 0;
	kind = add_bundle(notes, at, uid, out)->kind;
	declared = add_declared(out, NSV_BY_RUNTIME, &uids, &gids);
	declared->userns = own ? NSV_DECLARED_OWN : NSV_DECLARED_NODE;
	copy(declared->uid, sizeof(declared->uid), uid);
	copy(declared->container, sizeof(declared->container), at->id);
	if (kind == NSV_BUNDLE_CONTAINER) /* a sandbox' own mounts are the runtime's */
		add_volumes(root, at->id, uid, out);
	else
		add_name(uid, text_of(notes, dialect->namespace), text_of(notes, dialect->pod),
			 out);
	return 0;
}

int declared_config(const char *text, size_t len, const struct declared_at *at, struct records *out,
		    struct problem *problem)
{
	struct json_object *root = parse(text, len, problem);
	int err = root ? add_config(root, at, out, problem) : -EINVAL;

	json_object_put(root);
	return err;
}
