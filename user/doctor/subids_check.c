// SPDX-License-Identifier: BSD-2-Clause
/* Asks the node for what subids.c judges: its files, and its getsubids, by which the kubelet goes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "doctor/program.h"
#include "doctor/subids.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/files.h"
#include "source/idfiles.h"

/* Both kinds: 0 is UIDs, 1 is GIDs. */
struct found {
	bool has_user;
	char number[2][IDFILES_NUMBER_LEN];
	struct subids own[2], others[2], told[2];
	char said[200]; /* by getsubids, or why it could not be asked; escaped */
};

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
	int err;

	*which = path;
	if (root < 0)
		return -errno;
	err = read_kind(root, 0, found, which);
	return err ? err : read_kind(root, 1, found, which);
}

/* Where the kubelet would find it in its PATH. */
static bool find_getsubids(const char *root, struct program *program)
{
	static const char *const places[] = {
		"/usr/local/sbin/getsubids", "/usr/local/bin/getsubids", "/usr/sbin/getsubids",
		"/usr/bin/getsubids",	     "/sbin/getsubids",		 "/bin/getsubids"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct stat stat;
		AUTO_FD fd = program_find(root, places[i], &stat);

		*program = (struct program){.root = root, .path = places[i], .fd = -1};
		if (fd >= 0 && program_is_roots(&stat))
			return true;
	}
	return false;
}

static enum asked ask_getsubids(const char *root, struct found *found)
{
	static const char *const args[2][3] = {{KUBELET_USER, NULL}, {"-g", KUBELET_USER, NULL}};
	struct program program;
	char answer[8192];

	if (!find_getsubids(root, &program))
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
			 "that is what getsubids says, and %s says something else: make them agree "
			 "(subid in /etc/nsswitch.conf)",
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
			   ", and no getsubids: the kubelet will not start",
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

void subids_check(const char *root, const struct subid_needs *needs, struct rows *rows)
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
	} else if (!found->has_user) {
		subids_judge_default(&found->others[0], &found->others[1], needs, result);
	} else {
		judge(ask_getsubids(root, found), found, needs, result);
	}
	free(found);
}
