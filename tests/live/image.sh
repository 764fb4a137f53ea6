#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The image, run by podman as deploy/daemonset.yaml says: the same capabilities, mounts, limits and
# arguments (tests/podman.py tells them from the manifest). It sees what is wrong with the pods in
# miniature, and misses each capability that is taken away.
set -eu

# On a node / is shared, which mountPropagation: HostToContainer asks for.
[ "$(findmnt -no PROPAGATION /)" = shared ] || exec unshare --mount --propagation shared "$0"

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

manifest=deploy/daemonset.yaml
trap 'lab_stop; container_stop; rm -rf "$dir"' EXIT

node_podman() {
	podman --root "$dir/store" --runroot "$dir/run" --storage-driver vfs --runtime runc \
		--cgroup-manager cgroupfs --events-backend none "$@"
}

# files_in DIR: it has the node's files from now on. The kubelet makes what is missing, too.
files_in() {
	files=$1
	for folder in var/log/pods var/lib/kubelet/pods etc/kubernetes/manifests \
		run/containerd/io.containerd.runtime.v2.task/k8s.io; do
		mkdir -p "$files/$folder"
	done
}

# run_as OPTION... -- ...: podman run with these options and then what the manifest says; after --
# what podman.py takes.
run_as() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	python3 tests/podman.py $manifest --node "$files" --volumes "$dir/volumes" "$@" >"$dir/arguments"
	IFS='
'
	# shellcheck disable=SC2046 # a line each
	set -- $(cat "$dir/arguments")
	unset IFS
	# podman would raise these two, which not everybody may.
	# shellcheck disable=SC2086 # a list of words
	node_podman run --pull=never --ulimit=nofile=1024:1024 --ulimit=nproc=4096:4096 $options "$@"
}

# Nothing but the program and the licenses.
contents() {
	node_podman create --name contents "$image" >/dev/null
	node_podman export contents | tar -t | sort >"$dir/files"
	node_podman rm contents >/dev/null
	cat "$dir/files"
	grep -qx usr/local/sbin/nsvigil "$dir/files" &&
		grep -qx licenses/nsvigil/GPL-2.0-only.txt "$dir/files" &&
		grep -qx licenses/libbpf-dev/copyright "$dir/files" &&
		grep -qx licenses/libc6-dev/copyright "$dir/files" &&
		! grep -vE '^(usr/|usr/local/|usr/local/sbin/|usr/local/sbin/nsvigil|licenses/.*|(dev|etc|proc|run|sys)(/.*)?)$' "$dir/files" &&
		! grep -E '/(sh|bash|busybox)$' "$dir/files"
}

doctor() {
	run_as --rm -- --args doctor
}
# What the ConfigMap has, as the container sees it.
configured() {
	run_as --rm -- --args check-config /etc/nsvigil/nsvigil.yaml >"$dir/configured"
	cat "$dir/configured"
	grep -x 'policy: observe' "$dir/configured"
}
# The ConfigMap is another one, which the kubelet brings into the container that runs.
reconfigured() {
	sed 's/^    policy: observe$/    policy: require/' $manifest >"$dir/changed.yaml"
	! cmp $manifest "$dir/changed.yaml" || return 1
	python3 tests/podman.py --write "$dir/changed.yaml" --volumes "$dir/volumes"
	node_podman kill --signal HUP nsvigil
	within 60 grep '"phase":"regraded","id":"host-userns/.*"severity":"critical"' "$dir/watch"
}
# The one that is missing is the problem that doctor names.
missed() {
	status=0
	run_as --rm -- --without "$1" --args doctor >"$dir/doctor" || status=$?
	cat "$dir/doctor"
	[ "$status" = 1 ] && grep -q "^problem  *CAP_$1 .*not held" "$dir/doctor" &&
		[ "$(grep -c '^problem  *CAP_' "$dir/doctor")" = 1 ]
}

# A profile that forbids bpf(2) is no missing capability.
forbidden() {
	status=0
	run_as --rm -- --seccomp RuntimeDefault --args doctor >"$dir/doctor" || status=$?
	cat "$dir/doctor"
	[ "$status" = 1 ] && grep 'seccomp' "$dir/doctor" && ! grep '^problem  *CAP_' "$dir/doctor"
}

# podlab knows what a scan has to say of each of its pods.
scans() {
	run_as --rm -- --args scan --json --root=/host >"$dir/scan.json"
	# shellcheck disable=SC2086 # a list of words
	[ "$?" = 1 ] && "$build/podlab" verify $scenarios <"$dir/scan.json" >"$dir/verified"
}

