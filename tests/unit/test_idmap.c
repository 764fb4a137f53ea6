// SPDX-License-Identifier: BSD-2-Clause
/* Idmapped mounts, made and had: user/engine/model/mounts.c, and the rule about them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "node.h"

#define MOUNT_ID 700

struct idmap_record {
	struct nsv_idmap event;
	struct nsv_extent extents[8];
};

struct mount_record {
	struct nsv_mount event;
	struct nsv_extent extents[8];
};

static struct nsv_mount_name name_of(uint32_t id, const char *root)
{
	struct nsv_mount_name name = {.id = id, .dev = 8 << 20 | 1, .type = "ext4"};

	snprintf(name.root, sizeof(name.root), "%s", root);
	return name;
}

/* UIDs and GIDs of one extent. */
static uint32_t put_maps(struct nsv_extent *extents, const struct nsv_extent *map)
{
	extents[0] = extents[1] = *map;
	return 2 * sizeof(*map);
}

static struct idmap_record idmap(uint32_t id, const char *root, const struct nsv_extent *map)
{
	struct idmap_record record = {.event = {
					      .h = {.type = NSV_IDMAP, .version = 1},
					      .has.known = NSV_HAS_MOUNT_ROOT | NSV_HAS_MOUNT_MAPS,
					      .task = {.tid = 500, .tgid = 500, .start_ns = 1},
					      .leader = {.tid = 500, .tgid = 500, .start_ns = 1},
					      .n_uid = 1,
					      .n_gid = 1,
					      .comm = "crun",
				      }};

	record.event.mount = name_of(id, root);
	record.event.h.len = sizeof(record.event) + put_maps(record.extents, map);
	return record;
}

static struct idmap_record by_task(const struct nsv_identity *task, const struct nsv_extent *map)
{
	struct idmap_record record = idmap(MOUNT_ID, "/", map);

	record.event.task = record.event.leader = task->task;
	record.event.pod = task->pod;
	record.event.state = NSV_STATE_WORKLOAD;
	return record;
}

/* What the pod's first process has; the walks show it. map: NULL is not known. */
static struct mount_record mount;

static void have(const struct box *box, uint32_t id, const char *root, const struct nsv_extent *map)
{
	mount = (struct mount_record){.event = {
					      .h = {.type = NSV_MOUNT, .version = 1},
					      .has.known = NSV_HAS_MOUNT_ROOT,
					      .pod = box->pod_id,
					      .task = box->init->task,
					      .ns = box->init->ns[NSV_NS_MNT].ns,
					      .idmapped = 1,
					      .point = "/data\n",
				      }};
	mount.event.mount = name_of(id, root);
	mount.event.h.len = sizeof(mount.event);
	if (map) {
		mount.event.has.known |= NSV_HAS_MOUNT_MAPS;
		mount.event.n_uid = mount.event.n_gid = 1;
		mount.event.h.len += put_maps(mount.extents, map);
	}
}

static void send_mount(void)
{
	send_now(&mount);
}

static void look_at_mount(void)
{
	node.during = send_mount;
	look();
}

static void made(uint32_t id, const char *root, const struct nsv_extent *map)
{
	struct idmap_record record = idmap(id, root, map);

	assert_int_equal(send_now(&record), 0);
}

static void a_mount_with_the_pods_map_is_fine(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	made(MOUNT_ID, "/vol", BLOCK(2));
	have(a, MOUNT_ID, "/vol", NULL);
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
	have(a, MOUNT_ID, "/vol", BLOCK(2));
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
}

static void a_mount_with_another_map_is_a_mismatch(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	const struct evidence *evidence;

	(void)state;
	made(MOUNT_ID, "/vol", BLOCK(3));
	have(a, MOUNT_ID, "/vol", NULL);
	look_at_mount();
	assert_pod(POD_A, "violated", "idmap-mismatch:critical");
	evidence = the_evidence(POD_A, "idmap-mismatch");
	assert_ids(evidence, "uid", FIRST_OF(3), LAST_OF(3));
	assert_int_equal(evidence->mount->id, MOUNT_ID);
	assert_string_equal(evidence->mount->point, "/data\n");
	assert_says(evidence->text, "mount 700 (ext4, 8:1 \"/vol\") at \"/data\\x0a\"",
		    "process 500 (\"crun\")");
}

