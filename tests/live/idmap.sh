#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Idmapped mounts in pods: with the pod's map, with another pod's, with one that the workload made;
# by every call and entry that makes them. At last a real runtime, with an idmapped volume.
# shellcheck disable=SC2016 # what other shells expand
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)
root=podlab-crun
trap 'lab_stop; watch_stop; clean; unmap; rm -rf "$dir"' EXIT

idmap() {
	"$build/idmap" "$@" 9>&-
}

open_is() {
	map_elsewhere
	[ "$(watch_open | grep '^idmap-mismatch')" = "$1" ]
}

# told TEXT: some finding of the rule says so.
told() {
	grep '"rule":"idmap-mismatch"' "$dir/watch" | grep -F "$1"
}

# attach ARGUMENT...: a mount into the pod, at $point.
attach() {
	idmap "$@" -p "$process" -a "$point" >"$dir/idmap"
}

detach() {
	nsenter --target "$process" --mount sh -c 'while umount -l "$1"; do :; done' - "$point" \
		2>/dev/null || :
}

# The first process of podlab's pod.
process_of() {
	find "$cgroup2/podlab" -path "*-pod706f646c_6162_4000_8000_$1.slice/*" -name cgroup.procs \
		-exec cat {} + | head -1
}
cgroup_of() {
	echo "$cgroup2$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}

# The wrong map is told with its maker and its numbers, and the finding closes with the mount.
other_map() {
	attach "$@" -u "$other" || return 1
	within 10 open_is "idmap-mismatch $uid" &&
		told "idmapped to host UIDs $other_ids by process" &&
		detach && within 10 open_is ""
}

# by NAME ARGUMENT...: the same by another call or entry, if the kernel has it.
by() {
	name=$1
	shift
	status=0
	(idmap -m 700000000 "$@") >"$dir/idmap" 2>&1 || status=$?
	case $status in
	77 | 139) skip "$name" "not on this kernel: $(cat "$dir/idmap")" ;;
	*) check "$name" other_map "$@" ;;
	esac
}

# in_pod COMMAND...: in the pod's cgroup and mount namespace, as a process of the workload. as_pod
# is also in its user namespace, as root of it.
in_pod() {
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec nsenter "$@"' - "$(cgroup_of "$process")" \
		--target "$process" --mount --wd="$PWD" sh -c '"$@"' - "$@" 9>&-
}
as_pod() {
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec nsenter "$@"' - "$(cgroup_of "$process")" \
		--target "$process" --mount --user --wd="$PWD" sh -c '"$@"' - "$@" 9>&-
}

scan_sees=
! "$build/nsvigil" doctor | grep -q '^ok *mount maps' || scan_sees=yes
[ "$scan_sees" ] || record impossible "idmap-mismatch	this kernel tells no maps of mounts: statmount(2) does from Linux 6.15 on"

watch_or_skip --json
needs idmaps
status=0
find_mappable || status=$?
if [ "$status" = 77 ]; then
	skip_all "this kernel idmaps neither tmpfs nor ext4: $(cat "$dir/idmap")"
fi

lab_start plain nested
process=$(process_of 000001000000)
other=$(process_of 000005000000)
uid=706f646c-6162-4000-8000-000001000000
other_ids=$(awk '{ print $2 "-" $2 + $3 - 1 }' "/proc/$other/uid_map")
chmod 755 "$dir"
point=$dir/point
mkdir -m 755 "$point"
nsenter --target "$process" --mount mount -t tmpfs point "$dir"
nsenter --target "$process" --mount mkdir -m 777 "$point"
echo "# $(hook idmaps): $(blind idmaps)"

check "a mount with the pod's map" attach "$mappable" -u "$process"
check "is silent" within 5 open_is ""
catches idmap-mismatch "another pod's map" other_map "$mappable"
by "another pod's map by the 32-bit entry" "$mappable" -3
# x86 without IA32_EMULATION: int $0x80 is a fault.
has_32=-3
case $status in 77 | 139) has_32= ;; esac
by "another pod's map by open_tree_attr" "$point" -x
by "another pod's map by open_tree_attr and the 32-bit entry" "$point" -x -3

# A mount on a mount: both are told, though the call names one.
if [ "$mappable" = -t ]; then
	tree=$dir/tree
	mkdir "$tree"
	mount -t tmpfs tree "$tree"
	mkdir "$tree/below"
	mount -t tmpfs below "$tree/below"
	by "another pod's map, of a mount below the one that is named" "$tree" -b below
	by "another pod's map, of all below the one that is named" "$tree" -r
	umount -l "$tree"
fi

if [ "$mappable" = -t ]; then
	check "the workload idmaps a mount within its range" as_pod "$build/idmap" -t -m 1000 -n 100 -a "$point"
	check "is silent" within 5 open_is ""
else
	skip "the workload idmaps a mount within its range" "it could only make a tmpfs, which this kernel does not idmap"
fi
check "a wrong map beside right ones" attach "$mappable" -m 900000000
check "is the only one that is told" within 10 open_is "idmap-mismatch $uid"
check "with its numbers" told "idmapped to host UIDs 900000000-900065535 by process"
"$build/nsvigil" scan --json >"$dir/scan.json" || :
counted() {
	python3 - "$dir/scan.json" <<-'EOF'
		import json, sys
		found = [f for p in json.load(open(sys.argv[1]))["pods"] for f in p["findings"]]
		assert [(f["rule"], f["count"]) for f in found] == [("idmap-mismatch", 1)], found
		assert found[0]["evidence"][0]["mount"]["type"] == "tmpfs", found
	EOF
}
if [ "$scan_sees" ]; then
	check "a scan sees it, too" counted
	by_watch=$looked_by
	looked_by=scan
	[ -z "$tap_passed" ] || record caught idmap-mismatch
	looked_by=$by_watch
