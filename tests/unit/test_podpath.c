// SPDX-License-Identifier: BSD-2-Clause
/* How the kubelet and runtimes name things: user/source/podpath.h, user/source/nodefiles/names.h */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "random.h"
#include "source/nodefiles/names.h"
#include "source/podpath.h"

#define DASHED "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
#define SCORED "0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9" /* as systemd needs it */
#define HASH "0123456789abcdef0123456789abcdef"
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define assert_pod_dir(component, uid) expect_pod_dir(component, uid, __FILE__, __LINE__)

/* uid: NULL if it is no pod's directory. */
static void expect_pod_dir(const char *component, const char *uid, const char *file, int line)
{
	char out[NSV_POD_UID_LEN] = "untouched";
	bool is_pod = podpath_pod(component, out);

	if (is_pod == !!uid && !strcmp(out, uid ? uid : "untouched"))
		return;
	print_message("# \"%s\": %s \"%s\"\n", component, is_pod ? "a pod," : "no pod,", out);
	_fail(file, line);
}

static void the_systemd_driver_is_known_at_each_qos_level(void **state)
{
	(void)state;
	assert_pod_dir("kubepods-pod" SCORED ".slice", DASHED);
	assert_pod_dir("kubepods-burstable-pod" SCORED ".slice", DASHED);
	assert_pod_dir("kubepods-besteffort-pod" SCORED ".slice", DASHED);
}

static void the_cgroupfs_driver_is_known(void **state)
{
	(void)state;
	assert_pod_dir("pod" DASHED, DASHED);
}

static void static_pods_are_known_under_both_drivers(void **state)
{
	(void)state;
	assert_pod_dir("pod" HASH, HASH);
	assert_pod_dir("kubepods-pod" HASH ".slice", HASH);
	assert_pod_dir("kubepods-burstable-pod" HASH ".slice", HASH);
	assert_pod_dir("kubepods-besteffort-pod" HASH ".slice", HASH);
}

/* systemd puts the names of all parents before a slice's. */
static void a_pod_is_known_under_any_cgroup_root(void **state)
{
	(void)state;
	assert_pod_dir("kubelet-kubepods-pod" SCORED ".slice", DASHED);
	assert_pod_dir("kubelet-kubepods-besteffort-pod" SCORED ".slice", DASHED);
	assert_pod_dir("a-b-c-kubepods-burstable-pod" SCORED ".slice", DASHED);
	assert_pod_dir("kubelet-kubepods-besteffort-pod" HASH ".slice", HASH);
	assert_pod_dir("machine-pod-kubepods-pod" SCORED ".slice", DASHED);
}

static void directories_above_pods_are_none(void **state)
{
	static const char *const components[] = {
		"",
		".slice",
		"kubepods",
		"kubepods.slice",
		"kubepods-besteffort.slice",
		"besteffort",
		"burstable",
		"kubelet-kubepods-burstable.slice",
		"system.slice",
		"user.slice",
		"init.scope",
		"pod",
		"pod.slice",
		"-pod.slice",
		"kubepods-pod.slice",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(components); i++)
		assert_pod_dir(components[i], NULL);
}

static void directories_of_containers_are_none(void **state)
{
	(void)state;
	assert_pod_dir(ID, NULL);
	assert_pod_dir("cri-containerd-" ID ".scope", NULL);
	assert_pod_dir("crio-" ID ".scope", NULL);
	assert_pod_dir("crio-conmon-" ID ".scope", NULL);
	assert_pod_dir("docker-" ID ".scope", NULL);
}

static void a_uid_of_another_length_is_none(void **state)
{
	(void)state;
	assert_pod_dir("pod0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f", NULL);
	assert_pod_dir("pod0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f90", NULL);
	assert_pod_dir("pod0123456789abcdef0123456789abcde", NULL);
	assert_pod_dir("pod0123456789abcdef0123456789abcdef0", NULL);
	assert_pod_dir("kubepods-pod0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f.slice", NULL);
	assert_pod_dir("kubepods-pod0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f90.slice", NULL);
	assert_pod_dir("pod" ID, NULL);
	assert_pod_dir("kubepods-pod" ID ".slice", NULL);
}