static void what_statmount_says_needs_no_hook(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	have(a, MOUNT_ID, "/vol", BLOCK(3));
	look_at_mount();
	assert_pod(POD_A, "violated", "idmap-mismatch:critical");
}

static void a_mount_whose_map_is_not_known_is_not_judged(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	have(a, MOUNT_ID, "/vol", NULL);
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
	made(MOUNT_ID, "/another", BLOCK(3)); /* the id was used before */
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
}

static void a_copy_of_a_mount_is_known_by_what_it_shows(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	made(MOUNT_ID, "/vol", BLOCK(3));
	have(a, MOUNT_ID + 1, "/vol", NULL);
	look_at_mount();
	assert_pod(POD_A, "violated", "idmap-mismatch:critical");
	made(MOUNT_ID + 2, "/vol", BLOCK(2)); /* two maps: it may be a copy of either */
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
}

static void a_unique_id_tells_which_mount_it_is(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct idmap_record own = idmap(MOUNT_ID, "/vol", BLOCK(2));
	struct idmap_record later = idmap(MOUNT_ID, "/vol", BLOCK(3));

	(void)state;
	own.event.has.known |= NSV_HAS_MOUNT_UNIQUE;
	own.event.mount.unique = 1;
	later.event.has.known |= NSV_HAS_MOUNT_UNIQUE;
	later.event.mount.unique = 2;
	send_now(&own);
	send_now(&later);
	have(a, MOUNT_ID, "/vol", NULL);
	mount.event.has.known |= NSV_HAS_MOUNT_UNIQUE;
	mount.event.mount.unique = 1;
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
	mount.event.mount.unique = 2;
	look_at_mount();
	assert_pod(POD_A, "violated", "idmap-mismatch:critical");
}

static void gids_alone_are_a_mismatch(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	have(a, MOUNT_ID, "/vol", BLOCK(2));
	mount.extents[1].host++;
	look_at_mount();
	assert_pod(POD_A, "violated", "idmap-mismatch:critical");
	assert_ids(the_evidence(POD_A, "idmap-mismatch"), "gid", FIRST_OF(2) + 1, LAST_OF(2) + 1);
}

static void within_the_range_it_matters_who_made_it(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	const struct nsv_extent *part = MAP({0, FIRST_OF(2) + 1000, 100});
	struct idmap_record own = by_task(a->init, part);

	(void)state;
	have(a, MOUNT_ID, "/", part);
	look_at_mount();
	assert_pod(POD_A, "isolated", ""); /* it may have been the pod */
	live(a->init);
	send_now(&own);
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
	made(MOUNT_ID, "/", part);
	look_at_mount();
	assert_pod(POD_A, "violated", "idmap-mismatch:critical");
}

static void a_host_pods_mounts_are_not_judged(void **state)
{
	struct box *a = host_pod(POD_A);

	(void)state;
	made(MOUNT_ID, "/vol", BLOCK(3));
	have(a, MOUNT_ID, "/vol", BLOCK(3));
	look_at_mount();
	assert_pod(POD_A, "host", "host-userns:notice");
}

static void mounts_of_others_are_not_the_pods(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = isolated_pod(POD_B, BLOCK(3));

	(void)state;
	have(a, MOUNT_ID, "/vol", BLOCK(3));
	mount.event.task = task(.in = a, .entrant = true)->task;
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
	have(a, MOUNT_ID, "/vol", BLOCK(3));
	mount.event.ns = b->init->ns[NSV_NS_MNT].ns; /* a process of a joined it */
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
}

static void a_workload_that_reaches_out_is_told_at_once(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct idmap_record out = by_task(a->init, BLOCK(3));
	struct idmap_record in = by_task(a->init, MAP({0, FIRST_OF(2), 10}));

	(void)state;
	live(a->init);
	look();
	forget_told();
	send_now(&in);
	assert_told("");
	out.event.mount.id++;
	send_now(&out);
	assert_told("opened idmap-mismatch:critical:1");
	assert_says(told(0)->text, "process 1000 (\"app\") has idmapped mount 701",
		    "host UIDs 196608-262143", "outside the pod's range 131072-196607");
	look();
	assert_told("");
	exit_of(a->init);
	look();
	assert_told("closed idmap-mismatch");
}

