#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Wrong use, and places where nsvigil cannot look: one line, the right exit status, no table.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/calls.sh

nsvigil=$(realpath "$build/nsvigil")

# says STATUS TEXT COMMAND...: the command ends so, with one line that has the text.
says() {
	expected=$1
	text=$2
	shift 2
	status=0
	"$@" >"$dir/out" 2>"$dir/err" || status=$?
	echo "exit status $status, not $expected? Output:"
	cat "$dir/out" "$dir/err"
	[ "$status" = "$expected" ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" = 1 ] &&
		grep -qF -e "$text" "$dir/err"
}

# In a mount namespace of its own, after a preparation.
after() {
	unshare --mount sh -c "$1; exec '$nsvigil' scan"
}

check "no command" says 2 "which command?" "$nsvigil"
check "an unknown command" says 2 "no command 'look'" "$nsvigil" look
check "an unknown option" says 2 "there is no option '--colour'; did you mean '--color'" "$nsvigil" scan --colour
check "an unknown short option" says 2 "invalid option" "$nsvigil" scan -x
check "an argument too many" says 2 "takes no argument 'all'" "$nsvigil" scan all
check "an unknown policy" says 2 "--policy takes require, observe or ignore" \
	"$nsvigil" scan --policy strict
check "an option without its argument" says 2 "requires an argument" "$nsvigil" scan --policy
check "a number that is none" says 2 "--min-host-id takes a number" \
	"$nsvigil" scan --min-host-id 1k
check "a number too large" says 2 "--min-host-id takes a number" \
	"$nsvigil" scan --min-host-id 4294967296
check "a negative number" says 2 "--node-pid takes a number" "$nsvigil" scan --node-pid=-1
check "a process that is not there" says 3 "cannot open /proc/4194304/ns/user" \
	"$nsvigil" scan --node-pid 4194304
check "doctor with an argument" says 2 "takes no argument 'x'" "$nsvigil" doctor x
check "no event of hooks" says 2 "credentials, namespaces, capabilities or idmaps for EVENT, not 'exec=x'" \
	"$nsvigil" watch --hooks exec=x
check "no alternative" says 2 "EVENT=ALTERNATIVE" "$nsvigil" record --hooks idmaps /nowhere
check "no alternative of that event" says 2 \
	"--hooks takes for idmaps $(at_mount_setattr), tp_btf/cap_capable, none or tp_btf/sys_exit, not 'exit'" \
	"$nsvigil" doctor --hooks idmaps=exit
forced_rows() {
	"$nsvigil" doctor --hooks credentials=none --hooks idmaps=tp_btf/cap_capable --hooks idmaps=none \
		>"$dir/doctor" || [ $? = 1 ] || return
	grep ' hook ' "$dir/doctor"
	[ "$(grep -c ' none; forced by --hooks$' "$dir/doctor")" = 2 ] &&
		grep -q 'hook idmapped mounts none; forced' "$dir/doctor"
}
if "$nsvigil" doctor | grep -q ' hooks '; then
	skip "doctor shows what is forced" "no hook loads here"
	check "watch, where the kernel refuses its hooks" says 3 "watch needs Linux 6.1 or later" \
		"$nsvigil" watch
	check "likewise with a hook that is forced" says 3 "watch needs Linux 6.1 or later" \
		"$nsvigil" watch --hooks credentials=none --hooks namespaces=none --hooks capabilities=none \
		--hooks idmaps=none
	check "doctor says that scan works here, and watch does not" sh -c "'$nsvigil' doctor --json |
		grep -A1 '\"ready\": true' | grep '\"ready_to_watch\": false'"
else
	skip "watch, where the kernel refuses its hooks" "this kernel takes them"
	check "doctor says that both work here" sh -c "'$nsvigil' doctor --json |
		grep -A1 '\"ready\": true' | grep '\"ready_to_watch\": true'"
	check "doctor shows what is forced" forced_rows
fi
check "--help" sh -c "'$nsvigil' --help && '$nsvigil' scan --help && '$nsvigil' doctor --help"
check "--version" sh -c "'$nsvigil' --version | grep -x 'nsvigil [0-9.]*'"

check "no root" says 3 "run as root, or with CAP_BPF and CAP_PERFMON" \
	setpriv --reuid 65534 --clear-groups --inh-caps=-all "$nsvigil" scan
check "CAP_BPF and CAP_PERFMON are enough" \
	setpriv --reuid 65534 --clear-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon \
	"$nsvigil" scan
for cap in bpf perfmon; do
	check "no CAP_$cap" says 3 "CAP_BPF and CAP_PERFMON" \
		setpriv --bounding-set "-$cap,-sys_admin" "$nsvigil" scan
	check "doctor names CAP_$cap" sh -c "! setpriv --bounding-set -$cap,-sys_admin \
		'$nsvigil' doctor >'$dir/doctor' &&
		grep -iqx 'problem  CAP_$cap .*not held' '$dir/doctor'"
	check "CAP_SYS_ADMIN replaces CAP_$cap" \
		setpriv --bounding-set "-$cap" "$nsvigil" doctor
done

cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)

