// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/kubelet.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/nodefiles/files.h"
#include "source/nodefiles/yamlpick.h"

/* How deep a directory is looked at. */
#define DEPTH_MAX 8

static int take_number(const struct yamlpick *value, uint64_t *out, struct problem *problem)
{
	uint64_t number = 0;

	if (value->text && (!yamlpick_number(value, &number) || number > UINT32_MAX))
		return problem_set(problem, -EINVAL, "its %s is not a number", value->path);
	if (value->is_there)
		*out = number;
	return 0;
}

static int take_text(const struct yamlpick *value, char *out, size_t size, struct problem *problem)
{
	if (value->text && strlen(value->text) >= size)
		return problem_set(problem, -EINVAL, "its %s is too long", value->path);
	if (value->is_there)
		strcpy(out, value->text ?: "");
	return 0;
}

/* Which of its values are asked for, and where they go. */
static const struct {
	const char *path;
	bool is_number;
	size_t at, size;
} fields[] = {
#define NUMBER(name, member)                                                                       \
	{                                                                                          \
		.path = (name), .is_number = true, .at = offsetof(struct kubelet_config, member)   \
	}
#define TEXT(name, member)                                                                         \
	{                                                                                          \
		.path = (name), .at = offsetof(struct kubelet_config, member),                     \
		.size = sizeof(((struct kubelet_config *)NULL)->member)                            \
	}
	NUMBER("userNamespaces.idsPerPod", ids_per_pod),
	NUMBER("maxPods", max_pods),
	TEXT("staticPodPath", static_pods),
	TEXT("podLogsDir", pod_logs),
	TEXT("cgroupRoot", cgroup_root),
	TEXT("cgroupDriver", cgroup_driver),
	TEXT("containerRuntimeEndpoint", runtime),
#undef NUMBER
#undef TEXT
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

/* Behind those in the table. */
enum { KIND = FIELDS, STATIC_URL, VALUES };

static int take_fields(const struct yamlpick *values, struct kubelet_config *config,
		       struct problem *problem)
{
	int err = 0;

	for (size_t i = 0; !err && i < FIELDS; i++) {
		void *to = (char *)config + fields[i].at;

		err = fields[i].is_number ? take_number(&values[i], to, problem) :
					    take_text(&values[i], to, fields[i].size, problem);
	}
	if (values[STATIC_URL].is_there)
		strcpy(config->static_url, values[STATIC_URL].text ? "url" : "");
	return err;
}

int kubelet_parse(const char *text, size_t len, struct kubelet_config *config,
		  struct problem *problem)
{
	struct kubelet_config *copy = xcalloc(1, sizeof(*copy));
	struct yamlpick values[VALUES] = {
		[KIND] = {.path = "kind"}, [STATIC_URL] = {.path = "staticPodURL"}};
	int err;

	for (size_t i = 0; i < FIELDS; i++)
		values[i].path = fields[i].path;
	*copy = *config;
	err = yamlpick_read(text, len, values, VALUES, problem);
	if (!err && (!values[KIND].text || strcmp(values[KIND].text, "KubeletConfiguration") != 0))
		err = problem_set(problem, -EINVAL, "it is not a KubeletConfiguration");
	if (!err)
		err = take_fields(values, copy, problem);
	if (!err)
		*config = *copy;
	yamlpick_free(values, VALUES);
	free(copy);
	return err;
}

/* From where its configuration is: resolveRelativePaths() of kubernetes pkg/kubelet/kubeletconfig. */
static void make_absolute(const char *path, char out[PATH_MAX])
{
	char whole[PATH_MAX];
	const char *name = strrchr(path, '/');

	if (!*out || *out == '/' || !name)
		return;
	if (snprintf(whole, sizeof(whole), "%.*s/%s", (int)(name - path), path, out) <
	    (int)sizeof(whole))
		strcpy(out, whole);
}

static int read_one(int root, const char *path, struct kubelet_config *config, char which[PATH_MAX],
		    struct problem *problem)
{
	AUTO_FREE char *text = NULL;
	struct file_stamp any = {};
	size_t len;
	int err = files_read(root, path, true, &any, &text, &len);

	snprintf(which, PATH_MAX, "%s", path);
	if (err < 0)
		return problem_set(problem, err, "%s", files_error(err));
	return kubelet_parse(text, len, config, problem);
}

static bool is_dropin(const char *name)
{
	const size_t len = strlen(name);

	return len >= 5 && !strcmp(name + len - 5, ".conf");
}

/*
 * In the order of filepath.WalkDir(), directories in it included: mergeKubeletConfigurations() of kubernetes
 * cmd/kubelet/app/server.go.
 */
static int read_dropins(int root, const char *dir, int depth, /* NOLINT(misc-no-recursion) */
			struct kubelet_config *config, char which[PATH_MAX],
			struct problem *problem)
{
	struct files_list names = {};
	int err = files_list(root, dir, &names);

	if (err) {
		snprintf(which, PATH_MAX, "%s", dir);
		problem_set(problem, err, "%s", files_error(err));
	}
	for (size_t i = 0; !err && i < names.n; i++) {
		char path[PATH_MAX];
		AUTO_FD below = -1;

		if (snprintf(path, sizeof(path), "%s/%s", dir, names.v[i]) >= (int)sizeof(path))
			continue;
		below = files_open_dir(root, path);
		if (below >= 0 && depth < DEPTH_MAX)
			err = read_dropins(root, path, depth + 1, config, which, problem);
		else if (below < 0 && is_dropin(names.v[i]))
			err = read_one(root, path, config, which, problem);
	}
	files_list_free(&names);
	return err;
}

int kubelet_read(int root, const char *path, const char *dropins, struct kubelet_config *out,
		 char which[PATH_MAX], struct problem *problem)
{
	struct kubelet_config *config = xcalloc(1, sizeof(*config));
	int err = path ? read_one(root, path, config, which, problem) : 0;

	if (!err && path) {
		make_absolute(path, config->static_pods);
		make_absolute(path, config->pod_logs);
	}
	if (!err && dropins)
		err = read_dropins(root, dropins, 0, config, which, problem);
	if (!err)
		*out = *config;
	free(config);
	return err;
}
