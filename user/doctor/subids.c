// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/subids.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/nodefiles/idfiles.h"

#define ALL_IDS (UINT64_C(1) << 32)
#define NODE_IDS 65536 /* the node's own users and services */

static void add(struct subids *list, const char *owner, uint64_t first, uint64_t count)
{
	struct subid *subid;

	if (list->n++ >= SUBIDS_MAX)
		return;
	subid = &list->v[list->n - 1];
	*subid = (struct subid){.first = first, .count = count};
	snprintf(subid->owner, sizeof(subid->owner), "%s", owner);
}

static size_t kept(const struct subids *list)
{
	return list->n < SUBIDS_MAX ? list->n : SUBIDS_MAX;
}

void subids_parse_file(const char *text, const char *user, const char *number, struct subids *own,
		       struct subids *others)
{
	AUTO_FREE char *copy = xstrdup(text);
	struct id_line line;
	char *rest = copy;

	while (idfiles_next_range(&rest, &line))
		add(idfiles_is_own(line.owner, user, number) ? own : others, line.owner, line.first,
		    line.count);
}

int subids_parse_answer(const char *text, struct subids *out)
{
	char *copy = xstrdup(text), *rest = copy, *line;
	struct subids subids = {};
	int err = 0;

	while (!err && (line = idfiles_field(&rest, '\n'))) {
		uint64_t index, first, count;
		char *index_text = idfiles_field(&line, ':'), *owner, *first_text, *count_text;

		if (!*index_text && !line)
			continue;
		err = -EINVAL;
		if (!line || *line++ != ' ')
			break;
		owner = idfiles_field(&line, ' ');
		first_text = idfiles_field(&line, ' ');
		count_text = idfiles_field(&line, ' ');
		if (!first_text || !count_text || line || !idfiles_number(index_text, 10, &index) ||
		    !idfiles_number(first_text, 10, &first) ||
		    !idfiles_number(count_text, 10, &count))
			break;
		add(&subids, owner, first, count);
		err = 0;
	}
	free(copy);
	if (!err)
		*out = subids;
	return err;
}

static bool has(const struct subids *list, const struct subid *subid)
{
	for (size_t i = 0; i < kept(list); i++)
		if (list->v[i].first == subid->first && list->v[i].count == subid->count)
			return true;
	return false;
}

bool subids_same(const struct subids *a, const struct subids *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < kept(a); i++)
		same = has(b, &a->v[i]) && has(a, &b->v[i]);
	return same;
}

/* Of others' ranges the first that has an ID of this one, or NULL. */
static const struct subid *find_overlap(const struct subids *others, const struct subid *range)
{
	for (size_t i = 0; i < kept(others); i++) {
		const struct subid *other = &others->v[i];

		if (other->count && other->first < range->first + range->count &&
		    range->first < other->first + other->count)
			return other;
	}
	return NULL;
}

static void say_overlap(const struct subids *uids, const struct subids *gids,
			const struct subid *range, const char *then, struct result *result)
{
	const struct subid *other = find_overlap(uids, range);
	const char *file = other ? "/etc/subuid" : "/etc/subgid";
	char owner[ESCAPED_SIZE(sizeof(other->owner))];

	if (!other)
		other = find_overlap(gids, range);
	if (!other)
		return;
	escape(owner, sizeof(owner), other->owner, sizeof(other->owner));
	snprintf(result->todo, sizeof(result->todo),
		 "%s gives %" PRIu64 "-%" PRIu64 " to \"%s\", too: %s", file, other->first,
		 other->first + other->count - 1, owner, then);
}

/* What the kubelet, or the kernel later, would refuse; or NULL. */
static const char *find_mistake(const struct subid *range, const struct subid_needs *needs)
{
	if (range->first < NODE_IDS || range->first < needs->ids_per_pod)
		return "it begins below the IDs that pods may have";
	if (range->first % needs->ids_per_pod)
		return "it does not begin at a multiple of the IDs per pod";
	if (!range->count || range->count % needs->ids_per_pod)
		return "its length is not a multiple of the IDs per pod";
	if (range->first + range->count >= ALL_IDS)
		return "it reaches ID 4294967295, which cannot be mapped";
	if (range->count / needs->ids_per_pod < needs->max_pods)
		return "it has too few IDs for that many pods";
	return NULL;
}

static void say_problem(struct result *result, const struct subid_needs *needs)
{
	result->status = STATUS_PROBLEM;
	snprintf(result->todo, sizeof(result->todo),
		 "give it one line \"" KUBELET_USER ":FIRST:%" PRIu64
		 "\", the same in /etc/subuid and /etc/subgid; FIRST is a multiple of %" PRIu64
		 ", not 0",
		 needs->ids_per_pod * needs->max_pods, needs->ids_per_pod);
}

void subids_judge(const struct subids *uids, const struct subids *gids,
		  const struct subids *other_uids, const struct subids *other_gids,
		  const struct subid_needs *needs, struct result *result)
{
	const struct subid *range = &uids->v[0];
	const char *mistake;

	*result = (struct result){.status = STATUS_OK};
	if (uids->n != 1 || gids->n != 1) {
		snprintf(result->detail, sizeof(result->detail),
			 "user " KUBELET_USER
			 " has %zu ranges of UIDs and %zu of GIDs, not one of each",
			 uids->n, gids->n);
		say_problem(result, needs);
		return;
	}
	if (!subids_same(uids, gids)) {
		snprintf(result->detail, sizeof(result->detail),
			 "user " KUBELET_USER " has UIDs %" PRIu64 ":%" PRIu64 ", and GIDs %" PRIu64
			 ":%" PRIu64,
			 range->first, range->count, gids->v[0].first, gids->v[0].count);
		say_problem(result, needs);
		return;
	}
	mistake = find_mistake(range, needs);
	snprintf(result->detail, sizeof(result->detail),
		 "user " KUBELET_USER " has %" PRIu64 "-%" PRIu64 ", for %" PRIu64 " pods%s%s",
		 range->first, range->first + range->count - !!range->count,
		 range->count / needs->ids_per_pod, mistake ? ": " : "", mistake ? mistake : "");
	if (mistake) {
		say_problem(result, needs);
		return;
	}
	say_overlap(other_uids, other_gids, range, "give each IDs of its own", result);
	if (*result->todo)
		result->status = STATUS_PROBLEM;
}

void subids_judge_default(const struct subids *other_uids, const struct subids *other_gids,
			  const struct subid_needs *needs, struct result *result)
{
	const struct subid range = {.first = needs->ids_per_pod,
				    .count = ALL_IDS - needs->ids_per_pod};

	*result = (struct result){.status = STATUS_OK};
	snprintf(result->detail, sizeof(result->detail),
		 "no user " KUBELET_USER ": the kubelet takes any IDs from %" PRIu64 " on",
		 range.first);
	say_overlap(other_uids, other_gids, &range,
		    "a pod may get the same; to keep them apart, make a user " KUBELET_USER
		    " with a range of its own",
		    result);
}
