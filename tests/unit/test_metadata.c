// SPDX-License-Identifier: BSD-2-Clause
/*
 * Trees of files as the kubelet, containerd and CRI-O leave them on a node, and what is not as it
 * should be: user/source/nodefiles/metadata.c, declared.c, files.c
 */
#include "cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "made_root.h"
#include "source/nodefiles/declared.h"
#include "source/nodefiles/files.h"
#include "source/nodefiles/kubelet.h"
#include "source/nodefiles/manifest.h"
#include "source/nodefiles/metadata.h"

#define UID_A "aaaaaaaa-0000-4000-8000-000000000000"
#define UID_A_ "aaaaaaaa_0000_4000_8000_000000000000"
#define UID_S "0123456789abcdef0123456789abcdef" /* of a static pod */
#define ID_0 "0000000000000000000000000000000000000000000000000000000000000000"
#define ID_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define ID_2 "2222222222222222222222222222222222222222222222222222222222222222"

#define TASKS "/run/containerd/io.containerd.runtime.v2.task/k8s.io/"
#define CRIO "/run/containers/storage/overlay-containers/"
#define PODS "/var/lib/kubelet/pods/"
#define MANIFESTS "/etc/kubernetes/manifests/"

#define MAPPINGS(first, host, size) "[{\"" first "\":0,\"" host "\":6553600,\"" size "\":65536}]"
#define USERNS_FILE                                                                                \
	"{\"uidMappings\":" MAPPINGS(                                                              \
		"containerId", "hostId",                                                           \
		"length") ",\"gidMappings\":" MAPPINGS("containerId", "hostId", "length") "}"
#define LINUX(more)                                                                                \
	"\"linux\":{" more                                                                         \
	"\"uidMappings\":" MAPPINGS("containerID", "hostID", "size") ",\"gidMappings\":" MAPPINGS( \
		"containerID", "hostID",                                                           \
		"size") ","                                                                        \
			"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"user\",\"path\":\"/proc/1/ns/user\"}]}"
#define CONTAINERD(type, more)                                                                     \
	"{\"ociVersion\":\"1.2.0\",\"annotations\":{"                                              \
	"\"io.kubernetes.cri.container-type\":\"" type "\","                                       \
	"\"io.kubernetes.cri.sandbox-id\":\"" ID_0 "\","                                           \
	"\"io.kubernetes.cri.sandbox-name\":\"web-0\","                                            \
	"\"io.kubernetes.cri.sandbox-namespace\":\"shop\"" more "},"
#define CONTAINERD_OF(uid, name)                                                                   \
	CONTAINERD("container", ",\"io.kubernetes.cri.sandbox-uid\":\"" uid                        \
				"\",\"io.kubernetes.cri.container-name\":\"" name "\"")
#define CRIO_NOTES(type, uid, name)                                                                \
	"{\"ociVersion\":\"1.1.0\",\"annotations\":{"                                              \
	"\"io.kubernetes.cri-o.ContainerType\":\"" type "\","                                      \
	"\"io.kubernetes.cri-o.RuntimeHandler\":\"kata\","                                         \
	"\"io.kubernetes.pod.uid\":\"" uid "\",\"io.kubernetes.pod.name\":\"etcd-n1\","            \
	"\"io.kubernetes.pod.namespace\":\"kube-system\","                                         \
	"\"io.kubernetes.container.name\":\"" name "\"},"

static struct metadata_options opts;
static struct metadata *metadata;
static struct records got; /* what was pushed */

static int take(void *ctx, const struct nsv_event *event)
{
	struct nsv_event *copy;

	(void)ctx;
	/* What is not known is in test_places.c. */
	if (event->type == NSV_PLACE ||
	    (event->type == NSV_DECLARED &&
	     ((const struct nsv_declared *)event)->userns == NSV_DECLARED_UNKNOWN))
		return 0;
	copy = records_add(&got, (enum nsv_type)event->type, event->len);
	memcpy(copy, event, event->len);
	return 0;
}

static struct stream stream = {.take = take};

static int begin(void **state)
{
	struct problem problem;

	(void)state;
	make_root();
	said[0] = '\0';
	opts = (struct metadata_options){
		.root = root,
		.pod_logs = "/var/log/pods",
		.kubelet = "/var/lib/kubelet",
		.kubelet_config = NULL,
		.node_name = "N1",
		.say = hear,
	};
	return metadata_open(&opts, &metadata, &problem);
}

static int end(void **state)
{
	(void)state;
	metadata_close(metadata);
	records_free(&got);
	take_away("");
	return 0;
}

static void walk(void)
{
	records_free(&got);
	assert_int_equal(metadata_walk(metadata, &stream), 0);
}

static const struct nsv_pod_name *name_of(const char *uid)
{
	const struct nsv_pod_name *found = NULL;

	for (size_t i = 0; i < got.n; i++) {
		const struct nsv_pod_name *name = (const void *)got.v[i];

		if (name->h.type != NSV_POD_NAME || strcmp(name->uid, uid))
			continue;
		assert_null(found); /* once is enough */
		found = name;
	}
	return found;
}

static const struct nsv_bundle *bundle_of(const char *container)
{
	for (size_t i = 0; i < got.n; i++) {
		const struct nsv_bundle *bundle = (const void *)got.v[i];

		if (bundle->h.type == NSV_BUNDLE && !strcmp(bundle->container, container))
			return bundle;
	}
	return NULL;
}

/* container: NULL is what the kubelet says. */
static const struct nsv_declared *declared_of(const char *uid, const char *container)
{
	for (size_t i = 0; i < got.n; i++) {
		const struct nsv_declared *declared = (const void *)got.v[i];

		if (declared->h.type == NSV_DECLARED && !strcmp(declared->uid, uid) &&
		    !strcmp(declared->container, container ? container : ""))
			return declared;
	}
	return NULL;
}

static void assert_own(const struct nsv_declared *declared, enum nsv_declarer by)
{
	assert_non_null(declared);
	assert_int_equal(declared->by, by);
	assert_int_equal(declared->userns, NSV_DECLARED_OWN);
	assert_int_equal(declared->n_uid, 1);
	assert_int_equal(declared->n_gid, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(nsv_declared_uids(declared)[i].first, 0);
		assert_int_equal(nsv_declared_uids(declared)[i].host, 6553600);
		assert_int_equal(nsv_declared_uids(declared)[i].count, 65536);
	}
}

/* ---- manifests of static pods ---- */

#define STATIC_LOGS "/var/log/pods/kube-system_etcd-n1_" UID_S "/"
#define STATIC_POD(spec)                                                                           \
	"apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {a.b: [&x b, *x, 'c']}\n"            \
	"  name: etcd\n  namespace: kube-system\nspec:\n" spec                                     \
	"  containers:\n  - name: etcd\n    hostUsers: true\n"

static void a_manifest_is_of_the_pod_that_has_its_name(void **state)
{
	(void)state;
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	make_dirs(STATIC_LOGS);
	make_dirs("/var/log/pods/kube-system_etcd-n1_" UID_A "/"); /* of the API: a UUID */
	make_dirs("/var/log/pods/default_etcd-n1_11111111111111111111111111111111/");
	make_dirs("/var/log/pods/kube-system_etcd-x-n1_22222222222222222222222222222222/");
	make_dirs("/var/log/pods/kube-system_etcd-n2_33333333333333333333333333333333/");
	walk();
	assert_string_equal(said, "");
	assert_non_null(declared_of(UID_S, NULL));
	assert_int_equal(declared_of(UID_S, NULL)->by, NSV_BY_MANIFEST);
	assert_int_equal(declared_of(UID_S, NULL)->userns, NSV_DECLARED_OWN);
	assert_int_equal(declared_of(UID_S, NULL)->n_uid, 0);
	assert_string_equal(declared_of(UID_S, NULL)->file, MANIFESTS "etcd.yaml");
	assert_null(declared_of(UID_A, NULL));
	assert_null(declared_of("11111111111111111111111111111111", NULL));
	assert_null(declared_of("22222222222222222222222222222222", NULL));
	assert_null(declared_of("33333333333333333333333333333333", NULL));
}