container_start() {
	run_as --name=nsvigil -- >"$dir/watch" 2>"$dir/watch_errors" 9>&- &
	container=$!
}
container_stop() {
	[ -n "$container" ] || return 0
	node_podman stop nsvigil >/dev/null 2>&1 || :
	wait "$container" || :
	container=
}
# As the kubelet does when the container has ended: a new one, with the pod's volumes.
container_again() {
	node_podman kill --signal KILL nsvigil >/dev/null
	wait "$container" || :
	node_podman rm nsvigil >/dev/null
	container_start
}
container=

# As the kubelet: a command in the container.
probe() {
	# shellcheck disable=SC2086 # a list of words
	node_podman exec nsvigil $1
}
# As Prometheus: from outside, into the container's network namespace.
scraped() {
	pid=$(node_podman inspect --format '{{.State.Pid}}' nsvigil)
	nsenter --net --target "$pid" python3 -c '
import sys, urllib.request
text = urllib.request.urlopen("http://127.0.0.1:9464/metrics", timeout=10).read().decode()
sys.exit("nsvigil_build_info" not in text)'
}
# opened RULE PODS: in so many pods it is broken.
opened() {
	[ "$(watch_open | grep -c "^$1 ")" = "$2" ]
}
# What the manifest limits.
memory() {
	pid=$(node_podman inspect --format '{{.State.Pid}}' nsvigil)
	group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
	echo "memory: $(cat "$group/memory.current") of $(cat "$group/memory.max"), $(cat "$group/memory.peak") at most"
	[ "$(cat "$group/memory.max")" != max ]
}

# cannot NAME FILE: what comes from there on cannot run here; the file's last line says why.
cannot() {
	skip "$1" "$(tail -n 1 "$2")"
	finish
	exit
}

for program in buildah podman runc; do
	command -v $program >/dev/null || skip_all "there is no $program"
done
# The manifest leaves out what these are about: the node's /etc, and CRI-O's bundles. host-node is
# played by itself.
scenarios=$("$build/podlab" list | cut -d ' ' -f 1 |
	grep -vxE 'host-node|ids-in-use-file|ignored-config' | tr '\n' ' ')

files_in "$dir/node"
check "the image is built" deploy/image.sh "$dir/nsvigil.tar"
echo "# $tap_output"
node_podman load --input "$dir/nsvigil.tar" >"$dir/loaded" 2>&1 ||
	cannot "podman loads it" "$dir/loaded"
image=localhost/nsvigil:$("$build/nsvigil" --version | cut -d ' ' -f 2)
status=0
run_as --rm -- --args --version >"$dir/out" 2>&1 || status=$?
[ "$status" -lt 125 ] || cannot "podman runs it" "$dir/out"

check "nothing is in it but the program and the licenses" contents
check "the configuration is right" configured
check "doctor has what it needs" doctor
python3 tests/podman.py --capabilities $manifest >"$dir/capabilities"
while read -r capability; do
	check "without $capability doctor names it" missed "$capability"
done <"$dir/capabilities"
check "where seccomp forbids bpf(2) it says so" forbidden
# Not sooner: what starts for a minute is judged otherwise.
status=0
# shellcheck disable=SC2086 # a list of words
lab_start $scenarios || status=$?
[ "$status" != 77 ] || cannot "it sees pods" "$dir/lab"
[ "$status" = 0 ] || exit 1
files_in "$node"
scans || :
for scenario in $scenarios; do
	check "a scan: $scenario" grep "^ok [0-9]* - $scenario\$" "$dir/verified"
done
lab_stop

# podlab took its files with it, and comes with others: these pods have no names.
files_in "$dir/node"
container_start
python3 tests/podman.py --probes $manifest >"$dir/probes"
while read -r each its; do
	name=$each command=$its
	check "the $name succeeds" within 60 probe "$command"
done <"$dir/probes"
check "Prometheus can ask" within 60 scraped
lab_start unmapped-identity shared-userns host
check "watch finds what is wrong" within 60 opened unmapped-identity 1
check "in two pods" within 60 opened shared-userns 2
check "and what is policy" within 60 opened host-userns 1
check "another policy comes with the ConfigMap and a signal" reconfigured
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	check "its memory is limited" memory
	echo "# $tap_output"
else
	skip "its memory is limited" "the memory controller is not in cgroup v2"
fi
lab_stop
container_again
check "a container that was killed and made anew says how long nobody watched" within 60 \
	grep '"unwatched":{"seconds":[0-9]*,"since":"[^"]*","ended":false,"rebooted":false}' "$dir/watch"
check "the $name succeeds again" within 60 probe "$command"
container_stop
check "it ends as it should" sh -c "tail -n 1 '$dir/watch' | grep '\"type\":\"summary\"'"
finish
