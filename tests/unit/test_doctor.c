// SPDX-License-Identifier: BSD-2-Clause
/* What doctor --node reads and how it judges it: user/doctor/ */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "doctor/child.h"
#include "doctor/hookrow.h"
#include "doctor/lsm.h"
#include "doctor/procs.h"
#include "doctor/runtimes.h"
#include "doctor/subids.h"
#include "doctor/version.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "random.h"
#include "source/bpf/attachable.h"
#include "source/mountinfo.h"
#include "source/nodefiles/idfiles.h"

/* Versions */

static const struct {
	const char *name, *text, *version;
	unsigned major, minor;
} answers[] = {
	{"runc",
	 "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\ngo: go1.19.8\n",
	 "1.1.5+ds1", 1, 1},
	{"runc", "runc version 1.2.0-rc.1\n", "1.2.0-rc.1", 1, 2},
	{"runc", "runc version 1.2\n", "1.2", 1, 2},
	{"runc", "runc version 1.2", "1.2", 1, 2},
	{"crun", "crun version 1.8.1\ncommit: f8a0\nrundir: /run/crun\n", "1.8.1", 1, 8},
	{"crun", "crun version 1.14.3.0.0.0.16-2f5c\n", "1.14.3.0.0.0.16-2f5c", 1, 14},
	{"containerd",
	 "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1\n",
	 "1.6.20~ds1", 1, 6},
	{"containerd", "containerd github.com/containerd/containerd/v2 v2.0.3 06b99ca\n", "2.0.3",
	 2, 0},
	{"containerd", "containerd github.com/k3s-io/containerd v1.7.23-k3s2 \n", "1.7.23-k3s2", 1,
	 7},
	{"crio", "crio version 1.32.9\nVersion:        1.32.9\nGitCommit:      unknown\n", "1.32.9",
	 1, 32},
	{"crio", "time=\"x\" level=warning msg=\"runc version 9.9\"\ncrio version 1.24.6\n",
	 "1.24.6", 1, 24},
	{"runc", "runc version 1.2\r\n", "1.2", 1, 2},
	{"runc", "runc version rc95+dev\n", "rc95+dev", 1, 0},
	{"runc", "runc version rc95+dev.docker-20.10\ncommit: x\n", "rc95+dev.docker-20.10", 1, 0},
};

static void versions_are_read_from_what_runtimes_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct version version = {};

		assert_int_equal(version_parse(answers[i].text, answers[i].name, &version), 0);
		assert_int_equal(version.major, answers[i].major);
		assert_int_equal(version.minor, answers[i].minor);
		assert_string_equal(version.text, answers[i].version);
	}
}

static void what_is_no_version_is_none(void **state)
{
	static const char *const garbage[] = {
		"",
		"\n\n\n",
		"runc",
		"runc ",
		"runc version",
		"runc version ",
		"runc version\n1.2.3",
		"runc  \n",
		"runc version unknown",
		"runc version .2",
		"runc version 1",
		"runc version 1.",
		"runc version 1.x",
		"runc version 1.2x",
		"runc version -1.2",
		"runc version +1.2",
		"runc version 0x1.2",
		"runc version vv1.2",
		"runc version 99999999999999999999.9",
		"runc version 1.99999999999999999999",
		"runc version 1.2\033[31m",
		"runcx version 1.2",
		"xrunc version 1.2",
		" runc version 1.2",
		"crun version 1.2",
		"Segmentation fault",
		"runc version \377\377.2",
	};
	const struct version before = {.major = 7};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		struct version version = before;

		assert_int_equal(version_parse(garbage[i], "runc", &version), -EINVAL);
		assert_memory_equal(&version, &before, sizeof(version));
	}
}