static void a_manifest_may_be_json_and_without_a_namespace(void **state)
{
	(void)state;
	put(MANIFESTS "web", "{\n\t\"kind\": \"Pod\",\n\t\"metadata\": {\"name\": \"web\"},\n"
			     "\t\"spec\": {\"hostUsers\": true}\n}\n");
	make_dirs("/var/log/pods/default_web-n1_" UID_S "/");
	walk();
	assert_string_equal(said, "");
	assert_non_null(declared_of(UID_S, NULL));
	assert_int_equal(declared_of(UID_S, NULL)->userns, NSV_DECLARED_NODE);
}

static void a_manifest_that_names_a_uid_is_of_that_pod(void **state)
{
	(void)state;
	put(MANIFESTS "web.yaml", "kind: Pod\nmetadata: {name: web, uid: " UID_A "}\n"
				  "spec: {hostUsers: no}\n");
	make_dirs("/var/log/pods/default_web-n1_" UID_A "/");
	make_dirs("/var/log/pods/default_web-n1_" UID_S "/");
	walk();
	assert_int_equal(declared_of(UID_A, NULL)->userns, NSV_DECLARED_OWN);
	assert_null(declared_of(UID_S, NULL));
}

static void a_manifest_may_name_a_uid_freely(void **state)
{
	(void)state;
	put(MANIFESTS "etcd.yaml", "kind: Pod\nmetadata: {name: etcd, uid: my-static-pod}\n"
				   "spec: {hostUsers: false}\n");
	usleep(20000);
	make_dirs("/var/log/pods/default_etcd-n1_my-static-pod/");
	walk();
	assert_int_equal(declared_of("my-static-pod", NULL)->userns, NSV_DECLARED_OWN);
}

static void a_manifest_without_the_field_asks_for_nothing(void **state)
{
	(void)state;
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers:\n"));
	put(MANIFESTS ".etcd.yaml.swp", "b0VIM");
	make_dirs(STATIC_LOGS);
	walk();
	assert_int_equal(declared_of(UID_S, NULL)->userns, NSV_DECLARED_NODE);
	assert_string_equal(said, "");
}

/* The kubelet takes one of them; a copy that was left there may be the other. */
static void of_two_manifests_that_differ_none_is_used(void **state)
{
	(void)state;
	put(MANIFESTS "etcd.yaml", STATIC_POD(""));
	put(MANIFESTS "etcd.yaml.bak", STATIC_POD("  hostUsers: false\n"));
	make_dirs(STATIC_LOGS);
	walk();
	assert_null(declared_of(UID_S, NULL));
	assert_non_null(
		strstr(said, "of the pod kube-system/etcd-n1 disagrees about hostUsers with"));
	assert_non_null(strstr(said, "disagrees about hostUsers with etcd.yaml"));
	said[0] = '\0';
	walk();
	assert_string_equal(said, "");
}

static void two_manifests_that_say_the_same_are_as_one(void **state)
{
	(void)state;
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	put(MANIFESTS "etcd.yaml.bak", STATIC_POD("  hostUsers: false\n  # old\n"));
	make_dirs(STATIC_LOGS);
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	assert_string_equal(said, "");
}

/* Clocks of files are coarse. */
static void later(void)
{
	usleep(20000);
}

static void put_now(const char *path, const char *text)
{
	put(path, text);
	assert_int_equal(utimensat(AT_FDCWD, at(path), NULL, 0), 0);
}

/* Otherwise each edit would be a mismatch of the pod that is about to go. */
static void a_manifest_says_nothing_of_a_pod_that_is_older(void **state)
{
	(void)state;
	make_dirs(STATIC_LOGS);
	later();
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n")); /* its mtime is of 2001 */
	walk();
	assert_null(declared_of(UID_S, NULL));
	assert_non_null(strstr(said, "etcd.yaml of the pod kube-system/etcd-n1 was written after"));
	make_dirs("/var/log/pods/kube-system_etcd-n1_44444444444444444444444444444444/");
	walk();
	assert_null(declared_of(UID_S, NULL));
	assert_non_null(declared_of("44444444444444444444444444444444", NULL));
	said[0] = '\0';
	walk();
	assert_string_equal(said, "");
}

static void another_source(void)
{
	struct problem problem;

	metadata_close(metadata);
	assert_int_equal(metadata_open(&opts, &metadata, &problem), 0);
}

/* CIS 1.1.1 and 1.1.2: by somebody who has not seen it before, too. */
static void the_mode_and_owner_of_a_manifest_say_nothing(void **state)
{
	(void)state;
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	later();
	make_dirs(STATIC_LOGS);
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	later();
	assert_int_equal(chmod(at(MANIFESTS "etcd.yaml"), 0600), 0);
	assert_int_equal(chown(at(MANIFESTS "etcd.yaml"), getuid(), getgid()), 0);
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	another_source();
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	assert_string_equal(said, "");
}

