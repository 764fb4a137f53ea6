// SPDX-License-Identifier: BSD-2-Clause
#include "scenarios.h"

#include <string.h>

#include "util.h"

#define BLOCK 65536 /* what the kubelet gives a pod */
#define FIRST_BLOCK 4000
#define BLOCKS_EACH 16 /* that a scenario may use */

/* The tables stay tables. */
/* clang-format off */

#define MAP(...) {.uids = {{__VA_ARGS__}}}
#define ORDINARY MAP(.count = BLOCK)

#define WORKLOAD(...) {.role = ROLE_WORKLOAD, __VA_ARGS__}
#define ENTRANT(...) {.role = ROLE_ENTRANT, __VA_ARGS__}
#define MONITOR(...) {.role = ROLE_MONITOR, __VA_ARGS__}

#define FINDING(what, how_bad, ...) \
	{.rule = what, .severity = how_bad, .evidence = {__VA_ARGS__}}
#define IDS(of_kind, of_block, from, n) \
	.kind = of_kind, .block = of_block, .offset = from, .count = n
#define OTHER(type) .other = type
#define OTHER_POD(pod) .other = "pod", .other_pod = pod

#define ISOLATED .verdict = "isolated"
#define VIOLATED .verdict = "violated"
#define HOST .verdict = "host", .userns = NODE, .findings = {FINDING("host-userns", BY_POLICY)}
#define BY_POLICY NULL
#define HOST_POD(uid) \
	{HOST, .processes = {WORKLOAD(), WORKLOAD(.container = 1, .id = uid)}}

/* A hostile name: a line of its own, a terminal's escape, quotes, and no UTF-8. */
#define HOSTILE "\n\033[31m\"\\\xff"

