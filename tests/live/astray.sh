#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A runtime class of another cgroup driver than the kubelet's: its containers are outside their pods' cgroups, in
# ones that have the pods' uids in their names. They are the pods'; what others call so is not.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

root=podlab
service=$cgroup2/$root/system.slice/containerd.service
uid=55555555-2222-3333-4444-000000000000
slice=kubepods-besteffort-pod$(echo $uid | tr - _).slice
id=$(printf %064d 5)

# starts CGROUP [SECONDS]: a container begins there, a moment after it was made, as when it is created and started.
cat >"$dir/start" <<'END'
echo 0 >"$1/cgroup.procs"
exec unshare --mount --pid --fork sh -c 'mount -t tmpfs tmpfs /mnt && cp "$(command -v sleep)" /mnt/app &&
	exec /mnt/app "$1"' sh "$2"
END
starts() {
	mkdir -p "$1"
	sleep "${3:-0}"
	sh "$dir/start" "$1" "${2:-5}" </dev/null >/dev/null 2>&1 9>&- &
}
ends() {
	echo 1 >"$1/cgroup.kill" || :
	rounds=100
	until rmdir "$1" 2>/dev/null || [ "$rounds" = 0 ]; do
		rounds=$((rounds - 1))
		sleep 0.1
	done
}

# scanned: what a scan says of the pod: verdict, rules, how many rows and processes.
scanned() {
	"$build/nsvigil" scan --policy=require --json >"$dir/scan" 2>"$dir/scan_errors" || :
	python3 - "$dir/scan" "$uid" <<-'EOP'
		import json, sys
		pods = [p for p in json.load(open(sys.argv[1]))["pods"] if p["uid"] == sys.argv[2]]
		print(len(pods), *[f'{p["verdict"]} {",".join(f["rule"] for f in p["findings"])}' for p in pods])
	EOP
}
is() {
	scanned >"$dir/is"
	cat "$dir/is" "$dir/scan_errors"
	[ "$(cat "$dir/is")" = "$1" ]
}

# found RULE: watch has told it of the pod.
found() {
	wait_for grep "$1" "$dir/watch"
}
wait_for() {
	rounds=${ROUNDS:-50}
	until "$@"; do
		rounds=$((rounds - 1))
		[ "$rounds" -gt 0 ] || return 1
		sleep 0.1
	done
}

# As they are reported: where the kubelet and each runtime put a container.
shape() {
	what=$1 own=$2 container=$3
	mkdir -p "$cgroup2/$root/$own"
	starts "$cgroup2/$root/$container" 60
	sleep 1
	check "a scan judges it as its pod's: $what" is "1 violated host-userns"
	ends "$cgroup2/$root/$container"
	sweep
}
# What is left of the pod's, and empty.
sweep() {
	find "$cgroup2/$root" -depth -type d -name "*pod$(echo $uid | tr - '?')*" -exec rmdir {} + || :
}

# attested: the verdict and what is said of host-userns at the pod's end.
attested() {
	python3 - "$dir/watch" "$uid" <<-'EOP'
		import json, sys
		for line in open(sys.argv[1]):
		    event = json.loads(line)
		    if event["type"] == "attestation" and event["pod"]["uid"] == sys.argv[2]:
		        print([how for how, rules in event["rules"].items() if "host-userns" in str(rules)])
	EOP
}
watched_astray() {
	watch_or_skip --json --policy=require --attest=600
	# The pod's own cgroup first, then the container: created, and started seconds later.
	mkdir -p "$cgroup2/$root/kubepods.slice/kubepods-besteffort.slice/$slice" "$service"
	sleep 1
	starts "$service/$slice:cri-containerd:$id" 3 4
	check "a container that begins in it is told" found "\"rule\":\"host-userns\".*$uid"
	sleep 3
	ends "$service/$slice:cri-containerd:$id"
	sweep
	check "the pod is attested" found "\"type\":\"attestation\".*$uid"
	attested | tee "$dir/attested"
	check "host-userns is not shown of it" sh -c "! grep shown '$dir/attested' && grep broken '$dir/attested'"
	check_replay
}

lab_start plain host || exit 1
mkdir -p "$service"
shape "containerd without SystemdCgroup" \
	"kubepods.slice/kubepods-besteffort.slice/$slice" \
	"system.slice/containerd.service/$slice:cri-containerd:$id"
shape "of a Guaranteed pod, CRI-O's prefix" "kubepods.slice/kubepods-pod$(echo $uid | tr - _).slice" \
	"kubepods-pod$(echo $uid | tr - _).slice:crio:$id"
shape "without a cgroup of its pod's" "kubepods.slice" "system.slice/$slice:docker:$id"
shape "a relative path of the cgroupfs driver" "kubepods/besteffort/pod$uid" \
	"system.slice/containerd.service/kubepods/besteffort/pod$uid/$id"

# Whom a cgroup was delegated to calls one as a pod's.
theirs=$cgroup2/$root/user.slice
mkdir -p "$theirs"
chown 1000:1000 "$theirs"
setpriv --reuid 1000 --regid 1000 --clear-groups mkdir "$theirs/$slice:cri-containerd:$id" "$theirs/pod$uid"
starts "$theirs/$slice:cri-containerd:$id" 60
sleep 1
check "what a user calls as a pod's is nobody's" is "0"
check "and that is said" grep -q "2 cgroups are .* not made by the node's root: .* of host UID 1000:" \
	"$dir/scan_errors"
ends "$theirs/$slice:cri-containerd:$id"
sweep

# Nothing below a pod is another's.
inner=$(dirname "$(pod_cgroup host)")
mkdir "$inner/$slice:cri-containerd:$id"
check "nor is what lies below a pod" is "0"
sweep

watched_astray
lab_stop
finish
