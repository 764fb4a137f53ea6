// SPDX-License-Identifier: BSD-2-Clause
/* What files declare against what the kernel shows: user/engine/model/files.c, declared-mismatch */
#include <errno.h>
#include <string.h>

#include "node.h"

/* ---- the kubelet's allotment ---- */

static void what_was_allotted_and_is_there_is_fine(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_KUBELET);
	assert_int_equal(the_pod(POD_A)->observed, OBSERVED_OWN);
}

static void what_was_allotted_and_is_not_there_is_found(void **state)
{
	const struct evidence *evidence;
	struct box *a = host_pod(POD_A);

	(void)state;
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical host-userns:notice");
	assert_int_equal(the_pod(POD_A)->observed, OBSERVED_NODE);
	evidence = the_evidence(POD_A, "declared-mismatch");
	assert_ids(evidence, "uid", FIRST_OF(2), LAST_OF(2));
	assert_int_equal(evidence->subject.process.task.tid, a->init->task.tid);
	assert_says(evidence->text, "the kubelet allotted host UIDs 131072-196607 (/a/file)",
		    "the node's user namespace 4026531837");
	assert_says(the_finding(POD_A, "declared-mismatch")->check,
		    "cat '/a/file' /proc/1000/uid_map");
}

static void another_map_than_the_allotted_one_is_found(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(3));
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical");
	assert_says(the_evidence(POD_A, "declared-mismatch")->text, "131072-196607",
		    "with host UIDs 196608-262143, GIDs 196608-262143");
}

static void gids_that_differ_alone_are_found(void **state)
{
	(void)state;
	with_init(container(pod(POD_A), userns(.map = BLOCK(2), .gids = BLOCK(3))));
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical unexpected-mapping:warning");
}

static void a_pod_that_was_allotted_nothing_may_be_on_the_node(void **state)
{
	(void)state;
	host_pod(POD_A);
	declared(POD_A, NULL, NSV_BY_KUBELET, NULL);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_NONE);
}

/* An image's process may sandbox itself, and a runtime may do more than it was asked for. */
static void more_than_was_declared_is_no_mismatch(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	declared(POD_A, NULL, NSV_BY_KUBELET, NULL);
	declared(POD_A, a, NSV_BY_RUNTIME, NULL);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_container_of_which_nothing_runs_promises_nothing(void **state)
{
	struct box *a = container(pod(POD_A), node.userns);

	(void)state;
	task(.in = a, .entrant = true);
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	declared(POD_A, a, NSV_BY_RUNTIME, BLOCK(2));
	look();
	assert_pod(POD_A, "starting", "");
	assert_int_equal(the_pod(POD_A)->observed, OBSERVED_UNKNOWN);
}

/* ---- the runtime's configuration ---- */

static void a_configuration_is_compared_with_its_container(void **state)
{
	struct nsv_cgroup *cgroup = pod(POD_A);
	struct box *a = with_init(container(cgroup, node.userns));
	struct box *b = with_init(container(cgroup, node.userns));
	const struct finding *finding;

	(void)state;
	declared(POD_A, a, NSV_BY_RUNTIME, NULL);
	declared(POD_A, b, NSV_BY_RUNTIME, BLOCK(2));
	bundle(POD_A, b, "app");
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical host-userns:notice");
	finding = the_finding(POD_A, "declared-mismatch");
	assert_int_equal(finding->count, 1);
	assert_int_equal(finding->evidence[0].subject.process.task.tid, b->init->task.tid);
	assert_says(finding->evidence[0].text, "the runtime's configuration has host UIDs",
		    "container 000000000000 \"app\"");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_RUNTIME);
}

/* A container that joins its sandbox's namespace by path need not have a map. */
static void a_user_namespace_without_a_map_may_have_any(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	declared(POD_A, a, NSV_BY_RUNTIME, MAP({0, 0, 0}));
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_user_namespace_without_a_map_is_one_all_the_same(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	declared(POD_A, a, NSV_BY_RUNTIME, MAP({0, 0, 0}));
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical host-userns:notice");
	assert_says(the_evidence(POD_A, "declared-mismatch")->text,
		    "the runtime's configuration has a user namespace (/a/file)");
}

static void each_file_that_disagrees_is_an_observation(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	declared(POD_A, a, NSV_BY_RUNTIME, BLOCK(2));
	look();
	assert_int_equal(the_finding(POD_A, "declared-mismatch")->count, 2);
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_KUBELET);
}

