// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/names.h"

#include <string.h>

#include "source/podpath.h"

/* Kubernetes' names have no underscore; what has one was not made by the kubelet. */
bool names_parse(const char *entry, struct nsv_pod_name *event)
{
	const char *name = strchr(entry, '_'), *uid = strrchr(entry, '_');
	size_t namespace_len, name_len;

	if (!name || name == uid)
		return false;
	namespace_len = (size_t)(name - entry);
	name_len = (size_t)(uid - name - 1);
	if (!namespace_len || namespace_len >= sizeof(event->namespace) || !name_len ||
	    name_len >= sizeof(event->name) || memchr(name + 1, '_', name_len))
		return false;
	if (!podpath_any_uid(uid + 1, event->uid))
		return false;
	memset(event->namespace, 0, sizeof(event->namespace));
	memset(event->name, 0, sizeof(event->name));
	memcpy(event->namespace, entry, namespace_len);
	memcpy(event->name, name + 1, name_len);
	return true;
}
