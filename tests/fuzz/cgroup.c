// SPDX-License-Identifier: BSD-2-Clause
/* Any bytes as the name of a cgroup: what is taken for a pod's uid has the form of one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "source/podpath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = xcalloc(1, size + 1), uid[NSV_POD_UID_LEN], id[NSV_CONTAINER_LEN];
	char again[NSV_POD_UID_LEN];

	if (size)
		memcpy(name, data, size);
	if (podpath_pod(name, uid) && (!podpath_uid(uid, again) || strcmp(uid, again) != 0))
		__builtin_trap();
	if (podpath_named_pod("kubepods", name, uid) &&
	    (!podpath_any_uid(uid, again) || strcmp(uid, again) != 0))
		__builtin_trap();
	podpath_container(name, id);
	if (!memchr(id, '\0', sizeof(id)))
		__builtin_trap();
	if (podpath_astray(name, uid, id) &&
	    (!podpath_uid(uid, again) || strcmp(uid, again) != 0 || !memchr(id, '\0', sizeof(id))))
		__builtin_trap();
	free(name);
	return 0;
}
