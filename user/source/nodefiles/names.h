/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pods' namespaces and names, as in /var/log/pods/<namespace>_<name>_<uid>, which the kubelet makes
 * before it asks the runtime for a sandbox (BuildPodLogsDirectory).
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_NAMES_H
#define NSVIGIL_SOURCE_NODEFILES_NAMES_H

#include <stdbool.h>

#include <nsvigil/event.h>

/* Parses a directory's name into the event's fields. */
bool names_parse(const char *entry, struct nsv_pod_name *event);

#endif
