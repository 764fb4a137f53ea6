// SPDX-License-Identifier: BSD-2-Clause
/* Pods and findings by the uid that they have: static pods get theirs again, so several pods may have one. */
#include "engine/model/model.h"

#include <stdlib.h>
#include <string.h>

struct pod_uid *uids_find(const struct engine *engine, const char *uid)
{
	struct pod_uid *its;

	HASH_FIND_STR(engine->uids, uid, its);
	return its;
}

struct pod_uid *uids_get(struct engine *engine, const char *uid)
{
	struct pod_uid *its = uids_find(engine, uid);

	if (!its) {
		its = xcalloc(1, sizeof(*its));
		memcpy(its->uid, uid, strlen(uid));
		table_add_str(engine->uids, uid, its);
	}
	return its;
}

void uids_drop_unused(struct engine *engine, struct pod_uid *its)
{
	if (its->pods || its->open)
		return;
	HASH_DEL(engine->uids, its);
	free(its);
}

void uids_add_pod(struct engine *engine, struct pod *pod)
{
	pod->its = uids_get(engine, pod->uid);
	DL_APPEND2(pod->its->pods, pod, uid_prev, uid_next);
}

void uids_drop_pod(struct engine *engine, struct pod *pod)
{
	DL_DELETE2(pod->its->pods, pod, uid_prev, uid_next);
	uids_drop_unused(engine, pod->its);
}

struct pod *uids_pods(const struct engine *engine, const char *uid)
{
	const struct pod_uid *its = uids_find(engine, uid);

	return its ? its->pods : NULL;
}
