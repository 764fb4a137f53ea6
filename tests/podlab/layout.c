// SPDX-License-Identifier: BSD-2-Clause
#include "layout.h"

#include <stddef.h>

#include "util.h"

#define BURSTABLE "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"

/* What stands before and after a pod's UID and a container's ID. */
static const struct {
	const char *pod, *pod_end;
	const char *container, *container_end;
	char dash; /* in the UID: systemd takes '-' in a slice's name for a level */
} layouts[] = {
	[LAYOUT_BURSTABLE] = {BURSTABLE, ".slice", "/cri-containerd-", ".scope", '_'},
	[LAYOUT_BESTEFFORT] = {"kubepods/besteffort/pod", "", "/", "", '-'},
	[LAYOUT_GUARANTEED] = {"kubepods.slice/kubepods-pod", ".slice", "/crio-", ".scope", '_'},
	[LAYOUT_ASTRAY] = {BURSTABLE, ".slice", ":cri-containerd:", "", '_'},
};

void layout_pod(enum layout layout, const char *root, const char *uid, char out[PATH_MAX])
{
	char written[64];
	char *c;

	format(written, sizeof(written), "%s", uid);
	for (c = written; *c; c++)
		if (*c == '-')
			*c = layouts[layout].dash;
	format(out, PATH_MAX, "%s/%s%s%s", root, layouts[layout].pod, written,
	       layouts[layout].pod_end);
}

void layout_container(enum layout layout, const char *pod, const char *id, char out[PATH_MAX])
{
	format(out, PATH_MAX, "%s%s%s%s", pod, layouts[layout].container, id,
	       layouts[layout].container_end);
}

void layout_monitor(const char *pod, const char *id, char out[PATH_MAX])
{
	format(out, PATH_MAX, "%s/crio-conmon-%s.scope", pod, id);
}