static void upper_case_and_other_letters_are_no_uid(void **state)
{
	(void)state;
	assert_pod_dir("pod0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9", NULL);
	assert_pod_dir("podg a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f", NULL);
	assert_pod_dir("pod0123456789ABCDEF0123456789ABCDEF", NULL);
	assert_pod_dir("pod0123456789abcdef0123456789abcdeg", NULL);
	assert_pod_dir("POD" DASHED, NULL);
	assert_pod_dir("kubepods-Pod" SCORED ".slice", NULL);
}

static void separators_are_of_one_kind_and_in_their_places(void **state)
{
	(void)state;
	assert_pod_dir("pod0a1b2c3d-4e5f_6071-8293-a4b5c6d7e8f9", NULL);
	assert_pod_dir("pod0a1b2c3d_4e5f-6071_8293_a4b5c6d7e8f9", NULL);
	assert_pod_dir("pod0a1b2c3d-4e5f-6071-8293_a4b5c6d7e8f9", NULL);
	assert_pod_dir("pod0a1b2c3d.4e5f.6071.8293.a4b5c6d7e8f9", NULL);
	assert_pod_dir("pod0a1b2c3-d4e5f-6071-8293-a4b5c6d7e8f9", NULL);
	assert_pod_dir("pod0a1b2c3d04e5f060710829304b5c6d7e8f90", NULL);
	assert_pod_dir("pod------------------------------------", NULL);
}

static void pod_begins_the_name_or_follows_a_dash_in_a_slice(void **state)
{
	(void)state;
	assert_pod_dir("xpod" DASHED, NULL);
	assert_pod_dir("kubepodspod" SCORED ".slice", NULL);
	assert_pod_dir("kubepods_pod" SCORED ".slice", NULL);
	assert_pod_dir("kubepods.pod" SCORED ".slice", NULL);
	/* Not a slice. */
	assert_pod_dir("kubepods-pod" SCORED, NULL);
	assert_pod_dir("kubepods-besteffort-pod" SCORED ".scope", NULL);
	assert_pod_dir("kubepods-besteffort-pod" SCORED ".service", NULL);
}

static void nothing_follows_the_uid(void **state)
{
	(void)state;
	assert_pod_dir("pod" DASHED "x", NULL);
	assert_pod_dir("pod" DASHED " ", NULL);
	assert_pod_dir("pod" DASHED ".slice.slice", NULL);
	assert_pod_dir("kubepods-pod" SCORED "-x.slice", NULL);
	assert_pod_dir("kubepods-pod" SCORED ".slice.d", NULL);
	assert_pod_dir("kubepods-pod" SCORED ".slicer", NULL);
}

static void podmans_pods_are_none(void **state)
{
	(void)state;
	assert_pod_dir("libpod_pod_" ID, NULL);
	assert_pod_dir("libpod_pod_" HASH, NULL);
	assert_pod_dir("machine-libpod_pod_" ID ".slice", NULL);
	assert_pod_dir("user-libpod_pod_" HASH ".slice", NULL);
	assert_pod_dir("libpod-" ID ".scope", NULL);
	assert_pod_dir("libpod-conmon-" ID ".scope", NULL);
}

static void a_uid_by_itself_is_known_in_all_forms(void **state)
{
	char uid[NSV_POD_UID_LEN];

	(void)state;
	assert_true(podpath_uid(DASHED, uid));
	assert_string_equal(uid, DASHED);
	assert_true(podpath_uid(SCORED, uid));
	assert_string_equal(uid, DASHED);
	assert_true(podpath_uid(HASH, uid));
	assert_string_equal(uid, HASH);
}