/* Its text is shown as it is. */
static void a_versions_text_is_printable(void **state)
{
	char text[300] = "runc version 1.2-\"\\\t\033[2J";
	struct version version;

	(void)state;
	assert_int_equal(version_parse(text, "runc", &version), 0);
	assert_string_equal(version.text, "1.2-??");
	memset(text + strlen("runc version 1.2."), '9', 250);
	assert_int_equal(version_parse("runc version 1.2.", "runc", &version), 0);
	snprintf(text, sizeof(text), "runc version 1.2.%0250d", 1);
	assert_int_equal(version_parse(text, "runc", &version), 0);
	assert_int_equal(strlen(version.text), sizeof(version.text) - 1);
}

/* The sanitizers see what is read or written beside. */
static void random_answers_do_no_harm(void **state)
{
	static const char bytes[] = "runc version 1.2.34\n\r\t v+~\\\"\377\001";
	uint64_t seed = 20261125;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t n = random_below(&seed, 40);
		char *text = xcalloc(1, n + 1);
		struct version version;
		struct subids subids, others;

		for (size_t i = 0; i < n; i++)
			text[i] = bytes[random_below(&seed, sizeof(bytes) - 1)];
		version_parse(text, "runc", &version);
		subids_parse_answer(text, &subids);
		subids = others = (struct subids){};
		subids_parse_file(text, "n", "1", &subids, &others);
		free(text);
	}
}

static void versions_are_compared_as_numbers(void **state)
{
	(void)state;
	assert_true(version_is_at_least(&(struct version){.major = 1, .minor = 10}, 1, 9));
	assert_true(version_is_at_least(&(struct version){.major = 1, .minor = 9}, 1, 9));
	assert_false(version_is_at_least(&(struct version){.major = 1, .minor = 8}, 1, 9));
	assert_true(version_is_at_least(&(struct version){.major = 2, .minor = 0}, 1, 9));
	assert_false(version_is_at_least(&(struct version){.major = 0, .minor = 99}, 1, 9));
}

/* Runtimes */

#define RUNTIME(k, x, y, p)                                                                        \
	{                                                                                          \
		.kind = RUNTIME_##k, .path = (char *)"/x", .pid = (p),                             \
		.version = {.major = (x), .minor = (y), .text = "v"}, .problem = "why"             \
	}

static enum status judge_first(const struct runtime *all, size_t n)
{
	struct result result;

	runtimes_judge(all, n, &all[0], &result);
	assert_true(result.status == STATUS_OK ? !*result.todo : *result.todo != '\0');
	return result.status;
}

#define JUDGED(...)                                                                                \
	judge_first((const struct runtime[]){__VA_ARGS__},                                         \
		    sizeof((const struct runtime[]){__VA_ARGS__}) / sizeof(struct runtime))

static void each_runtime_has_its_first_version(void **state)
{
	(void)state;
	assert_int_equal(JUDGED(RUNTIME(CONTAINERD, 2, 0, 0)), STATUS_OK);
	assert_int_equal(JUDGED(RUNTIME(CONTAINERD, 1, 7, 0)), STATUS_PROBLEM);
	assert_int_equal(JUDGED(RUNTIME(CRIO, 1, 25, 0)), STATUS_OK);
	assert_int_equal(JUDGED(RUNTIME(CRIO, 1, 24, 0)), STATUS_PROBLEM);
	assert_int_equal(JUDGED(RUNTIME(RUNC, 1, 2, 0)), STATUS_OK);
	assert_int_equal(JUDGED(RUNTIME(RUNC, 1, 1, 0)), STATUS_PROBLEM);
	assert_int_equal(JUDGED(RUNTIME(CRUN, 1, 9, 0)), STATUS_OK);
	assert_int_equal(JUDGED(RUNTIME(CRUN, 1, 8, 0)), STATUS_PROBLEM);
}

static void what_does_not_tell_its_version_is_not_ok(void **state)
{
	(void)state;
	assert_int_equal(JUDGED(RUNTIME(CONTAINERD, 0, 0, 0)), STATUS_UNKNOWN);
	assert_int_equal(JUDGED(RUNTIME(CONTAINERD, 0, 0, 1), RUNTIME(CONTAINERD, 2, 0, 0)),
			 STATUS_UNKNOWN);
}