static void the_same_content_is_the_same_manifest(void **state)
{
	(void)state;
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	make_dirs(STATIC_LOGS);
	walk();
	later();
	put_now(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n")); /* touch */
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	put_now(MANIFESTS ".new", STATIC_POD("  hostUsers: false\n")); /* sed -i */
	assert_int_equal(rename(at(MANIFESTS ".new"), at(MANIFESTS "etcd.yaml")), 0);
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	put_now(MANIFESTS "etcd.yaml", "kind: Po"); /* half of it */
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	put_now(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	assert_string_equal(said, "");
	/* Who comes now cannot know what the pod was made of. */
	another_source();
	walk();
	assert_null(declared_of(UID_S, NULL));
	assert_non_null(strstr(said, "was written after the pod began"));
}

static void what_was_declared_stays_until_the_pod_is_gone(void **state)
{
	(void)state;
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	make_dirs(STATIC_LOGS);
	walk();
	later();
	put_now(MANIFESTS "etcd.yaml", STATIC_POD(""));
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	assert_non_null(strstr(said, "etcd.yaml of the pod kube-system/etcd-n1 has changed since"));
	said[0] = '\0';
	walk();
	assert_string_equal(said, "");
	/* The one that the kubelet makes of that. */
	make_dirs("/var/log/pods/kube-system_etcd-n1_44444444444444444444444444444444/");
	walk();
	assert_int_equal(declared_of("44444444444444444444444444444444", NULL)->userns,
			 NSV_DECLARED_NODE);
	assert_int_equal(unlink(at(MANIFESTS "etcd.yaml")), 0);
	walk();
	assert_non_null(declared_of(UID_S, NULL));
	assert_non_null(strstr(said, "was removed: what it said holds until the pod is gone"));
	assert_int_equal(rmdir(at(STATIC_LOGS)), 0);
	walk();
	assert_null(declared_of(UID_S, NULL));
}

static void a_uid_that_a_manifest_names_tells_no_content(void **state)
{
	(void)state;
	put(MANIFESTS "web.yaml", "kind: Pod\nmetadata: {name: web, uid: " UID_A "}\n"
				  "spec: {hostUsers: no}\n");
	make_dirs("/var/log/pods/default_web-n1_" UID_A "/");
	walk();
	assert_non_null(declared_of(UID_A, NULL));
	later();
	put_now(MANIFESTS "web.yaml", "kind: Pod\nmetadata: {name: web, uid: " UID_A "}\n"
				      "spec: {hostUsers: yes}\n");
	walk();
	assert_null(declared_of(UID_A, NULL));
	assert_non_null(strstr(said, "has changed since the pod began"));
}

/* Whether files say anything new. */
static bool any_news(void)
{
	records_free(&got);
	assert_int_equal(metadata_news(metadata, &stream), 0);
	return got.n;
}

static void a_manifest_waits_for_its_pod(void **state)
{
	(void)state;
	make_dirs("/var/log/pods/");
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	walk();
	assert_true(metadata_notice(metadata) >= 0);
	assert_false(any_news());
	make_dirs(STATIC_LOGS);
	assert_int_equal(metadata_names(metadata, &stream), 0);
	assert_non_null(name_of(UID_S));
	assert_non_null(declared_of(UID_S, NULL));
	assert_false(any_news());
}

/* ---- what a bundle says of its first process ---- */

static void put_pid(const char *path, long pid)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", pid);
	put_now(path, text);
}

static void assert_pid(const char *container, enum nsv_bundle_state state, long pid)
{
	walk();
	assert_int_equal(bundle_of(container)->state, state);
	assert_int_equal(bundle_of(container)->pid, pid);
}

static void a_bundle_says_whether_its_container_runs(void **state)
{
	static const char *const files[] = {TASKS ID_1 "/init.pid", CRIO ID_2 "/userdata/pidfile"};
	static const char *const ids[] = {ID_1, ID_2};

	(void)state;
	put(TASKS ID_1 "/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	put(CRIO ID_2 "/userdata/config.json", CRIO_NOTES("container", UID_A, "b") LINUX() "}");
	for (int i = 0; i < 2; i++) {
		assert_pid(ids[i], NSV_BUNDLE_NO_PID, 0);
		put_pid(files[i], getpid());
		assert_pid(ids[i], NSV_BUNDLE_RUNS, getpid());
		put_pid(files[i], 4194305); /* above the highest that there can be */
		assert_pid(ids[i], NSV_BUNDLE_OVER, 4194305);
		put_pid(files[i], getpid());
		assert_pid(ids[i], NSV_BUNDLE_RUNS, getpid());
		/* A number that was used again: the file is older than the process. */
		put(files[i], "1");
		put_pid(files[i], getpid());
		assert_int_equal(utimensat(AT_FDCWD, at(files[i]),
					   (struct timespec[2]){{.tv_sec = 1}, {.tv_sec = 1}}, 0),
				 0);
		assert_pid(ids[i], NSV_BUNDLE_OVER, getpid());
		put_now(files[i], "x");
		assert_pid(ids[i], NSV_BUNDLE_NO_PID, 0);
	}
	another_source();
	opts.other_pids = true;
	put_pid(files[0], getpid());
	assert_pid(ID_1, 0, 0);
}

/* ---- notices ---- */

static void move(const char *from, const char *to)
{
	char *old = xstrdup(at(from));

	assert_int_equal(rename(old, at(to)), 0);
	free(old);
}

static void a_directory_that_is_made_anew_is_noticed(void **state)
{
	(void)state;
	make_dirs(PODS UID_S "/");
	make_dirs(TASKS);
	assert_true(metadata_notice(metadata) >= 0);
	walk();
	assert_false(any_news());
	move("/var/lib/kubelet/pods", "/var/lib/kubelet/old");
	make_dirs(PODS);
	assert_false(any_news());
	put(PODS UID_A "/userns", USERNS_FILE);
	assert_true(any_news());
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);
	/* And one above it. */
	move("/run/containerd", "/run/old");
	put(TASKS ID_1 "/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	assert_true(any_news());
	assert_non_null(bundle_of(ID_1));
	walk();
	assert_null(declared_of(UID_S, NULL));
}

static void a_pods_directory_that_is_made_anew_is_noticed(void **state)
{
	(void)state;
	make_dirs(PODS UID_A "/");
	assert_true(metadata_notice(metadata) >= 0);
	walk();
	move(PODS UID_A, "/var/lib/kubelet/pods/old");
	make_dirs(PODS UID_A "/");
	any_news();
	put(PODS UID_A "/userns", USERNS_FILE);
	assert_true(any_news());
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);
}

static void only_what_changed_is_said_at_once(void **state)
{
	(void)state;
	put(TASKS ID_1 "/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	put(PODS UID_A "/userns", USERNS_FILE);
	make_dirs(STATIC_LOGS);
	assert_true(metadata_notice(metadata) >= 0);
	walk();
	put(TASKS ID_2 "/config.json", CONTAINERD_OF(UID_S, "other") LINUX() "}");
	assert_true(any_news());
	assert_non_null(bundle_of(ID_2));
	assert_null(bundle_of(ID_1));
	assert_null(declared_of(UID_A, NULL));
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	any_news();
	make_dirs("/var/log/pods/kube-system_etcd-n1_44444444444444444444444444444444/");
	assert_true(any_news());
	assert_int_equal(got.n, 2);
	assert_non_null(declared_of("44444444444444444444444444444444", NULL));
}

/* Its notices are still there to be read, or nobody asked for any. */
static void a_pods_files_can_be_read_alone(void **state)
{
	(void)state;
	make_dirs(PODS);
	make_dirs(TASKS);
	walk();
	put(PODS UID_A "/userns", USERNS_FILE);
	put(PODS UID_S "/userns", USERNS_FILE);
	put(TASKS ID_1 "/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	put(TASKS ID_2 "/config.json", CONTAINERD_OF(UID_A, "other") LINUX() "}");
	records_free(&got);
	assert_int_equal(metadata_pod(metadata, &stream, UID_A, ID_1), 0);
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);
	assert_non_null(bundle_of(ID_1));
	assert_null(bundle_of(ID_2));
	assert_null(declared_of(UID_S, NULL));
	records_free(&got);
	assert_int_equal(metadata_pod(metadata, &stream, UID_A, ID_1), 0);
	assert_int_equal(metadata_pod(metadata, &stream, "..", "../x"), 0);
	assert_int_equal(metadata_pod(metadata, &stream, UID_A, NULL), 0);
	assert_int_equal(got.n, 0);
}

/* As somebody who may write where the logs are: the name decides which policy is the pod's. */
static void a_pod_of_two_names_has_none(void **state)
{
	(void)state;
	make_dirs("/var/log/pods/team_app_" UID_A "/");
	walk();
	assert_string_equal(name_of(UID_A)->name, "app");
	make_dirs("/var/log/pods/kube-system_proxy_" UID_A "/");
	walk();
	assert_null(name_of(UID_A));
	assert_non_null(strstr(said, "several directories of logs are those of pod " UID_A));
	assert_int_equal(rmdir(at("/var/log/pods/kube-system_proxy_" UID_A)), 0);
	walk();
	assert_string_equal(name_of(UID_A)->namespace, "team");
}

