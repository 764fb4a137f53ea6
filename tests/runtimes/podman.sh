#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# podman, with each runtime that it finds, beside a watch: --userns=auto, which maps 1024 IDs, in a pod's
# cgroup (--cgroup-parent), where its monitor is then, too; execs, restarts, and none of that without a
# user namespace. STARTS: how many of each kind (10).
# shellcheck disable=SC2016 # for other shells
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
runtime=podman
. tests/runtime.sh
deserved=unexpected-mapping # 1024 IDs are not what a kubelet maps

# It writes to /etc and /var/lib, so always in a mount namespace of its own.
node_private "${ROOT_OF_RUNTIME:-}"

pod_man() {
	on_node podman --root "$dir/p/root" --runroot "$dir/p/run" --tmpdir "$dir/p/tmp" \
		--storage-driver overlay --cgroup-manager cgroupfs --events-backend none \
		--runtime "$through" "$@"
}

# runs NAME POD OPTION...: a container in the pod's cgroup.
runs() {
	name=$1
	parent=$besteffort/pod$(pod_uid "$2")
	shift 2
	pod_man run --detach --replace --name "$name" --network none --cgroup-parent "$parent" \
		--log-driver k8s-file --pids-limit -1 --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
		"$@" box sleep 100000 </dev/null || return 1
	echo "$name" >>"$dir/started"
}
execs() {
	pod_man exec "$@" </dev/null || return 1
	echo "$1" >>"$dir/executed"
}
# What the container had mounted may be busy for a moment.
ends() {
	within 30 pod_man rm --force --ignore --time 0 "$1"
}
turns() {
	for _ in $(seq "$starts"); do
		runs "$@" && execs "$1" true && ends "$1" || return 1
	done
}
again() {
	runs again "$1" --userns auto && pod_man restart --time 0 again && execs again true && ends again
}

on_node sh -c 'command -v podman' >/dev/null || skip_all "there is no podman"
mkdir -p "$cgroup2$besteffort" "$dir/p"
on_node mount -t tmpfs podman "$dir/p"
# Newer ones find the IDs of a user only if there is one.
echo "containers:300000000:10000000" | tee "$dir/subuid" >"$dir/subgid"
on_node cat /etc/passwd >"$dir/passwd"
echo "containers:x:4711:4711::/:/usr/sbin/nologin" >>"$dir/passwd"
for file in subuid subgid passwd; do
	on_node sh -c '[ -e "/etc/$1" ] || : >"/etc/$1"; mount --bind "$2" "/etc/$1"' - $file "$dir/$file"
done
python3 tests/cri/image.py "$(command -v busybox)" "$dir/image.tar" localhost/box:latest
through=runc
pod_man load --input "$dir/image.tar" >"$dir/why" 2>&1 || skip_all "podman loads no image: $(tail -n 1 "$dir/why")"

works=
for through in runc crun; do
	if (runs try 1 --userns auto && execs try true && ends try) >"$dir/why_$through" 2>&1; then
		works="$works $through"
	fi
done
clean
: >"$dir/started"
: >"$dir/executed"
[ -n "$works" ] || skip_all "podman runs nothing here: $(cat "$dir"/why_* | grep . | tail -n 1)"
watch_or_skip --json
n=0
for through in runc crun; do
	case $works in
	*$through*) ;;
	*)
		skip "podman with $through" "it does not run here: $(grep . "$dir/why_$through" | tail -n 1)"
		continue
		;;
	esac
	n=$((n + 10))
	pod_uid $((n + 2)) >>"$dir/hosts"
	check "podman with $through: $starts starts and execs with --userns=auto" turns "t$n" $n --userns auto
	check "podman with $through: $starts starts and execs without" turns "h$n" $((n + 2))
	check "podman with $through: two with --userns=auto" runs "one$n" $n --userns auto
	check "podman with $through: the other one" runs "two$n" $((n + 1)) --userns auto
	check "podman with $through: is isolated" within 60 verdict_is $n isolated
	check "podman with $through: so is the other one" within 60 verdict_is $((n + 1)) isolated
	check "podman with $through: one without is on the node's" runs "three$n" $((n + 2))
	check "podman with $through: as a scan says" within 60 verdict_is $((n + 2)) host
	check "podman with $through: it is started again" again $((n + 3))
	for each in one two three; do
		ends "$each$n" >/dev/null || :
	done
done
check "no finding beyond policy, but that a map is not a kubelet's" silent
check "nothing was lost" lossless
check_replay
counted
finish