/* ---- a static pod's manifest ---- */

static void a_manifest_that_the_kernel_keeps_is_fine(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	declared(POD_A, NULL, NSV_BY_MANIFEST, MAP({0, 0, 0}));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_MANIFEST);
	assert_string_equal(allotted_name(ALLOTTED_MANIFEST), "manifest");
}

static void a_manifest_that_was_not_heard_is_found(void **state)
{
	(void)state;
	host_pod(POD_A);
	declared(POD_A, NULL, NSV_BY_MANIFEST, MAP({0, 0, 0}));
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical host-userns:notice");
	assert_says(the_evidence(POD_A, "declared-mismatch")->text,
		    "the static pod's manifest asks for a user namespace (/a/file), but container");
	assert_says(the_evidence(POD_A, "declared-mismatch")->text,
		    "runs in the node's user namespace 4026531837");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_MANIFEST);
}

static void who_did_not_hear_a_manifest_is_said(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	declared(POD_A, NULL, NSV_BY_MANIFEST, MAP({0, 0, 0}));
	declared(POD_A, NULL, NSV_BY_KUBELET, NULL);
	declared(POD_A, a, NSV_BY_RUNTIME, NULL);
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical host-userns:notice");
	assert_says(the_evidence(POD_A, "declared-mismatch")->text,
		    "(/a/file), the kubelet allotted none, but container");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_MANIFEST);
}

static void a_manifest_may_ask_for_none(void **state)
{
	(void)state;
	host_pod(POD_A);
	declared(POD_A, NULL, NSV_BY_MANIFEST, NULL);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_int_equal(the_pod(POD_A)->allotted,
			 ALLOTTED_UNKNOWN); /* what the kubelet allotted */
	declared(POD_A, NULL, NSV_BY_KUBELET, NULL);
	look();
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_NONE);
}

/* None is what all say who would say otherwise. */
static void what_was_not_found_is_not_none(void **state)
{
	struct box *a = host_pod(POD_A);
	struct nsv_declared *manifest;
	struct nsv_place *runtime;

	(void)state;
	declared(POD_A, NULL, NSV_BY_KUBELET, NULL);
	manifest = declared(POD_A, NULL, NSV_BY_MANIFEST, NULL);
	manifest->userns = NSV_DECLARED_UNKNOWN;
	look();
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_UNKNOWN);
	manifest->userns = NSV_DECLARED_NODE;
	look();
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_NONE);
	place(1, NSV_PLACE_RUNTIME, NSV_PLACE_MISSING);
	look();
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_UNKNOWN);
	runtime = place(2, NSV_PLACE_RUNTIME, NSV_PLACE_FOUND);
	look();
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_NONE);
	runtime->state = NSV_PLACE_MISSING;
	declared(POD_A, a, NSV_BY_RUNTIME, BLOCK(2));
	look();
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_RUNTIME);
	assert_int_equal(node.report->n_places, 2);
	assert_int_equal(node.report->places[0].item, 1);
}

static void what_is_no_place_is_refused(void **state)
{
	struct nsv_place *record;

	(void)state;
	host_pod(POD_A);
	record = place(1, NSV_PLACE_RUNTIME + 1, NSV_PLACE_FOUND);
	assert_int_equal(walk_result(), -EPROTO);
	record->kind = NSV_PLACE_RUNTIME;
	record->state = NSV_PLACE_UNUSABLE + 1;
	assert_int_equal(walk_result(), -EPROTO);
	record->state = NSV_PLACE_FOUND;
	memset(record->path, 'x', sizeof(record->path));
	assert_int_equal(walk_result(), -EPROTO);
}

static void what_the_kubelet_allotted_says_more_than_a_manifest(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	declared(POD_A, NULL, NSV_BY_MANIFEST, MAP({0, 0, 0}));
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_KUBELET);
}

