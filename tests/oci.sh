# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2016 # for other shells
#
# A test of its own once somebody says which $runtime: containers as a kubelet wants them, and what
# happens to them, while watch looks on. Each pod that has a user namespace raises nothing, and one
# that has none what the policy says of it. STARTS: how many of the plain ones (100).

. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/runtime.sh
starts=${STARTS:-100}

# The same as the machine's kernel has it, where it has no cgroup2 alone.
node_begin

controller() {
	grep -qw "$1" "$cgroup2/cgroup.controllers"
}
controllers() {
	mkdir -p "$cgroup2$besteffort"
	above=$cgroup2
	for part in "$root" kubepods besteffort; do
		for each in cpu memory pids; do
			! controller $each || echo +$each >"$above/cgroup.subtree_control"
		done
		above=$above/$part
	done
}

# has_userns NAME FIRST: and its processes have the host IDs from there.
in_range() {
	pid=$(pid_of "$1")
	awk -v first="$2" '$1 == "Uid:" { exit !($2 >= first && $2 < first + 65536) }' "/proc/$pid/status" ||
		{ cat "/proc/$pid/status"; return 1; }
}

turns() {
	for _ in $(seq "$starts"); do
		start "$1" && inside "$1" /bin/true && end "$1" || return 1
	done
}

# Beside each other: begin_turns, and took_turns in a check for each.
begin_turns() {
	turning=
	for name in host user; do
		{
			status=0
			turns $name >"$dir/$name.said" 2>&1 || status=$?
			echo "$status" >"$dir/$name.status"
		} &
		turning="$turning $!"
	done
	# shellcheck disable=SC2086 # a list of words
	wait $turning
}
took_turns() {
	cat "$dir/$1.said"
	[ "$(cat "$dir/$1.status")" = 0 ]
}

as_user() {
	start "$1" && [ "$(inside "$1" --user=1000:1000 /bin/id -u)" = 1000 ] &&
		[ "$(inside "$1" --user=65534:65534 /bin/id -g)" = 65534 ] && end "$1"
}

# A sandbox, two containers in its namespaces, one of which is started again.
pod() {
	start sandbox || return 1
	for name in first second; do
		join $name "$(pid_of sandbox)"
		start $name && in_range $name "$(first_of 3)" || return 1
	done
	[ "$(readlink "/proc/$(pid_of first)/ns/user")" = "$(readlink "/proc/$(pid_of sandbox)/ns/user")" ] ||
		return 1
	inside first /bin/true && inside second /bin/sh -c 'kill -0 1' && end first && start first &&
		inside first --user=7 /bin/true && end second && end first && end sandbox
}

killed() {
	start user && oci kill user KILL && within 30 stopped user && end user
}
stopped() {
	oci state "$1" | grep -q '"stopped"'
}

paused() {
	start user && oci pause user && within 30 grep 'frozen 1' "$cgroup2$in_user/cgroup.events" &&
		sleep 2 && oci resume user && inside user /bin/true && end user
}

# Its shell grows beyond what it may have.
out_of_memory() {
	start user && echo 33554432 >"$cgroup2$in_user/memory.max" || return 1
	! inside user /bin/sh -c 'x=x; while :; do x=$x$x; done' || return 1
	grep -E '^oom_kill [1-9]' "$cgroup2$in_user/memory.events" && end user
}

# With a twentieth of a processor for all that is in the pod: a start takes seconds.
slow() {
	pod_of=$cgroup2$(dirname "$2")
	mkdir -p "$pod_of"
	echo 5000 100000 >"$pod_of/cpu.max"
	for _ in 1 2; do
		start "$1" && inside "$1" /bin/true && end "$1" || return 1
	done
	grep throttled_usec "$pod_of/cpu.stat"
	[ "$(sed -n 's/^throttled_usec //p' "$pod_of/cpu.stat")" -gt 1000000 ] || return 1
	echo max 100000 >"$pod_of/cpu.max"
}