static void what_is_no_uid_leaves_the_output_alone(void **state)
{
	static const char *const texts[] = {
		"",
		"-",
		"pod" DASHED,
		DASHED "0",
		DASHED " ",
		ID,
		"0a1b2c3d-4e5f_6071-8293-a4b5c6d7e8f9",
	};
	char uid[NSV_POD_UID_LEN] = "untouched";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_false(podpath_uid(texts[i], uid));
		assert_string_equal(uid, "untouched");
	}
}

/* All of the output is set: it goes into a record. */
static void a_uid_fills_the_rest_with_zeros(void **state)
{
	char uid[NSV_POD_UID_LEN];

	(void)state;
	memset(uid, '#', sizeof(uid));
	assert_true(podpath_uid(HASH, uid));
	for (size_t i = strlen(HASH); i < sizeof(uid); i++)
		assert_int_equal(uid[i], 0);
}

/* A manifest may name any; much else on a node is called "pod...". */
static void a_freely_named_uid_is_known_where_pods_are(void **state)
{
	static const struct {
		const char *parent, *component, *uid; /* NULL: no pod's */
	} names[] = {
		{"", "kubepods-besteffort-podmy_static_pod.slice", "my-static-pod"},
		{"kubepods.slice", "kubepods-podmetadatauid.slice", "metadatauid"},
		{"", "a-b-kubepods-burstable-podX.slice", "X"},
		{"kubepods", "podmy-static-pod", "my-static-pod"},
		{"besteffort", "pod1", "1"},
		{"burstable", "pod0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9",
		 "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"},
		{"", "podx", NULL},
		{"system.slice", "podman.service", NULL},
		{"machine.slice", "podman-1.slice", NULL},
		{"", "user-podx.slice", NULL},
		{"", "mykubepods-podx.slice", NULL},
		{"kubepods", "pod", NULL},
		{"kubepods", "besteffort", NULL},
		{"kubepods", "pod-x", NULL},
		{"kubepods", "pod x", NULL},
		{"kubepods", "podx.d", NULL},
		{"kubepods.slice", "kubepods-pod.slice", NULL},
		{"kubepods.slice", "kubepods-besteffort.slice", NULL},
		{"kubepods.slice", "kubepods-pod_x.slice", NULL},
		{"kubepods.slice", "kubepods-podx", NULL},
		{"kubepods", "pod0123456789012345678901234567890123456789", NULL},
	};
	char path[] = "0::/kubepods/besteffort/podmy-static-pod/" ID "\n", uid[NSV_POD_UID_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char is[NSV_POD_UID_LEN] = "untouched";
		bool found = podpath_named_pod(names[i].parent, names[i].component, is);

		if (found != !!names[i].uid || strcmp(is, names[i].uid ?: "untouched") != 0)
			fail_msg("%s/%s: \"%s\"", names[i].parent, names[i].component, is);
	}
	assert_true(podpath_in_pod(path, uid));
	assert_string_equal(uid, "my-static-pod");
	assert_true(podpath_any_uid(SCORED, uid));
	assert_string_equal(uid, DASHED);
	assert_false(podpath_any_uid("", uid));
	assert_false(podpath_any_uid("..", uid));
}

/* ---- containers ---- */

#define assert_container(component, kind, id)                                                      \
	do {                                                                                       \
		char out[NSV_CONTAINER_LEN];                                                       \
                                                                                                   \
		assert_int_equal(podpath_container(component, out), kind);                         \
		assert_string_equal(out, id);                                                      \
	} while (0)

static void a_container_is_known_by_its_digits_under_each_runtime(void **state)
{
	(void)state;
	assert_container("cri-containerd-" ID ".scope", NSV_CGROUP_CONTAINER, ID);
	assert_container("crio-" ID ".scope", NSV_CGROUP_CONTAINER, ID);
	assert_container("docker-" ID ".scope", NSV_CGROUP_CONTAINER, ID);
	assert_container("crio-" ID, NSV_CGROUP_CONTAINER, ID);
	assert_container(ID, NSV_CGROUP_CONTAINER, ID);
}

