// SPDX-License-Identifier: BSD-2-Clause
#include "sink/rulebook.h"

#include <stdio.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "sink/json.h"

#define ESCAPE "T1611 Escape to Host"

static const struct rule_page pages[] = {
	{"host-userns", NULL,
	 "The container was started there. In an isolated pod, such a process is foreign-userns.\n"
	 "hostUsers: false is ignored as well where the feature is disabled.",
	 "A pod that has to be in the node's user namespace, as kube-proxy and network and storage agents: give it "
	 "--pod-policy=NAMESPACE/NAME=ignore. An entrant, such as a runtime's own process or kubectl exec on its way "
	 "in, is in the node's namespace for a moment and is not judged.",
	 ESCAPE,
	 "CIS Docker Benchmark, \"Ensure that the host's user namespaces are not shared\"; NSA and CISA, Kubernetes "
	 "Hardening Guide, non-root containers and rootless container engines"},
	{"split-userns", NULL, NULL,
	 "A process that makes a user namespace below its container's, as browsers and nested containers do: that "
	 "is still the container's. A container whose first process was not seen is not judged.",
	 NULL, NULL},
	{"privileged-ids", NULL,
	 "The minimum is what --min-host-id says. A process of a pod whose map reaches host ID 0 can act as root.\n"
	 "The entry to correct is that of the user kubelet.",
	 "A node whose own users end below 65536, and whose kubelet is given a lower range on purpose: say so with "
	 "--min-host-id.",
	 ESCAPE, NULL},
	{"shared-userns", NULL,
	 "The namespace is not the node's. The pods share all host IDs, and a process with a capability in one pod "
	 "has it over the other.",
	 "Containers of one pod, which share its user namespace. Two pods in the node's user namespace, which is "
	 "host-userns.",
	 NULL, NULL},
	{"overlapping-ids", NULL,
	 "The namespaces are different ones. All extents of all maps are compared, UIDs and GIDs separately. In an "
	 "overlap nothing that the kernel decides by ID, such as access to files and limits, keeps the pods apart.",
	 "A pod that was made anew while the old one ends: both have the same uid and are one pod. A user namespace "
	 "below the pod's, whose range is a part of the pod's.",
	 NULL, NULL},
	{"ids-in-use", NULL,
	 "A process holds it by any of its user, group or supplementary group IDs; a user namespace by its map.\n"
	 "A line of /etc/passwd, /etc/subuid or /etc/subgid that gives IDs of the range to somebody is only a "
	 "warning, because nobody may be using them now.\n"
	 "A runtime's helper process that holds the pod's own map for idmapped mounts, and no ID in it, does not "
	 "count.",
	 "The kubelet's own line in /etc/subuid and /etc/subgid, from which the pods' ranges come. A process that joins "
	 "the pod's user namespace for a moment, as nsenter does, and ends before the next walk.",
	 NULL, NULL},
	{"unmapped-identity", NULL,
	 "The process is in the pod's user namespace or below it. The ID is a real, effective, saved or file "
	 "system ID, or a supplementary group, that the pod's map does not reach. This happens when a process "
	 "joins a user namespace and keeps its old IDs.",
	 "A runtime's process on its way in, which keeps the node's IDs until it runs the image: it is an entrant. The "
	 "overflow ID 65534 that such an ID is shown as inside the pod is not what is judged.",
	 ESCAPE, NULL},
	{"foreign-owner", NULL,
	 "The pod's base namespace was created by a host UID that is neither root nor in its own range, or another "
	 "namespace of the pod's first processes is owned by another pod's user namespace.\n"
	 "The creator of a user namespace is its owner.",
	 "A network namespace that the runtime made in the node's user namespace, with hostNetwork or before the "
	 "pod's namespace: its owner is the node's, not another pod's.",
	 NULL, NULL},
	{"unexpected-mapping", NULL,
	 "A map that the kubelet makes:\n"
	 "- is one extent that starts at inside ID 0 (extents that continue each other count as one);\n"
	 "- has a length that is a multiple of 65536, and the same as userNamespaces.idsPerPod if the kubelet's "
	 "configuration sets it;\n"
	 "- has a host start that is a multiple of that length;\n"
	 "- is the same for UIDs and GIDs;\n"
	 "- reaches only host IDs that the kubelet allots: those of the one line that the user kubelet has in "
	 "/etc/subuid and /etc/subgid; without that user and that line, all from 65536 on.",
	 "A runtime that makes user namespaces by itself, as podman does, maps as it likes. If you know that "
	 "its ranges cannot meet the kubelet's, grade the rule with --severity.",
	 NULL, NULL},
	{"foreign-userns", NULL,
	 "The namespace is not below the pod's either: it is the node's, another pod's, or one that something else "
	 "made.\n"
	 "If watch saw the process, or the one that started it, come into the pod from outside, the evidence says "
	 "so, and also whether it ever was in the pod's user namespace. If it never was, nothing escaped: somebody "
	 "put it there, for example an administrator with nsenter(1). It still runs inside the container with the "
	 "rights of the node.",
	 "A user namespace below the pod's, as browsers, bubblewrap and rootless builds make: it is the pod's. A failed "
	 "setns(2): the resulting credentials are judged.",
	 ESCAPE, NULL},
	{"idmap-mismatch", NULL,
	 "A mount of a mount namespace of the pod counts if it was idmapped from outside. A workload process may "
	 "itself use any map within its pod's range.\n"
	 "The contents of maps are compared. The user namespace that was used to idmap the mount does not matter, "
	 "because runtimes use helpers with an equal map.\n"
	 "watch knows the maker and the map of each mount that it saw being made. Otherwise, statmount(2) tells "
	 "the map, from Linux 6.15 on; only there does scan report this rule. A mount whose map is unknown is not "
	 "judged. A mount whose maker is unknown is a finding only if its map leaves the pod's range.",
	 "The short-lived helper in another user namespace by which a runtime makes the mount: its map has the same "
	 "contents. The root file system, whose overlay is not idmapped itself.",
	 NULL, NULL},
	{"left-pod", "watch", "It was moved or made there. It still counts as that pod's process.",
	 "A container that a runtime of the other cgroup driver keeps outside the pod's cgroup, under a name with the "
	 "pod's uid: it is the pod's. A move to another container's cgroup of the same pod.",
	 NULL, NULL},
	{"foreign-namespace", "watch",
	 "It is a mount, PID, net, IPC, UTS, cgroup or time namespace that belongs to another pod or to something "
	 "outside pods, and that no container of its own pod started with.\n"
	 "The namespaces that a container was started with are never foreign: those of hostNetwork: true and "
	 "hostPID: true are its own.",
	 "hostPID, hostNetwork and hostIPC: what a container begins in is its baseline, and no transition. A process that "
	 "joins a namespace of its own pod, as a sidecar does. Network and storage agents have to join others: allow them "
	 "with --allow-join.",
	 ESCAPE, NULL},
	{"lingering-entrant", "watch",
	 "It is still there after 60 seconds, and from then on is judged as a workload process. These processes do "
	 "not count:\n"
	 "- a container monitor in a cgroup of its own;\n"
	 "- a frozen process;\n"
	 "- a process that waits for a workload process that it started, as an exec session does, unless it is in "
	 "the container's mount namespace itself.\n"
	 "A container that was restored from a checkpoint, and some sandboxes, never execute anything. There, "
	 "whatever is in the container's mount namespace is judged as the workload, by every rule about its pod. "
	 "If the process is in the node's user namespace, in a container in which nothing else has begun, "
	 "host-userns is reported as well, and the pod is not judged.",
	 "A runtime on a node with little processor time: it has 60 seconds. A container monitor (conmon), which stays "
	 "and is known.",
	 "T1609 Container Administration Command", NULL},
	{"host-capability", "watch",
	 "The user namespace is usually the node's. In an isolated pod this proves a container escape, even if "
	 "nothing else was seen: it is critical whatever the policy says.\n"
	 "Each capability is reported once, with the first process that used it; the count says how often it was "
	 "used. The finding closes when the pod is gone.\n"
	 "A check that only asks, and a right over a namespace that the process's own user made below its own, do "
	 "not count.",
	 "A mere probe, which only asks and changes nothing, as the kernel's own accounting of memory: it is counted "
	 "and is no finding. For a privileged pod in the node's user namespace this is what was asked for: see its policy.",
	 ESCAPE, NULL},
	{"host-capability-stopped", "watch",
	 "The capability is in its effective set. A refusal inside a namespace that the process made itself proves "
	 "nothing, and does not count.\n"
	 "It is reported and counted like host-capability.",
	 "A program that tries and goes on without, as many do when they begin. A check that is refused to a process "
	 "without the capability: no user namespace stopped that.",
	 ESCAPE, NULL},
	{"declared-mismatch", NULL,
	 "The files of the node that say so, of the pod or of one of its containers, are:\n"
	 "- what the kubelet allotted (pods/UID/userns);\n"
	 "- the configuration from which the runtime started the container (config.json);\n"
	 "- the manifest of a static pod (hostUsers: false).\n"
	 "If the kernel shows more isolation than a file asks for, that is no finding. A file that is missing or "
	 "unreadable says nothing. What a file said about a running pod is remembered until the pod is gone or the "
	 "file changes, because a pod's files are removed before the pod ends.\n"
	 "A manifest says nothing about a pod that is older than its content, so editing it causes no finding "
	 "about the pod that the kubelet is about to replace. FILES in nsvigil(1) has more about the files.",
	 "A file that was written after the pod began, or is not there: what is not known is not compared. A pod of the "
	 "API whose hostUsers: false the kubelet itself dropped: no file on the node tells, so --policy=require is for that.",
	 NULL, NULL},
	{"volume-not-idmapped", NULL,
	 "A volume is what a container's configuration mounts from the pod's directory of the kubelet (volumes, "
	 "volume-subpaths), or asks to be mounted with an idmap. The files that runtimes make for each container, "
	 "such as /etc/hosts and /etc/resolv.conf, do not count.\n"
	 "nsvigil looks for volumes in the mount namespace that the container began with; what it does not find "
	 "there, it does not judge. An overlay is idmapped in the layers below it, and counts as correct.",
	 "What the kubelet and the runtime make for each pod (/etc/hosts, /dev/termination-log), proc, sysfs and /dev, "
	 "which have no idmap and need none. A file system without idmapped mounts makes the pod fail to start instead.",
	 NULL, NULL},
	{"exhausts-limits", NULL,
	 "The limits are 16384 tasks, and 65536 extents in the maps of the pod's user namespaces. A walk looks at "
	 "no more of one pod, so that one pod cannot use up the memory that nsvigil takes from the node.\n"
	 "The pod is not judged, because a violation may lie beyond the limit; other pods are judged as usual. "
	 "What hooks see of its processes, and maps of up to four extents, as containers have them, are judged all "
	 "the same.",
	 "A pod with many threads that are no attack, as some databases have: the limit is 16384 tasks a pod.",
	 "T1499 Endpoint Denial of Service", NULL},
	{"blind", "watch",
	 "The evidence says which of these it was:\n"
	 "- Events of the hooks were lost: the buffer was full, the kernel skipped a program's run, or it had no "
	 "memory. This concerns the pod whose events they were, or the node if that is not known.\n"
	 "- A pod changes too often. What a pod does to itself, and to what it makes below its user namespace, "
	 "gets 400 KiB a second, about 500 changes, so that it cannot hide what others do. This concerns that pod "
	 "alone, and so does the gap in its attestation. Whatever leads out of the pod is still reported: another "
	 "cgroup, a namespace that is neither the container's nor the pod's own, an idmapped mount to IDs that are "
	 "not the pod's. The same way out is reported once in a quarter of a second; a pod that tries thousands of "
	 "ways a second is cut off there, too.\n"
	 "- Somebody interfered with the hooks by bpf(2), which needs root on the node. Each walk checks for that, "
	 "and the evidence says what it found. Variables are restored, and so are pods that were removed from the "
	 "hooks' table. If a map is frozen, or a hook is detached or no longer called (on kernels where the sysctl "
	 "kernel.ftrace_enabled can be 0), watch exits with 3, so that the service manager starts it again and the "
	 "hooks are loaded anew.\n"
	 "The finding closes with the walk that follows, which shows the current state; what happened in between "
	 "stays unknown.",
	 "A short burst of starts on a small node: the walk that follows makes the state whole, and the interval stays "
	 "unproven in the attestations.",
	 "T1562.001 Impair Defenses: Disable or Modify Tools", NULL},
};

const struct rule_page *rule_page(const struct rule_info *rule)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++)
		if (!strcmp(pages[i].rule, rule->name))
			return &pages[i];
	return NULL;
}

static const char *rules_base = NSVIGIL_RULE_URL;

void rule_url_set(const char *base)
{
	rules_base = base;
}

struct json_object *rule_url(const struct rule_info *rule)
{
	AUTO_FREE char *url = xcalloc(1, strlen(rules_base) + strlen(rule->name) + 5);

	sprintf(url, "%s/%s.md", rules_base, rule->name);
	return json_text(url);
}
