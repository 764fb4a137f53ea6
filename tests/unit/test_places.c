// SPDX-License-Identifier: BSD-2-Clause
/*
 * Nodes as eleven distributions lay them out, with one thing taken away each: user/source/nodefiles/places.c,
 * kubeletproc.c, kubelet.c, found.c
 */
#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "made_root.h"
#include "source/nodefiles/kubelet.h"
#include "source/nodefiles/kubeletproc.h"
#include "source/nodefiles/metadata.h"
#include "source/nodefiles/rancher.h"
#include "source/nodefiles/records.h"

#define UID_A "aaaaaaaa-0000-4000-8000-000000000000"
#define UID_S "0123456789abcdef0123456789abcdef" /* of a static pod */
#define ID_1 "1111111111111111111111111111111111111111111111111111111111111111"

#define MAPPING(first, host, size) "[{\"" first "\":0,\"" host "\":6553600,\"" size "\":65536}]"
#define USERNS                                                                                     \
	"{\"uidMappings\":" MAPPING("containerId", "hostId",                                       \
				    "length") ",\"gidMappings\":" MAPPING("containerId", "hostId", \
									  "length") "}"
#define BUNDLE                                                                                     \
	"{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","                    \
	"\"io.kubernetes.cri.sandbox-uid\":\"" UID_A "\","                                         \
	"\"io.kubernetes.cri-o.ContainerType\":\"container\",\"io.kubernetes.pod.uid\":\"" UID_A   \
	"\"},\"linux\":{\"namespaces\":[{\"type\":\"pid\"}]}}"
#define MANIFEST                                                                                   \
	"kind: Pod\nmetadata: {name: etcd, namespace: kube-system}\nspec: {hostUsers: false}\n"
#define CONFIG(more) "kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n" more
#define JSON_CONFIG(more)                                                                             \
	"{\"kind\": \"KubeletConfiguration\", \"apiVersion\": \"kubelet.config.k8s.io/v1beta1\"" more \
	"}"
#define IDS "userNamespaces: {idsPerPod: 131072}\n"
#define JSON_IDS ", \"userNamespaces\": {\"idsPerPod\": 131072}"

static struct records got;

static int take(void *ctx, const struct nsv_event *event)
{
	struct nsv_event *copy = records_add(&got, (enum nsv_type)event->type, event->len);

	(void)ctx;
	memcpy(copy, event, event->len);
	return 0;
}

/* A command line as the kernel shows it, of one that is written with blanks. */
static void run(const char *pid, const char *command)
{
	char *args = xstrdup(command), path[64];
	const size_t len = strlen(args) + 1;

	for (size_t i = 0; i < len; i++)
		if (args[i] == ' ')
			args[i] = '\0';
	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	put_len(path, args, len);
	free(args);
}

/* ---- distributions ---- */

struct file {
	const char *path, *text;
};

