// SPDX-License-Identifier: BSD-2-Clause
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

#define KUBELET LAB_FILES "/var/lib/kubelet/pods"
#define CONTAINERD LAB_FILES "/run/containerd/io.containerd.runtime.v2.task/k8s.io"
#define CRIO LAB_FILES "/run/containers/storage/overlay-containers"

/* One of a pod's containers, and the file about it. */
struct config {
	const struct scenario *scenario;
	size_t pod;
	const struct process_spec *process;
	char uid[NAME_MAX], name[NAME_MAX], id[NAME_MAX];
	FILE *out;
};

/* Others read it while it is there: it appears whole, as the kubelet does it. */
static int write_file(const char *dir, const char *file, void (*print)(const struct config *),
		      struct config *config)
{
	char path[PATH_MAX], new[PATH_MAX];
	int err = make_path(dir);

	if (err)
		return err;
	format(path, sizeof(path), "%s/%s", dir, file);
	format(new, sizeof(new), "%s/.new", dir);
	config->out = fopen(new, "we");
	if (!config->out)
		return fail("open(%s)", new);
	print(config);
	if (fclose(config->out) || rename(new, path))
		return fail("write(%s)", path);
	return 0;
}

static const struct pod_spec *pod_of(const struct config *config)
{
	return &config->scenario->pods[config->pod];
}

/* The map that the file has; false: it has none. */
static bool map_said(const struct config *config, enum says says, const struct map *own,
		     enum whose userns, struct idmap *out)
{
	static const struct map another = {.uids = {{.block = POD_B, .count = 65536}}};
	const struct map *ordinary = &(const struct map){};

	if (says == SAYS_TRUE && userns == NODE)
		return false;
	if (says == SAYS_TRUE && userns == POD_A)
		scenario_idmap(config->scenario, 0, &config->scenario->pods[0].map, out);
	else
		scenario_idmap(config->scenario, config->pod,
			       says == SAYS_TRUE  ? own :
			       says == SAYS_OTHER ? &another :
						    ordinary,
			       out);
	return true;
}

static void print_extents(FILE *out, const char *name, const char *const keys[3],
			  const struct extent *extents, size_t n)
{
	size_t i;

	fprintf(out, "\"%s\":[", name);
	for (i = 0; i < n; i++)
		fprintf(out, "%s{\"%s\":%u,\"%s\":%u,\"%s\":%u}", i ? "," : "", keys[0],
			extents[i].first, keys[1], extents[i].host, keys[2], extents[i].count);
	fputs("]", out);
}

static void print_allotment(const struct config *config)
{
	static const char *const keys[] = {"containerId", "hostId", "length"};
	const struct pod_spec *pod = pod_of(config);
	struct idmap map = {};

	map_said(config, pod->kubelet, &pod->map, pod->userns, &map);
	fputs("{", config->out);
	print_extents(config->out, "uidMappings", keys, map.uids, map.n_uids);
	fputs(",", config->out);
	print_extents(config->out, "gidMappings", keys, map.gids, map.n_gids);
	fputs("}", config->out);
}

/* As the kubelet has it: the pod's directory is there, the file only if something was allotted. */
static int make_kubelet(struct config *config)
{
	const struct pod_spec *pod = pod_of(config);
	char path[PATH_MAX];
	struct idmap map = {};

	if (pod->kubelet == SAYS_NOTHING)
		return 0;
	format(path, sizeof(path), KUBELET "/%s", config->uid);
	if (!map_said(config, pod->kubelet, &pod->map, pod->userns, &map))
		return make_path(path);
	return write_file(path, "userns", print_allotment, config);
}

static bool is_crio(const struct config *config)
{
	return pod_of(config)->layout == LAYOUT_GUARANTEED;
}