static void a_node_of_another_name_is_said_once(void **state)
{
	struct problem problem;
	char *first;

	(void)state;
	metadata_close(metadata);
	opts.node_name = "n2";
	assert_int_equal(metadata_open(&opts, &metadata, &problem), 0);
	put(MANIFESTS "etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	make_dirs(STATIC_LOGS);
	walk();
	assert_null(declared_of(UID_S, NULL));
	first = strstr(said, "kube-system/etcd-n1 does not end in the node's name, \"n2\": "
			     "give the node's name with --node-name");
	assert_non_null(first);
	walk();
	assert_null(strstr(strchr(first, '\n'), "does not end"));
}

static void assert_no_manifest(const char *text, const char *why)
{
	said[0] = '\0';
	put(MANIFESTS "etcd.yaml", text);
	walk();
	assert_non_null(strstr(said, MANIFESTS "etcd.yaml: "));
	if (!strstr(said, why))
		fail_msg("%s: %s", why, said);
	assert_null(declared_of(UID_S, NULL));
}

static void what_is_no_manifest_is_said(void **state)
{
	static char deep[200000];

	(void)state;
	make_dirs(STATIC_LOGS);
	memset(deep, '[', sizeof(deep) - 1);
	assert_no_manifest("x", "it has no 'key: value' in it");
	assert_no_manifest("", "it has no 'key: value' in it");
	assert_no_manifest("kind: Pod\n\tx", "it is not YAML, in line 2: ");
	assert_no_manifest(deep, "it ");
	assert_no_manifest("kind: Job\n", "it is not the manifest of a pod");
	assert_no_manifest("spec.kind: Pod\n? [kind]\n: Pod\n", "it is not the manifest of a pod");
	assert_no_manifest("kind: Pod\n", "its metadata.name is not a valid name");
	assert_no_manifest("kind: Pod\nmetadata: {name: a/b}\n",
			   "its metadata.name is not a valid name");
	assert_no_manifest("kind: Pod\nmetadata: {name: \"a\\0b\"}\n",
			   "its metadata.name has a NUL");
	assert_no_manifest("kind: Pod\nmetadata: {name: a, uid: my.static.pod}\n",
			   "its metadata.uid is not a uid of up to 39 letters, digits and dashes");
	assert_no_manifest("kind: Pod\nmetadata: {name: []}\n", "its metadata.name is not a text");
	assert_no_manifest("kind: Pod\nmetadata: {name: a}\nspec: *m\n", "an alias of nothing");
	assert_no_manifest("{\"kind\": \"Pod\",}", "it is not JSON");
	assert_no_manifest("{\"kind\": \"Pod\", \"metadata\": {\"name\": \"\\ud83d\\u0000\"}}",
			   "its metadata.name has a NUL");
	assert_no_manifest("{\"kind\": \"Pod\"", "it ends in the middle");
	assert_no_manifest(STATIC_POD("  hostUsers: 0\n"), "its spec.hostUsers is neither");
	assert_no_manifest(STATIC_POD("  hostUsers: 'false'\n"), "its spec.hostUsers is neither");
	assert_no_manifest(STATIC_POD("  hostUsers: !!str false\n"),
			   "its spec.hostUsers is neither");
}

/* What of a manifest is as the kubelet takes it. */
static void a_manifest_is_read_as_the_kubelet_reads_it(void **state)
{
	static const struct {
		const char *text;
		enum nsv_declared_userns userns;
	} as[] = {
		{"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"annotations\":{\"emoji\":"
		 "\"\\ud83d\\ude00 ok\",\"slash\":\"a\\/b\"}},\"spec\":{\"hostUsers\":false}}",
		 NSV_DECLARED_OWN},
		{"\n\t {\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\t\"spec\":{\"hostUsers\":null}}",
		 NSV_DECLARED_NODE},
		{"\xef\xbb\xbf{kind: Pod, metadata: {name: a}, spec: {hostUsers: no}}",
		 NSV_DECLARED_OWN},
		{"no: &no false\nkind: Pod\nmetadata: {name: a}\nspec: {hostUsers: *no}\n",
		 NSV_DECLARED_OWN},
		{"d: &d {hostUsers: false}\nkind: Pod\nmetadata: {name: a}\nspec: {<<: *d}\n",
		 NSV_DECLARED_OWN},
		{"d: &d {hostUsers: false}\nkind: Pod\nmetadata: {name: a}\nspec: {hostUsers: true, <<: *d}\n",
		 NSV_DECLARED_OWN},
		{"d: &d {hostUsers: false}\nkind: Pod\nmetadata: {name: a}\nspec: {<<: *d, hostUsers: true}\n",
		 NSV_DECLARED_NODE},
		{"d: &d [{hostUsers: false}, {hostUsers: true}]\nkind: Pod\nmetadata: {name: a}\nspec: {<<: *d}\n",
		 NSV_DECLARED_OWN},
		{"a: &a x\nb: &a Pod\nkind: *a\nmetadata: {name: a}\nspec: {hostUsers: true, hostUsers: false}\n",
		 NSV_DECLARED_OWN},
		{"a: &a {<<: *a, b: [*a]}\n<<: *a\nkind: Pod\nmetadata: {name: a}\n",
		 NSV_DECLARED_NODE},
		{"kind: Pod\nmetadata: {name: a}\nspec: {'<<': {hostUsers: false}}\n---\nkind: Job\n",
		 NSV_DECLARED_NODE},
		{"%YAML 1.1\n# made by hand\n---\nkind: Pod\r\nmetadata: {name: a}\r\nspec: {hostUsers: Off}\r\n",
		 NSV_DECLARED_OWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(as) / sizeof(*as); i++) {
		struct manifest manifest;
		struct problem problem = {};

		if (manifest_parse(as[i].text, strlen(as[i].text), &manifest, &problem))
			fail_msg("%s: %s", as[i].text, problem.text);
		assert_string_equal(manifest.name, "a");
		if (manifest.userns != as[i].userns)
			fail_msg("%s", as[i].text);
	}
}

static void a_node_may_have_a_longer_name(void **state)
{
	static const struct {
		const char *pod, *node;
		bool is_its;
	} names[] = {
		{"etcd-ip-10-0-0-1", "ip-10-0-0-1", true},
		{"etcd-ip-10-0-0-1.ec2.internal", "ip-10-0-0-1.ec2.internal", true},
		{"etcd-ip-10-0-0-1.ec2.internal", "ip-10-0-0-1", true},
		{"etcd-ip-10-0-0-1", "ip-10-0-0-1.ec2.internal", true},
		{"etcd-ip-10-0-0-1.ec2.internal", "ip-10-0-0-1.ec2", true},
		{"etcd-ip-10-0-0-1.ec2.internal", "ip-10-0-0-1.other", false},
		{"etcd-ip-10-0-0-11", "ip-10-0-0-1", false},
		{"etcd-ip-10-0-0-1", "ip-10-0-0-11", false},
		{"etcd-x-ip-10-0-0-1", "ip-10-0-0-1", false},
		{"etcd", "n", false},
		{"etcd-", "", false},
	};
	const struct manifest manifest = {.namespace = "n", .name = "etcd"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct nsv_pod_name pod = {.namespace = "n", .uid = UID_S};

		strcpy(pod.name, names[i].pod);
		if (manifest_is_pod(&manifest, names[i].node, &pod) != names[i].is_its)
			fail_msg("%s on %s", names[i].pod, names[i].node);
	}
}

static void no_link_leads_to_a_manifest(void **state)
{
	(void)state;
	put("/outside.yaml", STATIC_POD("  hostUsers: false\n"));
	make_dirs(MANIFESTS);
	assert_int_equal(symlink("../../../outside.yaml", at(MANIFESTS "etcd.yaml")), 0);
	make_dirs(STATIC_LOGS);
	walk();
	assert_null(declared_of(UID_S, NULL));
}

/* ---- trees as they are ---- */

static void an_empty_node_says_nothing(void **state)
{
	(void)state;
	walk();
	assert_int_equal(got.n, 0);
	assert_string_equal(said, "");
}

static void a_node_with_containerd(void **state)
{
	(void)state;
	make_dirs("/var/log/pods/shop_web-0_" UID_A "/");
	put(PODS UID_A "/userns", USERNS_FILE);
	put(TASKS ID_0 "/config.json",
	    CONTAINERD("sandbox", ",\"io.kubernetes.cri.sandbox-uid\":\"" UID_A "\"") LINUX() "}");
	put(TASKS ID_0 "/shim-binary-path", "/usr/bin/containerd-shim-runc-v2");
	put(TASKS ID_1 "/config.json",
	    CONTAINERD("container", ",\"io.kubernetes.cri.sandbox-uid\":\"" UID_A
				    "\",\"io.kubernetes.cri.container-name\":\"app\"") LINUX() "}");
	walk();
	assert_string_equal(said, "");
	assert_string_equal(name_of(UID_A)->namespace, "shop");
	assert_string_equal(name_of(UID_A)->name, "web-0");
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);
	assert_own(declared_of(UID_A, ID_0), NSV_BY_RUNTIME);
	assert_own(declared_of(UID_A, ID_1), NSV_BY_RUNTIME);
	assert_string_equal(declared_of(UID_A, NULL)->file, PODS UID_A "/userns");
	assert_int_equal(bundle_of(ID_0)->kind, NSV_BUNDLE_SANDBOX);
	assert_int_equal(bundle_of(ID_0)->runtime, NSV_RUNTIME_CONTAINERD);
	assert_string_equal(bundle_of(ID_0)->name, "");
	assert_string_equal(bundle_of(ID_0)->handler, "containerd-shim-runc-v2");
	assert_int_equal(bundle_of(ID_1)->kind, NSV_BUNDLE_CONTAINER);
	assert_string_equal(bundle_of(ID_1)->name, "app");
	assert_string_equal(bundle_of(ID_1)->uid, UID_A);
	assert_string_equal(bundle_of(ID_1)->handler, "");
}

/* A containerd that does not write the uid: both cgroup drivers. k3s has a place of its own. */
static void the_cgroup_tells_the_pod_if_nothing_else_does(void **state)
{
	(void)state;
	put(TASKS ID_1 "/config.json",
	    CONTAINERD("container", ",\"io.kubernetes.cri.container-name\":\"app\"")
		    LINUX("\"cgroupsPath\":\"kubepods-burstable-pod" UID_A_
			  ".slice:cri-containerd:" ID_1 "\",") "}");
	put("/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" ID_2 "/config.json",
	    CONTAINERD("container", ",\"io.kubernetes.cri.container-name\":\"etcd\"")
		    LINUX("\"cgroupsPath\":\"/kubepods/besteffort/pod" UID_S "/" ID_2 "\",") "}");
	walk();
	assert_string_equal(bundle_of(ID_1)->uid, UID_A);
	assert_string_equal(bundle_of(ID_2)->uid, UID_S);
	assert_string_equal(bundle_of(ID_2)->name, "etcd");
}

static void a_node_with_crio(void **state)
{
	(void)state;
	put(CRIO ID_0 "/userdata/config.json", CRIO_NOTES("sandbox", UID_S, "POD") LINUX() "}");
	put(CRIO ID_1 "/userdata/config.json",
	    CRIO_NOTES("container", UID_S,
		       "etcd") "\"linux\":{\"namespaces\":[{\"type\":\"pid\"}]}}");
	make_dirs(PODS UID_S "/volumes/");
	walk();
	assert_string_equal(said, "");
	assert_string_equal(name_of(UID_S)->name, "etcd-n1"); /* there is no directory for logs */
	assert_string_equal(name_of(UID_S)->namespace, "kube-system");
	assert_own(declared_of(UID_S, ID_0), NSV_BY_RUNTIME);
	assert_int_equal(declared_of(UID_S, ID_1)->userns, NSV_DECLARED_NODE);
	assert_int_equal(declared_of(UID_S, NULL)->userns, NSV_DECLARED_NODE); /* the kubelet */
	assert_int_equal(bundle_of(ID_1)->runtime, NSV_RUNTIME_CRIO);
	assert_string_equal(bundle_of(ID_1)->name, "etcd");
	/* Any pod may have such an annotation. */
	assert_string_equal(bundle_of(ID_0)->handler, "");
	assert_string_equal(bundle_of(ID_1)->handler, "");
}

/* What a shim for virtual machines leaves there nobody in a pod can make. */
static void a_node_with_crio_and_virtual_machines(void **state)
{
	(void)state;
	put(CRIO ID_0 "/userdata/config.json", CRIO_NOTES("sandbox", UID_S, "POD") LINUX() "}");
	put(CRIO ID_1 "/userdata/config.json", CRIO_NOTES("sandbox", UID_A, "POD") LINUX() "}");
	put(CRIO ID_1 "/userdata/log", "");
	walk();
	assert_string_equal(bundle_of(ID_0)->handler, "");
	assert_int_equal(mkfifo(at(CRIO ID_0 "/userdata/log"), 0700), 0);
	walk();
	assert_string_equal(bundle_of(ID_0)->handler, "kata");
	assert_string_equal(bundle_of(ID_1)->handler, "");
}

/* A pod's author writes annotations, with CRI-O any, and the kubelet says which cgroup is the pod's. */
static void an_annotation_makes_a_container_no_other_pods(void **state)
{
	(void)state;
	put(CRIO ID_1 "/userdata/config.json",
	    CRIO_NOTES("container", UID_A, "app")
		    LINUX("\"cgroupsPath\":\"kubepods-besteffort-pod" UID_S ".slice:crio:" ID_1
			  "\",") "}");
	put(CRIO ID_2 "/userdata/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	walk();
	assert_string_equal(bundle_of(ID_1)->uid, UID_S);
	assert_null(bundle_of(ID_2));
}

static const struct nsv_volume *volume_at(const char *point)
{
	for (size_t i = 0; i < got.n; i++) {
		const struct nsv_volume *volume = (const void *)got.v[i];

		if (volume->h.type == NSV_VOLUME && !strcmp(volume->point, point))
			return volume;
	}
	return NULL;
}

static void what_is_bound_into_a_container_is_told(void **state)
{
	(void)state;
	put(TASKS ID_1 "/config.json",
	    CONTAINERD_OF(
		    UID_A,
		    "app") "\"mounts\":["
			   "{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
			   "{\"destination\":\"/data/\",\"type\":\"bind\",\"source\":\"/srv/data\","
			   "\"uidMappings\":[],\"options\":[\"rbind\"]},"
			   "{\"destination\":\"/old\",\"type\":\"none\",\"source\":\"/srv/old\","
			   "\"options\":[\"ro\",\"bind\"]},"
			   "{\"destination\":\"relative\",\"type\":\"bind\",\"source\":\"/srv\"},7,{}]," LINUX() "}");
	walk();
	assert_int_equal(volume_at("/data")->flags, NSV_VOLUME_IDMAPPED);
	assert_string_equal(volume_at("/data")->source, "/srv/data");
	assert_string_equal(volume_at("/data")->container, ID_1);
	assert_string_equal(volume_at("/data")->uid, UID_A);
	assert_int_equal(volume_at("/old")->flags, 0);
	assert_true(volume_at("/old")->item != volume_at("/data")->item);
	assert_null(volume_at("/proc"));
	assert_null(volume_at("relative"));
}

static const struct nsv_id_owner *owner_of(enum nsv_id_file file, const char *name)
{
	for (size_t i = 0; i < got.n; i++) {
		const struct nsv_id_owner *owner = (const void *)got.v[i];

		if (owner->h.type == NSV_ID_OWNER && owner->file == file &&
		    !strcmp(owner->owner, name))
			return owner;
	}
	return NULL;
}

static const struct nsv_pool *the_pool(void)
{
	for (size_t i = 0; i < got.n; i++)
		if (got.v[i]->type == NSV_POOL)
			return (const void *)got.v[i];
	return NULL;
}

static void the_nodes_files_tell_whose_ids_are(void **state)
{
	(void)state;
	put("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nalice:x:131072:100::/:/bin/sh\n"
			   "nonsense\n:x:70000:1::/:\nbad:x:-1:1::/:\nbig:x:99999999999:1:::\n");
	put("/etc/subuid",
	    "alice:100000:65536\n1000:300000:65536\nbroken:1\nx:1:0\ny:4294967295:2\n");
	walk();
	assert_int_equal(owner_of(NSV_FILE_PASSWD, "alice")->first, 131072);
	assert_int_equal(owner_of(NSV_FILE_PASSWD, "alice")->count, 1);
	assert_null(owner_of(NSV_FILE_PASSWD, "root")); /* privileged-ids is about such */
	assert_null(owner_of(NSV_FILE_PASSWD, "bad"));
	assert_null(owner_of(NSV_FILE_PASSWD, "big"));
	assert_int_equal(owner_of(NSV_FILE_SUBUID, "1000")->first, 300000);
	assert_int_equal(owner_of(NSV_FILE_SUBUID, "alice")->count, 65536);
	assert_null(owner_of(NSV_FILE_SUBUID, "broken"));
	assert_null(owner_of(NSV_FILE_SUBUID, "x"));
	assert_null(owner_of(NSV_FILE_SUBUID, "y"));
	assert_int_equal(the_pool()->first, 65536);
	assert_int_equal(the_pool()->count, (1ULL << 32) - 65536);
	assert_int_equal(the_pool()->is_default, 1);
}

static void the_kubelets_pool_is_its_one_line(void **state)
{
	static const struct {
		const char *subuid, *subgid;
		bool known;
	} files[] = {
		{"kubelet:65536:7208960\n", "kubelet:65536:7208960\n", true},
		{"kubelet:65536:7208960\n", "kubelet:131072:7208960\n", false},
		{"kubelet:65536:65536\nkubelet:262144:65536\n", "kubelet:65536:65536\n", false},
		{"", "", false}, /* there is a user kubelet: it does not start without a line */
	};

	(void)state;
	walk();
	assert_null(the_pool()); /* no file, no knowledge */
	put("/etc/passwd", "kubelet:x:998:998::/:/sbin/nologin\n");
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		put("/etc/subuid", files[i].subuid);
		put("/etc/subgid", files[i].subgid);
		walk();
		assert_int_equal(!!the_pool(), files[i].known);
		assert_null(owner_of(NSV_FILE_SUBUID, "kubelet"));
		if (!files[i].known)
			continue;
		assert_int_equal(the_pool()->first, 65536);
		assert_int_equal(the_pool()->count, 7208960);
		assert_int_equal(the_pool()->is_default, 0);
	}
}

/* ---- the kubelet's configuration ---- */

#define KUBELET_CONFIG "/var/lib/kubelet/config.yaml"
#define KUBELET(more) "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n" more

static void the_kubelet_is_told_how_many_ids_a_pod_has(void **state)
{
	(void)state;
	put("/etc/passwd", "");
	walk();
	assert_int_equal(the_pool()->first, 65536);
	assert_int_equal(the_pool()->ids_per_pod, 0);
	put(KUBELET_CONFIG, KUBELET("userNamespaces:\n  idsPerPod: 131072\n"));
	walk();
	assert_int_equal(the_pool()->first, 131072);
	assert_int_equal(the_pool()->first + the_pool()->count, UINT64_C(1) << 32);
	assert_int_equal(the_pool()->ids_per_pod, 131072);
	put(KUBELET_CONFIG, KUBELET("maxPods: 64"));
	walk();
	assert_int_equal(the_pool()->first, 65536);
	assert_int_equal(the_pool()->ids_per_pod, 0);
	put(KUBELET_CONFIG, KUBELET("userNamespaces:\n  idsPerPod: 131072\n"));
	walk();
	assert_int_equal(the_pool()->ids_per_pod, 131072);
	assert_int_equal(unlink(at(KUBELET_CONFIG)), 0);
	walk();
	assert_int_equal(the_pool()->ids_per_pod, 0);
	assert_string_equal(said, "");
}

static void the_kubelet_is_told_where_manifests_are(void **state)
{
	struct problem problem;

	(void)state;
	put("/manifests/etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	put("/var/lib/kubelet/m/etcd.yaml", STATIC_POD("  hostUsers: false\n"));
	make_dirs(STATIC_LOGS);
	walk();
	assert_null(declared_of(UID_S, NULL));
	put(KUBELET_CONFIG, KUBELET("staticPodPath: /manifests/\n"));
	walk();
	assert_string_equal(declared_of(UID_S, NULL)->file, "/manifests//etcd.yaml");
	put(KUBELET_CONFIG, KUBELET("staticPodPath: \"m\"\n"));
	make_dirs("/var/log/pods/kube-system_etcd-n1_44444444444444444444444444444444/");
	walk();
	assert_string_equal(declared_of("44444444444444444444444444444444", NULL)->file,
			    "/var/lib/kubelet/m/etcd.yaml");
	assert_int_equal(unlink(at(KUBELET_CONFIG)), 0);
	make_dirs("/var/log/pods/kube-system_etcd-n1_55555555555555555555555555555555/");
	walk();
	assert_null(declared_of("55555555555555555555555555555555", NULL));

	metadata_close(metadata);
	opts.manifests = "/manifests";
	assert_int_equal(metadata_open(&opts, &metadata, &problem), 0);
	put(KUBELET_CONFIG, KUBELET("staticPodPath: /elsewhere\n"));
	walk();
	assert_string_equal(declared_of(UID_S, NULL)->file, "/manifests/etcd.yaml");
}

static void numbers_are_as_yaml_has_them(void **state)
{
	static const struct {
		const char *text;
		uint64_t max_pods;
	} as[] = {
		{KUBELET("maxPods: 250    # as in the sheet\n"), 250},
		{KUBELET("maxPods: 0x6E\n"), 110},
		{KUBELET("maxPods: 0b110\n"), 6},
		{KUBELET("maxPods: 0o17\n"), 15},
		{KUBELET("maxPods: 017\n"), 15},
		{KUBELET("maxPods: 08\n"), 8},
		{KUBELET("maxPods: 1_000\n"), 1000},
		{KUBELET("maxPods: +64\n"), 64},
		{KUBELET("maxPods: 1.1e2\n"), 110},
		{KUBELET("maxPods: 64.\n"), 64},
		{KUBELET("a: &m 200\nmaxPods: *m\n"), 200},
		{KUBELET("maxPods: &m 200\npodsPerCore: 0\n"), 200},
		{KUBELET("maxPods: null\n"), 0},
		{"{\"kind\":\"KubeletConfiguration\",\"maxPods\":29}", 29},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(as) / sizeof(*as); i++) {
		struct kubelet_config config = {};
		struct problem problem = {};

		if (kubelet_parse(as[i].text, strlen(as[i].text), &config, &problem))
			fail_msg("%s: %s", as[i].text, problem.text);
		assert_int_equal(config.max_pods, as[i].max_pods);
	}
}

static void what_is_no_configuration_of_the_kubelet_is_said_once(void **state)
{
	static const char *const texts[] = {
		"kind: Pod\n",
		KUBELET("maxPods: many\n"),
		KUBELET("maxPods: '110'\n"),
		KUBELET("maxPods: 1.5\n"),
		KUBELET("maxPods: -1\n"),
		"{\"kind\":\"KubeletConfiguration\",\"maxPods\":1.1e2}",
		KUBELET("userNamespaces: {idsPerPod: 4294967296}\n"),
		KUBELET("userNamespaces: {idsPerPod: '65536'}\n"),
		KUBELET("staticPodPath: [a]\n"),
		"[",
		"",
	};
	struct kubelet_config config;
	struct problem problem;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		problem.text[0] = '\0';
		assert_int_equal(kubelet_parse(texts[i], strlen(texts[i]), &config, &problem),
				 -EINVAL);
		assert_true(*problem.text);
	}
	put("/etc/passwd", "");
	put(KUBELET_CONFIG, "kind: Pod\n");
	walk();
	walk();
	assert_non_null(strstr(said, KUBELET_CONFIG ": it is not a KubeletConfiguration\n"));
	assert_string_equal(strchr(said, '\n'), "\n");
	assert_int_equal(the_pool()->ids_per_pod, 0);
}

/* As doctor has it, and getsubids: by number, in hexadecimal, and of three fields. */
static void the_kubelets_line_may_have_its_number(void **state)
{
	(void)state;
	put("/etc/subuid", "998:0x10000:7208960\nalice:10000000:65536:x\n");
	put("/etc/subgid", "997:65536:7208960\n998:20000000:65536\n");
	put("/etc/passwd", "kubelet:x:998:997::/:/sbin/nologin\n");
	put("/etc/group", "kubelet:x:997:\n");
	walk();
	assert_non_null(the_pool());
	assert_int_equal(the_pool()->first, 65536);
	assert_int_equal(the_pool()->count, 7208960);
	assert_null(owner_of(NSV_FILE_SUBUID, "998"));
	assert_null(owner_of(NSV_FILE_SUBUID, "alice"));
	assert_non_null(owner_of(NSV_FILE_SUBGID, "998")); /* that is another group */

	/* another number, and the lines are somebody's */
	put("/etc/passwd", "kubelet:x:96:97::/:/sbin/nologin\n");
	walk();
	assert_null(the_pool());
	assert_non_null(owner_of(NSV_FILE_SUBUID, "998"));

	/* no file, no line: but there is a user */
	assert_int_equal(unlink(at("/etc/subuid")), 0);
	assert_int_equal(unlink(at("/etc/subgid")), 0);
	walk();
	assert_null(owner_of(NSV_FILE_SUBUID, "998"));
	put("/etc/passwd", "root:x:0:0::/:/bin/sh\n");
	walk();
	assert_int_equal(the_pool()->is_default, 1);

	/* a line for a user that does not exist is ignored; it may exist where /etc/passwd does not tell */
	put("/etc/subuid", "kubelet:131072:7208960\n");
	put("/etc/subgid", "kubelet:131072:7208960\n");
	put("/etc/nsswitch.conf",
	    "# users\npasswd:\tfiles systemd [!UNAVAIL=return]\ngroup: files sss\n");
	walk();
	assert_int_equal(the_pool()->is_default, 1);
	put("/etc/nsswitch.conf", "passwd: files sss # and more\n");
	walk();
	assert_null(the_pool());
	put("/etc/nsswitch.conf", "passwd: files # sss\n");
	walk();
	assert_int_equal(the_pool()->is_default, 1);

	/* nor does a line count where ranges come from somewhere else; without the user there is none */
	put("/etc/nsswitch.conf", "passwd: files\nsubid: sss\n");
	walk();
	assert_int_equal(the_pool()->is_default, 1);
	put("/etc/passwd", "kubelet:x:998:997::/:/sbin/nologin\n");
	walk();
	assert_null(the_pool());
	put("/etc/nsswitch.conf", "passwd: files\nsubid:\tfiles sss\n");
	walk();
	assert_int_equal(the_pool()->first, 131072);
}

static void each_directory_can_be_elsewhere(void **state)
{
	static const char *const runtimes[] = {"/r1", "/r2"};
	struct problem problem;

	(void)state;
	metadata_close(metadata);
	opts.kubelet = "/k";
	opts.pod_logs = "l";
	opts.runtimes = runtimes;
	opts.n_runtimes = 2;
	assert_int_equal(metadata_open(&opts, &metadata, &problem), 0);
	make_dirs("/l/shop_web-0_" UID_A "/");
	put("/k/pods/" UID_A "/userns", USERNS_FILE);
	put("/r2/overlay-containers/" ID_1 "/userdata/config.json",
	    CRIO_NOTES("container", UID_A, "app") LINUX() "}");
	put(PODS UID_S "/userns", USERNS_FILE); /* not asked for */
	walk();
	assert_non_null(name_of(UID_A));
	assert_non_null(declared_of(UID_A, NULL));
	assert_non_null(bundle_of(ID_1));
	assert_null(declared_of(UID_S, NULL));
}

static void what_is_of_no_pod_is_passed_over(void **state)
{
	(void)state;
	make_dirs("/var/log/pods/noise/");
	make_dirs(PODS "..data/");
	put(TASKS "moby/config.json", "{}");
	put(TASKS ID_0 "/config.json", "{\"annotations\":{\"org.podman\":\"1\"}}");
	put(TASKS ID_1 "/config.json", CONTAINERD("container", "") LINUX() "}"); /* whose? */
	put(TASKS ID_2 "/config.json", "{}");
	walk();
	assert_int_equal(got.n, 0);
	assert_string_equal(said, "");
}

static void what_is_gone_is_not_said_any_more(void **state)
{
	(void)state;
	put(PODS UID_A "/userns", USERNS_FILE);
	walk();
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);
	/* When a pod ends the kubelet removes the file, and seconds later the directory. */
	assert_int_equal(unlink(at(PODS UID_A "/userns")), 0);
	walk();
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);
	assert_int_equal(rmdir(at(PODS UID_A)), 0);
	walk();
	assert_null(declared_of(UID_A, NULL));
}