/* Which one is used may not be to be seen. */
static void an_old_one_beside_a_new_one_is_a_problem_only_if_it_runs(void **state)
{
	(void)state;
	assert_int_equal(JUDGED(RUNTIME(RUNC, 1, 1, 0), RUNTIME(CRUN, 1, 9, 0)), STATUS_UNKNOWN);
	assert_int_equal(JUDGED(RUNTIME(RUNC, 1, 1, 0), RUNTIME(CRUN, 1, 8, 0)), STATUS_PROBLEM);
	assert_int_equal(JUDGED(RUNTIME(RUNC, 1, 1, 0), RUNTIME(CRIO, 1, 32, 0)), STATUS_PROBLEM);
	assert_int_equal(JUDGED(RUNTIME(CONTAINERD, 1, 6, 5), RUNTIME(CRIO, 1, 32, 0)),
			 STATUS_PROBLEM);
	assert_int_equal(JUDGED(RUNTIME(CONTAINERD, 1, 6, 5), RUNTIME(CRIO, 1, 32, 6)),
			 STATUS_UNKNOWN);
	assert_int_equal(JUDGED(RUNTIME(CONTAINERD, 1, 6, 0), RUNTIME(CRIO, 1, 32, 6)),
			 STATUS_UNKNOWN);
}

/* Subordinate IDs */

static const struct subid_needs needs = {.ids_per_pod = 65536, .max_pods = 110};

/* Judges two files by the user kubelet, 990 and group 991, into a result that the next call takes. */
static const struct result *files(const char *uid_text, const char *gid_text)
{
	static struct result result;
	struct subids own[2] = {}, others[2] = {};

	subids_parse_file(uid_text, "kubelet", "990", &own[0], &others[0]);
	subids_parse_file(gid_text, "kubelet", "991", &own[1], &others[1]);
	subids_judge(&own[0], &own[1], &others[0], &others[1], &needs, &result);
	assert_true(result.status == STATUS_OK ? !*result.todo : *result.todo != '\0');
	return &result;
}

static enum status both(const char *text)
{
	return files(text, text)->status;
}

static void one_aligned_range_with_room_is_right(void **state)
{
	(void)state;
	assert_int_equal(both("kubelet:65536:7208960\n"), STATUS_OK);
	assert_int_equal(both("kubelet:65536:7208960"), STATUS_OK);
	assert_int_equal(both("kubelet:4286578688:7274496"), STATUS_OK);
	assert_int_equal(both("# a comment\n\nkubelet:65536:7208960\n#kubelet:1:1\n"), STATUS_OK);
	assert_int_equal(both("kubelet:0x10000:0x6e0000\n"), STATUS_OK); /* shadow takes it */
}

static void the_user_may_be_a_number(void **state)
{
	(void)state;
	assert_int_equal(files("990:65536:7208960\n", "991:65536:7208960\n")->status, STATUS_OK);
	assert_int_equal(files("990:65536:7208960\n", "990:65536:7208960\n")->status,
			 STATUS_PROBLEM);
	assert_int_equal(both("kubelet:65536:7208960\n9900:1:5\nxkubelet:2:5\n"), STATUS_OK);
}

