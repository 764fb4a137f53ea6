// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/places.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/nodefiles/files.h"

/* A kubelet that was not there is looked for at the first walks, and then at each so many. */
#define LOOKS_FIRST 3
#define LOOKS_EVERY 10

#define MICROK8S_ARGS "/var/snap/microk8s/current/args/kubelet"
#define K3S_DIR "/var/lib/rancher/k3s"
#define RKE2_DIR "/var/lib/rancher/rke2"

/* Where distributions have the kubelet's configuration, and what goes over it; the first that is there holds. */
static const struct known_config {
	const char *of, *path, *dropins; /* either may be NULL */
	bool may_be_other;		 /* elsewhere that is something else */
} known_configs[] = {
	{"kubeadm", "/var/lib/kubelet/config.yaml", NULL, false},
	{"Talos", "/etc/kubernetes/kubelet.yaml", NULL, false},
	/* kubeadm has a kubeconfig there. */
	{"OpenShift", "/etc/kubernetes/kubelet.conf", "/etc/openshift/kubelet.conf.d", true},
	{"kubespray", "/etc/kubernetes/kubelet-config.yaml", NULL, false},
	{"EKS", "/etc/kubernetes/kubelet/config.json", "/etc/kubernetes/kubelet/config.json.d",
	 false},
	{"EKS", "/etc/kubernetes/kubelet/kubelet-config.json", NULL, false},
	{"Bottlerocket", "/etc/kubernetes/kubelet/config", NULL, false},
	{"GKE", "/home/kubernetes/kubelet-config.yaml", NULL, false},
	{"k0s", "/var/lib/k0s/kubelet-config.yaml", NULL, false},
	{"RKE2", NULL, RKE2_DIR "/agent/etc/kubelet.conf.d", false},
	{"k3s", NULL, K3S_DIR "/agent/etc/kubelet.conf.d", false},
	{"AKS", "/etc/default/kubeletconfig.json", NULL, false},
	{"kOps", "/var/lib/kubelet/kubelet.conf", NULL, false},
};

#define KNOWN_CONFIGS (sizeof(known_configs) / sizeof(*known_configs))

/* All of them are looked at: what is read there tells whose pod it is of. The first is what people know. */
static const struct known_place {
	enum nsv_place_kind kind;
	const char *of, *path;
} known_places[] = {
	{NSV_PLACE_KUBELET, "kubeadm", KUBELET_DIR},
	{NSV_PLACE_KUBELET, "k0s", "/var/lib/k0s/kubelet"},
	{NSV_PLACE_KUBELET, "MicroK8s", "/var/snap/microk8s/common/var/lib/kubelet"},
	{NSV_PLACE_LOGS, "", KUBELET_LOGS},
	{NSV_PLACE_MANIFESTS, "kubeadm", "/etc/kubernetes/manifests"},
	{NSV_PLACE_MANIFESTS, "RKE2", RKE2_DIR "/agent/pod-manifests"},
	{NSV_PLACE_MANIFESTS, "k3s", K3S_DIR "/agent/pod-manifests"},
	{NSV_PLACE_MANIFESTS, "Bottlerocket", "/etc/kubernetes/static-pods"},
	{NSV_PLACE_RUNTIME, "containerd", "/run/containerd"},
	{NSV_PLACE_RUNTIME, "k3s", "/run/k3s/containerd"},
	{NSV_PLACE_RUNTIME, "k0s", "/run/k0s/containerd"},
	{NSV_PLACE_RUNTIME, "MicroK8s", "/var/snap/microk8s/common/run/containerd"},
	{NSV_PLACE_RUNTIME, "CRI-O", "/run/containers/storage"},
};

static void add(struct places *places, enum nsv_place_kind kind, enum nsv_place_how how,
		const char *of, const char *path)
{
	for (size_t i = 0; i < places->n; i++)
		if (places->v[i].kind == kind && !strcmp(places->v[i].path, path))
			return;
	xgrow(places->v, places->n, &places->cap);
	places->v[places->n++] = (struct place){kind, how, of, xstrdup(path)};
}

static void add_known(struct places *places, enum nsv_place_kind kind)
{
	for (size_t i = 0; i < sizeof(known_places) / sizeof(*known_places); i++)
		if (known_places[i].kind == kind)
			add(places, kind, NSV_PLACE_USUAL, known_places[i].of,
			    known_places[i].path);
}

