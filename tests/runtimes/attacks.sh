#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Attacks from inside real containers, and what a runtime may be told to do that breaks a rule: after
# each, exactly the findings that it deserves are open.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
runtime=runc
. tests/runtime.sh
. tests/puppet.sh
trap 'exec 8>&-; runtime_end; watch_stop; unmap; rm -rf "$dir"' EXIT

node_begin

# open_is ID-AND-SEVERITY...: these findings are open, and no other, but what the policy says of pods
# that are in the node's user namespace.
open_is() {
	printf '%s\n' "$@" | sed '/^$/d' | sort >"$dir/expected"
	watch_open_ids | grep -v '^host-userns/' >"$dir/open" || :
	diff "$dir/expected" "$dir/open"
}
opens() {
	name=$1
	expression=$2
	shift 2
	check "$runtime: $name" does "$expression" "$@"
}
does() {
	answer=$(tell "$1") || return 1
	echo "$1: $answer"
	shift
	[ "$answer" = None ] && within 20 open_is "$@"
}
refused() {
	answer=$(tell "$1") && echo "$1: $answer" && [ "$answer" = EPERM ]
}

# Its root is the machine's files, so that the puppet finds its interpreter; it has many capabilities.
victim_spec='
every = sorted(set(spec["process"]["capabilities"]["bounding"] + ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT",
    "CAP_SETUID", "CAP_SETGID", "CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE"]))
spec["process"]["capabilities"] = {kind: every for kind in ("bounding", "effective", "permitted")}
'
# victim NAME: its root, before it is started.
victim() {
	on_node mount --bind / "$dir/$1/rootfs"
}

# exec_puppet NAME NAME=PATH...: by the runtime's exec, with these descriptors.
exec_puppet() {
	into=$1
	shift
	case $runtime in
	crun) managed=--cgroup-manager=cgroupfs ;;
	*) managed=--log-format=text ;;
	esac
	# shellcheck disable=SC2086 # words
	puppet_start -- $in_root "$runtime" $managed --root "$state" exec --preserve-fds=$# "$into" -- "$@"
}

# of_map PYTHON ID...: a container whose spec that changes, started, is seen as these findings; then it
# is gone and they are, too.
of_map() {
	name=$1
	shift
	check "$runtime: $name" started_opens "$@"
	check "$runtime: and its end" ended_closes
}
started_opens() {
	start made && within 40 open_is "$@"
}
ended_closes() {
	end made && within 40 walk_finds
}

# A mount into the first pod's container that has the map of the second one; it goes with the container.
map_of_another() {
	"$build/idmap" "$mappable" -u "$theirs" -p "$pid" -a /mnt >"$dir/idmap" 9>&- &&
		within 40 walk_finds "idmap-mismatch/$us critical"
}
map_gone() {
	end us && within 40 walk_finds
}
# What closes does so at a walk, which watch makes by itself after two seconds (tests/live/attacks.sh): here one is made.
walk_finds() {
	map_elsewhere
	open_is "$@"
}