static void what_the_kubelet_refuses_is_a_problem(void **state)
{
	static const char *const wrong[] = {
		"",
		"kubelet:65536\n",
		"kubelet:65536:7208960:1\n",
		"kubelet:65536:\n",
		"kubelet::7208960\n",
		"kubelet:-65536:7208960\n",
		"kubelet: 65536:7208960\n",
		"kubelet:65536:7208960 \n",
		"kubelet:65536:99999999999999999999\n",
		"kubelet:99999999999999999999:7208960\n",
		"kubelet:65536x:7208960\n",
		"kubelet:65536:7208960\nkubelet:131072000:65536\n", /* two */
		"kubelet:65536:7208960\n990:131072000:65536\n",
		"kubelet:65536:7143424\n",  /* 109 pods */
		"kubelet:100000:7208960\n", /* begins within a block */
		"kubelet:65536:7208961\n",  /* ends within one */
		"kubelet:0:7208960\n",	    /* the node's own */
		"kubelet:65535:7208960\n",
		"kubelet:4287758336:7208960\n", /* to the last ID */
		"kubelet:4294901760:7208960\n", /* beyond it */
		"kubelet:65536:0\n",
		"KUBELET:65536:7208960\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(both(wrong[i]), STATUS_PROBLEM);
}

static void uids_and_gids_must_be_equal(void **state)
{
	static const char right[] = "kubelet:65536:7208960\n";

	(void)state;
	assert_int_equal(files(right, right)->status, STATUS_OK);
	assert_int_equal(files(right, "")->status, STATUS_PROBLEM);
	assert_int_equal(files("", right)->status, STATUS_PROBLEM);
	assert_int_equal(files(right, "kubelet:131072:7208960\n")->status, STATUS_PROBLEM);
	assert_int_equal(files(right, "kubelet:65536:7274496\n")->status, STATUS_PROBLEM);
}

static void others_must_have_other_ids(void **state)
{
	static const char right[] = "kubelet:65536:7208960\n";

	(void)state;
	assert_int_equal(both("ann:7274496:65536\nkubelet:65536:7208960\nbob:0:65536\n"),
			 STATUS_OK);
	assert_int_equal(both("ann:7274495:65536\nkubelet:65536:7208960\n"), STATUS_PROBLEM);
	assert_int_equal(both("kubelet:65536:7208960\nbob:0:65537\n"), STATUS_PROBLEM);
	assert_int_equal(both("kubelet:65536:7208960\nbob:100000:0\n"), STATUS_OK);
	assert_int_equal(files(right, "kubelet:65536:7208960\nann:100000:65536\n")->status,
			 STATUS_PROBLEM);
	assert_non_null(strstr(files(right, "kubelet:65536:7208960\na\033n:100000:65536\n")->todo,
			       "/etc/subgid gives 100000-165535 to \"a\\x1bn\", too"));
}

static void more_lines_than_are_kept_are_counted(void **state)
{
	AUTO_FREE char *text = xcalloc(1, 10000);

	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(text, "kubelet:65536:7208960\n");
	assert_int_equal(both(text), STATUS_PROBLEM);
	assert_non_null(strstr(files(text, text)->detail, "300 ranges"));
}

/* It takes anything then: no problem, but worth a word. */
static void without_the_user_others_ids_are_told(void **state)
{
	struct subids own = {}, others = {}, none = {};
	struct result result;

	(void)state;
	subids_judge_default(&none, &none, &needs, &result);
	assert_int_equal(result.status, STATUS_OK);
	assert_string_equal(result.todo, "");
	subids_parse_file("ann:0:65536\n", "kubelet", "", &own, &others);
	subids_judge_default(&others, &none, &needs, &result);
	assert_string_equal(result.todo, "");
	subids_parse_file("ann:100000:65536\n", "kubelet", "", &own, &others);
	subids_judge_default(&none, &others, &needs, &result);
	assert_int_equal(result.status, STATUS_OK);
	assert_non_null(strstr(result.todo, "100000-165535"));
	assert_int_equal(own.n, 0);
}

static void getsubids_answers_a_line_a_range(void **state)
{
	static const char *const garbage[] = {
		"Error fetching ranges",
		"0:kubelet 65536 7208960",
		"0: kubelet 65536",
		"0: kubelet 65536 7 8",
		"x: kubelet 65536 7208960",
		"0: kubelet 65536 0x6e0000",
		"0: kubelet -1 7208960",
		"0: kubelet 65536 7208960\nbye",
		": kubelet 1 2",
		"0: kubelet  65536 7208",
	};
	struct subids subids = {};

	(void)state;
	assert_int_equal(subids_parse_answer("0: kubelet 65536 7208960\n", &subids), 0);
	assert_int_equal(subids.n, 1);
	assert_int_equal(subids.v[0].first, 65536);
	assert_int_equal(subids.v[0].count, 7208960);
	assert_string_equal(subids.v[0].owner, "kubelet");
	assert_int_equal(subids_parse_answer("0: kubelet 65536 65536\n1: kubelet 7 1\n", &subids),
			 0);
	assert_int_equal(subids.n, 2);
	assert_int_equal(subids_parse_answer("", &subids), 0);
	assert_int_equal(subids.n, 0);
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++)
		assert_int_equal(subids_parse_answer(garbage[i], &subids), -EINVAL);
}