# Until two starts were frozen before they ran the image's program: that is what they are called until
# then. A runtime may give up when it finds its cgroup frozen, and remove it: that is another try.
frozen() {
	: >"$dir/frozen"
	for _ in $(seq 30); do
		freeze_start "$1" "$cgroup2$2" && echo "$1" >>"$dir/started"
		end "$1" || :
		[ "$(grep -cE "$runtime_names" "$dir/frozen")" -lt 2 ] || return 0
	done
	cat "$dir/frozen"
	return 1
}
freeze_start() {
	case $runtime in
	*crun) set -- "$1" "$2" --cgroup-manager=cgroupfs ;;
	esac
	name=$1
	cgroup=$2
	shift 2
	# shellcheck disable=SC2086 # words
	python3 tests/freeze.py "$dir/frozen" "$cgroup" $in_root "$runtime" "$@" --root "$state" \
		run -d -b "$dir/$name" "$name" </dev/null >"$dir/log" 2>&1 9>&-
}


# The runtime says so, or is a crun that cannot say.
idmaps() {
	oci features >"$dir/features" 2>/dev/null || { [ "$runtime" = crun ] && return; }
	python3 -c 'import json, sys
sys.exit(not json.load(sys.stdin)["linux"]["mountExtensions"]["idmap"]["enabled"])' \
		<"$dir/features" 2>/dev/null
}

# volume NAME N MOUNT-ARGUMENT...: an idmapped volume on a mount that is made like this.
volume() {
	name=$1
	number=$2
	shift 2
	container "$name" 4 "$number" 'spec["mounts"].append({"destination": "/data", "type": "bind",
	    "source": bundle + "/volume", "options": ["bind", "rw"], "uidMappings": ids, "gidMappings": ids})'
	mkdir -p "$dir/$name/volume"
	if ! idmaps; then
		skip "$name" "$(version) knows no idmapped mounts"
	elif ! on_node mount "$@" "$dir/$name/volume" >"$dir/why" 2>&1; then
		skip "$name" "$(cat "$dir/why")"
	else
		on_node chmod 755 "$dir/$name/volume"
		if ! start "$name" >"$dir/why" 2>&1; then
			skip "$name" "this kernel or runtime does not: $(tail -n 1 "$dir/why")"
		else
			check "$name" is_idmapped "$name"
			check "$name: the end" end "$name"
		fi
		on_node umount -l "$dir/$name/volume"
	fi
}
is_idmapped() {
	grep ' /data .*idmapped' "/proc/$(pid_of "$1")/mountinfo" &&
		[ "$(inside "$1" /bin/busybox stat -c %u /data)" = 0 ]
}

# A root as a snapshotter makes it: an overlay whose lower layer is idmapped; both on ext4.
overlay() {
	at=$dir/overlay
	cp "$build/idmap" "$dir/idmap"
	on_node "$dir/idmap" -m "$(first_of 5)" -a "$at/mapped" "$at/image" &&
		on_node mount -t overlay -o "lowerdir=$at/mapped,upperdir=$at/upper,workdir=$at/work" \
			overlay "$dir/root/rootfs" && on_node umount -l "$at/mapped" || return 1
	start root && in_range root "$(first_of 5)" &&
		[ "$(inside root /bin/busybox stat -c %u /bin/busybox)" = 0 ] && end root || return 1
	on_node umount -l "$dir/root/rootfs"
}
overlay_image() {
	container root 5 1
	mkdir -p "$dir/overlay"
	truncate -s 64M "$dir/overlay.img"
	mkfs.ext4 -q "$dir/overlay.img" && on_node mount -o loop "$dir/overlay.img" "$dir/overlay" || return 1
	on_node sh -c 'cd "$1/overlay" && mkdir upper work mapped && cp -a "$1/root/rootfs" image &&
		chown -R 0:0 image && chown "$2:$2" upper' - "$dir" "$(first_of 5)"
}