static void places_clear(struct places *places)
{
	for (size_t i = 0; i < places->n; i++)
		free(places->v[i].path);
	places->n = 0;
	rancher_free(&places->rancher);
	places->config = (struct kubelet_config){};
	places->denied = false;
	places->state = PLACES_MISSING;
	places->which[0] = places->other[0] = '\0';
	places->problem = (struct problem){};
}

/* ---- the kubelet's process ---- */

static char *read_text(int root, const char *path)
{
	struct file_stamp any = {};
	char *text = NULL;
	size_t len;

	return files_read(root, path, true, &any, &text, &len) ? NULL : text;
}

static void take_args_file(struct places *places, int root, const char *path)
{
	AUTO_FREE char *text = read_text(root, path);

	if (text)
		kubelet_flags_take_file(&places->flags, text);
}

static void take_rancher(struct places *places, int root)
{
	rancher_read(root, &places->rancher);
	if (places->rancher.args_len)
		kubelet_flags_take(&places->flags, places->rancher.args, places->rancher.args_len);
}

static bool is_time_to_look(struct places *places)
{
	const unsigned looked = places->looked++;

	return looked < LOOKS_FIRST || !(looked % LOOKS_EVERY);
}

static void find_process(struct places *places, int root, pid_t node_pid)
{
	kubelet_flags_free(&places->flags);
	if (places->process.program != KUBELET_NONE) {
		if (kubelet_process_read(&places->process, &places->flags))
			return;
		kubelet_process_close(&places->process);
		places->looked = 0;
	}
	if (is_time_to_look(places) &&
	    kubelet_process_find(root, node_pid, &places->process, &places->flags))
		places->looked = 0;
}

/* What its process says, or a file where it is part of another one. */
static void find_flags(struct places *places, int root, pid_t node_pid)
{
	AUTO_FREE char *args_file = NULL;

	find_process(places, root, node_pid);
	if (places->process.program == KUBELET_ITSELF)
		return;
	args_file = xstrdup(places->flags.args_file ?: MICROK8S_ARGS);
	take_args_file(places, root, args_file);
	if (places->process.program != KUBELET_KUBELITE)
		take_rancher(places, root);
}

/* ---- its configuration ---- */

static bool is_path(int root, const char *path)
{
	AUTO_FD fd = path ? files_find(root, path) : -1;

	return fd >= 0;
}

/* Why it is not known; 0: it was read. */
static void set_state(struct places *places, int err)
{
	places->state = err ? PLACES_WRONG : PLACES_READ;
	places->denied = err == -EACCES;
}

/* Where somebody says that it is: what is wrong with it is told. */
static void take_config(struct places *places, int root, const char *path, const char *dropins,
			enum nsv_place_how how)
{
	int err;

	if (path)
		add(places, NSV_PLACE_CONFIG, how, "", path);
	if (dropins)
		add(places, NSV_PLACE_CONFIG, how, "", dropins);
	err = kubelet_read(root, path, dropins, &places->config, places->which, &places->problem);
	if (err != -ENOENT)
		set_state(places, err);
}

static bool has_args(const struct kubelet_flags *flags)
{
	return flags->root_dir || flags->manifests || flags->max_pods || flags->runtime;
}

/* The first that is one holds; of the others one is named. */
static void try_config(struct places *places, int root, const struct known_config *known,
		       enum nsv_place_how how)
{
	const char *dropins = is_path(root, known->dropins) ? known->dropins : NULL;
	struct kubelet_config config = {};
	struct problem problem = {};
	char which[PATH_MAX];
	int err;

	if (!is_path(root, known->path ?: known->dropins))
		return;
	err = kubelet_read(root, known->path, dropins, &config, which, &problem);
	if (err == -EINVAL && known->may_be_other)
		return;
	if (places->state != PLACES_MISSING) {
		snprintf(places->other, sizeof(places->other), "%s", known->path ?: known->dropins);
		return;
	}
	if (known->path)
		add(places, NSV_PLACE_CONFIG, how, known->of, known->path);
	if (dropins)
		add(places, NSV_PLACE_CONFIG, how, known->of, dropins);
	set_state(places, err);
	places->config = config;
	places->problem = problem;
	memcpy(places->which, which, sizeof(which));
}

static const char *rancher_dropins(const struct places *places, char out[PATH_MAX])
{
	return rancher_path(&places->rancher, "/agent/etc/kubelet.conf.d", out);
}

