#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What the tests of Kubernetes and of the runtimes look for inside of a container, asked of nsvigil: by
# their names, and whose they are. runc or, where there is none, crun starts the containers, as a kubelet
# has a runtime do it; tests/runtimes/containerd.sh has it of containerd.
#
# Not here, because nsvigil does not see it or is not asked for it:
# - Kubernetes "should mount all volumes with proper permissions", "should set FSGroup ...", crun
#   test_mounts, runc idmap.bats (owners inside), containerd TestIssue10598, TestUsernsVolumeCopyUp,
#   TestImageVolumeWithUserNamespace, TestIDMappedOverlay: who owns files. tests/oci.sh
#   checks that idmapped volumes and roots raise nothing.
# - Kubernetes "metrics should report ...": the kubelet's.
# - Kubernetes proc_mount_test, crun sysfs-userns-no-netns, runc "network interface": what is mounted in
#   /proc and /sys, and devices of the network.
# - kubelet's unit tests of its allotment, runc TestValidateIDMapMounts, usernsfd, containerd
#   TestUnshareAfterEnterUserns, core/mount tests, crun test_linux_features, test_devices: functions.
# - runc TestUsernsRlimit, CRI-O pod.bats (sysctls), cgroups.bats (delegation), "mount order", timens:
#   limits, sysctls, owners of cgroups, the order of mounts, clocks.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
runtime=runc
command -v runc >/dev/null || runtime=crun
. tests/runtime.sh

node_begin

# scanned PYTHON: holds of a scan, in which pod(N) is a pod.
scanned() {
	"$build/nsvigil" scan --json >"$dir/scan.json" || :
	python3 - "$dir/scan.json" "$1" <<-'END'
		import json, sys
		pods = {each["uid"]: each for each in json.load(open(sys.argv[1]))["pods"]}
		def pod(n): return pods[f"22222222-2222-3333-4444-{n:012}"]
		def rules(n): return [each["rule"] for each in pod(n)["findings"]]
		def space(n): return pod(n)["user_namespace"]["inum"]
		def uids(n): return [(each["first"], each["last"]) for each in pod(n)["host_uids"]]
		def maps(n): return pod(n)["user_namespace"]
		assert eval("(" + sys.argv[2] + ")"), json.dumps([pods[each] for each in pods if each[:8] == "22222222"])[:3000]
	END
}
holds() {
	check "$1" within 20 scanned "$2"
}
begin() {
	for name; do
		start "$name" || return 1
	done
}
over() {
	for name; do
		end "$name"
	done
}

host_network='spec["linux"]["namespaces"] = [each for each in spec["linux"]["namespaces"] if each["type"] != "network"]
spec["mounts"] = [each for each in spec["mounts"] if each["destination"] not in ("/sys", "/sys/fs/cgroup")]
'
shared_namespace() {
	[ "$(readlink "/proc/$(pid_of "$1")/ns/$3")" = "$(readlink "/proc/$2/ns/$3")" ]
}

mkdir -p "$cgroup2$besteffort"
container a 1 1
if ! (start a && end a) >"$dir/try" 2>&1; then
	skip_all "$runtime does not run here: $(tail -n 1 "$dir/try")"
fi
watch_or_skip --json
echo "# $(version)"

container b 2 1
check "two pods with hostUsers: false" begin a b
holds "Kubernetes: must create the user namespace if set to false" \
	'pod(1)["verdict"] == pod(2)["verdict"] == "isolated" and uids(1) != uids(2) and
	all(last - first == 65535 for n in (1, 2) for first, last in uids(n)) and space(1) != space(2)'
holds "critest: NamespaceMode_POD" 'uids(1) == [(196673536, 196739071)] and not rules(1)'
holds "containerd: TestPodUserNS, userns uid mapping" 'maps(1)["uid_map"][0]["host"] == 196673536'
holds "containerd: TestPodUserNS, userns gid mapping" 'maps(1)["gid_map"][0]["host"] == 196673536'
holds "CRI-O: ctr_userns, maps are present" 'maps(1)["uid_map"][0]["length"] == 65536'
again() {
	end a && start a
}
check "a container is killed and started again" again
holds "CRI-O: ctr_userns, the same map after that" \
	'pod(1)["verdict"] == "isolated" and uids(1) == [(196673536, 196739071)]'
check "runc: TestExecInUserns" inside a /bin/true
check "runc: TestUsernsExecPS" inside a /bin/sh -c 'exit 0'
check "crun: exec of root with a user namespace" inside a --user=0:0 /bin/true
holds "nothing is said of it" 'pod(1)["verdict"] == "isolated" and not rules(1)'
over a b

container_host c 3 1
check "a pod with hostUsers: true" begin c
holds "Kubernetes: must not create the user namespace if set to true" \
	'pod(3)["verdict"] == "host" and rules(3) == ["host-userns"]'
holds "critest: NamespaceMode_NODE" 'pod(3)["user_namespace"]["inum"] == 0xeffffffd'
over c

container d 4 1 "$host_network"
container e 5 1 "$host_network"
if begin d e >"$dir/why" 2>&1; then
	check "its network namespace is the node's" shared_namespace d $$ net
	holds "Kubernetes: must create the user namespace when hostUsers is false and hostNetwork is true" \
		'pod(4)["verdict"] == pod(5)["verdict"] == "isolated" and uids(4) != uids(5)'
	over d e
else
	skip "Kubernetes: must create the user namespace when hostUsers is false and hostNetwork is true" \
		"$(tail -n 1 "$dir/why")"
fi

for n in 6 7 8 9; do
	container "pool$n" $n 1
done
check "four pods" begin pool6 pool7 pool8 pool9
holds "Kubernetes: must create the user namespace in the configured hostUID/hostGID range" \
	'all(197001216 <= first and last < 197001216 + 4 * 65536 for n in (6, 7, 8, 9)
	for first, last in uids(n)) and len({space(n) for n in (6, 7, 8, 9)}) == 4'
over pool6 pool7 pool8 pool9

container first 10 1
container second 10 2
check "a container" begin first
join second "$(pid_of first)"
check "runc: userns join other container userns" begin second
holds "they have one, and the pod is isolated" \
	'pod(10)["verdict"] == "isolated" and pod(10)["containers"] == 2 and not rules(10)'
over second
bound() {
	: >"$dir/nsfd"
	on_node mount --bind "/proc/$(pid_of first)/ns/user" "$dir/nsfd" || return 1
	join second "$(pid_of first)"
	sed -i "s|\"/proc/[0-9]*/ns/user\"|\"$dir/nsfd\"|" "$dir/second/config.json"
	start second
}
check "runc: userns join other container userns [bind-mounted nsfd]" bound
holds "they have one, and the pod is isolated, too" \
	'pod(10)["verdict"] == "isolated" and pod(10)["containers"] == 2 and not rules(10)'
over second first
on_node umount -l "$dir/nsfd" || :

container several 11 1 'size = 32768
ids[:] = [{"containerID": 0, "hostID": ids[0]["hostID"], "size": size},
          {"containerID": size, "hostID": ids[0]["hostID"] + 2 * size, "size": size}]'
check "a pod with a map of two extents" begin several
holds "containerd: TestPodUserNS, several mappings: what it refuses is told" \
	'rules(11) == ["unexpected-mapping"]'
over several

check "nothing was lost" lossless
check_replay
finish
