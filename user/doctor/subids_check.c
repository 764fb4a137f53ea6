// SPDX-License-Identifier: BSD-2-Clause
/* Asks the node for what subids.c judges: its files, and its getsubids, by which the kubelet goes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doctor/allotted.h"
#include "doctor/program.h"
#include "doctor/subids.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/nodefiles/files.h"
#include "source/nodefiles/idfiles.h"

/* Both kinds: 0 is UIDs, 1 is GIDs. */
struct found {
	bool has_user, may_have; /* a user; where /etc/passwd does not tell */
	char number[2][IDFILES_NUMBER_LEN];
	struct subids own[2], others[2], told[2];
	char said[200]; /* by getsubids, or why it could not be asked; escaped */
};

/* getent(1): what was asked for is not there. */
#define GETENT_NONE 2

enum asked { ASKED, ASKED_NONE, NOT_ASKED, NO_GETSUBIDS };

/* To be freed. A file that is not there is empty with `may_lack`. */
static int read_text(int root, const char *path, bool may_lack, char **out)
{
	struct file_stamp any = {};
	size_t len;
	int err = files_read(root, path, true, &any, out, &len);

	if (err != -ENOENT || !may_lack)
		return err;
	*out = xstrdup("");
	return 0;
}

static int read_kind(int root, int kind, struct found *found, const char **which)
{
	static const char *const accounts[] = {"/etc/passwd", "/etc/group"};
	static const char *const files[] = {"/etc/subuid", "/etc/subgid"};
	AUTO_FREE char *names = NULL;
	AUTO_FREE char *ranges = NULL;
	int err = read_text(root, *which = accounts[kind], false, &names);
	bool is_there;

	if (!err)
		err = read_text(root, *which = files[kind], true, &ranges);
	if (err)
		return err;
	is_there = idfiles_find_account(names, KUBELET_USER, found->number[kind]);
	if (!kind)
		found->has_user = is_there;
	subids_parse_file(ranges, KUBELET_USER, found->number[kind], &found->own[kind],
			  &found->others[kind]);
	return 0;
}

static int read_files(const char *path, struct found *found, const char **which)
{
	AUTO_FD root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FREE char *nsswitch = NULL;
	int err;

	*which = path;
	if (root < 0)
		return -errno;
	err = read_text(root, *which = "/etc/nsswitch.conf", true, &nsswitch);
	if (!err)
		err = read_kind(root, 0, found, which);
	if (!err)
		err = read_kind(root, 1, found, which);
	if (!err)
		found->may_have = idfiles_has_other_users(nsswitch);
	return err;
}

/* Where the kubelet would find it in its PATH. */
static bool find_program(const char *root, const char *name, struct program *program, char path[64])
{
	static const char *const dirs[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					   "/usr/bin",	      "/sbin",		"/bin"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		struct stat stat;
		AUTO_FD fd = -1;

		snprintf(path, 64, "%s/%s", dirs[i], name);
		fd = program_find(root, path, &stat);
		*program = (struct program){.root = root, .path = path, .fd = -1};
		if (fd >= 0 && program_is_roots(&stat))
			return true;
	}
	return false;
}

/* Users may be elsewhere than in /etc/passwd: the node's getent tells, or nobody. */
static void ask_getent(const char *root, struct found *found)
{
	static const char *const args[] = {"passwd", KUBELET_USER, NULL};
	struct program program;
	char answer[1024], path[64];
	int ret;

	if (found->has_user || !found->may_have)
		return;
	if (!find_program(root, "getent", &program, path)) {
		snprintf(found->said, sizeof(found->said), "there is no getent");
		return;
	}
	ret = program_ask(&program, args, answer, sizeof(answer));
	found->has_user = !ret && !strncmp(answer, KUBELET_USER ":", strlen(KUBELET_USER ":"));
	found->may_have = ret && ret != GETENT_NONE;
	escape(found->said, sizeof(found->said), answer, strcspn(answer, "\n"));
}

static enum asked ask_getsubids(const char *root, struct found *found)
{
	static const char *const args[2][3] = {{KUBELET_USER, NULL}, {"-g", KUBELET_USER, NULL}};
	struct program program;
	char answer[8192], path[64];

	if (!find_program(root, "getsubids", &program, path))
		return NO_GETSUBIDS;
	for (int kind = 0; kind < 2; kind++) {
		int ret = program_ask(&program, args[kind], answer, sizeof(answer));

		if (!ret && !subids_parse_answer(answer, &found->told[kind]))
			continue;
		escape(found->said, sizeof(found->said), answer, strcspn(answer, "\n"));
		if (ret == -ETIMEDOUT)
			snprintf(found->said, sizeof(found->said), "it did not answer in time");
		return ret > 0 ? ASKED_NONE : NOT_ASKED;
	}
	return ASKED;
}

/* getsubids may go by something else than the files: subid in nsswitch.conf. */
static void judge_told(const struct found *found, const struct subid_needs *needs,
		       struct result *result)
{
	subids_judge(&found->told[0], &found->told[1], &found->others[0], &found->others[1], needs,
		     result);
	for (int kind = 0; result->status == STATUS_OK && kind < 2; kind++) {
		if (!found->own[kind].n || subids_same(&found->own[kind], &found->told[kind]))
			continue;
		result->status = STATUS_PROBLEM;
		snprintf(result->todo, sizeof(result->todo),
			 "getsubids says so, but %s says something else: make them agree (subid in "
			 "/etc/nsswitch.conf)",
			 kind ? "/etc/subgid" : "/etc/subuid");
	}
}

