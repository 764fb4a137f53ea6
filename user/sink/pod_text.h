/* SPDX-License-Identifier: BSD-2-Clause */
/* Of a pod, what both the texts of scan and of watch say. */
#ifndef NSVIGIL_SINK_POD_TEXT_H
#define NSVIGIL_SINK_POD_TEXT_H

#include <stdio.h>

#include "engine/engine.h"

/* "pod NAMESPACE/NAME", escaped; "pod UID" while the name is NULL; "node" if the uid is. */
void pod_text_name(const char *uid, const char *raw_namespace, const char *raw_name, FILE *out);

/* Its capability checks, but for those that only ask; nothing if there are none. */
void pod_text_checks(const struct pod_view *pod, FILE *out);

#endif