static void another_pods_files_are_another_pods(void **state)
{
	struct box *a = host_pod(POD_A), *b = isolated_pod(POD_B, BLOCK(3));

	(void)state;
	declared(POD_B, NULL, NSV_BY_KUBELET, BLOCK(3));
	declared(POD_B, a, NSV_BY_RUNTIME, BLOCK(2)); /* the id is a's, the pod is not */
	bundle(POD_B, a, "not-mine");
	bundle(POD_B, b, "mine");
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_pod(POD_B, "isolated", "");
	assert_int_equal(the_pod(POD_A)->n_names, 0);
	assert_int_equal(the_pod(POD_B)->n_names, 1);
	assert_string_equal(the_pod(POD_B)->names[0], "mine");
	assert_string_equal(the_pod(POD_B)->runtime, "containerd");
	assert_null(the_pod(POD_A)->runtime);
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_UNKNOWN);
}

static void extents_that_continue_each_other_are_one(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	declared(POD_A, NULL, NSV_BY_KUBELET,
		 MAP({32768, FIRST_OF(2) + 32768, 32768}, {0, FIRST_OF(2), 32768}));
	look();
	assert_pod(POD_A, "isolated", "");
}

/* On a node that is itself in a user namespace, files have the numbers that it sees. */
static void numbers_are_those_that_the_node_sees(void **state)
{
	(void)state;
	node_is_nested(MAP({0, 1000000, 1000000}), NULL);
	isolated_pod(POD_A, MAP({0, 1000000 + FIRST_OF(2), 65536}));
	declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	look();
	assert_pod(POD_A, "isolated", "");
}

/* A pod's files go before its cgroup does: what they said stays known until then. */
static void what_a_file_said_stays_until_the_pod_is_gone(void **state)
{
	struct nsv_declared *file;
	struct box *a = host_pod(POD_A);

	(void)state;
	file = declared(POD_A, NULL, NSV_BY_KUBELET, BLOCK(2));
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical host-userns:notice");
	gone(file);
	look();
	assert_pod(POD_A, "violated", "declared-mismatch:critical host-userns:notice");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_KUBELET);
	gone(a->init);
	gone(a->cgroup);
	gone(a->pod);
	walk();
	host_pod(POD_A);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_int_equal(the_pod(POD_A)->allotted, ALLOTTED_UNKNOWN);
}

/* Where the runtime's bundle says that it is, and the kernel shows it elsewhere. */
static void a_container_that_runs_elsewhere_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b, *c;
	struct nsv_bundle *of_a, *of_b, *of_c;

	(void)state;
	b = container(pod(POD_B), node.userns);
	c = container(pod(POD_C), node.userns);
	of_a = bundle(POD_A, a, "app");
	of_b = bundle(POD_B, b, "app");
	of_c = bundle(POD_C, c, "app");
	of_a->state = of_b->state = of_c->state = NSV_BUNDLE_RUNS;
	of_a->pid = a->init->task.tgid;
	of_b->pid = task(.comm = "cuda")->task.tgid; /* in no pod */
	of_c->pid = 54321;			     /* it has ended since */
	look();
	assert_pod(POD_A, "isolated", "");
	assert_pod(POD_B, "not judged", "");
	assert_string_equal(the_pod(POD_B)->reason,
			    "its runtime says that a container runs, and none "
			    "of its processes is in the pod's cgroup");
	assert_pod(POD_C, "empty", "");
	/* Beside containers that are where they should be. */
	of_a->pid = of_b->pid;
	look();
	assert_pod(POD_A, "not judged", "");
	of_b->state = NSV_BUNDLE_OVER;
	look();
	assert_pod(POD_B, "empty", "");
	/* There is a bundle, and it names no process. */
	of_b->state = NSV_BUNDLE_NO_PID;
	look();
	assert_pod(POD_B, "not judged", "");
	of_a->state = NSV_BUNDLE_NO_PID;
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_pod_that_has_just_come_with_a_bundle_is_starting(void **state)
{
	struct box *a;

	(void)state;
	look();
	a = container(pod(POD_A), node.userns);
	bundle(POD_A, a, "app")->state = NSV_BUNDLE_NO_PID;
	look();
	assert_pod(POD_A, "starting", "");
	node.now += 61 * SECOND;
	look();
	assert_pod(POD_A, "not judged", "");
}

static uint64_t volumes_of(const char *uid, uint64_t *mapped)
{
	*mapped = the_pod(uid)->mapped_volumes;
	return the_pod(uid)->volumes;
}

#define OF_POD "/var/lib/kubelet/pods/" POD_A "/"
#define SANDBOX "/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/1/"