/* IDs and names follow from the order: what is new comes last. */
const struct scenario scenarios[] = {
{
	.name = "plain",
	.what = "a pod in a user namespace of its own; containerd, systemd driver",
	.pods = {{ISOLATED, .processes = {WORKLOAD()}}},
},
{
	.name = "cgroupfs",
	.what = "the same with the cgroupfs driver, best effort, and no name on disk",
	.pods = {{
		ISOLATED, .layout = LAYOUT_BESTEFFORT, .nameless = true,
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "static-pod",
	.what = "a pod UID without dashes, guaranteed; CRI-O, systemd driver",
	.pods = {{
		ISOLATED, .layout = LAYOUT_GUARANTEED, .static_pod = true,
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "multi-extent",
	.what = "a map of eight extents that make up one aligned block",
	.pods = {{
		ISOLATED, .map = MAP(.count = BLOCK / 8, .times = 8, .step = BLOCK / 8),
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "nested",
	.what = "a child and its child in user namespaces below the pod's",
	.pods = {{
		ISOLATED,
		.processes = {WORKLOAD(.steps = {"child-user", "child-user"})},
	}},
},
{
	.name = "containers",
	.what = "three containers of a pod, the third one's process in a sub-cgroup",
	.pods = {{
		ISOLATED,
		.processes = {
			WORKLOAD(),
			WORKLOAD(.container = 1),
			WORKLOAD(.container = 2, .below = "container"),
		},
	}},
},
{
	.name = "host",
	.what = "a pod with hostUsers: true",
	.pods = {{HOST, .processes = {WORKLOAD()}}},
},
{
	.name = "browser",
	.what = "two pods with hostUsers: true, a sandbox of the same host UID in each",
	.pods = {
		{HOST, .processes = {WORKLOAD(.id = 1000, .steps = {"child-user-pid-net"})}},
		{HOST, .processes = {WORKLOAD(.id = 1000, .steps = {"child-user-pid-net"})}},
	},
},
{
	.name = "self-nested",
	.what = "a pod with hostUsers: true, all of it in a user namespace that it made",
	.pods = {{
		HOST,
		.processes = {WORKLOAD(.id = 1000, .steps = {"unshare-user"})},
	}},
},
{
	.name = "monitor",
	.what = "conmon in the pod's cgroup, an entrant in the container's",
	.pods = {{
		ISOLATED, .layout = LAYOUT_GUARANTEED,
		.processes = {WORKLOAD(), MONITOR(.comm = "conmon"), ENTRANT()},
	}},
},
{
	.name = "starting",
	.what = "a pod with nothing but an entrant",
	.pods = {{.verdict = "starting", .processes = {ENTRANT()}}},
},
{
	.name = "empty",
	.what = "a pod's cgroups without a process",
	.pods = {{.verdict = "empty"}},
},
{
	.name = "helper",
	.what = "a runtime's helper outside, in a user namespace with the pod's very map",
	.pods = {{ISOLATED, .processes = {WORKLOAD()}}},
	.outside = ENTRANT(.map = ORDINARY),
},
{
	.name = "look-alike",
	.what = "a container made a cgroup that looks like another pod's",
	.pods = {{
		ISOLATED,
		.processes = {
			WORKLOAD(),
			WORKLOAD(.below = "kubepods/podfacade00-6b65-4000-8000-706f646c6162"),
		},
	}},
},
{
	.name = "split-userns",
	.what = "two containers of a pod in different user namespaces",
	.bad = true,
	.pods = {{
		.verdict = "mixed",
		.kubelet = SAYS_NOTHING,
		.findings = {FINDING("split-userns", "error")},
		.processes = {
			WORKLOAD(),
			WORKLOAD(.container = 1, .map = MAP(.block = POD_B, .count = BLOCK)),
		},
	}},
},
{
	/* to 999 only: a longer one would overlap the next scenario's, and sandboxes */
	.name = "privileged-ids",
	.what = "the map reaches host root",
	.bad = true,
	.pods = {{
		VIOLATED, .map = MAP(.block = NODE, .count = 1000),
		.findings = {
			FINDING("privileged-ids", "critical"),
			FINDING("ids-in-use", "error"),
			FINDING("unexpected-mapping", "warning"),
		},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "privileged-ids-low",
	.what = "the map reaches IDs of the node's own users and services",
	.bad = true,
	.pods = {{
		VIOLATED, .map = MAP(.block = NODE, .offset = 40000, .count = 1024),
		.findings = {
			FINDING("privileged-ids", "error", IDS("uid", NODE, 40000, 0)),
			FINDING("unexpected-mapping", "warning"),
		},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "shared-userns",
	.what = "two pods in one user namespace",
	.bad = true,
	.pods = {
		{
			VIOLATED,
			.findings = {FINDING("shared-userns", "critical", OTHER_POD(POD_B))},
			.processes = {WORKLOAD()},
		}, {
			VIOLATED, .userns = POD_A,
			.findings = {FINDING("shared-userns", "critical", OTHER_POD(POD_A))},
			.processes = {WORKLOAD()},
		},
	},
},
{
	.name = "overlapping-ids",
	.what = "two pods, two user namespaces, the same host IDs",
	.bad = true,
	.pods = {
		{
			VIOLATED,
			.findings = {FINDING("overlapping-ids", "critical",
					     IDS("uid", POD_A, 0, BLOCK), OTHER_POD(POD_B))},
			.processes = {WORKLOAD()},
		}, {
			VIOLATED, .map = MAP(.block = POD_A, .count = BLOCK),
			.findings = {FINDING("overlapping-ids", "critical",
					     IDS("uid", POD_A, 0, BLOCK), OTHER_POD(POD_A))},
			.processes = {WORKLOAD()},
		},
	},
},
{
	/*
	 * Five digits are all that 340 extents can have on the host: a map is less than a page.
	 * The only host IDs that are so short and still a pod's are those from 65536 to 99999.
	 */
	.name = "overlapping-extents",
	.what = "the 200th of a pod's 340 extents lies in another pod's range",
	.bad = true,
	.pods = {
		{
			VIOLATED,
			.map.uids = {
				{0, NODE, 65536, 1, .times = 199, .step = 2},
				{199, POD_B, 4096, 1, .times = 1},
				{200, NODE, 66000, 1, .times = 140, .step = 2},
			},
			.findings = {
				FINDING("overlapping-ids", "critical",
					IDS("uid", POD_B, 4096, 1), OTHER_POD(POD_B)),
				FINDING("unexpected-mapping", "warning"),
			},
			.processes = {WORKLOAD()},
		}, {
			VIOLATED,
			.findings = {FINDING("overlapping-ids", "critical",
					     IDS("uid", POD_B, 4096, 1), OTHER_POD(POD_A))},
			.processes = {WORKLOAD()},
		},
	},
},
{
	.name = "overlapping-gids",
	.what = "two pods whose UIDs differ and whose GIDs are the same",
	.bad = true,
	.pods = {
		{
			VIOLATED,
			.findings = {FINDING("overlapping-ids", "critical",
					     IDS("gid", POD_A, 0, BLOCK), OTHER_POD(POD_B))},
			.processes = {WORKLOAD()},
		}, {
			VIOLATED,
			.map = {
				.uids = {{.block = POD_B, .count = BLOCK}},
				.gids = {{.block = POD_A, .count = BLOCK}},
			},
			.findings = {
				FINDING("overlapping-ids", "critical",
					IDS("gid", POD_A, 0, BLOCK), OTHER_POD(POD_A)),
				FINDING("unexpected-mapping", "warning"),
			},
			.processes = {WORKLOAD()},
		},
	},
},
{
	.name = "ids-in-use",
	.what = "a process outside has a UID of the pod's range",
	.bad = true,
	.pods = {{
		VIOLATED,
		.findings = {FINDING("ids-in-use", "error", IDS("uid", POD_A, 7, 1),
				     OTHER("process"))},
		.processes = {WORKLOAD()},
	}},
	.outside = ENTRANT(.uid_of_a = 7),
},
{
	.name = "ids-in-use-map",
	.what = "a user namespace outside reaches ten IDs of the pod's range",
	.bad = true,
	.pods = {{
		VIOLATED,
		.findings = {FINDING("ids-in-use", "error", IDS("uid", POD_A, 100, 10),
				     OTHER("userns"))},
		.processes = {WORKLOAD()},
	}},
	.outside = ENTRANT(.map = MAP(.block = POD_A, .offset = 100, .count = 10)),
},
{
	.name = "ids-in-use-group",
	.what = "a process outside has a supplementary group of the pod's range",
	.bad = true,
	.pods = {{
		VIOLATED,
		.findings = {FINDING("ids-in-use", "error", IDS("group", POD_A, 7, 1),
				     OTHER("process"))},
		.processes = {WORKLOAD()},
	}},
	.outside = ENTRANT(.group_of_a = 7),
},
{
	.name = "unmapped-identity",
	.what = "a container's process is still host root in the pod's user namespace",
	.bad = true,
	.pods = {{
		VIOLATED,
		.findings = {FINDING("unmapped-identity", "critical", IDS("uid", NODE, 0, 0))},
		.processes = {WORKLOAD(.keep = KEEP_IDS)},
	}},
},
{
	.name = "unmapped-group",
	.what = "a container's process kept a host group, and has a hostile name",
	.bad = true,
	.pods = {{
		VIOLATED,
		.findings = {FINDING("unmapped-identity", "critical", IDS("group", NODE, 0, 1))},
		.processes = {WORKLOAD(.keep = KEEP_GROUPS, .comm = HOSTILE)},
	}},
},
{
	.name = "foreign-owner",
	.what = "a user of the node made the pod's user namespace",
	.bad = true,
	.pods = {{
		VIOLATED, .owner = 4242,
		.findings = {FINDING("foreign-owner", "error")},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "foreign-owner-net",
	.what = "the second pod is in a net namespace that the first one's user namespace owns",
	.bad = true,
	.pods = {
		{ISOLATED, .processes = {WORKLOAD()}},
		{
			VIOLATED, .net = POD_A,
			.findings = {FINDING("foreign-owner", "error", OTHER_POD(POD_A))},
			.processes = {WORKLOAD()},
		},
	},
},
{
	.name = "unexpected-mapping",
	.what = "a map of 1000 IDs",
	.bad = true,
	.pods = {{
		ISOLATED, .map = MAP(.count = 1000),
		.findings = {FINDING("unexpected-mapping", "warning")},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "foreign-userns",
	.what = "a workload process of an isolated pod is in the node's user namespace",
	.bad = true,
	.pods = {{
		VIOLATED,
		.findings = {FINDING("foreign-userns", "critical")},
		.processes = {WORKLOAD(), WORKLOAD(.userns = NODE)},
	}},
},
{
	.name = "ignored",
	.what = "the kubelet allotted host IDs, and the runtime ignored it: an old containerd",
	.bad = true,
	.pods = {{
		.verdict = "violated", .userns = NODE, .kubelet = SAYS_OWN,
		.findings = {
			FINDING("host-userns", BY_POLICY),
			FINDING("declared-mismatch", "critical", IDS("uid", POD_A, 0, BLOCK)),
		},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "ignored-config",
	.what = "the runtime's configuration has a user namespace, and the kernel none; CRI-O",
	.bad = true,
	.pods = {{
		.verdict = "violated", .userns = NODE, .layout = LAYOUT_GUARANTEED,
		.kubelet = SAYS_NOTHING, .runtime = SAYS_OWN,
		.findings = {
			FINDING("host-userns", BY_POLICY),
			FINDING("declared-mismatch", "critical", IDS("uid", POD_A, 0, BLOCK)),
		},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "another-block",
	.what = "the kubelet allotted other host IDs than the pod has",
	.bad = true,
	.pods = {{
		VIOLATED, .kubelet = SAYS_OTHER,
		.findings = {
			FINDING("declared-mismatch", "critical", IDS("uid", POD_B, 0, BLOCK)),
		},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "volume-not-idmapped",
	.what = "a volume is mounted without the idmap that was asked for: an old runc",
	.bad = true,
	.pods = {{
		ISOLATED,
		.findings = {FINDING("volume-not-idmapped", "warning")},
		.processes = {WORKLOAD(.volume = true, .steps = {"mount-volume"})},
	}},
},
{
	.name = "no-volume",
	.what = "what a container mounts by itself is no volume",
	.pods = {{
		ISOLATED,
		.processes = {WORKLOAD(.steps = {"mount-volume"})},
	}},
},
{
	.name = "ids-in-use-file",
	.what = "/etc/passwd has a user with a UID of the pod's range",
	.bad = true,
	.pods = {{
		ISOLATED, .listed = true,
		.findings = {FINDING("ids-in-use", "warning", IDS("uid", POD_A, 9, 1))},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "sandboxed",
	.what = "a pod of Kata Containers, as its shim tells",
	.pods = {{
		.verdict = "sandboxed", .userns = NODE, .shim = "containerd-shim-kata-v2",
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "host-node",
	.what = "a node full of pods with hostUsers: true",
	.apart = true,
	.pods = {
		HOST_POD(0), HOST_POD(1), HOST_POD(33), HOST_POD(101), HOST_POD(472),
		HOST_POD(999), HOST_POD(1000), HOST_POD(1000), HOST_POD(1001), HOST_POD(2000),
		HOST_POD(0), HOST_POD(0), HOST_POD(65532), HOST_POD(65534), HOST_POD(65534),
		HOST_POD(70000), HOST_POD(100000), HOST_POD(131072), HOST_POD(0), HOST_POD(0),
	},
},
{
	.name = "astray",
	.what = "a container outside its pod's cgroup: a runtime class with the other driver",
	.pods = {{
		ISOLATED, .layout = LAYOUT_ASTRAY,
		.processes = {WORKLOAD(), WORKLOAD(.container = 1)},
	}},
},
{
	.name = "astray-host",
	.what = "likewise, and it has no user namespace, although the kubelet allotted host IDs",
	.bad = true,
	.pods = {{
		.verdict = "violated", .userns = NODE, .kubelet = SAYS_OWN,
		.layout = LAYOUT_ASTRAY,
		.findings = {
			FINDING("host-userns", BY_POLICY),
			FINDING("declared-mismatch", "critical", IDS("uid", POD_A, 0, BLOCK)),
		},
		.processes = {WORKLOAD()},
	}},
},
{
	.name = "leaderless",
	.what = "one process, whose main thread has ended before another one",
	.pods = {{ISOLATED, .processes = {WORKLOAD(.steps = {"end-leader"})}}},
},
{
	.name = "late-volume",
	.what = "a volume that is not idmapped, of a container that begins after twenty mount namespaces of another one",
	.bad = true,
	.pods = {{
		ISOLATED,
		.findings = {FINDING("volume-not-idmapped", "warning")},
		.processes = {
			WORKLOAD(.steps = {"mount-namespaces"}),
			WORKLOAD(.container = 1, .volume = true, .steps = {"mount-volume"}),
		},
	}},
},
};

static const struct map ordinary_map = ORDINARY;

/* clang-format on */

const size_t n_scenarios = ARRAY_SIZE(scenarios);

const struct scenario *scenario_find(const char *name)
{
	size_t i;

	for (i = 0; i < n_scenarios; i++)
		if (!strcmp(scenarios[i].name, name))
			return &scenarios[i];
	return NULL;
}

/* From 1, as people count. */
static unsigned number(const struct scenario *scenario)
{
	return scenario - scenarios + 1;
}

size_t scenario_pods(const struct scenario *scenario)
{
	size_t n;

	for (n = 0; n < SCENARIO_PODS && scenario->pods[n].verdict; n++)
		;
	return n;
}

uint32_t scenario_host_id(const struct scenario *scenario, size_t pod, enum whose block,
			  uint32_t offset)
{
	if (block == NODE)
		return offset;
	if (block != OWN)
		pod = block - POD_A;
	return BLOCK * (FIRST_BLOCK + BLOCKS_EACH * number(scenario) + pod) + offset;
}

static size_t add_extents(const struct scenario *scenario, size_t pod, const struct span *span,
			  struct extent *out)
{
	const uint32_t host = scenario_host_id(scenario, pod, span->block, span->offset);
	size_t i = 0;

	if (span->count == 0)
		return 0;
	do
		out[i] = (struct extent){span->first + i * span->count, host + i * span->step,
					 span->count};
	while (++i < span->times);
	return i;
}

static size_t add_spans(const struct scenario *scenario, size_t pod, const struct span *spans,
			struct extent *out)
{
	size_t i, n = 0;

	for (i = 0; i < MAP_SPANS; i++)
		n += add_extents(scenario, pod, &spans[i], out + n);
	return n;
}

bool map_is_given(const struct map *map)
{
	return map->uids[0].count != 0;
}

void scenario_idmap(const struct scenario *scenario, size_t pod, const struct map *map,
		    struct idmap *out)
{
	if (!map_is_given(map))
		map = &ordinary_map;
	out->n_uids = add_spans(scenario, pod, map->uids, out->uids);
	out->n_gids =
		add_spans(scenario, pod, map->gids[0].count ? map->gids : map->uids, out->gids);
}

void scenario_pod_uid(const struct scenario *scenario, size_t pod, char out[NAME_MAX])
{
	const char *shape = scenario->pods[pod].static_pod ? "" : "-";

	format(out, NAME_MAX, "706f646c%s6162%s4000%s8000%s%06x%06zx", shape, shape, shape, shape,
	       number(scenario), pod);
}

void scenario_pod_name(const struct scenario *scenario, size_t pod, char out[NAME_MAX])
{
	if (scenario_pods(scenario) == 1)
		format(out, NAME_MAX, "%s", scenario->name);
	else
		format(out, NAME_MAX, "%s-%c", scenario->name, 'a' + (char)pod);
}

void scenario_pod_cgroup(const struct scenario *scenario, size_t pod, char out[PATH_MAX])
{
	char uid[NAME_MAX];

	scenario_pod_uid(scenario, pod, uid);
	layout_pod(scenario->pods[pod].layout, LAB_ROOT, uid, out);
}

void scenario_container_id(const struct scenario *scenario, size_t pod, unsigned container,
			   char out[NAME_MAX])
{
	format(out, NAME_MAX, "%04x%04zx%04x706f646c6162%040x", number(scenario), pod, container,
	       0);
}