static void conmons_cgroup_is_a_monitors(void **state)
{
	(void)state;
	assert_container("crio-conmon-" ID ".scope", NSV_CGROUP_MONITOR, ID);
	assert_container("crio-conmon-" ID, NSV_CGROUP_MONITOR, ID);
}

static void only_conmons_prefix_makes_a_monitor(void **state)
{
	(void)state;
	assert_container("conmon-" ID ".scope", NSV_CGROUP_CONTAINER, ID);
	assert_container("xcrio-conmon-" ID ".scope", NSV_CGROUP_CONTAINER, ID);
	assert_container("crio-conmo-" ID ".scope", NSV_CGROUP_CONTAINER, ID);
}

static void a_directory_without_an_id_is_known_by_its_name(void **state)
{
	(void)state;
	assert_container("container", NSV_CGROUP_CONTAINER, "container");
	assert_container("init.scope", NSV_CGROUP_CONTAINER, "init");
	assert_container("x", NSV_CGROUP_CONTAINER, "x");
	assert_container(".scope", NSV_CGROUP_CONTAINER, ".scope");
	/* One digit less, and upper case. */
	assert_container(HASH "0123456789abcdef0123456789abcde", NSV_CGROUP_CONTAINER,
			 HASH "0123456789abcdef0123456789abcde");
	assert_container("crio-0123456789ABCDEF", NSV_CGROUP_CONTAINER, "crio-0123456789ABCDEF");
}

static void a_long_name_is_cut_to_what_fits(void **state)
{
	const size_t most = NSV_CONTAINER_LEN - 1;

	(void)state;
	for (size_t n = most - 1; n < 256; n++) {
		char name[256], id[NSV_CONTAINER_LEN];

		memset(name, 'z', n);
		name[n] = '\0';
		assert_int_equal(podpath_container(name, id), NSV_CGROUP_CONTAINER);
		assert_int_equal(strnlen(id, sizeof(id)), n < most ? n : most);
	}
}

static void an_id_fills_the_rest_with_zeros(void **state)
{
	char id[NSV_CONTAINER_LEN];

	(void)state;
	memset(id, '#', sizeof(id));
	podpath_container("x", id);
	for (size_t i = 1; i < sizeof(id); i++)
		assert_int_equal(id[i], 0);
}

/* ---- whole paths, as distributions and mistakes make them ---- */

/* As cgroups.c: the outermost that is a pod's, and what is in it; or one that lies apart. */
static void take_path(const char *path, char uid[NSV_POD_UID_LEN], char id[NSV_CONTAINER_LEN])
{
	char copy[NSV_CGROUP_PATH_LEN], *state = NULL;
	bool is_pod = false;

	snprintf(copy, sizeof(copy), "%s", path);
	uid[0] = id[0] = '\0';
	for (char *part = strtok_r(copy, "/", &state); part; part = strtok_r(NULL, "/", &state)) {
		if (is_pod) {
			podpath_container(part, id);
			return;
		}
		is_pod = podpath_pod(part, uid);
		if (!is_pod && podpath_astray(part, uid, id))
			return;
	}
}