static void judge_files(const struct found *found, const struct subid_needs *needs,
			struct result *result)
{
	subids_judge(&found->own[0], &found->own[1], &found->others[0], &found->others[1], needs,
		     result);
	if (result->status != STATUS_OK)
		return;
	result->status = STATUS_UNKNOWN;
	snprintf(
		result->todo, sizeof(result->todo),
		"the files say so, but the kubelet goes by getsubids, which could not be asked: %s",
		found->said);
}

static void judge(enum asked asked, const struct found *found, const struct subid_needs *needs,
		  struct result *result)
{
	switch (asked) {
	case NO_GETSUBIDS:
		result_set(result, STATUS_PROBLEM,
			   "there is a user " KUBELET_USER
			   ", but no getsubids: the kubelet will not start",
			   "install it (Debian: uidmap, Fedora: shadow-utils-subid), or remove the "
			   "user " KUBELET_USER);
		return;
	case ASKED:
		judge_told(found, needs, result);
		return;
	case ASKED_NONE: /* it fails if there is no range */
		subids_judge(&found->told[0], &found->told[1], &found->others[0], &found->others[1],
			     needs, result);
		snprintf(result->detail, sizeof(result->detail),
			 "getsubids has no range for the user " KUBELET_USER ": %s", found->said);
		return;
	default:
		judge_files(found, needs, result);
	}
}

/* getKubeletMappings(): of a user that does not exist no line is looked at. */
static void judge_no_user(const struct found *found, const struct subid_needs *needs,
			  struct result *result)
{
	const int kind = found->own[0].n ? 0 : 1;

	if (found->may_have) {
		result->status = STATUS_UNKNOWN;
		snprintf(result->detail, sizeof(result->detail),
			 "/etc/passwd has no user " KUBELET_USER
			 ", and /etc/nsswitch.conf names other places: %s",
			 found->said);
		snprintf(result->todo, sizeof(result->todo),
			 "look with getent passwd " KUBELET_USER);
		return;
	}
	subids_judge_default(&found->others[0], &found->others[1], needs, result);
	if (!found->own[kind].n)
		return;
	result->status = STATUS_PROBLEM;
	snprintf(result->todo, sizeof(result->todo),
		 "%s has a line for " KUBELET_USER
		 ", and there is no such user: the line is ignored; make the user, or remove the "
		 "line",
		 kind ? "/etc/subgid" : "/etc/subuid");
}

/*
 * The range that the kubelet will allot of, as far as it is known: that of getsubids, or of files if that could not be
 * asked, or all.
 */
static bool find_range(const struct found *found, const struct subid_needs *needs,
		       struct subid *out)
{
	const struct subids *from = found->told[0].n ? &found->told[0] : &found->own[0];

	*out = (struct subid){.first = needs->ids_per_pod,
			      .count = (UINT64_C(1) << 32) - needs->ids_per_pod};
	if (!found->has_user)
		return !found->may_have;
	if (from->n != 1)
		return false;
	*out = from->v[0];
	return true;
}

/* A kubelet that starts takes what it allotted before, or does not start. */
static void judge_allotted(const char *root, const char *kubelet_dir, const struct found *found,
			   const struct subid_needs *needs, struct result *result)
{
	struct allotted_ids worst = {};
	struct subid range;
	char uid[ESCAPED_SIZE(NSV_POD_UID_LEN)];

	if (!find_range(found, needs, &range) ||
	    !allotted_find_outside(root, kubelet_dir, &range, needs->ids_per_pod, &worst))
		return;
	escape(uid, sizeof(uid), worst.uid, sizeof(worst.uid));
	result->status = STATUS_PROBLEM;
	snprintf(result->todo, sizeof(result->todo),
		 "the kubelet will not start again: %zu of %zu pods %s, as pod %s with %" PRIu64
		 "-%" PRIu64 ": drain the node first",
		 worst.outside, worst.pods, worst.mistake, uid, worst.first,
		 worst.first + worst.count - 1);
}

void subids_check(const char *root, const char *kubelet_dir, const struct subid_needs *needs,
		  struct rows *rows)
{
	struct result *result = rows_add(rows, "subordinate IDs", NULL);
	struct found *found = xcalloc(1, sizeof(*found));
	const char *which = "";
	int err = read_files(root, found, &which);

	if (err) {
		result->status = STATUS_UNKNOWN;
		snprintf(result->detail, sizeof(result->detail), "cannot read %s: %s", which,
			 files_error(err));
		snprintf(result->todo, sizeof(result->todo), "run as root");
		free(found);
		return;
	}
	ask_getent(root, found);
	if (!found->has_user)
		judge_no_user(found, needs, result);
	else
		judge(ask_getsubids(root, found), found, needs, result);
	if (result->status == STATUS_OK && needs->assumed) {
		result->status = STATUS_UNKNOWN;
		snprintf(result->todo, sizeof(result->todo),
			 "that is enough if the kubelet has no other maxPods and idsPerPod");
	}
	judge_allotted(root, kubelet_dir, found, needs, result);
	free(found);
}