static const struct distribution {
	const char *name;
	const char *command; /* of the kubelet, or of what it is part of; NULL: none runs */
	struct file files[4];
	const char *kubelet, *logs, *manifests, *runtime; /* NULL: it has none */
	uint32_t ids_per_pod;
	bool has_config;
} distributions[] = {
	{"kubeadm",
	 "/usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf "
	 "--config=/var/lib/kubelet/config.yaml "
	 "--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock",
	 {{"/var/lib/kubelet/config.yaml",
	   CONFIG("staticPodPath: /etc/kubernetes/manifests\n" IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/etc/kubernetes/manifests",
	 "/run/containerd",
	 131072,
	 true},
	{"kubeadm, no kubelet runs",
	 NULL,
	 {{"/var/lib/kubelet/config.yaml",
	   CONFIG("staticPodPath: /srv/manifests\npodLogsDir: /data/log/pods\n" IDS)},
	  {"/etc/kubernetes/kubelet.conf", "apiVersion: v1\nkind: Config\nclusters: []\n"}},
	 "/var/lib/kubelet",
	 "/data/log/pods",
	 "/srv/manifests",
	 "/run/containerd",
	 131072,
	 true},
	{"k3s",
	 "/usr/local/bin/k3s server",
	 {{"/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf",
	   CONFIG("staticPodPath: /var/lib/rancher/k3s/agent/pod-manifests\n")},
	  {"/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/90-mine.conf", CONFIG(IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/var/lib/rancher/k3s/agent/pod-manifests",
	 "/run/k3s/containerd",
	 131072,
	 true},
	{"k3s as it was, with a file of its own",
	 "/usr/local/bin/k3s agent",
	 {{"/etc/rancher/k3s/config.yaml",
	   "kubelet-arg:\n- root-dir=/data/kubelet\n- \"pod-manifest-path=/data/manifests\"\n"}},
	 "/data/kubelet",
	 "/var/log/pods",
	 "/data/manifests",
	 "/run/k3s/containerd",
	 0,
	 false},
	{"k3s elsewhere",
	 "/usr/local/bin/k3s server",
	 {{"/etc/rancher/k3s/config.yaml", "data-dir: /data/k3s/\nkubelet-arg: root-dir=/nowhere\n"},
	  {"/etc/rancher/k3s/config.yaml.d/20-more.yaml", "kubelet-arg+:\n- max-pods=64\n"},
	  {"/etc/rancher/k3s/config.yaml.d/10-dir.yaml", "kubelet-arg: [root-dir=/data/kubelet]\n"},
	  {"/data/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf",
	   CONFIG("staticPodPath: /data/k3s/agent/pod-manifests\n" IDS)}},
	 "/data/kubelet",
	 "/var/log/pods",
	 "/data/k3s/agent/pod-manifests",
	 "/run/k3s/containerd",
	 131072,
	 false},
	{"k3s elsewhere, as it was",
	 "/usr/local/bin/k3s agent",
	 {{"/etc/rancher/k3s/config.yaml", "data-dir: /data/k3s\n"}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/data/k3s/agent/pod-manifests",
	 "/run/k3s/containerd",
	 0,
	 false},
	{"RKE2 elsewhere, no kubelet runs",
	 NULL,
	 {{"/etc/rancher/rke2/config.yaml.d/50-dir.yml", "data-dir: /srv/rke2\n"},
	  {"/srv/rke2/agent/etc/kubelet.conf.d/00-rke2-defaults.conf",
	   CONFIG("staticPodPath: /srv/rke2/agent/pod-manifests\n" IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/srv/rke2/agent/pod-manifests",
	 "/run/k3s/containerd",
	 131072,
	 false},
	{"RKE2",
	 "kubelet --volume-plugin-dir=/var/lib/kubelet/volumeplugins "
	 "--config-dir=/var/lib/rancher/rke2/agent/etc/kubelet.conf.d --hostname-override=n1",
	 {{"/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/00-rke2-defaults.conf",
	   CONFIG("staticPodPath: /var/lib/rancher/rke2/agent/pod-manifests\n"
		  "containerRuntimeEndpoint: unix:///run/k3s/containerd/containerd.sock\n" IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/var/lib/rancher/rke2/agent/pod-manifests",
	 "/run/k3s/containerd",
	 131072,
	 true},
	{"RKE2, no kubelet runs, of a time before such files",
	 NULL,
	 {{"/etc/rancher/rke2/config.yaml", "server: https://192.0.2.1:9345\n"}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/var/lib/rancher/rke2/agent/pod-manifests",
	 "/run/k3s/containerd",
	 0,
	 false},
	{"k0s",
	 "/var/lib/k0s/bin/kubelet --root-dir=/var/lib/k0s/kubelet "
	 "--config=/var/lib/k0s/kubelet-config.yaml --containerd=/run/k0s/containerd.sock "
	 "--container-runtime-endpoint=unix:///run/k0s/containerd.sock",
	 {{"/var/lib/k0s/kubelet-config.yaml",
	   CONFIG("staticPodURL: http://127.0.0.1:41573/manifests\n" IDS)}},
	 "/var/lib/k0s/kubelet",
	 "/var/log/pods",
	 NULL,
	 "/run/k0s/containerd",
	 131072,
	 true},
	{"k0s, no kubelet runs",
	 NULL,
	 {{"/var/lib/k0s/kubelet-config.yaml", CONFIG(IDS)}},
	 "/var/lib/k0s/kubelet",
	 "/var/log/pods",
	 NULL,
	 "/run/k0s/containerd",
	 131072,
	 true},
	{"MicroK8s",
	 "/snap/microk8s/6809/kubelite --scheduler-args-file=/var/snap/microk8s/6809/args/kube-scheduler "
	 "--kubelet-args-file=/var/snap/microk8s/6809/args/kubelet --start-control-plane=true",
	 {{"/var/snap/microk8s/6809/args/kubelet",
	   "# the kubelet's\n--root-dir=${SNAP_COMMON}/var/lib/kubelet\n"
	   "--container-runtime-endpoint=\"${SNAP_COMMON}/run/containerd.sock\"\n"
	   "--pod-manifest-path  ${SNAP_DATA}/manifests \n"}},
	 "/var/snap/microk8s/common/var/lib/kubelet",
	 "/var/log/pods",
	 "/var/snap/microk8s/current/manifests",
	 "/var/snap/microk8s/common/run/containerd",
	 0,
	 false},
	{"OpenShift",
	 "/usr/bin/kubelet --config=/etc/kubernetes/kubelet.conf "
	 "--config-dir=/etc/openshift/kubelet.conf.d --container-runtime-endpoint=/var/run/crio/crio.sock",
	 {{"/etc/kubernetes/kubelet.conf",
	   JSON_CONFIG(", \"staticPodPath\": \"/etc/kubernetes/manifests\", \"maxPods\": 250")},
	  {"/etc/openshift/kubelet.conf.d/10-ids.conf", CONFIG(IDS)},
	  {"/etc/openshift/kubelet.conf.d/README", "none of them"}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/etc/kubernetes/manifests",
	 "/run/containers/storage",
	 131072,
	 true},
	{"EKS",
	 "/usr/bin/kubelet --config=/etc/kubernetes/kubelet/config.json "
	 "--config-dir=/etc/kubernetes/kubelet/config.json.d --hostname-override=n1",
	 {{"/etc/kubernetes/kubelet/config.json",
	   JSON_CONFIG(", \"maxPods\": 29, \"containerRuntimeEndpoint\": "
		       "\"unix:///run/containerd/containerd.sock\"")},
	  {"/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf",
	   JSON_CONFIG(", \"maxPods\": 110" JSON_IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 NULL,
	 "/run/containerd",
	 131072,
	 true},
	{"GKE",
	 "/home/kubernetes/bin/kubelet --v=2 --config /home/kubernetes/kubelet-config.yaml --max_pods=64",
	 {{"/home/kubernetes/kubelet-config.yaml",
	   CONFIG("staticPodPath: /etc/kubernetes/manifests\n" IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/etc/kubernetes/manifests",
	 "/run/containerd",
	 131072,
	 true},
	{"Bottlerocket",
	 NULL,
	 {{"/etc/kubernetes/kubelet/config",
	   "---\n" CONFIG("staticPodPath: \"/etc/kubernetes/static-pods/\"\n" IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/etc/kubernetes/static-pods",
	 "/run/containerd",
	 131072,
	 true},
	{"Talos",
	 "/usr/local/bin/kubelet --config=/etc/kubernetes/kubelet.yaml --hostname-override=n1",
	 {{"/etc/kubernetes/kubelet.yaml",
	   CONFIG("staticPodPath: /etc/kubernetes/manifests\nstaticPodURL: http://127.0.0.1:3\n" IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/etc/kubernetes/manifests",
	 "/run/containerd",
	 131072,
	 true},
	{"kubespray",
	 NULL,
	 {{"/etc/kubernetes/kubelet-config.yaml",
	   CONFIG("staticPodPath: \"manifests\"\ncgroupDriver: systemd\n" IDS)}},
	 "/var/lib/kubelet",
	 "/var/log/pods",
	 "/etc/kubernetes/manifests",
	 "/run/containerd",
	 131072,
	 true},
};

static const struct distribution *of_name(const char *name)
{
	for (size_t i = 0; i < sizeof(distributions) / sizeof(*distributions); i++)
		if (!strcmp(distributions[i].name, name))
			return &distributions[i];
	fail_msg("there is no %s", name);
	return NULL;
}

static void put_in(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (text)
		put(path, text);
	else
		make_dirs(path);
}

/* With a pod that has a user namespace, and a static one that asks for one. */
static void fill_root(const struct distribution *of)
{
	put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	run("1", "/sbin/init");
	if (of->command)
		run("777", of->command);
	for (size_t i = 0; i < 4 && of->files[i].path; i++)
		put(of->files[i].path, of->files[i].text);
	put_in(of->kubelet, "pods/" UID_A "/userns", USERNS);
	put_in(of->kubelet, "pods/" UID_S "/", NULL);
	if (of->manifests)
		put_in(of->manifests, "etcd.yaml", MANIFEST);
	usleep(20000); /* clocks of files are coarse */
	put_in(of->logs, "shop_web-0_" UID_A "/", NULL);
	put_in(of->logs, "kube-system_etcd-n1_" UID_S "/", NULL);
	put_in(of->runtime,
	       strstr(of->runtime, "storage") ? "overlay-containers/" ID_1 "/userdata/config.json" :
						"io.containerd.runtime.v2.task/k8s.io/" ID_1
						"/config.json",
	       BUNDLE);
}

static void lay_out(const struct distribution *of)
{
	make_root();
	fill_root(of);
}

/* Two walks: what is said is said once. */
static void look_with(struct metadata_options *opts)
{
	struct stream stream = {.take = take};
	struct metadata *metadata;
	struct problem problem;

	opts->root = root;
	opts->say = hear;
	said[0] = '\0';
	assert_int_equal(metadata_open(opts, &metadata, &problem), 0);
	for (int i = 0; i < 2; i++) {
		records_free(&got);
		assert_int_equal(metadata_walk(metadata, &stream), 0);
		metadata_tell_missing(metadata);
	}
	metadata_close(metadata);
}

static void look(void)
{
	struct metadata_options opts = {.node_name = "n1"};

	look_with(&opts);
}

static const struct nsv_declared *declared(const char *uid, enum nsv_declarer by)
{
	for (size_t i = 0; i < got.n; i++) {
		const struct nsv_declared *one = (const void *)got.v[i];

		if (one->h.type == NSV_DECLARED && !strcmp(one->uid, uid) && one->by == by)
			return one;
	}
	return NULL;
}

static bool has_type(enum nsv_type type)
{
	for (size_t i = 0; i < got.n; i++)
		if (got.v[i]->type == type)
			return true;
	return false;
}

/* How many of that kind are in that state. */
static size_t places(enum nsv_place_kind kind, enum nsv_place_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < got.n; i++) {
		const struct nsv_place *place = (const void *)got.v[i];

		n += place->h.type == NSV_PLACE && place->kind == kind && place->state == state;
	}
	return n;
}

static uint32_t ids_per_pod(void)
{
	for (size_t i = 0; i < got.n; i++)
		if (got.v[i]->type == NSV_POOL)
			return ((const struct nsv_pool *)got.v[i])->ids_per_pod;
	return 1;
}

#define expect(what)                                                                               \
	do {                                                                                       \
		if (!(what))                                                                       \
			fail_msg("%s: not so: %s\n%s", of->name, #what, said);                     \
	} while (0)

static void assert_all_is_found(const struct distribution *of)
{
	const struct nsv_declared *manifest = declared(UID_S, NSV_BY_MANIFEST);

	expect(declared(UID_A, NSV_BY_KUBELET)->userns == NSV_DECLARED_OWN);
	expect(declared(UID_S, NSV_BY_KUBELET)->userns == NSV_DECLARED_NODE);
	expect(manifest->userns == (of->manifests ? NSV_DECLARED_OWN : NSV_DECLARED_UNKNOWN));
	expect(has_type(NSV_POD_NAME));
	expect(has_type(NSV_BUNDLE));
	expect(ids_per_pod() == of->ids_per_pod);
	for (int kind = NSV_PLACE_KUBELET; kind <= NSV_PLACE_RUNTIME; kind++) {
		expect(!places(kind, NSV_PLACE_MISSING) || kind == NSV_PLACE_MANIFESTS ||
		       kind == NSV_PLACE_RUNTIME);
		expect(places(kind, NSV_PLACE_FOUND) || kind == NSV_PLACE_MANIFESTS);
	}
	expect(!of->has_config || places(NSV_PLACE_CONFIG, NSV_PLACE_FOUND));
	expect(!of->manifests || places(NSV_PLACE_MANIFESTS, NSV_PLACE_FOUND) == 1);
	/* What is not there, and would say something, is all that is said. */
	expect(!of->manifests == !!strstr(said, "no manifest was found for 1 static pods"));
	expect(!strstr(said, "cannot use"));
	expect(!strstr(said, "directory was not found"));
}

static size_t count_of(const char *text)
{
	size_t n = 0;

	for (const char *found = said; (found = strstr(found, text)); found++)
		n++;
	return n;
}

static void each_distribution_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(distributions) / sizeof(*distributions); i++) {
		const struct distribution *of = &distributions[i];

		lay_out(of);
		look();
		assert_all_is_found(of);
		take_away("");
	}
}

static void without_the_kubelets_directory(const struct distribution *of)
{
	lay_out(of);
	take_away(of->kubelet);
	/* Where it is the configuration's, too, that is another test. */
	for (size_t i = 0; i < 4 && of->files[i].path; i++)
		put(of->files[i].path, of->files[i].text);
	take_away("/proc");
	run("1", "/sbin/init");
	if (of->command)
		run("777", of->command);
	look();
	expect(!declared(UID_A, NSV_BY_KUBELET));
	if (strcmp(of->kubelet, KUBELET_DIR) != 0 || !strstr(of->name, "kubeadm"))
		expect(count_of("the kubelet's directory was not found") == 1 &&
		       strstr(said, "give --kubelet-dir"));
	expect(places(NSV_PLACE_KUBELET, NSV_PLACE_FOUND) == 0 || strstr(of->name, "kubeadm"));
	take_away("");
}

static void without_logs(const struct distribution *of)
{
	lay_out(of);
	take_away(of->logs);
	look();
	expect(count_of("the directory of pods' logs was not found") == 1);
	expect(places(NSV_PLACE_LOGS, NSV_PLACE_MISSING) == 1);
	expect(declared(UID_A, NSV_BY_KUBELET));
	take_away("");
}

static void without_manifests(const struct distribution *of)
{
	if (!of->manifests)
		return;
	lay_out(of);
	take_away(of->manifests);
	look();
	expect(count_of("no manifest was found for 1 static pods, such as kube-system/etcd-n1") ==
	       1);
	expect(declared(UID_S, NSV_BY_MANIFEST)->userns == NSV_DECLARED_UNKNOWN);
	expect(!places(NSV_PLACE_MANIFESTS, NSV_PLACE_FOUND));
	expect(places(NSV_PLACE_MANIFESTS, NSV_PLACE_MISSING));
	take_away("");
}

static void without_the_runtimes_state(const struct distribution *of)
{
	lay_out(of);
	take_away(of->runtime);
	look();
	expect(!has_type(NSV_BUNDLE));
	expect(count_of("the state of a container runtime was not found") == 1);
	expect(!places(NSV_PLACE_RUNTIME, NSV_PLACE_FOUND));
	take_away("");
}

static void without_its_configuration(const struct distribution *of)
{
	if (!of->has_config)
		return;
	lay_out(of);
	for (size_t i = 0; i < 4 && of->files[i].path; i++)
		take_away(of->files[i].path);
	look();
	expect(ids_per_pod() == 0);
	/* A directory that has nothing in it says nothing, and is right. */
	if (strcmp(of->name, "RKE2") != 0 && strcmp(of->name, "k3s") != 0)
		expect(count_of("the kubelet's configuration was not found") == 1);
	expect(declared(UID_A, NSV_BY_KUBELET) || strstr(of->name, "k0s"));
	take_away("");
}

static void what_is_taken_away_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(distributions) / sizeof(*distributions); i++) {
		const struct distribution *of = &distributions[i];

		without_the_kubelets_directory(of);
		without_logs(of);
		without_manifests(of);
		without_the_runtimes_state(of);
		without_its_configuration(of);
	}
}

/* k3s's command line says where, which is not read; or the file of arguments is not to be seen. */
static void what_is_where_nobody_looks_is_not_none(void **state)
{
	static const struct distribution nowhere[] = {
		{.name = "k3s",
		 .command = "/usr/local/bin/k3s server --data-dir=/data/k3s",
		 .files = {{"/data/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf",
			    CONFIG("maxPods: 250\n" IDS)}},
		 .kubelet = "/var/lib/kubelet",
		 .logs = "/var/log/pods",
		 .runtime = "/run/k3s/containerd"},
		{.name = "MicroK8s",
		 .command = "/snap/microk8s/6809/kubelite --kubelet-args-file=/nowhere",
		 .kubelet = "/var/lib/kubelet",
		 .logs = "/var/log/pods",
		 .runtime = "/run/containerd"}};

	(void)state;
	for (size_t i = 0; i < sizeof(nowhere) / sizeof(*nowhere); i++) {
		const struct distribution *of = &nowhere[i];

		lay_out(of);
		look();
		expect(count_of("the kubelet's configuration was not found") == 1);
		expect(!places(NSV_PLACE_CONFIG, NSV_PLACE_FOUND));
		take_away("");
	}
}

/* ---- what beats what ---- */

static void an_option_beats_all(void **state)
{
	const struct distribution *of = &distributions[0];
	const char *const runtimes[] = {"/r"};
	struct metadata_options opts = {.node_name = "n1",
					.pod_logs = "/l",
					.kubelet = "/k",
					.kubelet_config = "/c",
					.manifests = "/m",
					.runtimes = runtimes,
					.n_runtimes = 1};

	(void)state;
	lay_out(of);
	look_with(&opts);
	expect(!declared(UID_A, NSV_BY_KUBELET) && !has_type(NSV_BUNDLE) &&
	       !has_type(NSV_POD_NAME));
	for (int kind = NSV_PLACE_CONFIG; kind <= NSV_PLACE_RUNTIME; kind++) {
		expect(!places(kind, NSV_PLACE_FOUND));
		expect(places(kind, NSV_PLACE_MISSING) == 1);
	}
	put("/m/etcd.yaml", MANIFEST);
	usleep(20000);
	put_in("/l", "kube-system_etcd-n1_" UID_S "/", NULL);
	put("/c", CONFIG("staticPodPath: /elsewhere\n"));
	look_with(&opts);
	expect(declared(UID_S, NSV_BY_MANIFEST)->userns == NSV_DECLARED_OWN);
	take_away("");
}

static void a_manifest_may_be_all_that_there_is(void **state)
{
	static const struct distribution one = {
		"one manifest",
		NULL,
		{{"/var/lib/kubelet/config.yaml", CONFIG("staticPodPath: /srv/m/etcd.yaml\n")}},
		"/var/lib/kubelet",
		"/var/log/pods",
		"/srv/m",
		"/run/containerd",
		0,
		true};
	const struct distribution *of = &one;

	(void)state;
	lay_out(of);
	look();
	expect(declared(UID_S, NSV_BY_MANIFEST)->userns == NSV_DECLARED_OWN);
	put("/srv/m/other.yaml", "nonsense");
	look();
	expect(!strstr(said, "cannot use"));
	take_away("");
}

/* A pod's process may be called kubelet, and so may somebody's, and one of a node that is a container on this one. */
static void not_each_kubelet_is_the_nodes(void **state)
{
	static const struct {
		const char *cgroup, *status;
		bool is_nodes;
	} kubelets[] = {
		{"0::/system.slice/kubelet.service\n",
		 "Name:\tkubelet\nUid:\t0\t0\t0\t0\nNSpid:\t777\n", true},
		{"0::/kubepods.slice/kubepods-pod" UID_S ".slice/cri-containerd-" ID_1 ".scope\n",
		 "Name:\tkubelet\nUid:\t0\t0\t0\t0\nNSpid:\t777\n", false},
		{"0::/user.slice\n", "Name:\tkubelet\nUid:\t0\t1000\t0\t0\nNSpid:\t777\n", false},
		{"0::/docker/" ID_1 "\n", "Name:\tkubelet\nUid:\t0\t0\t0\t0\nNSpid:\t777\t12\n",
		 false},
	};
	const struct distribution *of = of_name("k0s");

	(void)state;
	for (size_t i = 0; i < sizeof(kubelets) / sizeof(*kubelets); i++) {
		lay_out(of);
		put("/proc/1/status", "Name:\tinit\nUid:\t0\t0\t0\t0\nNSpid:\t1\n");
		put("/proc/777/comm", "kubelet\n");
		put("/proc/777/cgroup", kubelets[i].cgroup);
		put("/proc/777/status", kubelets[i].status);
		run("777", "kubelet --root-dir=/nowhere");
		look();
		expect(!!declared(UID_A, NSV_BY_KUBELET) != kubelets[i].is_nodes);
		take_away("");
	}
}

static void flags_are_as_the_kubelet_takes_them(void **state)
{
	static const char args[] =
		"kubelet\0--config\0/a\0--config=/b\0--root_dir=/r\0--max-pods\0"
		"64\0--node-labels=--root-dir=/x\0-v\0--pod-manifest-path=\0--config-dir";
	struct kubelet_flags flags = {};

	(void)state;
	kubelet_flags_take(&flags, args, sizeof(args));
	assert_string_equal(flags.config, "/b");
	assert_string_equal(flags.root_dir, "/r");
	assert_string_equal(flags.max_pods, "64");
	assert_string_equal(flags.manifests, "");
	assert_null(flags.config_dir);
	kubelet_flags_free(&flags);
	assert_int_equal(kubelet_program("/usr/bin/kubelet"), KUBELET_ITSELF);
	assert_int_equal(kubelet_program("/opt/kubelet-wrapper"), KUBELET_NONE);
	assert_int_equal(kubelet_program("k3s\0server"), KUBELET_K3S);
	assert_int_equal(kubelet_program("/usr/local/bin/k3s kubectl get nodes"), KUBELET_NONE);
}

/* As jsonpatch.MergePatch(): null takes back, and what is not named stays. */
static void a_file_goes_over_another(void **state)
{
	static const char *const files[] = {
		CONFIG("maxPods: 250\nstaticPodPath: /m\npodLogsDir: /l\n" IDS),
		CONFIG("maxPods: null\nstaticPodPath: \"\"\n"),
		JSON_CONFIG(", \"userNamespaces\": null, \"cgroupRoot\": \"/x\""),
	};
	struct kubelet_config config = {};
	struct problem problem = {};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		assert_int_equal(kubelet_parse(files[i], strlen(files[i]), &config, &problem), 0);
	assert_int_equal(config.max_pods, 0);
	assert_int_equal(config.ids_per_pod, 0);
	assert_string_equal(config.static_pods, "");
	assert_string_equal(config.pod_logs, "/l");
	assert_string_equal(config.cgroup_root, "/x");
	assert_int_equal(kubelet_parse("kind: Pod\n", 10, &config, &problem), -EINVAL);
	assert_string_equal(config.pod_logs, "/l");
}

static void files_over_another_are_in_their_order(void **state)
{
	const struct distribution *of = of_name("OpenShift");
	struct metadata_options opts = {.node_name = "n1"};

	(void)state;
	lay_out(of);
	put("/etc/openshift/kubelet.conf.d/20.d/00.conf",
	    CONFIG("userNamespaces: {idsPerPod: 262144}\n"));
	put("/etc/openshift/kubelet.conf.d/15.conf",
	    CONFIG("userNamespaces: {idsPerPod: 196608}\n"));
	put("/etc/openshift/kubelet.conf.d/99.yaml",
	    CONFIG("userNamespaces: {idsPerPod: 65536}\n"));
	look_with(&opts);
	expect(ids_per_pod() == 262144);
	put("/etc/openshift/kubelet.conf.d/30.conf", "kind: Nothing\n");
	look_with(&opts);
	expect(count_of(
		       "/etc/openshift/kubelet.conf.d/30.conf: it is not a KubeletConfiguration") ==
	       1);
	expect(places(NSV_PLACE_CONFIG, NSV_PLACE_UNUSABLE) == 1);
	expect(ids_per_pod() == 0);
	take_away("");
}

/* What it hands to its kubelet: files over another, and "+" for what is added. */
static void files_of_k3s_go_over_another(void **state)
{
	static const char args[] = "--hostname-override=n1\0--a=1\0--b=2\0--c=3";
	struct rancher rancher;
	int fd;

	(void)state;
	make_root();
	put("/etc/rancher/k3s/config.yaml", "kubelet-arg: [x=0]\ndata-dir: ${HOME}/k3s\n");
	put("/etc/rancher/k3s/config.yaml.d/1.yaml", "kubelet-arg: --a=1\n");
	put("/etc/rancher/k3s/config.yaml.d/2.YML", "node-name: n1\nkubelet-arg+: [b=2, c=3]\n");
	put("/etc/rancher/k3s/config.yaml.d/3.yaml", "# data-dir: /nowhere\n\n");
	put("/etc/rancher/k3s/config.yaml.d/4.txt", "data-dir: /nowhere\n");
	fd = open(root, O_RDONLY | O_DIRECTORY);
	rancher_read(fd, &rancher);
	assert_string_equal(rancher.of, "k3s");
	assert_null(rancher.data_dir);
	assert_int_equal(rancher.err, 0);
	assert_int_equal(rancher.args_len, sizeof(args));
	assert_memory_equal(rancher.args, args, sizeof(args));
	rancher_free(&rancher);
	close(fd);
	take_away("");
}

static void k3s_copies_what_its_kubelet_is_told(void **state)
{
	const struct distribution *of = of_name("k3s");

	(void)state;
	lay_out(of);
	put("/etc/rancher/k3s/config.yaml", "kubelet-arg: config=/srv/kubelet.yaml\n");
	put("/srv/kubelet.yaml", CONFIG("staticPodPath: /nowhere\n"));
	look();
	assert_all_is_found(of);
	take_away("/var/lib/rancher/k3s/agent/etc");
	look();
	expect(!places(NSV_PLACE_MANIFESTS, NSV_PLACE_FOUND));
	take_away("");
}

static void a_broken_file_of_k3s_is_said(void **state)
{
	const struct distribution *of = of_name("k3s");

	(void)state;
	lay_out(of);
	put("/etc/rancher/k3s/config.yaml.d/1.yaml", "kubelet-arg: {root-dir: /data}\n");
	look();
	expect(count_of("cannot use") == 1);
	expect(count_of("/etc/rancher/k3s/config.yaml.d/1.yaml: its kubelet-arg is not a text") ==
	       1);
	expect(ids_per_pod() == 0);
	take_away("");
}

static int end(void **state)
{
	(void)state;
	records_free(&got);
	if (*root)
		take_away("");
	return 0;
}

/* "--list", and "--lay-out NAME DIR", which says where is what: for tests/live/layouts.sh. */
static int lay_out_for(int argc, char **argv)
{
	const struct distribution *of;

	for (size_t i = 0; argc == 2 && i < sizeof(distributions) / sizeof(*distributions); i++)
		puts(distributions[i].name);
	if (argc != 4)
		return argc != 2;
	of = of_name(argv[2]);
	snprintf(root, sizeof(root), "%s", argv[3]);
	fill_root(of);
	printf("%s %s %s %s\n", of->kubelet, of->logs, of->manifests ?: "-", of->runtime);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_distribution_is_found),
		cmocka_unit_test(what_is_taken_away_is_said),
		cmocka_unit_test(what_is_where_nobody_looks_is_not_none),
		cmocka_unit_test(an_option_beats_all),
		cmocka_unit_test(a_manifest_may_be_all_that_there_is),
		cmocka_unit_test(not_each_kubelet_is_the_nodes),
		cmocka_unit_test(flags_are_as_the_kubelet_takes_them),
		cmocka_unit_test(a_file_goes_over_another),
		cmocka_unit_test(files_over_another_are_in_their_order),
		cmocka_unit_test(files_of_k3s_go_over_another),
		cmocka_unit_test(k3s_copies_what_its_kubelet_is_told),
		cmocka_unit_test(a_broken_file_of_k3s_is_said),
	};

	return argc > 1 ? lay_out_for(argc, argv) : cmocka_run_group_tests(tests, NULL, end);
}
