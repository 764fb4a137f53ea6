// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/allotted.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "source/nodefiles/declared.h"
#include "source/nodefiles/files.h"
#include "source/nodefiles/records.h"
#include "source/podpath.h"

/*
 * What record() of kubernetes pkg/kubelet/userns/userns_manager.go refuses of a pod that it finds at its start; that the
 * file is no JSON, too.
 */
static const char *why_not(const struct nsv_extent *extent, const struct subid *range,
			   uint64_t ids_per_pod)
{
	if (extent->count != ids_per_pod)
		return "have a number of IDs other than idsPerPod";
	if (extent->host % ids_per_pod)
		return "have IDs that do not begin at a multiple of idsPerPod";
	if (extent->host < range->first ||
	    (uint64_t)extent->host + extent->count > range->first + range->count)
		return "have IDs out of the range";
	return NULL;
}

static void look_at_pod(int pods, const char *uid, const struct subid *range, uint64_t ids_per_pod,
			struct allotted_ids *out)
{
	AUTO_FREE char *text = NULL;
	struct file_stamp any = {};
	struct records records = {};
	struct problem problem = {};
	char path[NAME_MAX + 16];
	const char *mistake = NULL;
	struct nsv_extent extent = {};
	size_t len;

	snprintf(path, sizeof(path), "%s/userns", uid);
	if (files_read(pods, path, false, &any, &text, &len))
		return;
	out->pods++;
	if (declared_allotment(text, len, uid, &records, &problem) || !records.n) {
		mistake = "have a file userns that cannot be read";
	} else {
		extent = nsv_declared_uids((const void *)records.v[0])[0];
		mistake = why_not(&extent, range, ids_per_pod);
	}
	records_free(&records);
	if (!mistake || out->outside++)
		return;
	out->mistake = mistake;
	out->first = extent.host;
	out->count = extent.count;
	podpath_any_uid(uid, out->uid);
}

bool allotted_find_outside(const char *root, const char *kubelet_dir, const struct subid *range,
			   uint64_t ids_per_pod, struct allotted_ids *out)
{
	AUTO_FD at = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR dir = NULL;
	struct dirent *entry;
	char path[PATH_MAX], uid[NSV_POD_UID_LEN];

	*out = (struct allotted_ids){};
	snprintf(path, sizeof(path), "%s/pods", kubelet_dir ?: "");
	dir = dir_take(at < 0 ? -1 : files_open_dir(at, path));
	while (dir && (entry = readdir(dir)))
		if (podpath_any_uid(entry->d_name, uid))
			look_at_pod(dirfd(dir), entry->d_name, range, ids_per_pod, out);
	return out->outside;
}