else
	skip "a scan sees it, too" "this kernel's statmount tells no map"
fi

# The kernel lets nobody map to IDs that his own user namespace does not have: who does it has got
# out of that.
(
	exec 9>&-
	in_pod "$build/idmap" "$mappable" -m 800000000 -s <"$dir/hold" >"$dir/escaped"
) &
check "a process that got out of its user namespace idmaps to any IDs" within 10 \
	told "has idmapped mount"
check "with its numbers" told "to host UIDs 800000000-800065535, outside the pod's range"
check "who does it has no user namespace of its pod" within 5 \
	sh -c "grep -F '\"rule\":\"foreign-userns\"' '$dir/watch' | grep -q '$uid'"

joined() {
	grep -q "\"phase\":\"opened\",\"id\":\"foreign-namespace/$uid/mnt\"" "$dir/watch"
}
if [ "$has_32" ]; then
	(
		exec 9>&- 8</proc/self/ns/mnt
		in_pod "$build/idmap" -3 "$mappable" -m 800000000 -f 8 -a "$point" -s <"$dir/hold" >"$dir/joined"
	) &
	check "setns by the 32-bit entry into the node's mounts" within 10 joined
else
	skip "setns by the 32-bit entry into the node's mounts" "this kernel has no 32-bit entry"
fi
check "nothing was lost" lossless
check "every line is as the schema says" valid_lines
lab_stop
umount -l "$point" || :
check_replay

# A real runtime, whose container keeps what it has for output. It wants cgroup2 alone and CAP_SYS_RESOURCE, and has a mount namespace of its own.

if ! command -v crun >/dev/null; then
	skip "crun with an idmapped volume" "there is no crun"
	finish
	exit
fi

# bundle NAME FIRST VOLUME_FIRST: a container with the host IDs from FIRST, and a volume.
bundle() {
	mkdir -p "$dir/$1/rootfs/bin" "$dir/$1/rootfs/proc" "$dir/$1/rootfs/dev" \
		"$dir/$1/rootfs/sys" "$dir/$1/rootfs/data" "$dir/$1/volume"
	cp "$(command -v busybox)" "$dir/$1/rootfs/bin/busybox"
	ln -s busybox "$dir/$1/rootfs/bin/sleep"
	(cd "$dir/$1" && crun spec)
	python3 - "$dir/$1" "/$root/kubepods/besteffort/pod$(uid_of "$1")/$(printf '%064d' 1)" \
		"$2" "$3" <<-'EOF'
		import json, sys
		bundle, cgroup, first, volume = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
		spec = json.load(open(bundle + "/config.json"))
		spec["process"].update(terminal=False, args=["/bin/sleep", "1000"], rlimits=[])
		spec["linux"].update(cgroupsPath=cgroup, resources={})
		spec["linux"].pop("seccomp", None)
		ids = [{"containerID": 0, "hostID": first, "size": 65536}]
		spec["linux"]["namespaces"].append({"type": "user"})
		spec["linux"].update(uidMappings=ids, gidMappings=ids)
		idmap = "idmap" if volume == sys.argv[3] else f"idmap=uids=0-{volume}-65536;gids=0-{volume}-65536"
		spec["mounts"].append({"destination": "/data", "type": "bind", "source": bundle + "/volume",
		                       "options": ["bind", "rw", idmap]})
		json.dump(spec, open(bundle + "/config.json", "w"))
	EOF
	chown -R "$2:$2" "$dir/$1/rootfs"
}

uid_of() {
	case $1 in
	own) echo 33333333-2222-3333-4444-000000000000 ;;
	foreign) echo 33333333-2222-3333-4444-000000000001 ;;
	esac
}

cat >"$dir/run" <<'EOF'
set -eu
umount -l /sys/fs/cgroup || :
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$3/kubepods/besteffort"
mount -t tmpfs volume "$1/$2/volume"
crun --cgroup-manager=cgroupfs --root "$1/state" run -d -b "$1/$2" "$2" </dev/null
EOF
run() {
	unshare --mount sh "$dir/run" "$dir" "$1" "$root" >"$dir/try" 2>&1 9>&-
}

is_idmapped() {
	pid=$(cat "$cgroup2/$root/kubepods/besteffort/pod$(uid_of "$1")"/*/cgroup.procs | head -1)
	grep ' /data .*idmapped' "/proc/$pid/mountinfo"
}

bundle own 196608000 196608000
bundle foreign 262144000 327680000
watch_start --json
if ! run own; then
	skip "crun with an idmapped volume" "crun does not run here: $(tail -1 "$dir/try")"
else
	check "crun makes an idmapped volume" within 10 is_idmapped own
	check "is silent" within 5 open_is ""
	check "crun makes one with another pod's map" run foreign
	check "is idmapped" within 10 is_idmapped foreign
	check "is told" within 15 open_is "idmap-mismatch $(uid_of foreign)"
	check "with its numbers and its maker" told "idmapped to host UIDs 327680000-327745535 by process"
	check "nothing else is" sh -c "! grep '\"type\":\"finding\"' '$dir/watch' | grep -v 'idmap-mismatch\|\"rule\":\"blind\"'"
	check "and nothing is lost" lossless
	check_replay
fi
finish
