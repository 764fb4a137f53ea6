// SPDX-License-Identifier: BSD-2-Clause
#include "sink/rulebook.h"

#include <stdio.h>
#include <string.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "sink/json.h"

#define ESCAPE "T1611 Escape to Host"

static const struct rule_page pages[] = {
	{"host-userns",
	 "A pod that has to be in the node's user namespace, as kube-proxy and network and storage agents: give it "
	 "--pod-policy=NAMESPACE/NAME=ignore. An entrant, such as a runtime's own process or kubectl exec on its way "
	 "in, is in the node's namespace for a moment and is not judged.",
	 ESCAPE,
	 "CIS Docker Benchmark, \"Ensure that the host's user namespaces are not shared\"; NSA and CISA, Kubernetes "
	 "Hardening Guide, non-root containers and rootless container engines"},
	{"split-userns",
	 "A process that makes a user namespace below its container's, as browsers and nested containers do: that "
	 "is still the container's. A container whose first process was not seen is not judged.",
	 NULL, NULL},
	{"privileged-ids",
	 "A node whose own users end below 65536, and whose kubelet is given a lower range on purpose: say so with "
	 "--min-host-id.",
	 ESCAPE, NULL},
	{"shared-userns",
	 "Containers of one pod, which share its user namespace. Two pods in the node's user namespace, which is "
	 "host-userns.",
	 NULL, NULL},
	{"overlapping-ids",
	 "A pod that was made anew while the old one ends: both have the same uid and are one pod. A user namespace "
	 "below the pod's, whose range is a part of the pod's.",
	 NULL, NULL},
	{"ids-in-use",
	 "The kubelet's own line in /etc/subuid and /etc/subgid, from which the pods' ranges come. A process that joins "
	 "the pod's user namespace for a moment, as nsenter does, and ends before the next walk.",
	 NULL, NULL},
	{"unmapped-identity",
	 "A runtime's process on its way in, which keeps the node's IDs until it runs the image: it is an entrant. The "
	 "overflow ID 65534 that such an ID is shown as inside the pod is not what is judged.",
	 ESCAPE, NULL},
	{"foreign-owner",
	 "A network namespace that the runtime made in the node's user namespace, with hostNetwork or before the "
	 "pod's namespace: its owner is the node's, not another pod's.",
	 NULL, NULL},
	{"unexpected-mapping",
	 "A runtime that makes user namespaces by itself, as podman does, maps as it likes. If you know that "
	 "its ranges cannot meet the kubelet's, grade the rule with --severity.",
	 NULL, NULL},
	{"foreign-userns",
	 "A user namespace below the pod's, as browsers, bubblewrap and rootless builds make: it is the pod's. A failed "
	 "setns(2): the resulting credentials are judged.",
	 ESCAPE, NULL},
	{"idmap-mismatch",
	 "The short-lived helper in another user namespace by which a runtime makes the mount: its map has the same "
	 "contents. The root file system, whose overlay is not idmapped itself.",
	 NULL, NULL},
	{"left-pod",
	 "A container that a runtime of the other cgroup driver keeps outside the pod's cgroup, under a name with the "
	 "pod's uid: it is the pod's. A move to another container's cgroup of the same pod.",
	 NULL, NULL},
	{"foreign-namespace",
	 "hostPID, hostNetwork and hostIPC: what a container begins in is its baseline, and no transition. A process that "
	 "joins a namespace of its own pod, as a sidecar does. Network and storage agents have to join others: allow them "
	 "with --allow-join.",
	 ESCAPE, NULL},
	{"lingering-entrant",
	 "A runtime on a node with little processor time: it has 60 seconds. A container monitor (conmon), which stays "
	 "and is known.",
	 "T1609 Container Administration Command", NULL},
	{"host-capability",
	 "A mere probe, which only asks and changes nothing, as the kernel's own accounting of memory: it is counted "
	 "and is no finding. For a privileged pod in the node's user namespace this is what was asked for: see its policy.",
	 ESCAPE, NULL},
	{"host-capability-stopped",
	 "A program that tries and goes on without, as many do when they begin. A check that is refused to a process "
	 "without the capability: no user namespace stopped that.",
	 ESCAPE, NULL},
	{"declared-mismatch",
	 "A file that was written after the pod began, or is not there: what is not known is not compared. A pod of the "
	 "API whose hostUsers: false the kubelet itself dropped: no file on the node tells, so --policy=require is for that.",
	 NULL, NULL},
	{"volume-not-idmapped",
	 "What the kubelet and the runtime make for each pod (/etc/hosts, /dev/termination-log), proc, sysfs and /dev, "
	 "which have no idmap and need none. A file system without idmapped mounts makes the pod fail to start instead.",
	 NULL, NULL},
	{"exhausts-limits",
	 "A pod with many threads that are no attack, as some databases have: the limit is 16384 tasks a pod.",
	 "T1499 Endpoint Denial of Service", NULL},
	{"blind",
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