# The same runtime in a container, privileged, and in a pod with a user namespace, whose root it is
# then: with the node's files as its root. It has its cgroup for its own.
nested_spec='
every = spec["process"]["capabilities"]["bounding"] + ["CAP_" + cap for cap in """SYS_ADMIN SYS_CHROOT
SETUID SETGID SETPCAP CHOWN DAC_OVERRIDE FOWNER FSETID MKNOD NET_ADMIN KILL SETFCAP""".split()]
every = sorted(set(every))
spec["process"]["capabilities"] = {kind: every for kind in ("bounding", "effective", "permitted")}
spec["process"]["noNewPrivileges"] = False
spec["linux"].update(maskedPaths=[], readonlyPaths=[])
spec["linux"]["namespaces"] = [each for each in spec["linux"]["namespaces"] if each["type"] != "cgroup"]
spec["linux"]["namespaces"].append({"type": "cgroup"})
spec["mounts"] = [each for each in spec["mounts"] if each["destination"] != "/sys/fs/cgroup"]
spec["mounts"] += [
    {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["rw"]},
    {"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]},
    {"destination": "/mnt", "type": "bind", "source": bundle.rsplit("/", 1)[0] + "/nest", "options": ["bind"]}]
'
mkdir "$dir/nest"
cat >"$dir/nest/nested.sh" <<'END'
set -eu
mkdir /sys/fs/cgroup/self
echo 0 >/sys/fs/cgroup/self/cgroup.procs
for _ in 1 2 3; do
	$1 --root /run/state run -d -b "$2" nested </dev/null >/run/log 2>&1 || { cat /run/log; exit 1; }
	tries=0
	until $1 --root /run/state exec nested /bin/true </dev/null; do # it may not run its program yet
		tries=$((tries + 1))
		[ "$tries" -lt 5 ] || exit 1
		sleep 1
	done
	$1 --root /run/state delete -f nested
done
END
nested() {
	name=$1
	on_node mount --bind / "$dir/$name/rootfs"
	start "$name" || return 1
	[ "$name" = nested_host ] || chown -R "$(first_of 8)" "$cgroup2$(cgroup_of 8 1)"
	command=$runtime
	[ "$runtime" != crun ] || command="crun --cgroup-manager=cgroupfs"
	inside "$name" /bin/sh /mnt/nested.sh "$command" /mnt/inner && end "$name" || return 1
	on_node umount -l "$dir/$name/rootfs"
}

# monitor CGROUP ARGUMENT...: conmon is in it, and was on the node before.
# As CRI-O with conmon_cgroup=pod: a monitor of the container in the pod's cgroup, and execs each with
# a monitor of its own.
monitor() {
	monitors=$1
	shift
	cp tests/conmon.py "$dir"
	on_node python3 "$dir/conmon.py" 7 conmon "$@" 7>"$monitors/cgroup.procs"
}
monitored() {
	slice=$cgroup2$(dirname "$(cgroup_of 7 1)")/crio-conmon-$(printf %064d 1).scope
	mkdir -p "$slice" "$dir/exits" "$dir/sockets"
	set -- --runtime "$(command -v "$runtime")" --cid monitored --cuuid monitored --runtime-arg \
		--root="$state" --exit-dir "$dir/exits" --socket-dir-path "$dir/sockets"
	[ "$runtime" != crun ] || set -- "$@" --runtime-arg --cgroup-manager=cgroupfs
	monitor "$slice" "$@" --bundle "$dir/monitored" --container-pidfile \
		"$dir/pid" --log-path "k8s-file:$dir/monitored/log" --conmon-pidfile "$dir/conmon_pid" || return 1
	within 60 has_state monitored created && oci start monitored && in_range monitored "$(first_of 7)" ||
		return 1
	echo monitored >>"$dir/started"
	grep -x "$(cat "$dir/conmon_pid")" "$slice/cgroup.procs" || return 1
	for cgroup in "$slice" "$cgroup2$(cgroup_of 7 1)" "$cgroup2$(dirname "$(cgroup_of 7 1)")/elsewhere"; do
		mkdir -p "$cgroup"
		rm -f "$dir/exits/exec"
		monitor "$cgroup" "$@" --exec --exec-process-spec "$dir/exec.json" \
			--container-pidfile "$dir/exec_pid" --log-path "k8s-file:$dir/monitored/exec_log" ||
			return 1
		echo monitored >>"$dir/executed"
	done
	end monitored && within 60 ended "$(cat "$dir/conmon_pid")"
}
has_state() {
	oci state "$1" | grep "\"$2\""
}
ended() {
	! kill -0 "$1"
}

saw() {
	[ "$(sed -n 's/.*"type":"summary".*"events":\([0-9]*\),.*/\1/p' "$dir/watch")" -gt \
		$(($(wc -l <"$dir/started") * 5)) ]
}

controllers
in_host=$(cgroup_of 0 0)
in_user=$(cgroup_of 1 1)
container_host host 0 0
container user 1 1
if ! (start host && end host && start user && end user) >"$dir/try" 2>&1; then
	skip_all "$runtime does not run here: $(tail -n 1 "$dir/try")"
fi
: >"$dir/started"
for name in sandbox first second; do
	number=$((${number:-0} + 1))
	container $name 3 $number
done
echo "# $(version)"

watch_or_skip --json
begin_turns
check "$starts starts, execs and ends without a user namespace" took_turns host
check "$starts starts, execs and ends with a user namespace" took_turns user
check "execs as other users, without a user namespace" as_user host
check "execs as other users, with a user namespace" as_user user
check "a pod of several containers, one of them started again" pod
check "a container that is killed" killed
check "a container that is paused" paused
if controller memory; then
	check "a container that is out of memory" out_of_memory
else
	skip "a container that is out of memory" "cgroup2 has no memory controller here"
fi
check "frozen in the middle of a start, without a user namespace" frozen host "$in_host"
check "frozen in the middle of a start, with a user namespace" frozen user "$in_user"
if controller cpu; then
	check "with little processor time, without a user namespace" slow host "$in_host"
	check "with little processor time, with a user namespace" slow user "$in_user"
else
	skip "with little processor time" "cgroup2 has no cpu controller here"
fi
volume tmpfs 1 -t tmpfs volume
truncate -s 16M "$dir/volume.ext4"
mkfs.ext4 -q "$dir/volume.ext4"
volume ext4 2 -o loop "$dir/volume.ext4"
if overlay_image >"$dir/why" 2>&1; then
	check "a root on an overlay with an idmapped layer" overlay
else
	skip "a root on an overlay with an idmapped layer" "$(grep . "$dir/why" | tail -n 1)"
fi
bundle nest/inner /inner 0
chmod -R a+rX "$dir/nest"
container_host nested_host 6 0 "$nested_spec"
check "in a privileged container" nested nested_host
container nested_user 8 1 "$nested_spec"
check "in a container with a user namespace" nested nested_user
if command -v conmon >/dev/null; then
	container monitored 7 1
	echo '{"args": ["/bin/true"], "cwd": "/", "user": {"uid": 0, "gid": 0}}' >"$dir/exec.json"
	check "conmon in the pod's cgroup" monitored
else
	skip "conmon in the pod's cgroup" "there is no conmon"
fi
if [ -z "$in_root" ]; then
	node_private
	begin_turns
	check "in a mount namespace of its own: $starts starts without a user namespace" took_turns host
	check "in a mount namespace of its own: $starts starts with a user namespace" took_turns user
fi
check "no finding beyond policy" silent
watch_stop
check "watch saw them" saw
check "nothing was lost" lossless
check_replay
counted
finish
