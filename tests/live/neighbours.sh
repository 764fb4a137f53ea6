#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Good neighbours: what pods rightly do that looks like an attack. Nothing is found but what the
# policy says of a pod with hostUsers: true.
# shellcheck disable=SC2016 # for the shells in the pods
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh
. tests/bundle.sh

# What was found at any time, closed again or not, an id and a severity a line. Of capability checks
# not what the policy says of those of a pod with hostUsers: true, and not what the node refused.
found() {
	sed -nE 's/^\{"type":"finding",.*"phase":"(re)?opened","id":"([^"]*)",.*"severity":"([^"]*)".*/\2 \3/p' \
		"$dir/watch" | grep -vE "^host-capability(-stopped/.*|/($(pod_uid host)|44444444-.*)) " | sort -u
}

# neighbour NAME FUNCTION [FINDING]...: it does its work, and stays; these are all findings.
neighbour() {
	name=$1
	shift
	check "$name" works "$@"
}
works() {
	work=$1
	shift
	printf '%s\n' "$host" "$@" | sort >"$dir/expected"
	watch_start --json "$options"
	lab_start plain cgroupfs host
	worked=0
	"$work" >"$dir/work" 2>&1 9>&- || worked=$?
	sleep 1 # for walks; watch walks once more at its end
	watch_stop
	lab_stop
	cat "$dir/work" "$dir/watch_errors"
	found >"$dir/found"
	diff "$dir/expected" "$dir/found" && [ "$worked" = 0 ] && lossless && replays
}

# in_host COMMAND..., in_plain COMMAND...: as a container's process of the pod, its root.
in_host() {
	enter "$(pod_cgroup host)" --target="$(pod_pid host)" --mount --net --ipc --uts --pid \
		--cgroup "$@"
}
in_plain() {
	in_isolated plain "$@"
}
in_isolated() {
	isolated=$1
	shift
	enter "$(pod_cgroup "$isolated")" --target="$(pod_pid "$isolated")" --all --setuid=0 --setgid=0 "$@"
}

# Each pod's, with what runs there from the pod's own image.
cni() {
	for pod in plain cgroupfs; do
		in_host nsenter --net="/proc/$(pod_pid $pod)/ns/net" cat /proc/self/net/dev
	done
}

csi() {
	in_host nsenter --mount="/proc/$$/ns/mnt" findmnt -n /
}

# It stays until walks have confirmed what the policy says of it.
node_exporter() {
	container exporter --mount --ipc --uts --cgroup sh -c '
		cat /proc/[0-9]*/stat /proc/1/net/dev 2>/dev/null | grep -q . && exec sleep 1000' &
	found=0
	within 30 finds "$hand" || found=$?
	echo 1 | tee "$cgroup2"/podlab/kubepods/besteffort/pod44444444-*/exporter/cgroup.kill
	wait $! || :
	return "$found"
}
finds() {
	found | grep -xF "$1"
}

# bubblewrap, as flatpak and browsers use it.
bwrap_in_plain() {
	in_plain bwrap --unshare-all --ro-bind / / --dev /dev --tmpfs /tmp sh -c 'id && sleep 1'
}
bwrap_in_host() {
	in_host setpriv --reuid 1000 --regid 1000 --clear-groups \
		bwrap --unshare-all --ro-bind / / --dev /dev --tmpfs /tmp sh -c 'id && sleep 1'
}

# A user of the pod in a user namespace of its own, with a map of many IDs, which the pod's root
# writes as newuidmap does. Then its root mounts, and runs a step as somebody else.
buildkit() {
	in_plain sh -c '
		cd "$0"
		setpriv --reuid 1000 --regid 1000 --clear-groups unshare --user --mount sh -c "
			read -r pid _ </proc/self/stat
			echo \$pid >pid.new && mv pid.new pid
			until [ -e mapped ]; do sleep 0.1; done
			exec sh -c \"mount -t tmpfs none /mnt &&
				setpriv --reuid 33 --regid 33 --clear-groups sleep 1\"" &
		until [ -e pid ]; do sleep 0.1; done
		for map in uid_map gid_map; do
			printf "0 1000 1\n1 2000 60000\n" >"/proc/$(cat pid)/$map"
		done
		touch mapped
		wait $!' "$dir/shared"
}

sidecar() {
	second=$(dirname "$(pod_cgroup plain)")/second
	mkdir "$second"
	enter "$second" --target="$(pod_pid plain)" --user --net --ipc --uts --pid --setuid=0 --setgid=0 \
		unshare --mount --cgroup sh -c 'kill -0 1 && sleep 1'
}

