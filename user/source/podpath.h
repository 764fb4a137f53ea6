/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the kubelet and runtimes name cgroups. Sources: kubernetes pkg/kubelet/cm
 * cgroup_manager_linux.go (pods), containerd's getCgroupsPath and CRI-O's cgmgr (containers).
 */
#ifndef NSVIGIL_SOURCE_PODPATH_H
#define NSVIGIL_SOURCE_PODPATH_H

#include <stdbool.h>

#include <nsvigil/event.h>

/*
 * A pod's directory: "pod<uid>" (cgroupfs driver) or "...-pod<uid>.slice" (systemd driver). The
 * uid is a UUID, with dashes or as systemd needs it with underscores, or the 32 hexadecimal
 * digits of a static pod. On success it is written to uid, with dashes.
 */
bool podpath_pod(const char *component, char uid[NSV_POD_UID_LEN]);

/* A pod's uid by itself, as in file names. */
bool podpath_uid(const char *text, char uid[NSV_POD_UID_LEN]);

/*
 * Likewise with a uid that the manifest of a static pod names freely: up to 39 letters, digits and dashes, which systemd
 * needs as underscores. Much can be called "pod...", so it has to be where the kubelet has pods: in the directory `parent`
 * ("kubepods", "burstable", "besteffort"), or as the slice says itself. The hooks do not know these: walks do.
 */
bool podpath_named_pod(const char *parent, const char *component, char uid[NSV_POD_UID_LEN]);
bool podpath_any_uid(const char *text, char uid[NSV_POD_UID_LEN]);

/* Whether something in the path "/a/b/c" is a pod's, and whose. The path is cut up. */
bool podpath_in_pod(char *path, char uid[NSV_POD_UID_LEN]);

/*
 * A directory below a pod's: "<runtime>-<64 digits>.scope", "<64 digits>" and the like. The id
 * is the digits, or what the directory is called if there are none, cut to what fits.
 */
enum nsv_cgroup_kind podpath_container(const char *component, char id[NSV_CONTAINER_LEN]);

/*
 * "...-pod<uid>.slice:<prefix>:<id>": what a runtime's cgroupfs driver makes of the name that was meant
 * for systemd. It is a container's, and lies anywhere but below its pod's. Returns 0 if it is none; else the pod's
 * uid is written, too. The twin of podname_is_pods() in bpf/podname.h.
 */
enum nsv_cgroup_kind podpath_astray(const char *component, char uid[NSV_POD_UID_LEN],
				    char id[NSV_CONTAINER_LEN]);
bool podpath_is_astray(const char *component);

#endif