static void paths_of_distributions_are_taken_apart(void **state)
{
	static const struct {
		const char *path, *uid, *id; /* uid: "" if it is of no pod */
	} paths[] = {
		{"/kubepods/besteffort/pod" DASHED "/" ID, DASHED, ID},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" SCORED
		 ".slice/cri-containerd-" ID ".scope",
		 DASHED, ID},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" SCORED
		 ".slice/crio-" ID ".scope/container",
		 DASHED, ID},
		{"/kubepods.slice/kubepods-pod" HASH ".slice/crio-" ID ".scope", HASH, ID},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" SCORED
		 ".slice/docker-" ID ".scope",
		 DASHED, ID},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" SCORED
		 ".slice/runsc-" ID ".scope",
		 DASHED, ID},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" SCORED
		 ".slice/kata_overhead",
		 DASHED, "kata_overhead"},
		{"/azure.slice/azure-kubepods.slice/azure-kubepods-pod" SCORED
		 ".slice/cri-containerd-" ID ".scope",
		 DASHED, ID},
		/* A node that is a container: kind, minikube, LXC; rootless. */
		{"/docker/" ID "/kubelet.slice/kubelet-kubepods.slice/"
		 "kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod" SCORED
		 ".slice/cri-containerd-" ID ".scope",
		 DASHED, ID},
		{"/system.slice/docker-" ID ".scope/kubelet.slice/kubelet-kubepods.slice/"
		 "kubelet-kubepods-pod" SCORED ".slice/cri-containerd-" ID ".scope",
		 DASHED, ID},
		{"/docker/" ID "/docker/" ID "/kubelet/kubepods/pod" DASHED "/" ID, DASHED, ID},
		{"/lxc.payload.node1/kubepods/burstable/pod" DASHED "/" ID, DASHED, ID},
		{"/user.slice/user-1000.slice/user@1000.service/kubelet-kubepods.slice/"
		 "kubelet-kubepods-pod" SCORED ".slice/cri-containerd-" ID ".scope",
		 DASHED, ID},
		/* A cluster in a pod: what is in there is the outer pod's. */
		{"/kubepods/burstable/pod" DASHED "/" ID "/kubepods/besteffort/pod" HASH "/x",
		 DASHED, ID},
		/* A runtime of another cgroup driver than the kubelet's. */
		{"/system.slice/containerd.service/kubepods-besteffort-pod" SCORED
		 ".slice:cri-containerd:" ID,
		 DASHED, ID},
		{"/system.slice/k3s.service/kubepods-besteffort-pod" SCORED
		 ".slice:cri-containerd:" ID,
		 DASHED, ID},
		{"/kubepods-besteffort-pod" SCORED ".slice:cri-containerd:" ID, DASHED, ID},
		/* Of no pod. */
		{"/machine.slice/machine-libpod_pod_" ID ".slice/libpod-" ID ".scope/container", "",
		 ""},
		{"/k8s.io/" ID, "", ""},
		{"/kata_overhead/" ID, "", ""},
		{"/ecs/1234/" ID, "", ""},
		{"/garden/" SCORED, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char uid[NSV_POD_UID_LEN], id[NSV_CONTAINER_LEN];

		take_path(paths[i].path, uid, id);
		if (strcmp(uid, paths[i].uid) != 0 || strcmp(id, paths[i].id) != 0)
			fail_msg("%s: \"%s\" \"%s\"", paths[i].path, uid, id);
	}
}

/* ---- names on disk ---- */

static void a_log_directory_names_a_pod(void **state)
{
	struct nsv_pod_name event = {};

	(void)state;
	assert_true(names_parse("kube-system_coredns-5d78c9869d-abcde_" DASHED, &event));
	assert_string_equal(event.namespace, "kube-system");
	assert_string_equal(event.name, "coredns-5d78c9869d-abcde");
	assert_string_equal(event.uid, DASHED);
}

static void a_static_pods_log_directory_names_it(void **state)
{
	struct nsv_pod_name event = {};

	(void)state;
	assert_true(names_parse("kube-system_etcd-node.example_" HASH, &event));
	assert_string_equal(event.name, "etcd-node.example");
	assert_string_equal(event.uid, HASH);
}

static void names_as_long_as_kubernetes_allows_fit(void **state)
{
	struct nsv_pod_name event = {};
	char entry[512], long_one[257];

	(void)state;
	memset(long_one, 'n', sizeof(long_one));
	snprintf(entry, sizeof(entry), "%.63s_%.253s_" DASHED, long_one, long_one);
	assert_true(names_parse(entry, &event));
	assert_int_equal(strlen(event.namespace), 63);
	assert_int_equal(strlen(event.name), 253);
}