probes() {
	for _ in $(seq 20); do
		in_plain true
		in_host true
	done
}

# Before Linux 6.18 a namespace has the number of one that has just gone.
again() {
	for _ in $(seq 20); do
		in_host unshare --user --map-root-user true
		in_plain unshare --user --map-root-user true
	done
}

# Likewise, and the namespaces that it owns are there before it (kernel/fork.c ksys_unshare()).
sandboxes() {
	for _ in $(seq 20); do
		for pod in plain cgroupfs; do
			in_isolated $pod sh -c 'unshare --user --map-root-user --mount --net --ipc --uts true; true'
		done
	done
}

# Containers in a container, with a real runtime.
runc_here='
	mount -t proc none /proc || exit 1
	mount -t tmpfs none /sys/fs/cgroup # or cgroup2 would be there twice
	mount -t cgroup2 none /sys/fs/cgroup
	for i in 1 2 3; do
		runc --root "$0/state$1" run -d --no-pivot -b "$0/../nested" nested </dev/null >"$0/log$1" ||
			exit 1
		runc --root "$0/state$1" exec nested /bin/true </dev/null || exit 1
		runc --root "$0/state$1" delete -f nested || exit 1
	done'
docker_in_host() {
	in_host unshare --mount sh -c "$runc_here" "$dir/shared" 1
}
docker_in_plain() {
	chown -R "$(stat -c %u "/proc/$(pod_pid plain)")" "$(pod_cgroup plain)"
	in_plain unshare --mount sh -c "$runc_here" "$dir/shared" 2
}

# systemd makes cgroups below its own, and moves processes there. It sees the machine's files, writes
# to memory, and starts one service.
systemd_here='
	set -e
	mkdir -p "$0/over"
	mount -t tmpfs none "$0/over"
	cd "$0/over"
	mkdir upper work root
	mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work none root
	mkdir -p root/etc/systemd/system
	printf "[Unit]\nDefaultDependencies=no\nWants=lab.service\n" >root/etc/systemd/system/lab.target
	printf "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=sleep 1000\n" \
		>root/etc/systemd/system/lab.service
	for kind in proc tmpfs sysfs cgroup2; do
		case $kind in proc) at=proc ;; tmpfs) at=run ;; sysfs) at=sys ;; *) at=sys/fs/cgroup ;; esac
		mount -t $kind none root/$at
	done
	exec chroot root env container=lab /lib/systemd/systemd --unit=lab.target'
systemd_in_host() {
	inside=$(pod_cgroup host)
	in_host unshare --mount --cgroup --pid --fork sh -c "$systemd_here" "$dir/shared" &
	within 60 grep . "$inside/system.slice/lab.service/cgroup.procs" || return 1
	sleep 1
	# It can take longer to go than podlab waits.
	echo 1 >"$inside/init.scope/cgroup.kill"
	wait $! || :
}

host="host-userns/$(pod_uid host) notice"
hand="host-userns/44444444-2222-3333-4444-555555555555 notice"
joins="foreign-namespace/$(pod_uid host)"

options=--policy=observe
watch_or_skip --json
watch_stop
neighbour "a network agent enters each pod's net namespace: by policy" cni "$joins/net notice"
neighbour "a storage plugin enters the node's mount namespace: by policy" csi "$joins/mnt notice"
options=--allow-join=podlab/host=net,mnt
neighbour "a network agent that may" cni
neighbour "a storage plugin that may" csi
options=--policy=observe
neighbour "node-exporter with hostPID and hostNetwork" node_exporter "$hand"
if command -v bwrap >/dev/null; then
	neighbour "bubblewrap in an isolated pod" bwrap_in_plain
	neighbour "bubblewrap in a pod on the node's user namespace" bwrap_in_host
else
	skip "bubblewrap" "there is no bwrap"
fi
neighbour "rootless builds with a map of many IDs" buildkit
bundle nested /nested 0
chmod -R a+rX "$dir/nested"
neighbour "containers in a container, privileged" docker_in_host
neighbour "containers in an isolated pod's container" docker_in_plain
neighbour "namespaces that are made and gone, in two pods by turns" again
neighbour "two isolated pods whose sandboxes have namespaces of the same number, one after the other" sandboxes
neighbour "a sidecar in the first container's PID namespace" sidecar
if [ -x /lib/systemd/systemd ]; then
	neighbour "systemd as a container's init" systemd_in_host
else
	skip "systemd as a container's init" "there is no systemd"
fi
neighbour "exec probes" probes
finish