static void what_changes_is_read_again(void **state)
{
	(void)state;
	put(TASKS ID_1 "/config.json", CONTAINERD_OF(UID_A, "old") LINUX() "}");
	walk();
	assert_string_equal(bundle_of(ID_1)->name, "old");
	put(TASKS ID_1 "/config.json", CONTAINERD_OF(UID_A, "newer") LINUX() "}");
	walk();
	assert_string_equal(bundle_of(ID_1)->name, "newer");
}

/* ---- what is not as it should be ---- */

static void assert_said(const char *part)
{
	if (!strstr(said, part))
		fail_msg("\"%s\" is not in \"%s\"", part, said);
}

static void a_file_that_is_no_json_is_said_once(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"", "it ends in the middle"},
		{"{\"annotations\":{", "it ends in the middle"},
		{"nonsense", "it is not JSON"},
		{"[1]", "it is not a JSON object"},
		{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "it is not JSON"},
		{"{\"uidMappings\":{}}", "its uidMappings are not a list"},
		{"{\"uidMappings\":[]}", "it has no uidMappings and gidMappings"},
		{"{\"uidMappings\":[1]}", "its uidMappings have an invalid entry"},
		{"{\"uidMappings\":[{\"containerId\":0,\"hostId\":-1,\"length\":1}]}",
		 "its uidMappings have an invalid entry"},
		{"{\"uidMappings\":[{\"containerId\":0,\"hostId\":1,\"length\":0}]}",
		 "its uidMappings have an invalid entry"},
		{"{\"uidMappings\":[{\"containerId\":0,\"hostId\":4294967295,\"length\":2}]}",
		 "its uidMappings have an invalid entry"},
		{"{\"uidMappings\":[{\"containerId\":0,\"hostId\":1.5,\"length\":2}]}",
		 "its uidMappings have an invalid entry"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		put(PODS UID_A "/userns", bad[i].text);
		said[0] = '\0';
		walk();
		assert_said("cannot use ");
		assert_said(PODS UID_A ": ");
		assert_said(bad[i].why);
		assert_null(declared_of(UID_A, NULL));
		said[0] = '\0';
		walk();
		assert_string_equal(said, "");
	}
	put(PODS UID_A "/userns", USERNS_FILE);
	walk();
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);
}