static void hostile_entries_name_no_pod(void **state)
{
	static const char *const entries[] = {
		"",
		"_",
		"__",
		"___",
		".",
		"..",
		DASHED,
		"_" DASHED,
		"__" DASHED,
		"ns_" DASHED,
		"_name_" DASHED,
		"ns__" DASHED,
		"ns_name_",
		"ns_name",
		"ns_na_me_" DASHED,
		"n_s_name_" DASHED,
		"ns_name_" SCORED,
		"ns_name_" DASHED "_",
		"ns_name_" DASHED ".log",
		"ns_name_ " DASHED,
		"ns_name_-x",
		"ns_name_0123456789012345678901234567890123456789",
		"ns_name_..",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		struct nsv_pod_name event = {};

		if (!names_parse(entries[i], &event))
			continue;
		fail_msg("\"%s\" names %s/%s", entries[i], event.namespace, event.name);
	}
}

static void names_that_do_not_fit_are_none(void **state)
{
	char entry[512], long_one[257];
	struct nsv_pod_name event = {};

	(void)state;
	memset(long_one, 'n', sizeof(long_one));
	snprintf(entry, sizeof(entry), "%.64s_name_" DASHED, long_one);
	assert_false(names_parse(entry, &event));
	snprintf(entry, sizeof(entry), "ns_%.256s_" DASHED, long_one);
	assert_false(names_parse(entry, &event));
}

/* DESIGN 9: out-params last, and untouched on failure. */
static void what_names_no_pod_leaves_the_event_alone(void **state)
{
	struct nsv_pod_name event, before;

	(void)state;
	memset(&event, '#', sizeof(event));
	before = event;
	assert_false(names_parse("ns_name", &event));
	assert_memory_equal(&event, &before, sizeof(event));
	assert_false(names_parse("ns_name_no.uid", &event));
	assert_memory_equal(&event, &before, sizeof(event));
}

static void a_name_fills_the_rest_with_zeros(void **state)
{
	struct nsv_pod_name event;

	(void)state;
	memset(&event, '#', sizeof(event));
	assert_true(names_parse("a_b_" HASH, &event));
	for (size_t i = 1; i < sizeof(event.namespace); i++)
		assert_int_equal(event.namespace[i], 0);
	for (size_t i = 1; i < sizeof(event.name); i++)
		assert_int_equal(event.name[i], 0);
	for (size_t i = strlen(HASH); i < sizeof(event.uid); i++)
		assert_int_equal(event.uid[i], 0);
}

/* Of whatever a directory can be called, only what has the form is taken. */
static void random_entries_are_survived(void **state)
{
	static const char alphabet[] = "_-.podslice/0123456789abcdefAF\n\033\xff ";
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char entry[256], uid[NSV_POD_UID_LEN], id[NSV_CONTAINER_LEN];
		size_t n = random_below(&seed, round % 10 ? 60 : sizeof(entry));
		struct nsv_pod_name event = {};

		for (size_t i = 0; i < n; i++)
			entry[i] = alphabet[random_below(&seed, sizeof(alphabet) - 1)];
		entry[n] = '\0';
		assert_false(podpath_pod(entry, uid));
		assert_true(!names_parse(entry, &event) || podpath_any_uid(event.uid, uid));
		podpath_container(entry, id);
		assert_true(strlen(id) < sizeof(id));
	}
}

static void a_containers_name_that_was_meant_for_systemd_is_astray(void **state)
{
	(void)state;
	assert_true(podpath_is_astray("kubepods-besteffort-pod12345678_1234_1234_1234_123456789abc"
				      ".slice:cri-containerd:0123"));
	assert_true(podpath_is_astray("kubepods-pod0123456789abcdef0123456789abcdef.slice:crio:1"));
	assert_false(podpath_is_astray("kubepods-pod0123456789abcdef0123456789abcdef.slice"));
	assert_false(podpath_is_astray("kubepods.slice:crio:1"));
	assert_false(podpath_is_astray(":"));
	assert_false(podpath_is_astray(""));
}