# What cannot be opened is said: a pod that is there would be taken for one that has ended.
scan_of_nobody() {
	setpriv --reuid 65534 --clear-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon \
		"$nsvigil" scan "$@" >"$dir/out" 2>"$dir/err"
}
closed_to_others() {
	mkdir -p "$cgroup2/nsvigil-test/inner"
	chmod "$1" "$cgroup2/nsvigil-test"
	status=0
	scan_of_nobody || status=$?
	rmdir "$cgroup2/nsvigil-test/inner" "$cgroup2/nsvigil-test"
	cat "$dir/err"
	[ "$status" = 0 ] && grep -qF '1 cgroups are closed to this process: pods there are not seen' "$dir/err"
}
check "a cgroup that only its owner may read" closed_to_others 700
check "one in which only he may look something up" closed_to_others 744
too_deep() {
	path=nsvigil-test/$(seq -s / 25)
	mkdir -p "$cgroup2/$path"
	said=0
	says 3 "cannot walk the cgroup2 file system at $cgroup2: Too many open files" \
		sh -c "ulimit -n 30; exec '$nsvigil' scan" || said=$?
	(cd "$cgroup2" && rmdir -p "$path")
	return "$said"
}
check "cgroups that there are not enough files for" too_deep

check "no BTF" says 3 "CONFIG_DEBUG_INFO_BTF" after "mount -t tmpfs none /sys/kernel/btf"
check "no cgroup2" says 3 "no cgroup2 file system is mounted" \
	after "umount -l \$(findmnt -nlt cgroup2 -o TARGET)"
check "a cgroup2 mount that something covers" says 3 "no cgroup2 file system is mounted" \
	after "mount -t tmpfs none \$(findmnt -nlt cgroup2 -o TARGET | head -1)"
check "no /proc" says 3 "/proc" after "mount -t tmpfs none /proc"
check "standard output is full" says 3 "cannot write the result to standard output: No space left on device" \
	sh -c "'$nsvigil' scan >/dev/full"
check "JSON, and standard output is full" says 3 "cannot write the result to standard output: No space left on device" \
	sh -c "'$nsvigil' scan --json >/dev/full"

in_pid_namespace() {
	unshare --fork --pid --mount-proc "$@"
}

check "another PID namespace" says 3 "hostPID: true" in_pid_namespace "$nsvigil" scan

# Only the caller's own cgroup, as a container sees it.
part_of_cgroups() {
	mkdir "$cgroup2/nsvigil-test"
	status=0
	sh -c "echo \$\$ >'$cgroup2/nsvigil-test/cgroup.procs'
		exec unshare --cgroup --mount sh -c \"
			umount -l '$cgroup2' && mount -t cgroup2 none '$cgroup2' && exec '$nsvigil' scan\"" ||
		status=$?
	rmdir "$cgroup2/nsvigil-test"
	return "$status"
}
check "a part of the cgroups" says 3 "shows only a part of the node" part_of_cgroups

v1=$(findmnt -nlt cgroup -o TARGET | head -1)
if [ -n "$v1" ]; then
	pod=$v1/kubepods/pod12345678-1234-1234-1234-123456789abc
	mkdir -p "$pod"
	check "pods in cgroup v1" says 3 "systemd.unified_cgroup_hierarchy=1" "$nsvigil" scan
	check "doctor names cgroup v1" sh -c "! '$nsvigil' doctor >'$dir/doctor' &&
		grep -q 'systemd.unified_cgroup_hierarchy=1' '$dir/doctor'"
	rmdir "$pod" "$v1/kubepods"
else
	skip "pods in cgroup v1" "this machine has no cgroup v1 hierarchy"
	skip "doctor names cgroup v1" "this machine has no cgroup v1 hierarchy"
fi

astray=kubepods-besteffort-pod12345678_1234_1234_1234_123456789abc.slice
mkdir -p "$cgroup2/kubepods.slice/$astray" "$cgroup2/$astray:cri-containerd:0123"
check "a container that is not below its pod's cgroup is no reason" \
	sh -c "'$nsvigil' scan --json | grep '\"verdict\": *\"empty\"'"
rmdir "$cgroup2/kubepods.slice/$astray" "$cgroup2/kubepods.slice" "$cgroup2/$astray:cri-containerd:0123"

check "a node without a pod" sh -c "'$nsvigil' scan | grep 'no pod'"
lab_start plain host
# As root in a container can do, to whom its cgroup is delegated.
container_is_closed() {
	container=$(find "$cgroup2/podlab" -type d -path "*pod706f646c?6162?4000?8000?000001000000*/*" | sort | head -n 1)
	chmod 000 "$container"
	status=0
	scan_of_nobody --json || status=$?
	chmod 755 "$container"
	cat "$dir/err"
	python3 -c '
import json, sys
pods = {pod["name"]: pod for pod in json.load(open(sys.argv[1]))["pods"]}
plain = pods["plain"]
print(plain["verdict"], plain["containers"])
assert plain["verdict"] == "isolated" and plain["containers"], plain' "$dir/out"
}
check "a container whose cgroup is closed is judged" container_is_closed
check "another PID namespace, with the pods' cgroups in sight" \
	says 3 "this is not the node's PID namespace" in_pid_namespace sh -c "'$nsvigil' scan; exit \$?"
lab_stop
finish
