/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host IDs that the kubelet may give to pods: what kubelet's getKubeletMappings() and
 * MakeUserNsManager() ask for.
 */
#ifndef NSVIGIL_DOCTOR_SUBIDS_H
#define NSVIGIL_DOCTOR_SUBIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/rows.h"

#define SUBIDS_MAX 64

/* idsPerPod is a multiple of it. */
#define ID_BLOCK 65536

struct subid {
	uint64_t first, count;
	char owner[48]; /* raw */
};

struct subids {
	struct subid v[SUBIDS_MAX];
	size_t n; /* may be more than are kept */
};

/* What the kubelet is told: userNamespaces.idsPerPod, maxPods. */
struct subid_needs {
	uint64_t ids_per_pod, max_pods;
	bool assumed; /* it is not known what it is told: these are usual */
};

/*
 * Adds the lines of a subuid(5) or subgid(5) file: those of the user, by name or by number, to
 * `own`, others to `others`. Lines of another form are nobody's, as for shadow's own programs.
 */
void subids_parse_file(const char *text, const char *user, const char *number, struct subids *own,
		       struct subids *others);

/* Adds what getsubids prints: "0: kubelet 65536 7208960", a line each. Returns 0 or -EINVAL. */
int subids_parse_answer(const char *text, struct subids *out);

/* Whether both have the same ranges, in any order. */
bool subids_same(const struct subids *a, const struct subids *b);

/* Judges what the kubelet would be given. Others' ranges in it are a problem. */
void subids_judge(const struct subids *uids, const struct subids *gids,
		  const struct subids *other_uids, const struct subids *other_gids,
		  const struct subid_needs *needs, struct result *result);

/* Likewise if there is no user kubelet: others' ranges are worth a word. */
void subids_judge_default(const struct subids *other_uids, const struct subids *other_gids,
			  const struct subid_needs *needs, struct result *result);

/* The row: asks the node's files and its getsubids. */
void subids_check(const char *root, const char *kubelet_dir, const struct subid_needs *needs,
		  struct rows *rows);

#endif