/* As it is counted of a pod with a user namespace, so it is of one without. */
static void volumes_are_counted_and_not_mounts(void **state)
{
	static const struct {
		const char *point, *source;
	} mounts[] = {
		{"/data", OF_POD "volumes/kubernetes.io~empty-dir/data"},
		{"/again", OF_POD "volumes/kubernetes.io~empty-dir/data"},
		{"/part", OF_POD "volume-subpaths/data/app/0"},
		{"/claim", OF_POD "volumes/kubernetes.io~csi/pvc-1/mount"},
		{"/host", "/srv/data"},
		{"/host/too", "/srv/data"},
		{"/token", OF_POD "volumes/kubernetes.io~projected/token"},
		{"/etc/hosts", OF_POD "etc-hosts"},
		{"/dev/termination-log", OF_POD "containers/app/0123"},
		{"/etc/resolv.conf", SANDBOX "resolv.conf"},
		{"/dev/shm", "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/1/shm"},
		{"/etc/hostname", "/run/containers/storage/overlay-containers/1/userdata/hostname"},
	};
	const size_t n = sizeof(mounts) / sizeof(*mounts);
	uint64_t mapped;

	(void)state;
	for (int isolated = 0; isolated < 2; isolated++) {
		struct box *a = isolated ? isolated_pod(POD_A, BLOCK(2)) : host_pod(POD_A), *b;
		struct nsv_mount *first = NULL;
		uint32_t flags = isolated ? NSV_VOLUME_IDMAPPED : 0;

		b = with_init(container(a->pod, a->userns));
		bundle(POD_A, a, "app");
		bundle(POD_A, b, "other");
		for (size_t i = 0; i < n; i++) {
			struct nsv_mount *mount;

			volume(POD_A, a, mounts[i].point, mounts[i].source, flags);
			mount = mounted(a, 100 + (uint32_t)i, mounts[i].point, isolated);
			first = first ?: mount;
		}
		volume(POD_A, b, "/shared", mounts[0].source, flags);
		mounted(b, 200, "/shared", isolated);
		look();
		assert_int_equal(volumes_of(POD_A, &mapped), 4);
		assert_int_equal(mapped, isolated ? 4 : 0);
		if (!isolated) {
			assert_int_equal(node_end(NULL), 0);
			assert_int_equal(node_begin(NULL), 0);
			continue;
		}
		/* One of its mounts is enough for a volume to be not idmapped. */
		first->idmapped = 0;
		look();
		assert_int_equal(volumes_of(POD_A, &mapped), 4);
		assert_int_equal(mapped, 3);
	}
}

static void what_is_no_declaration_is_refused(void **state)
{
	static const struct {
		uint32_t by, userns, n_uid;
		const char *uid;
	} bad[] = {
		{0, NSV_DECLARED_OWN, 0, POD_A}, {4, NSV_DECLARED_OWN, 0, POD_A},
		{NSV_BY_KUBELET, 0, 0, POD_A},	 {NSV_BY_KUBELET, 3, 0, POD_A},
		{NSV_BY_KUBELET, 1, 1, POD_A},	 {NSV_BY_KUBELET, 1, 0, "../.."},
		{NSV_BY_KUBELET, 1, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct nsv_declared *file = declared(POD_A, NULL, NSV_BY_KUBELET, NULL);

		file->by = bad[i].by;
		file->userns = bad[i].userns;
		file->n_uid = bad[i].n_uid;
		memset(file->uid, 0, sizeof(file->uid));
		strcpy(file->uid, bad[i].uid);
		assert_int_equal(walk_result(), -EPROTO);
		gone(file);
	}
}

/* ---- volumes ---- */

static const char volume_path[] = "/var/lib/kubelet/pods/" POD_A
				  "/volumes/kubernetes.io~empty-dir/data";

static void a_volume_with_an_idmap_is_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	bundle(POD_A, a, "app");
	volume(POD_A, a, "/data", volume_path, NSV_VOLUME_IDMAPPED);
	mounted(a, 700, "/data", true);
	mounted(a, 701, "/tmp", false); /* is no volume */
	look();
	assert_pod(POD_A, "isolated", "");
	assert_true(the_pod(POD_A)->has_volumes);
	assert_int_equal(the_pod(POD_A)->volumes, 1);
	assert_int_equal(the_pod(POD_A)->mapped_volumes, 1);
}