static void find_config(struct places *places, int root)
{
	char dropins[PATH_MAX];
	const struct known_config told = {places->rancher.of, NULL,
					  rancher_dropins(places, dropins), false};

	if (places->rancher.data_dir)
		try_config(places, root, &told, NSV_PLACE_CONFIGURED);
	for (size_t i = 0; i < KNOWN_CONFIGS; i++)
		try_config(places, root, &known_configs[i], NSV_PLACE_USUAL);
	/*
	 * A kubelet that has none has arguments; those of one that is part of another program are in a file. If that is
	 * not to be seen, a configuration may be where only it leads.
	 */
	if (places->state == PLACES_MISSING &&
	    (places->rancher.args_len || has_args(&places->flags)))
		places->state = PLACES_NONE;
	if (places->state == PLACES_MISSING && places->rancher.data_dir)
		add(places, NSV_PLACE_CONFIG, NSV_PLACE_CONFIGURED, told.of, told.dropins);
	for (size_t i = 0; places->state == PLACES_MISSING && i < KNOWN_CONFIGS; i++)
		add(places, NSV_PLACE_CONFIG, NSV_PLACE_USUAL, known_configs[i].of,
		    known_configs[i].path ?: known_configs[i].dropins);
}

static void take_flag(const char *flag, char *out, size_t size)
{
	if (flag && strlen(flag) < size)
		strcpy(out, flag);
}

/* What the command line says holds, whatever the configuration does. */
static void take_flags(struct places *places)
{
	const struct kubelet_flags *flags = &places->flags;
	struct kubelet_config *config = &places->config;

	take_flag(flags->manifests, config->static_pods, sizeof(config->static_pods));
	take_flag(flags->cgroup_root, config->cgroup_root, sizeof(config->cgroup_root));
	take_flag(flags->cgroup_driver, config->cgroup_driver, sizeof(config->cgroup_driver));
	take_flag(flags->runtime, config->runtime, sizeof(config->runtime));
	if (flags->max_pods && *flags->max_pods &&
	    !flags->max_pods[strspn(flags->max_pods, "0123456789")] && strlen(flags->max_pods) < 10)
		config->max_pods = strtoull(flags->max_pods, NULL, 10);
}

/* k3s copies the configuration that its kubelet is told to a directory of its own, and has it read nothing else. */
static bool copies_config(const struct places *places, int root)
{
	char dropins[PATH_MAX];

	return places->rancher.of && is_path(root, rancher_dropins(places, dropins));
}

/* Without what a broken file of k3s' says, nothing else that is found is known to hold. */
static void take_wrong_rancher(struct places *places)
{
	const struct rancher *rancher = &places->rancher;

	if (!rancher->err)
		return;
	set_state(places, rancher->err);
	places->config = (struct kubelet_config){};
	places->problem = rancher->problem;
	memcpy(places->which, rancher->which, sizeof(places->which));
}

static void look_at_config(struct places *places, int root, const struct places_given *given)
{
	const struct kubelet_flags *flags = &places->flags;

	if (given->kubelet_config)
		take_config(places, root, given->kubelet_config, NULL, NSV_PLACE_GIVEN);
	else if ((flags->config || flags->config_dir) && !copies_config(places, root))
		take_config(places, root, flags->config, flags->config_dir, NSV_PLACE_PROCESS);
	else if (places->process.program == KUBELET_ITSELF)
		places->state = PLACES_NONE;
	else
		find_config(places, root);
	if (!given->kubelet_config)
		take_wrong_rancher(places);
	take_flags(places);
}

/* ---- the places ---- */

/* Whether the kubelet's own word is known, whatever it is. */
static bool is_told(const struct places *places)
{
	return places->process.program == KUBELET_ITSELF &&
	       (places->state == PLACES_READ || places->state == PLACES_NONE);
}

static void find_kubelet(struct places *places, const struct places_given *given)
{
	if (given->kubelet)
		add(places, NSV_PLACE_KUBELET, NSV_PLACE_GIVEN, "", given->kubelet);
	else if (places->flags.root_dir && *places->flags.root_dir)
		add(places, NSV_PLACE_KUBELET, NSV_PLACE_PROCESS, "", places->flags.root_dir);
	else if (places->process.program == KUBELET_ITSELF ||
		 places->process.program == KUBELET_K3S)
		add(places, NSV_PLACE_KUBELET, NSV_PLACE_PROCESS, "", KUBELET_DIR);
	else
		add_known(places, NSV_PLACE_KUBELET);
}

static void find_logs(struct places *places, const struct places_given *given)
{
	if (given->pod_logs)
		add(places, NSV_PLACE_LOGS, NSV_PLACE_GIVEN, "", given->pod_logs);
	else if (*places->config.pod_logs)
		add(places, NSV_PLACE_LOGS, NSV_PLACE_CONFIGURED, "", places->config.pod_logs);
	else
		add_known(places, NSV_PLACE_LOGS);
}

