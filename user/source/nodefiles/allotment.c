// SPDX-License-Identifier: BSD-2-Clause
/* The kubelet's directories of pods: the host IDs that it allotted. */
#include "source/nodefiles/inner.h"

#include <string.h>

#include "lib/cleanup.h"
#include "source/nodefiles/declared.h"
#include "source/podpath.h"

static bool is_pod(const char *name)
{
	char uid[NSV_POD_UID_LEN];

	return podpath_any_uid(name, uid);
}

static void look_at_pod(struct metadata *metadata, struct entry *entry)
{
	AUTO_FREE char *text = NULL;
	struct problem problem = {};
	struct nsv_declared *none;
	char uid[NSV_POD_UID_LEN];
	size_t len;

	podpath_any_uid(entry->key.name, uid);
	if (read_entry(metadata, entry, "userns", &text, &len)) {
		if (declared_allotment(text, len, uid, &entry->records, &problem))
			set_problem(entry, problem.text);
		/* When the pod ends the kubelet removes it before the directory. */
		entry->lasts = entry->records.n;
		finish_records(metadata, entry, "userns");
	} else if (!entry->records.n && !entry->problem) {
		/* The kubelet knows the pod, and allotted nothing. */
		none = records_add(&entry->records, NSV_DECLARED, sizeof(*none));
		none->by = NSV_BY_KUBELET;
		none->userns = NSV_DECLARED_NODE;
		memcpy(none->uid, uid, sizeof(none->uid));
		finish_records(metadata, entry, "userns");
	}
}

const struct kind metadata_pods = {.below = "/pods",
				   .inner = "",
				   .files = {"userns"},
				   .is_entry = is_pod,
				   .look = look_at_pod};