static void a_volume_without_an_idmap_is_found(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	const struct evidence *evidence;

	(void)state;
	bundle(POD_A, a, "app");
	volume(POD_A, a, "/data", volume_path, NSV_VOLUME_IDMAPPED);
	mounted(a, 700, "/data", false);
	look();
	assert_pod(POD_A, "isolated", "volume-not-idmapped:warning");
	evidence = the_evidence(POD_A, "volume-not-idmapped");
	assert_int_equal(evidence->mount->id, 700);
	assert_string_equal(evidence->mount->point, "/data");
	assert_says(evidence->text, "mount 700 (ext4, 8:1 \"/\") at \"/data\"", "\"app\"",
		    volume_path, "which the runtime was told to idmap");
	assert_int_equal(the_pod(POD_A)->volumes, 1);
	assert_int_equal(the_pod(POD_A)->mapped_volumes, 0);
}

/* Only what is known for certain to be a volume of the pod's, and to be there. */
static void what_need_not_have_an_idmap_is_fine(void **state)
{
	static const struct {
		const char *point, *source;
		uint32_t flags;
	} fine[] = {
		{"/etc/resolv.conf", "/run/x/resolv.conf", NSV_VOLUME_IDMAPPED},
		{"/etc/hostname", "/run/x/hostname", NSV_VOLUME_IDMAPPED},
		{"/run/.containerenv", "/run/x/.containerenv", 0},
		{"/dev/shm", "/run/x/shm", NSV_VOLUME_IDMAPPED},
		{"/dev/null", "/dev/null", NSV_VOLUME_IDMAPPED},
		{"/sys/fs/cgroup", "/sys/fs/cgroup", NSV_VOLUME_IDMAPPED},
		{"/etc/hosts", "/var/lib/kubelet/pods/" POD_A "/etc-hosts", NSV_VOLUME_IDMAPPED},
		{"/term", "/var/lib/kubelet/pods/" POD_A "/containers/app/1", NSV_VOLUME_IDMAPPED},
		{"/host", "/srv", 0}, /* none was asked for, and it is no volume of the kubelet's */
		{"/data", "/var/lib/kubelet/pods/" POD_B "/volumes/x/data", 0},
	};
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fine); i++) {
		volume(POD_A, a, fine[i].point, fine[i].source, fine[i].flags);
		mounted(a, 700 + (uint32_t)i, fine[i].point, false);
	}
	volume(POD_A, a, "/not-there", volume_path, NSV_VOLUME_IDMAPPED);
	look();
	assert_pod(POD_A, "isolated", "");
	assert_int_equal(the_pod(POD_A)->volumes, 2); /* the last two */
}

static void a_volume_of_an_image_is_mapped_below(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_mount *mount;

	(void)state;
	volume(POD_A, a, "/image", volume_path, 0);
	mount = mounted(a, 700, "/image", false);
	strcpy(mount->mount.type, "overlay");
	look();
	assert_pod(POD_A, "isolated", "");
}

static void volumes_of_a_pod_on_the_node_need_no_idmap(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	bundle(POD_A, a, "app");
	volume(POD_A, a, "/data", volume_path, 0);
	mounted(a, 700, "/data", false);
	look();
	assert_pod(POD_A, "host", "host-userns:notice");
	assert_int_equal(the_pod(POD_A)->volumes, 1);
}