static void find_manifests(struct places *places, const struct places_given *given)
{
	char dir[PATH_MAX];

	if (given->manifests)
		add(places, NSV_PLACE_MANIFESTS, NSV_PLACE_GIVEN, "", given->manifests);
	else if (places->flags.manifests && *places->flags.manifests)
		add(places, NSV_PLACE_MANIFESTS, NSV_PLACE_PROCESS, "", places->flags.manifests);
	else if (*places->config.static_pods)
		add(places, NSV_PLACE_MANIFESTS, NSV_PLACE_CONFIGURED, "",
		    places->config.static_pods);
	else if (places->rancher.data_dir)
		add(places, NSV_PLACE_MANIFESTS, NSV_PLACE_CONFIGURED, places->rancher.of,
		    rancher_path(&places->rancher, "/agent/pod-manifests", dir));
	else if (!is_told(places))
		add_known(places, NSV_PLACE_MANIFESTS);
}

/* containerd's state is beside its socket, or in a directory there. */
static void find_runtime(struct places *places)
{
	const char *socket = places->config.runtime, *name;
	char dir[PATH_MAX], state[PATH_MAX + 16];

	socket += strncmp(socket, "unix://", 7) ? 0 : 7;
	name = strrchr(socket, '/');
	if (*socket != '/' || !name || strcmp(name, "/containerd.sock") != 0)
		return;
	/* /var/run is a link to /run, and its name here another place. */
	socket += strncmp(socket, "/var/run/", 9) ? 0 : 4;
	snprintf(dir, sizeof(dir), "%.*s", (int)(name - socket), socket);
	name = strrchr(dir, '/');
	snprintf(state, sizeof(state), "%s%s", dir,
		 name && !strcmp(name, "/containerd") ? "" : "/containerd");
	for (size_t i = 0; i < sizeof(known_places) / sizeof(*known_places); i++)
		if (!strcmp(known_places[i].path, state))
			return;
	add(places, NSV_PLACE_RUNTIME, NSV_PLACE_CONFIGURED, "", state);
}

static void find_runtimes(struct places *places, const struct places_given *given)
{
	for (size_t i = 0; i < given->n_runtimes; i++)
		add(places, NSV_PLACE_RUNTIME, NSV_PLACE_GIVEN, "", given->runtimes[i]);
	if (given->n_runtimes)
		return;
	find_runtime(places);
	add_known(places, NSV_PLACE_RUNTIME);
}

void places_init(struct places *places)
{
	*places = (struct places){.process = {.dir = -1}};
}

void places_find(struct places *places, int root, const struct places_given *given)
{
	places_clear(places);
	find_flags(places, root, given->node_pid ?: 1);
	places->node_name = places->flags.node_name;
	look_at_config(places, root, given);
	find_kubelet(places, given);
	find_logs(places, given);
	find_manifests(places, given);
	find_runtimes(places, given);
}

void places_free(struct places *places)
{
	places_clear(places);
	free(places->v);
	kubelet_flags_free(&places->flags);
	kubelet_process_close(&places->process);
}

void places_each_source(const struct places *places, int root,
			void (*take)(void *ctx, int root, const char *path), void *ctx)
{
	if (is_path(root, "/proc"))
		take(ctx, root, "/proc");
	if (places->process.program == KUBELET_KUBELITE)
		take(ctx, root, places->flags.args_file ?: MICROK8S_ARGS);
}

const char *places_option(enum nsv_place_kind kind)
{
	static const char *const options[] = {
		[NSV_PLACE_CONFIG] = "--kubelet-config", [NSV_PLACE_KUBELET] = "--kubelet-dir",
		[NSV_PLACE_LOGS] = "--pod-logs-dir",	 [NSV_PLACE_MANIFESTS] = "--manifests-dir",
		[NSV_PLACE_RUNTIME] = "--runtime-dir",
	};

	return options[kind];
}

const char *places_list(const struct places *places, enum nsv_place_kind kind, char *out,
			size_t size)
{
	char shown[128];
	size_t at = 0;

	*out = '\0';
	for (size_t i = 0; i < places->n && at < size; i++)
		if (places->v[i].kind == kind)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at ? ", " : "",
					       escape(shown, sizeof(shown), places->v[i].path,
						      strlen(places->v[i].path)));
	return out;
}
