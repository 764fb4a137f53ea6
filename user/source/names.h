/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The name source: pods' namespaces and names from /var/log/pods/<namespace>_<name>_<uid>, which
 * the kubelet makes before it asks the runtime for a sandbox (BuildPodLogsDirectory).
 */
#ifndef NSVIGIL_SOURCE_NAMES_H
#define NSVIGIL_SOURCE_NAMES_H

#include <stdbool.h>

#include "source/stream.h"

#define NAMES_DIR "/var/log/pods"

/*
 * Pushes an event for each directory of that form. That there are none is no error: a pod is
 * then known by its uid. Returns 0 or what the stream returned.
 */
int names_walk(struct stream *stream);

/* Parses a directory's name into the event's fields. */
bool names_parse(const char *entry, struct nsv_pod_name *event);

#endif