static void a_file_that_is_being_written_is_not_said(void **state)
{
	(void)state;
	put(PODS UID_A "/userns", "{\"uidMap");
	assert_int_equal(utimensat(AT_FDCWD, at(PODS UID_A "/userns"), NULL, 0), 0); /* now */
	walk();
	assert_null(declared_of(UID_A, NULL));
	assert_string_equal(said, "");
}

static void a_file_that_is_too_long_is_not_read(void **state)
{
	static const char config[] = CONTAINERD_OF(UID_A, "app") LINUX() "}";
	char *text = xcalloc(1, FILES_MAX + 1);

	(void)state;
	memset(text, ' ', FILES_MAX + 1);
	put_len(TASKS ID_1 "/config.json", text, FILES_MAX + 1);
	walk();
	assert_said("it is longer than 4 MiB");
	for (size_t i = 0; config[i]; i++)
		text[i] = config[i];
	put_len(TASKS ID_1 "/config.json", text, FILES_MAX);
	walk();
	assert_string_equal(bundle_of(ID_1)->name, "app");
	free(text);
}

static void no_link_leads_out_of_a_directory(void **state)
{
	(void)state;
	put("/secret", USERNS_FILE);
	make_dirs(PODS UID_A "/");
	make_dirs(TASKS);
	assert_int_equal(symlink("/secret", at(PODS UID_A "/userns")), 0);
	put("/elsewhere/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	assert_int_equal(symlink("../../../../elsewhere", at(TASKS ID_1)), 0);
	walk();
	assert_null(declared_of(UID_A, NULL));
	assert_null(bundle_of(ID_1));
	assert_said("a symbolic link leads to it");
}

/* On many nodes the kubelet's directory is a link to another disk. */
static void links_to_a_directory_stay_below_the_root(void **state)
{
	(void)state;
	put("/disk/kubelet/pods/" UID_A "/userns", USERNS_FILE);
	make_dirs("/var/lib/");
	assert_int_equal(symlink("/disk/kubelet", at("/var/lib/kubelet")), 0);
	make_dirs("/var/log/");
	assert_int_equal(symlink("../../../../../../../../tmp", at("/var/log/pods")), 0);
	walk();
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);
	assert_string_equal(said, "");
}