static void two_lists_are_the_same_in_any_order(void **state)
{
	struct subids a = {}, b = {}, c = {}, others = {};

	(void)state;
	subids_parse_file("k:1:2\nk:3:4\n", "k", "", &a, &others);
	subids_parse_file("k:3:4\nk:1:2\n", "k", "", &b, &others);
	subids_parse_file("k:1:2\nk:1:2\n", "k", "", &c, &others);
	assert_true(subids_same(&a, &b));
	assert_false(subids_same(&a, &c));
	assert_false(subids_same(&c, &a));
}

static void accounts_are_found_by_their_names(void **state)
{
	static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n#kubelet:x:1:1::/:\n"
				     "kubelet:x:990:990::/:/usr/sbin/nologin\nkube:x:7:7::/:\n";
	char number[IDFILES_NUMBER_LEN] = "?";

	(void)state;
	assert_true(idfiles_find_account(passwd, "kubelet", number));
	assert_string_equal(number, "990");
	assert_false(idfiles_find_account(passwd, "kubel", number));
	assert_false(idfiles_find_account("", "kubelet", number));
	assert_true(idfiles_find_account("kubelet", "kubelet", number));
	assert_string_equal(number, "");
	assert_true(idfiles_find_account("kubelet:x:zero:", "kubelet", number));
	assert_string_equal(number, "");
}

/* Cgroups and mounts */

static bool is_pod(const char *cgroups)
{
	char text[512];

	snprintf(text, sizeof(text), "%s", cgroups);
	return procs_is_pod(text);
}

static void a_process_is_in_a_pod_in_any_hierarchy_and_below(void **state)
{
	(void)state;
	assert_false(is_pod("0::/\n"));
	assert_false(is_pod("0::/system.slice/containerd.service\n"));
	assert_true(is_pod("0::/kubepods/besteffort/pod12345678-1234-1234-1234-123456789abc\n"));
	assert_true(is_pod("9:cpu:/x\n0::/kubepods.slice/kubepods-burstable.slice/kubepods-"
			   "burstable-pod12345678_1234_1234_1234_123456789abc.slice/"
			   "cri-containerd-0123.scope/inner\n"));
	assert_true(is_pod("4:memory:/kubepods/pod12345678-1234-1234-1234-123456789abc/0\n"));
}

static bool parse(const char *text, struct mountinfo *info)
{
	static char line[512];

	snprintf(line, sizeof(line), "%s", text);
	return mountinfo_parse(line, info);
}