/* What the pod mounts over it, or elsewhere, is its own. */
static void what_is_mounted_over_a_volume_is_the_pods_own(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct nsv_mount *elsewhere;

	(void)state;
	volume(POD_A, a, "/data", volume_path, NSV_VOLUME_IDMAPPED);
	mounted(a, 700, "/data", true);
	mounted(a, 701, "/data", false);
	elsewhere = mounted(a, 702, "/data", false);
	elsewhere->ns.inum += 1000;
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_link_of_images_is_known(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	volume(POD_A, a, "/var/run/secrets/token", volume_path, NSV_VOLUME_IDMAPPED);
	mounted(a, 700, "/run/secrets/token", false);
	look();
	assert_pod(POD_A, "isolated", "volume-not-idmapped:warning");
}

/* ---- whose host IDs are ---- */

static void a_line_of_a_file_that_has_the_pods_ids_is_a_warning(void **state)
{
	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	id_owner(NSV_FILE_PASSWD, "alice", FIRST_OF(2) + 7, 1);
	id_owner(NSV_FILE_SUBGID, "bob\n", FIRST_OF(1), 65537);
	id_owner(NSV_FILE_SUBUID, "carol", FIRST_OF(3), 65536);
	look();
	assert_pod(POD_A, "isolated", "ids-in-use:warning");
	assert_int_equal(the_finding(POD_A, "ids-in-use")->count, 2);
	assert_ids(&the_finding(POD_A, "ids-in-use")->evidence[0], "uid", FIRST_OF(2) + 7,
		   FIRST_OF(2) + 7);
	assert_says(the_finding(POD_A, "ids-in-use")->evidence[0].text,
		    "/etc/passwd gives host UID 131079 to \"alice\"");
	assert_ids(&the_finding(POD_A, "ids-in-use")->evidence[1], "gid", FIRST_OF(2), FIRST_OF(2));
	assert_says(the_finding(POD_A, "ids-in-use")->evidence[1].text,
		    "/etc/subgid gives host GID 131072 to \"bob\\x0a\"");
}

static void lines_have_numbers_that_the_node_sees(void **state)
{
	(void)state;
	node_is_nested(MAP({0, 1000000, 1000000}), NULL);
	isolated_pod(POD_A, MAP({0, 1000000 + FIRST_OF(2), 65536}));
	id_owner(NSV_FILE_PASSWD, "outside", 1000000 + FIRST_OF(2), 1);
	look();
	assert_pod(POD_A, "isolated", "");
	id_owner(NSV_FILE_PASSWD, "inside", FIRST_OF(2), 1);
	look();
	assert_pod(POD_A, "isolated", "ids-in-use:warning");
}

static void a_map_outside_the_kubelets_pool_is_unexpected(void **state)
{
	struct nsv_pool *of;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	of = pool(FIRST_OF(2), 65536);
	look();
	assert_pod(POD_A, "isolated", "");
	of->first = FIRST_OF(3);
	look();
	assert_pod(POD_A, "isolated", "unexpected-mapping:warning");
	assert_says(the_evidence(POD_A, "unexpected-mapping")->text,
		    "reaches host IDs 131072-196607, but the kubelet allots 196608-262143 "
		    "(/etc/subuid)");
	of->first = FIRST_OF(1);
	look();
	assert_pod(POD_A, "isolated", "unexpected-mapping:warning");
	gone(of);
	look();
	assert_pod(POD_A, "isolated", "");
}

static void a_map_of_another_length_than_the_kubelet_allots_is_unexpected(void **state)
{
	struct nsv_pool *of;

	(void)state;
	isolated_pod(POD_A, BLOCK(2));
	of = pool(FIRST_OF(1), 10 * 65536);
	of->ids_per_pod = 65536;
	look();
	assert_pod(POD_A, "isolated", "");
	of->ids_per_pod = 131072;
	look();
	assert_pod(POD_A, "isolated", "unexpected-mapping:warning");
	assert_says(the_evidence(POD_A, "unexpected-mapping")->text,
		    "has length 65536, but the kubelet's idsPerPod is 131072");
	of->ids_per_pod = 0; /* it is not known */
	look();
	assert_pod(POD_A, "isolated", "");
}

/* ---- sandboxes ---- */

static void a_pod_in_a_sandbox_is_not_judged_by_its_processes(void **state)
{
	static const struct {
		const char *handler, *verdict, *findings;
	} runs[] = {
		{"containerd-shim-kata-v2", "sandboxed", ""},
		{"kata-qemu", "sandboxed", ""},
		{"containerd-shim-runsc-v1", "sandboxed", ""},
		{"containerd-shim-runc-v2", "host", "host-userns:notice"},
		{"", "host", "host-userns:notice"},
	};
	struct box *a = host_pod(POD_A);
	struct nsv_bundle *of = bundle(POD_A, a, "app");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
		memset(of->handler, 0, sizeof(of->handler));
		strcpy(of->handler, runs[i].handler);
		look();
		assert_pod(POD_A, runs[i].verdict, runs[i].findings);
	}
}