static void an_astray_name_says_whose_container_it_is(void **state)
{
	static const char digits[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const struct {
		const char *slice, *uid;
	} slices[] = {
		{"kubepods-besteffort-pod12345678_1234_1234_1234_123456789abc.slice",
		 "12345678-1234-1234-1234-123456789abc"},
		{"kubepods-pod12345678_1234_1234_1234_123456789abc.slice",
		 "12345678-1234-1234-1234-123456789abc"},
		{"kubelet-kubepods-burstable-pod0123456789abcdef0123456789abcdef.slice",
		 "0123456789abcdef0123456789abcdef"},
		{"pod12345678-1234-1234-1234-123456789abc", "12345678-1234-1234-1234-123456789abc"},
	};
	static const char *const prefixes[] = {"cri-containerd", "crio", "docker"};
	char name[NSV_NAME_LEN], uid[NSV_POD_UID_LEN], id[NSV_CONTAINER_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(slices) / sizeof(*slices); i++)
		for (size_t k = 0; k < sizeof(prefixes) / sizeof(*prefixes); k++) {
			snprintf(name, sizeof(name), "%s:%s:%s", slices[i].slice, prefixes[k],
				 digits);
			assert_int_equal(podpath_astray(name, uid, id), NSV_CGROUP_CONTAINER);
			assert_string_equal(uid, slices[i].uid);
			assert_string_equal(id, digits);
		}
	snprintf(name, sizeof(name), "%s:crio-conmon:%s", slices[0].slice, digits);
	assert_int_equal(podpath_astray(name, uid, id), NSV_CGROUP_MONITOR);
	assert_int_equal(podpath_astray("xpod12345678-1234-1234-1234-123456789abc:crio:1", uid, id),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_systemd_driver_is_known_at_each_qos_level),
		cmocka_unit_test(the_cgroupfs_driver_is_known),
		cmocka_unit_test(static_pods_are_known_under_both_drivers),
		cmocka_unit_test(a_pod_is_known_under_any_cgroup_root),
		cmocka_unit_test(directories_above_pods_are_none),
		cmocka_unit_test(directories_of_containers_are_none),
		cmocka_unit_test(a_uid_of_another_length_is_none),
		cmocka_unit_test(upper_case_and_other_letters_are_no_uid),
		cmocka_unit_test(separators_are_of_one_kind_and_in_their_places),
		cmocka_unit_test(pod_begins_the_name_or_follows_a_dash_in_a_slice),
		cmocka_unit_test(nothing_follows_the_uid),
		cmocka_unit_test(podmans_pods_are_none),
		cmocka_unit_test(paths_of_distributions_are_taken_apart),
		cmocka_unit_test(a_freely_named_uid_is_known_where_pods_are),
		cmocka_unit_test(a_uid_by_itself_is_known_in_all_forms),
		cmocka_unit_test(what_is_no_uid_leaves_the_output_alone),
		cmocka_unit_test(a_uid_fills_the_rest_with_zeros),
		cmocka_unit_test(a_container_is_known_by_its_digits_under_each_runtime),
		cmocka_unit_test(conmons_cgroup_is_a_monitors),
		cmocka_unit_test(only_conmons_prefix_makes_a_monitor),
		cmocka_unit_test(a_directory_without_an_id_is_known_by_its_name),
		cmocka_unit_test(a_long_name_is_cut_to_what_fits),
		cmocka_unit_test(an_id_fills_the_rest_with_zeros),
		cmocka_unit_test(a_log_directory_names_a_pod),
		cmocka_unit_test(a_static_pods_log_directory_names_it),
		cmocka_unit_test(names_as_long_as_kubernetes_allows_fit),
		cmocka_unit_test(hostile_entries_name_no_pod),
		cmocka_unit_test(names_that_do_not_fit_are_none),
		cmocka_unit_test(what_names_no_pod_leaves_the_event_alone),
		cmocka_unit_test(a_name_fills_the_rest_with_zeros),
		cmocka_unit_test(random_entries_are_survived),
		cmocka_unit_test(a_containers_name_that_was_meant_for_systemd_is_astray),
		cmocka_unit_test(an_astray_name_says_whose_container_it_is),
	};

	return cmocka_run_group_tests_name("podpath", tests, NULL, NULL);
}