static void lines_of_mountinfo_are_taken_apart(void **state)
{
	struct mountinfo info;

	(void)state;
	assert_true(parse("36 35 98:0 /a\\040b /mnt\\134 rw,idmapped shared:1 - ext4 /dev/x rw\n",
			  &info));
	assert_int_equal(info.id, 36);
	assert_int_equal(info.parent, 35);
	assert_int_equal(info.major, 98);
	assert_int_equal(info.minor, 0);
	assert_string_equal(info.root, "/a b");
	assert_string_equal(info.point, "/mnt\\");
	assert_string_equal(info.options, "rw,idmapped");
	assert_string_equal(info.type, "ext4");
	assert_true(parse("1 1 0:1 / /\\7 rw - tmpfs none rw", &info));
	assert_string_equal(info.point, "/\\7");
	assert_false(parse("", &info));
	assert_false(parse("36 35 98:0 / /mnt rw ext4", &info));
	assert_false(parse("36 35 / /mnt rw - ext4", &info));
	assert_false(parse("36 35 x:y / /mnt rw - ext4", &info));
}

/* Children */

static int say_and_end(const void *ctx)
{
	dprintf(STDOUT_FILENO, "out ");
	dprintf(STDERR_FILENO, "err %d", *(const int *)ctx);
	return 7;
}

static int say_without_end(const void *ctx)
{
	(void)ctx;
	while (write(STDOUT_FILENO, "yes", 3) > 0)
		;
	return 0;
}

static int do_nothing(const void *ctx)
{
	(void)ctx;
	pause();
	return 0;
}

static int leave_somebody(const void *ctx)
{
	if (!fork())
		do_nothing(ctx);
	return 0;
}

static int crash(const void *ctx)
{
	(void)ctx;
	raise(SIGKILL);
	return 0;
}

static int read_input(const void *ctx)
{
	char byte;

	(void)ctx;
	return (int)read(STDIN_FILENO, &byte, 1);
}

static void a_child_says_what_it_says(void **state)
{
	const int number = 5;
	char out[16];

	(void)state;
	assert_int_equal(child_run(say_and_end, &number, 600, out, sizeof(out)), 7);
	assert_string_equal(out, "out err 5");
	assert_int_equal(child_run(say_and_end, &number, 600, out, 6), 7);
	assert_string_equal(out, "out e");
	assert_int_equal(child_run(crash, NULL, 600, out, sizeof(out)), -EINTR);
	assert_string_equal(out, "");
	assert_int_equal(child_run(read_input, NULL, 600, out, sizeof(out)), 0);
}

static void a_child_that_does_not_end_is_ended(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(child_run(say_without_end, NULL, 1, out, sizeof(out)), -ETIMEDOUT);
	assert_string_equal(out, "yesyesy");
	assert_int_equal(child_run(do_nothing, NULL, 1, out, sizeof(out)), -ETIMEDOUT);
	assert_int_equal(child_run(leave_somebody, NULL, 1, out, sizeof(out)), -ETIMEDOUT);
}

/* security/selinux/selinuxfs.c: "%x %x %x %x %u %x" */
static void answers_of_security_modules_are_parsed(void **state)
{
	char none[] = "[none] integrity confidentiality", other[] = "none [confidentiality]";
	char nothing[] = "none", open[] = "[none";

	(void)state;
	assert_int_equal(lsm_parse_access("1f ffffffff 0 ffffffff 7 0", 0x1f), 1);
	assert_int_equal(lsm_parse_access("17 ffffffff 0 ffffffff 7 0", 0x1f), 0);
	assert_int_equal(lsm_parse_access("0 ffffffff 0 ffffffff 7 0", 1), 0);
	assert_int_equal(lsm_parse_access("", 1), -EINVAL);
	assert_string_equal(lsm_parse_lockdown(none), "none");
	assert_string_equal(lsm_parse_lockdown(other), "confidentiality");
	assert_null(lsm_parse_lockdown(nothing));
	assert_null(lsm_parse_lockdown(open));
}

#define ENOTSUPP 524 /* include/linux/errno.h */