static void what_is_no_file_is_not_waited_for(void **state)
{
	(void)state;
	make_dirs(PODS UID_A "/");
	assert_int_equal(mkfifo(at(PODS UID_A "/userns"), 0600), 0);
	make_dirs(TASKS ID_1 "/config.json/");
	walk();
	assert_said("it is not a regular file");
	assert_int_equal(got.n, 0);
}

static void a_hostile_name_is_escaped(void **state)
{
	struct problem problem;

	(void)state;
	metadata_close(metadata);
	opts.kubelet = "/k\033[31m";
	assert_int_equal(metadata_open(&opts, &metadata, &problem), 0);
	put("/k\033[31m/pods/" UID_A "/userns", "x");
	walk();
	assert_said("/k\\x1b[31m/pods/" UID_A ": it is not JSON");
}

/* A name with a NUL or that is too long is none; half a name would be another one. */
static void names_that_are_none_are_left_out(void **state)
{
	char text[1024];

	(void)state;
	put(TASKS ID_0 "/config.json", CONTAINERD_OF(UID_A, "a\\u0000b") LINUX() "}");
	snprintf(text, sizeof(text), "%s%0100d%s", CONTAINERD_OF(UID_A, "") "\"x\":\"", 0,
		 "\"," LINUX() "}");
	put(TASKS ID_1 "/config.json", text);
	walk();
	assert_string_equal(bundle_of(ID_0)->name, "");
	assert_string_equal(bundle_of(ID_1)->name, "");
}

