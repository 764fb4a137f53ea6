// SPDX-License-Identifier: BSD-2-Clause
#include "source/kubelet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "source/yamlpick.h"

enum { KIND, IDS_PER_POD, MAX_PODS, STATIC_PODS, VALUES };

static int take_number(const struct yamlpick *value, uint64_t *out, struct problem *problem)
{
	if (value->text && (!yamlpick_number(value, out) || *out > UINT32_MAX))
		return problem_set(problem, -EINVAL, "its %s is no number", value->path);
	return 0;
}

static int take_config(const struct yamlpick *values, struct kubelet_config *out,
		       struct problem *problem)
{
	struct kubelet_config config = {};
	int err;

	if (!values[KIND].text || strcmp(values[KIND].text, "KubeletConfiguration") != 0)
		return problem_set(problem, -EINVAL, "it is no KubeletConfiguration");
	err = take_number(&values[IDS_PER_POD], &config.ids_per_pod, problem);
	if (!err)
		err = take_number(&values[MAX_PODS], &config.max_pods, problem);
	if (err)
		return err;
	if (values[STATIC_PODS].text) {
		if (strlen(values[STATIC_PODS].text) >= sizeof(config.static_pods))
			return problem_set(problem, -EINVAL, "its staticPodPath is too long");
		strcpy(config.static_pods, values[STATIC_PODS].text);
	}
	*out = config;
	return 0;
}

int kubelet_parse(const char *text, size_t len, struct kubelet_config *out, struct problem *problem)
{
	struct yamlpick values[VALUES] = {
		[KIND] = {.path = "kind"},
		[IDS_PER_POD] = {.path = "userNamespaces.idsPerPod"},
		[MAX_PODS] = {.path = "maxPods"},
		[STATIC_PODS] = {.path = "staticPodPath"},
	};
	int err = yamlpick_read(text, len, values, VALUES, problem);

	if (!err)
		err = take_config(values, out, problem);
	yamlpick_free(values, VALUES);
	return err;
}

/* The kubelet takes it from where its configuration is. */
static void place_static_pods(const char *path, struct kubelet_config *config)
{
	char whole[sizeof(config->static_pods)];
	const char *name = strrchr(path, '/');

	if (!*config->static_pods || *config->static_pods == '/' || !name)
		return;
	if (snprintf(whole, sizeof(whole), "%.*s/%s", (int)(name - path), path,
		     config->static_pods) < (int)sizeof(whole))
		strcpy(config->static_pods, whole);
}

int kubelet_read(int root, const char *path, struct file_stamp *stamp, struct kubelet_config *out,
		 struct problem *problem)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	int err = files_read(root, path, true, stamp, &text, &len);

	if (err < 0)
		return problem_set(problem, err, "%s", files_error(err));
	if (!err)
		err = kubelet_parse(text, len, out, problem);
	if (!err)
		place_static_pods(path, out);
	return err;
}