static void a_thread_that_was_not_sent_is_its_leader(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct idmap_record out = by_task(a->init, BLOCK(3));

	(void)state;
	live(a->init);
	look();
	forget_told();
	out.event.task.tid = 4711;
	send_now(&out);
	assert_told("opened idmap-mismatch:critical:1");
}

static void a_mount_that_goes_takes_its_finding_along(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));

	(void)state;
	have(a, MOUNT_ID, "/vol", BLOCK(3));
	look_at_mount();
	assert_told("opened idmap-mismatch:critical:1");
	node.during = NULL;
	look();
	assert_told("closed idmap-mismatch");
}

static void what_pods_make_does_not_push_out_what_others_made(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2)), *b = host_pod(POD_B);

	(void)state;
	live(b->init);
	look();
	made(MOUNT_ID, "/vol", BLOCK(3));
	for (uint32_t i = 1; i < 5000; i++) {
		struct idmap_record own = by_task(b->init, BLOCK(3));

		own.event.mount.id += i;
		send_now(&own);
	}
	have(a, MOUNT_ID, "/vol", NULL);
	look_at_mount();
	assert_pod(POD_A, "violated", "idmap-mismatch:critical");
}

static void records_that_lie_are_refused(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct idmap_record record = idmap(MOUNT_ID, "/vol", BLOCK(2));

	(void)state;
	look();
	record.event.n_uid = 2;
	assert_int_equal(send_now(&record), -EPROTO);
	record.event.n_uid = NSV_EXTENTS_MAX + 1;
	assert_int_equal(send_now(&record), -EPROTO);
	record.event.n_uid = 1;
	record.extents[0].count = 0;
	assert_int_equal(send_now(&record), -EPROTO);
	record.extents[0].count = 1;
	memset(record.event.mount.root, 'x', sizeof(record.event.mount.root));
	assert_int_equal(send_now(&record), -EPROTO);
	record.event.h.len = sizeof(record.event) - 8;
	assert_int_equal(send_now(&record), -EPROTO);
	have(a, MOUNT_ID, "/vol", BLOCK(3));
	memset(mount.event.point, 'x', sizeof(mount.event.point));
	assert_int_equal(send_now(&mount), -EPROTO);
	have(a, MOUNT_ID, "/vol", BLOCK(3));
	mount.event.n_gid = 2;
	assert_int_equal(send_now(&mount), -EPROTO);
}

static void a_map_without_gids_is_none(void **state)
{
	struct box *a = isolated_pod(POD_A, BLOCK(2));
	struct idmap_record record = idmap(MOUNT_ID, "/vol", BLOCK(3));

	(void)state;
	record.event.n_gid = 0;
	send_now(&record);
	have(a, MOUNT_ID, "/vol", BLOCK(2));
	mount.event.n_gid = 0;
	look_at_mount();
	assert_pod(POD_A, "isolated", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODE_TEST(a_mount_with_the_pods_map_is_fine),
		NODE_TEST(a_mount_with_another_map_is_a_mismatch),
		NODE_TEST(what_statmount_says_needs_no_hook),
		NODE_TEST(a_mount_whose_map_is_not_known_is_not_judged),
		NODE_TEST(a_copy_of_a_mount_is_known_by_what_it_shows),
		NODE_TEST(a_unique_id_tells_which_mount_it_is),
		NODE_TEST(gids_alone_are_a_mismatch),
		NODE_TEST(within_the_range_it_matters_who_made_it),
		NODE_TEST(a_host_pods_mounts_are_not_judged),
		NODE_TEST(mounts_of_others_are_not_the_pods),
		NODE_TEST(a_workload_that_reaches_out_is_told_at_once),
		NODE_TEST(a_thread_that_was_not_sent_is_its_leader),
		NODE_TEST(a_mount_that_goes_takes_its_finding_along),
		NODE_TEST(what_pods_make_does_not_push_out_what_others_made),
		NODE_TEST(records_that_lie_are_refused),
		NODE_TEST(a_map_without_gids_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