static void print_notes(const struct config *config)
{
	const struct {
		const char *key, *value;
	} notes[2][5] = {
		{{"io.kubernetes.cri.container-type", "container"},
		 {"io.kubernetes.cri.sandbox-uid", config->uid},
		 {"io.kubernetes.cri.sandbox-namespace", LAB_NAMESPACE},
		 {"io.kubernetes.cri.sandbox-name", config->name},
		 {"io.kubernetes.cri.container-name", NULL}},
		{{"io.kubernetes.cri-o.ContainerType", "container"},
		 {"io.kubernetes.pod.uid", config->uid},
		 {"io.kubernetes.pod.namespace", LAB_NAMESPACE},
		 {"io.kubernetes.pod.name", config->name},
		 {"io.kubernetes.container.name", NULL}},
	};
	size_t i;

	fputs("\"annotations\":{", config->out);
	for (i = 0; i < ARRAY_SIZE(notes[0]); i++) {
		fprintf(config->out, "%s\"%s\":", i ? "," : "", notes[is_crio(config)][i].key);
		if (notes[is_crio(config)][i].value)
			fprintf(config->out, "\"%s\"", notes[is_crio(config)][i].value);
		else
			fprintf(config->out, "\"c%u\"", config->process->container);
	}
	fputs("}", config->out);
}

static void print_config(const struct config *config)
{
	static const char *const keys[] = {"containerID", "hostID", "size"};
	const struct pod_spec *pod = pod_of(config);
	const bool own = map_is_given(&config->process->map);
	struct idmap map = {};

	fputs("{\"ociVersion\":\"1.1.0\",", config->out);
	print_notes(config);
	if (config->process->volume)
		fprintf(config->out,
			",\"mounts\":[{\"destination\":\"%s\",\"type\":\"bind\",\"source\":"
			"\"/var/lib/kubelet/pods/%s/volumes/data\",\"uidMappings\":[]}]",
			VOLUME_POINT, config->uid);
	fputs(",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"}", config->out);
	if (map_said(config, pod->runtime, own ? &config->process->map : &pod->map,
		     own ? OWN : pod->userns, &map)) {
		fputs(",{\"type\":\"user\"}],", config->out);
		print_extents(config->out, "uidMappings", keys, map.uids, map.n_uids);
		fputs(",", config->out);
		print_extents(config->out, "gidMappings", keys, map.gids, map.n_gids);
	} else {
		fputs("]", config->out);
	}
	fputs("}}", config->out);
}

static void print_shim(const struct config *config)
{
	fprintf(config->out, "/usr/bin/%s", pod_of(config)->shim);
}

static int make_config(struct config *config)
{
	char path[PATH_MAX];
	int err;

	if (pod_of(config)->runtime == SAYS_NOTHING || config->process->role != ROLE_WORKLOAD)
		return 0;
	scenario_container_id(config->scenario, config->pod, config->process->container,
			      config->id);
	format(path, sizeof(path), "%s/%s%s", is_crio(config) ? CRIO : CONTAINERD, config->id,
	       is_crio(config) ? "/userdata" : "");
	err = write_file(path, "config.json", print_config, config);
	if (!err && pod_of(config)->shim)
		err = write_file(path, "shim-binary-path", print_shim, config);
	return err;
}

/* What the node itself has, and a user for whom it is asked. */
static int list_user(const struct config *config)
{
	FILE *file;
	int err = make_path(LAB_FILES "/etc");

	if (err)
		return err;
	file = fopen(LAB_FILES "/etc/passwd", "ae");
	if (!file)
		return fail("open(" LAB_FILES "/etc/passwd)");
	fputs("root:x:0:0:root:/root:/bin/sh\n", file);
	if (pod_of(config)->listed)
		fprintf(file, "podlab:x:%u:100::/:/bin/sh\n",
			scenario_host_id(config->scenario, config->pod, OWN, 9));
	return fclose(file) ? fail("write(" LAB_FILES "/etc/passwd)") : 0;
}

int files_make(const struct scenario *scenario, size_t pod)
{
	struct config config = {.scenario = scenario, .pod = pod};
	const struct pod_spec *spec = &scenario->pods[pod];
	char path[PATH_MAX];
	size_t i;
	int err;

	scenario_pod_uid(scenario, pod, config.uid);
	scenario_pod_name(scenario, pod, config.name);
	if (spec->nameless)
		return 0;
	format(path, sizeof(path), LAB_FILES "%s/%s%s_%s", POD_LOGS, POD_LOGS_PREFIX, config.name,
	       config.uid);
	err = make_path(path);
	err = err ? err : make_kubelet(&config);
	err = err ? err : list_user(&config);
	for (i = 0; !err && i < POD_PROCESSES && spec->processes[i].role; i++) {
		config.process = &spec->processes[i];
		err = make_config(&config);
	}
	return err;
}