# all_of N: the attacks, in pods whose numbers begin there.
all_of() {
	one=$1
	two=$(($1 + 1))
	three=$(($1 + 2))
	us=$(pod_uid "$one")
	them=$(pod_uid "$two")
	other=$(pod_uid "$three")
	container us "$one" 1 "$victim_spec"
	container them "$two" 1
	container_host other "$three" 1 "$victim_spec"
	victim us
	victim other
	if ! (start us && start them && start other) >"$dir/try" 2>&1; then
		skip "$runtime" "it does not run here: $(tail -n 1 "$dir/try")"
		clean
		return
	fi
	pid=$(pid_of us)
	theirs=$(pid_of them)
	inside=$cgroup2$(cgroup_of "$one" 1)
	mkdir -p "$cgroup2/$root/elsewhere"
	set -- "root=$cgroup2/cgroup.procs" "elsewhere=$cgroup2/$root/elsewhere/cgroup.procs" \
		"ours=$inside/cgroup.procs" "theirs=$cgroup2$(cgroup_of "$two" 1)/cgroup.procs"
	for kind in user mnt net ipc uts pid cgroup; do
		set -- "$@" "node_$kind=/proc/$$/ns/$kind" "their_$kind=/proc/$theirs/ns/$kind" \
			"our_$kind=/proc/$pid/ns/$kind"
	done
	check "$runtime: three pods" within 40 open_is

	exec_puppet us "$@"
	for kind in user mnt net ipc uts pid cgroup; do
		check "$runtime: the node's $kind namespace, leaked, is refused" refused "setns(node_$kind)"
		check "$runtime: another pod's, too" refused "setns(their_$kind)"
	done
	check "$runtime: what was refused is no finding" open_is
	opens "a user namespace and others below the pod's" \
		"parent_does(unshare, user | mnt | net | ipc | uts | pid) and None"
	opens "it leaves its cgroup for the root" "move(root)" "left-pod/$us critical"
	opens "it comes back" "move(ours)"
	opens "it goes to another pod's cgroup" "move(theirs)" "left-pod/$us critical"
	puppet_end
	check "$runtime: it is gone" within 40 open_is

	# One that a runtime failed to put into the pod's user namespace: root of the node.
	puppet_start "$inside" --target="$pid" --mount --net --ipc --uts --pid --cgroup "$@"
	check "$runtime: a process in the node's user namespace" within 20 open_is "foreign-userns/$us critical"
	opens "it joins the node's mounts" "setns(node_mnt)" "foreign-userns/$us critical" \
		"foreign-namespace/$us/mnt critical"
	opens "and its own" "setns(our_mnt)" "foreign-userns/$us critical"
	opens "and the pod's user namespace, as host root" "setns(our_user)" "unmapped-identity/$us critical"
	puppet_end
	check "$runtime: it is gone, too" within 40 open_is

	exec_puppet other "$@"
	for kind in mnt net ipc uts cgroup; do
		opens "without a user namespace it joins another pod's $kind namespace" "setns(their_$kind)" \
			"foreign-namespace/$other/$kind notice"
		opens "and the node's" "setns(node_$kind)" "foreign-namespace/$other/$kind notice"
		[ "$kind" != mnt ] || opens "a user namespace below" "parent_does(unshare, user) and None" \
			"foreign-namespace/$other/mnt notice"
		puppet_end
		check "$runtime: it is gone" within 40 walk_finds
		exec_puppet other "$@"
	done
	opens "without a user namespace it leaves its cgroup" "move(elsewhere)" "left-pod/$other notice"
	puppet_end
	check "$runtime: it is gone" within 40 open_is

	maps=$((one + 3))
	made=$(pod_uid "$maps")
	container made "$maps" 1 'ids[0].update(hostID=0)'
	chown -R 0:0 "$dir/made/rootfs"
	of_map "a map that reaches host ID 0" "privileged-ids/$made critical" "ids-in-use/$made error" \
		"unexpected-mapping/$made warning"
	container made "$maps" 1 "ids[0].update(hostID=$(first_of "$two"))"
	of_map "the map of another pod" "overlapping-ids/$made critical" "overlapping-ids/$them critical"
	container made "$maps" 1 "ids[0].update(hostID=$(($(first_of "$two") + 32768)))"
	of_map "a map that overlaps another pod's" "overlapping-ids/$made critical" \
		"overlapping-ids/$them critical" "unexpected-mapping/$made warning"
	container made "$two" 2
	join made "$theirs"
	python3 - "$dir/made/config.json" "$(cgroup_of "$maps" 1)" <<-'END'
		import json, sys
		spec = json.load(open(sys.argv[1]))
		spec["linux"]["cgroupsPath"] = sys.argv[2]
		json.dump(spec, open(sys.argv[1], "w"))
	END
	of_map "the user namespace of another pod" "shared-userns/$made critical" \
		"shared-userns/$them critical"
	if [ "$maps" ]; then
		check "$runtime: an idmapped mount with another pod's map" map_of_another
		check "$runtime: it is gone" map_gone
	else
		skip "$runtime: an idmapped mount with another pod's map" "this kernel idmaps neither tmpfs nor ext4"
	fi
	for each in us them other; do
		end $each || :
	done
	umount -l "$dir"/*/rootfs 2>/dev/null || :
	on_node umount -l "$dir/us/rootfs" "$dir/other/rootfs" || :
	clean
}


watch_or_skip --json
maps=yes
find_mappable || [ $? != 77 ] || maps=
pods=0
for runtime in runc crun; do
	if command -v "$runtime" >/dev/null; then
		all_of "$pods"
	else
		skip "$runtime" "there is none"
	fi
	pods=$((pods + 10))
done
check "nothing was lost" lossless
check_replay
finish