/* gVisor's maps everything: that is no other pod's business. */
static void a_sandboxs_map_is_of_no_pod(void **state)
{
	struct box *a = isolated_pod(POD_A, MAP({0, 0, 4294967295}));
	struct nsv_bundle *of = bundle(POD_A, a, "app");

	(void)state;
	strcpy(of->handler, "runsc");
	isolated_pod(POD_B, BLOCK(2));
	look();
	assert_pod(POD_A, "sandboxed", "");
	assert_int_equal(the_pod(POD_B)->n_findings, 1);
	assert_string_equal(the_pod(POD_B)->findings[0].rule->name, "ids-in-use");
}

/* ---- quality of service ---- */

static void the_class_is_told_by_where_the_cgroup_is(void **state)
{
	static const struct {
		const char *path, *qos;
	} paths[] = {
		{"/kubepods/burstable/pod" POD_A, "Burstable"},
		{"/kubepods/besteffort/pod" POD_A, "BestEffort"},
		{"/kubepods/pod" POD_A, "Guaranteed"},
		{"/x/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice",
		 "Burstable"},
		{"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod1.slice", "Guaranteed"},
		{"/elsewhere/pod" POD_A, NULL},
		{"/pod" POD_A, NULL},
		{"/notburstable/pod" POD_A, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct nsv_cgroup *cgroup = pod_at(POD_A, paths[i].path);

		walk();
		if (paths[i].qos)
			assert_string_equal(the_pod(POD_A)->qos, paths[i].qos);
		else
			assert_null(the_pod(POD_A)->qos);
		gone(cgroup);
		walk();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(what_was_allotted_and_is_there_is_fine),
		NODE_TEST(what_was_allotted_and_is_not_there_is_found),
		NODE_TEST(another_map_than_the_allotted_one_is_found),
		NODE_TEST(gids_that_differ_alone_are_found),
		NODE_TEST(a_pod_that_was_allotted_nothing_may_be_on_the_node),
		NODE_TEST(more_than_was_declared_is_no_mismatch),
		NODE_TEST(a_container_of_which_nothing_runs_promises_nothing),
		NODE_TEST(a_configuration_is_compared_with_its_container),
		NODE_TEST(a_user_namespace_without_a_map_may_have_any),
		NODE_TEST(a_user_namespace_without_a_map_is_one_all_the_same),
		NODE_TEST(each_file_that_disagrees_is_an_observation),
		NODE_TEST(a_manifest_that_the_kernel_keeps_is_fine),
		NODE_TEST(a_manifest_that_was_not_heard_is_found),
		NODE_TEST(who_did_not_hear_a_manifest_is_said),
		NODE_TEST(a_manifest_may_ask_for_none),
		NODE_TEST(what_the_kubelet_allotted_says_more_than_a_manifest),
		NODE_TEST(what_was_not_found_is_not_none),
		NODE_TEST(what_is_no_place_is_refused),
		NODE_TEST(another_pods_files_are_another_pods),
		NODE_TEST(extents_that_continue_each_other_are_one),
		NODE_TEST(numbers_are_those_that_the_node_sees),
		NODE_TEST(what_a_file_said_stays_until_the_pod_is_gone),
		NODE_TEST(a_container_that_runs_elsewhere_is_not_judged),
		NODE_TEST(a_pod_that_has_just_come_with_a_bundle_is_starting),
		NODE_TEST(volumes_are_counted_and_not_mounts),
		NODE_TEST(what_is_no_declaration_is_refused),
		NODE_TEST(a_volume_with_an_idmap_is_fine),
		NODE_TEST(a_volume_without_an_idmap_is_found),
		NODE_TEST(what_need_not_have_an_idmap_is_fine),
		NODE_TEST(a_volume_of_an_image_is_mapped_below),
		NODE_TEST(volumes_of_a_pod_on_the_node_need_no_idmap),
		NODE_TEST(what_is_mounted_over_a_volume_is_the_pods_own),
		NODE_TEST(a_link_of_images_is_known),
		NODE_TEST(a_line_of_a_file_that_has_the_pods_ids_is_a_warning),
		NODE_TEST(lines_have_numbers_that_the_node_sees),
		NODE_TEST(a_map_outside_the_kubelets_pool_is_unexpected),
		NODE_TEST(a_map_of_another_length_than_the_kubelet_allots_is_unexpected),
		NODE_TEST(a_pod_in_a_sandbox_is_not_judged_by_its_processes),
		NODE_TEST(a_sandboxs_map_is_of_no_pod),
		NODE_TEST(the_class_is_told_by_where_the_cgroup_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