/* ---- what appears ---- */

/* Waits for what is noticed, and gets it. The time is generous: tests run where all is slow. */
static void news(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	bool any = false;

	for (int i = 0; !any; i++) {
		assert_true(i < 100);
		assert_int_equal(poll(&ready, 1, 60000), 1);
		any = any_news();
	}
}

static void what_appears_is_noticed(void **state)
{
	char *from;
	int fd;

	(void)state;
	make_dirs("/var/log/pods/");
	make_dirs(PODS);
	make_dirs(CRIO);
	fd = metadata_notice(metadata);
	assert_true(fd >= 0);
	assert_false(any_news());

	make_dirs("/var/log/pods/shop_web-0_" UID_A "/");
	news(fd);
	assert_non_null(name_of(UID_A));

	make_dirs(PODS UID_A "/");
	news(fd);
	assert_int_equal(declared_of(UID_A, NULL)->userns, NSV_DECLARED_NODE);
	put(PODS UID_A "/.tmp", USERNS_FILE);
	from = xstrdup(at(PODS UID_A "/.tmp"));
	assert_int_equal(rename(from, at(PODS UID_A "/userns")), 0);
	free(from);
	news(fd);
	assert_own(declared_of(UID_A, NULL), NSV_BY_KUBELET);

	/* Level by level, and then half of it. */
	make_dirs(CRIO ID_1 "/");
	assert_int_equal(metadata_news(metadata, &stream), 0);
	make_dirs(CRIO ID_1 "/userdata/");
	assert_int_equal(metadata_news(metadata, &stream), 0);
	put(CRIO ID_1 "/userdata/config.json", "{\"annot");
	assert_false(any_news());
	put(CRIO ID_1 "/userdata/config.json", CRIO_NOTES("container", UID_A, "app") LINUX() "}");
	news(fd);
	assert_string_equal(bundle_of(ID_1)->name, "app");

	/* Nothing is said twice. */
	assert_false(any_news());
}

/* A runtime may come after nsvigil: its directory is looked for again and again. */
static void directories_that_come_later_are_found(void **state)
{
	(void)state;
	assert_true(metadata_notice(metadata) >= 0);
	assert_int_equal(metadata_news(metadata, &stream), 0);
	put(TASKS ID_1 "/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	assert_true(any_news());
	assert_non_null(bundle_of(ID_1));

	/* and goes, and comes again */
	take_away("/run");
	assert_int_equal(metadata_news(metadata, &stream), 0);
	put(TASKS ID_2 "/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	records_free(&got);
	assert_int_equal(metadata_news(metadata, &stream), 0);
	assert_non_null(bundle_of(ID_2));
	assert_null(bundle_of(ID_1));
}

/* Where no container begins each is looked for in its turn, of which there are few. */
static void directories_that_come_later_have_a_turn(void **state)
{
	unsigned turns = 0;

	(void)state;
	assert_true(metadata_notice(metadata) >= 0);
	assert_int_equal(metadata_news(metadata, &stream), 0);
	put(TASKS ID_1 "/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	while (!bundle_of(ID_1) && turns++ < 10)
		assert_int_equal(metadata_turn(metadata, &stream), 0);
	assert_in_range(turns, 1, 4);

	/* What an open one tells by itself waits for none. */
	put(TASKS ID_2 "/config.json", CONTAINERD_OF(UID_A, "app") LINUX() "}");
	assert_int_equal(metadata_turn(metadata, &stream), 0);
	assert_non_null(bundle_of(ID_2));
}

static void a_root_that_is_not_there_is_a_problem(void **state)
{
	const struct metadata_options none = {.root = "/nowhere"};
	struct metadata *other = NULL;
	struct problem problem;

	(void)state;
	assert_int_equal(metadata_open(&none, &other, &problem), -ENOENT);
	assert_non_null(strstr(problem.text, "/nowhere"));
	assert_null(other);
}

#define TREE_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(an_empty_node_says_nothing),
		TREE_TEST(a_node_with_containerd),
		TREE_TEST(the_cgroup_tells_the_pod_if_nothing_else_does),
		TREE_TEST(a_node_with_crio),
		TREE_TEST(a_node_with_crio_and_virtual_machines),
		TREE_TEST(an_annotation_makes_a_container_no_other_pods),
		TREE_TEST(what_is_bound_into_a_container_is_told),
		TREE_TEST(the_nodes_files_tell_whose_ids_are),
		TREE_TEST(the_kubelets_pool_is_its_one_line),
		TREE_TEST(the_kubelets_line_may_have_its_number),
		TREE_TEST(the_kubelet_is_told_how_many_ids_a_pod_has),
		TREE_TEST(the_kubelet_is_told_where_manifests_are),
		TREE_TEST(numbers_are_as_yaml_has_them),
		TREE_TEST(what_is_no_configuration_of_the_kubelet_is_said_once),
		TREE_TEST(each_directory_can_be_elsewhere),
		TREE_TEST(what_is_of_no_pod_is_passed_over),
		TREE_TEST(what_is_gone_is_not_said_any_more),
		TREE_TEST(what_changes_is_read_again),
		TREE_TEST(a_file_that_is_no_json_is_said_once),
		TREE_TEST(a_file_that_is_being_written_is_not_said),
		TREE_TEST(a_file_that_is_too_long_is_not_read),
		TREE_TEST(no_link_leads_out_of_a_directory),
		TREE_TEST(links_to_a_directory_stay_below_the_root),
		TREE_TEST(what_is_no_file_is_not_waited_for),
		TREE_TEST(a_hostile_name_is_escaped),
		TREE_TEST(names_that_are_none_are_left_out),
		TREE_TEST(a_manifest_is_of_the_pod_that_has_its_name),
		TREE_TEST(a_manifest_may_be_json_and_without_a_namespace),
		TREE_TEST(a_manifest_that_names_a_uid_is_of_that_pod),
		TREE_TEST(a_manifest_may_name_a_uid_freely),
		TREE_TEST(a_manifest_without_the_field_asks_for_nothing),
		TREE_TEST(of_two_manifests_that_differ_none_is_used),
		TREE_TEST(two_manifests_that_say_the_same_are_as_one),
		TREE_TEST(a_manifest_says_nothing_of_a_pod_that_is_older),
		TREE_TEST(the_mode_and_owner_of_a_manifest_say_nothing),
		TREE_TEST(the_same_content_is_the_same_manifest),
		TREE_TEST(what_was_declared_stays_until_the_pod_is_gone),
		TREE_TEST(a_uid_that_a_manifest_names_tells_no_content),
		TREE_TEST(a_manifest_waits_for_its_pod),
		TREE_TEST(a_bundle_says_whether_its_container_runs),
		TREE_TEST(a_directory_that_is_made_anew_is_noticed),
		TREE_TEST(a_pods_directory_that_is_made_anew_is_noticed),
		TREE_TEST(only_what_changed_is_said_at_once),
		TREE_TEST(a_pods_files_can_be_read_alone),
		TREE_TEST(a_pod_of_two_names_has_none),
		TREE_TEST(a_node_of_another_name_is_said_once),
		TREE_TEST(what_is_no_manifest_is_said),
		TREE_TEST(a_manifest_is_read_as_the_kubelet_reads_it),
		TREE_TEST(a_node_may_have_a_longer_name),
		TREE_TEST(no_link_leads_to_a_manifest),
		TREE_TEST(what_appears_is_noticed),
		TREE_TEST(directories_that_come_later_are_found),
		TREE_TEST(directories_that_come_later_have_a_turn),
		TREE_TEST(a_root_that_is_not_there_is_a_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
