#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# containerd as a kubelet drives it, over CRI, while watch looks on: sandboxes with and without a user
# namespace, containers, volumes, execs, restarts. What isolates is seen as isolated; no alarm.
# STARTS: how many containers of each kind (10).
# shellcheck disable=SC2016 # for other shells
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
runtime=containerd
. tests/runtime.sh
. tests/puppet.sh
trap 'exec 8>&-; containerd_end; runtime_end; watch_stop; rm -rf "$dir"' EXIT

node_begin
containerd=

containerd_start() {
	mkdir -p "$dir/cni"
	cat >"$dir/config.toml" <<-END
		version = 2
		root = "$dir/c/root"
		state = "$dir/c/state"
		disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]
		[grpc]
		address = "$dir/c/socket"
		[plugins."io.containerd.grpc.v1.cri"]
		sandbox_image = "localhost/box:1"
		disable_apparmor = true
		restrict_oom_score_adj = true
		[plugins."io.containerd.grpc.v1.cri".cni]
		bin_dir = "/usr/lib/cni"
		conf_dir = "$dir/cni"
		[plugins."io.containerd.grpc.v1.cri".containerd]
		snapshotter = "overlayfs"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
		runtime_type = "io.containerd.runc.v2"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
		SystemdCgroup = false
	END
	if ! grep -qw cpu "$cgroup2/cgroup.controllers"; then
		cp tests/cri/runc.sh "$dir/runc"
		echo "BinaryName = '$dir/runc'" >>"$dir/config.toml"
	fi
	cat >"$dir/cni/10-test.conflist" <<-END
		{"cniVersion": "1.0.0", "name": "test", "plugins": [{"type": "ptp", "ipam": {"type": "host-local",
		 "subnet": "10.88.0.0/16", "dataDir": "$dir/ipam"}}]}
	END
	# An overlay cannot be the upper layer of another one, nor be idmapped for a volume.
	mkdir -p "$dir/c"
	on_node mount -t tmpfs containerd "$dir/c"
	# shellcheck disable=SC2086 # words
	$in_root containerd --config "$dir/config.toml" >"$dir/containerd" 2>&1 9>&- &
	containerd=$!
	within 300 on_node ctr --address "$dir/c/socket" version || return 1
	python3 tests/cri/image.py "$(command -v busybox)" "$dir/image.tar" localhost/box:1
	on_node ctr --address "$dir/c/socket" --namespace k8s.io images import "$dir/image.tar"
}
containerd_end() {
	[ -n "$containerd" ] || return 0
	kill "$containerd" || :
	# The monitors of its containers, by the folder that only they have.
	pgrep -f "containerd-shim.*$dir/" | xargs -r kill || :
	wait "$containerd" || :
	on_node umount -l "$dir/c" || :
	containerd=
}

# cri EXPRESSION: as client.py has it; its answer.
cri_start() {
	mkdir -p "$dir/cri"
	cp tests/cri/client.py tests/cri/cri.proto "$dir/cri"
	on_node sh -c 'cd "$1" && protoc --python_out=. cri.proto && python3 -c "import grpc"' - "$dir/cri" ||
		return 1
	mkfifo "$dir/told"
	: >"$dir/said"
	# shellcheck disable=SC2086 # words
	$in_root python3 "$dir/cri/client.py" "$dir/c/socket" "$dir/c" "$besteffort" \
		<"$dir/told" >"$dir/said" 2>"$dir/client_errors" 9>&- &
	exec 8>"$dir/told"
}
cri() {
	answer=$(ask 600 "$dir/client_errors" "$1") || {
		echo "$answer"
		return 1
	}
	echo "$answer"
	case $answer in
	error*)
		tail -n 5 "$dir/containerd"
		return 1
		;;
	esac
	case $1 in
	pod* | container*) echo "$1" >>"$dir/started" ;;
	execute*) echo "$1" >>"$dir/executed" ;;
	esac
}

# each EXPRESSION...: all of them work.
each() {
	for expression; do
		cri "$expression" || return 1
	done
}

# turns POD: containers, one after the other, each with an exec; and a sandbox of their own for each fifth.
turns() {
	i=0
	while [ "$i" -lt "$starts" ]; do
		i=$((i + 1))
		each "container($1, 'turn')" "execute($1, 'turn', '/bin/true')" "end($1, 'turn')" || return 1
	done
}

owner_is() {
	cri "execute($1, 'one', '/bin/stat', '-c', '%u:%g', '$2')" >"$dir/owner" && cat "$dir/owner" &&
		[ "$(cat "$dir/owner")" = "0 0:0" ]
}

on_node sh -c 'command -v containerd' >/dev/null || skip_all "there is no containerd"
mkdir -p "$cgroup2$besteffort"
cri_start >"$dir/why" 2>&1 || skip_all "there is no client: $(tail -n 1 "$dir/why")"
containerd_start >"$dir/why" 2>&1 || skip_all "containerd does not start: $(tail -n 1 "$dir/containerd")"
pod_uid 100 >>"$dir/hosts"
each "pod(9)" "end_pod(9)" >"$dir/why" 2>&1 ||
	skip_all "containerd starts no pod with a user namespace here: $(head -n 1 "$dir/why")"
: >"$dir/started"

watch_or_skip --json
check "a pod with a user namespace, two containers" each "pod(1)" "container(1, 'one', True)" \
	"container(1, 'two')"
check "it is isolated" within 60 verdict_is 1 isolated
check "its root belongs to its root" owner_is 1 /bin
check "its volume, too" owner_is 1 /data
check "another pod, with another map" each "pod(2)" "container(2, 'one')"
check "it is isolated, too" within 60 verdict_is 2 isolated
check "a pod without a user namespace" each "pod(100)" "container(100, 'one', True)"
check "is on the node's" within 60 verdict_is 100 host
check "execs" each "execute(1, 'one', '/bin/id')" "execute(2, 'one', '/bin/true')" \
	"execute(100, 'one', '/bin/true')"
check "a container is started again" each "end(1, 'two')" "container(1, 'two')" \
	"execute(1, 'two', '/bin/true')"
check "$starts containers and execs with a user namespace" turns 2
check "$starts containers and execs without one" turns 100
check "the end of all pods" each "end_pod(1)" "end_pod(2)" "end_pod(100)"
check "no finding beyond policy" silent

# opened RULE POD: it was told of that pod.
opened() {
	grep "\"phase\":\"opened\",\"id\":\"$1/$(pod_uid "$2")\"" "$dir/watch"
}
# Create and start are two acts of a kubelet's: what is wrong is told at the second one.
if cri "pod(4)" >"$dir/why" && cri "container(4, 'late', life='0.01', wait=4, dropped=True)" >"$dir/why"; then
	for rule in host-userns split-userns; do
		check "$rule of a container that was started 4 s after it was made, and lived for 10 ms" \
			within 20 opened $rule 4
	done
	check "its end" each "end_pod(4)"
else
	skip "a container without its pod's user namespace" "containerd makes none: $(tail -n 1 "$dir/why")"
fi
check "nothing was lost" lossless
check_replay
counted
finish