/* As arm64 before Linux 6.4: no alternative loads but the last of each row. */
static void what_is_not_seen_without_trampolines_is_told(void **state)
{
	static const struct {
		enum hook_event event;
		const char *name, *rule;
	} lost[] = {
		{EVENT_CREDENTIALS, "hook credentials", "unmapped-identity"},
		{EVENT_NAMESPACES, "hook namespaces", "foreign-namespace"},
		{EVENT_CAPABILITIES, "hook capability checks", "host-capability"},
		{EVENT_IDMAPS, "hook idmapped mounts", "idmap-mismatch"},
	};
	struct rows rows = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lost); i++) {
		const struct hook_row_info *info = &hook_table[lost[i].event];
		const struct hook_alternative *last = &info->alternatives[info->n - 1];
		const struct hook_row hook = {.what = info->what,
					      .hook = info->hook,
					      .alternative = last->section,
					      .why_not = attachable_why(-ENOTSUPP),
					      .blind = last->blind};

		hookrow_add(&rows, &hook);
		assert_string_equal(rows.v[i].name, lost[i].name);
		assert_true(rows.v[i].for_watch);
		assert_int_equal(rows.v[i].result.status, STATUS_OK);
		assert_string_equal(rows.v[i].result.detail,
				    "none; a better one does not load: this kernel has no "
				    "trampolines; arm64 has them since Linux 6.4");
		assert_non_null(strstr(rows.v[i].result.todo, last->blind));
		assert_non_null(strstr(rows.v[i].result.todo, lost[i].rule));
	}
	rows_free(&rows);
}

static void a_hook_that_is_the_best_has_nothing_to_say(void **state)
{
	const struct hook_row best = {.what = "credentials",
				      .hook = NSV_HOOK_CREDENTIALS,
				      .alternative = "fentry/commit_creds"};
	const struct hook_row refused = {.what = "credentials",
					 .hook = NSV_HOOK_CREDENTIALS,
					 .alternative = HOOK_AT_CHECKS,
					 .why_not = attachable_why(-EPERM)};
	struct rows rows = {};

	(void)state;
	hookrow_add(&rows, &best);
	assert_string_equal(rows.v[0].result.detail, "fentry/commit_creds");
	assert_string_equal(rows.v[0].result.todo, "");
	hookrow_add(&rows, &refused);
	assert_string_equal(
		rows.v[1].result.detail,
		"tp_btf/cap_capable; a better one does not load: Operation not permitted");
	rows_free(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_read_from_what_runtimes_answer),
		cmocka_unit_test(what_is_no_version_is_none),
		cmocka_unit_test(a_versions_text_is_printable),
		cmocka_unit_test(random_answers_do_no_harm),
		cmocka_unit_test(versions_are_compared_as_numbers),
		cmocka_unit_test(each_runtime_has_its_first_version),
		cmocka_unit_test(what_does_not_tell_its_version_is_not_ok),
		cmocka_unit_test(an_old_one_beside_a_new_one_is_a_problem_only_if_it_runs),
		cmocka_unit_test(one_aligned_range_with_room_is_right),
		cmocka_unit_test(the_user_may_be_a_number),
		cmocka_unit_test(what_the_kubelet_refuses_is_a_problem),
		cmocka_unit_test(uids_and_gids_must_be_equal),
		cmocka_unit_test(others_must_have_other_ids),
		cmocka_unit_test(more_lines_than_are_kept_are_counted),
		cmocka_unit_test(without_the_user_others_ids_are_told),
		cmocka_unit_test(getsubids_answers_a_line_a_range),
		cmocka_unit_test(two_lists_are_the_same_in_any_order),
		cmocka_unit_test(accounts_are_found_by_their_names),
		cmocka_unit_test(a_process_is_in_a_pod_in_any_hierarchy_and_below),
		cmocka_unit_test(lines_of_mountinfo_are_taken_apart),
		cmocka_unit_test(answers_of_security_modules_are_parsed),
		cmocka_unit_test(what_is_not_seen_without_trampolines_is_told),
		cmocka_unit_test(a_hook_that_is_the_best_has_nothing_to_say),
		cmocka_unit_test(a_child_says_what_it_says),
		cmocka_unit_test(a_child_that_does_not_end_is_ended),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
