// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "source/nodefiles/yamlpick.h"
#include "source/podpath.h"

enum { KIND, NAMESPACE, NAME, UID, HOST_USERS, VALUES };

/* As the kubelet lists it: kubernetes pkg/kubelet/config/file.go */
bool manifest_is_entry(const char *name)
{
	return *name != '.';
}

static int take_name(const struct yamlpick *value, char *out, size_t size, struct problem *problem)
{
	if (!value->text || !*value->text || strlen(value->text) >= size ||
	    strpbrk(value->text, "/_"))
		return problem_set(problem, -EINVAL, "its %s is not a valid name", value->path);
	strcpy(out, value->text);
	return 0;
}

static int take_pod(const struct yamlpick *values, struct manifest *out, struct problem *problem)
{
	struct manifest manifest = {.namespace = "default", .userns = NSV_DECLARED_NODE};
	bool host_users;
	int err = 0;

	if (!values[KIND].text || strcmp(values[KIND].text, "Pod") != 0)
		return problem_set(problem, -EINVAL, "it is not the manifest of a pod (kind: Pod)");
	err = take_name(&values[NAME], manifest.name, sizeof(manifest.name), problem);
	if (!err && values[NAMESPACE].text && *values[NAMESPACE].text)
		err = take_name(&values[NAMESPACE], manifest.namespace, sizeof(manifest.namespace),
				problem);
	if (err)
		return err;
	if (values[UID].text && *values[UID].text &&
	    !podpath_any_uid(values[UID].text, manifest.uid))
		return problem_set(
			problem, -EINVAL,
			"its metadata.uid is not a uid of up to 39 letters, digits and dashes: the "
			"kubelet runs the pod, but nsvigil cannot recognise its cgroup and skips it");
	if (values[HOST_USERS].text) {
		if (!yamlpick_bool(&values[HOST_USERS], &host_users))
			return problem_set(problem, -EINVAL,
					   "its spec.hostUsers is neither true nor false");
		manifest.userns = host_users ? NSV_DECLARED_NODE : NSV_DECLARED_OWN;
	}
	*out = manifest;
	return 0;
}

int manifest_parse(const char *text, size_t len, struct manifest *out, struct problem *problem)
{
	struct yamlpick values[VALUES] = {
		[KIND] = {.path = "kind"},
		[NAMESPACE] = {.path = "metadata.namespace"},
		[NAME] = {.path = "metadata.name"},
		[UID] = {.path = "metadata.uid"},
		[HOST_USERS] = {.path = "spec.hostUsers"},
	};
	int err = yamlpick_read(text, len, values, VALUES, problem);

	if (!err)
		err = take_pod(values, out, problem);
	yamlpick_free(values, VALUES);
	return err;
}

bool manifest_is_uid(const char *uid)
{
	return strlen(uid) == 32 && !uid[strspn(uid, "0123456789abcdef")];
}

/* A host may be called by its whole name here and by its first label there. */
static bool is_node(const char *name, const char *node_name)
{
	const size_t len = strlen(name), other = strlen(node_name);
	const size_t both = len < other ? len : other;
	const char longer = len < other ? node_name[both] : name[both];

	return both && !strncmp(name, node_name, both) && (!longer || longer == '.');
}

/* generatePodName() of kubernetes pkg/kubelet/config/common.go */
bool manifest_ends_in(const char *pod_name, const char *node_name)
{
	for (const char *at = strchr(pod_name, '-'); at && at > pod_name; at = strchr(at + 1, '-'))
		if (is_node(at + 1, node_name))
			return true;
	return false;
}

/* applyDefaults() there: a manifest that names a uid keeps it. */
bool manifest_is_pod(const struct manifest *manifest, const char *node_name,
		     const struct nsv_pod_name *pod)
{
	const size_t len = strlen(manifest->name);

	if (strcmp(pod->namespace, manifest->namespace) != 0 ||
	    strncmp(pod->name, manifest->name, len) != 0 || pod->name[len] != '-' ||
	    !is_node(pod->name + len + 1, node_name))
		return false;
	return *manifest->uid ? !strcmp(pod->uid, manifest->uid) : manifest_is_uid(pod->uid);
}
