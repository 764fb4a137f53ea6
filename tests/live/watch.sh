#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil watch on pods that come, misbehave and go: what opens, and that it closes again.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)

# same_rules_as_scan OPTION...: the same pods, the same findings: what is open is what a scan with these shows.
same_rules_as_scan() {
	"$build/nsvigil" scan --json "$@" >"$dir/scan.json" || :
	watch_open | grep -v '^foreign-namespace ' >"$dir/open" # which a scan cannot see
	python3 - "$dir/scan.json" <<-'EOF' >"$dir/scanned"
		import json, sys
		for pod in json.load(open(sys.argv[1]))["pods"]:
		    for finding in pod["findings"]:
		        print(finding["rule"], pod["uid"])
	EOF
	sort -o "$dir/scanned" "$dir/scanned"
	diff "$dir/open" "$dir/scanned"
}

record_them() {
	# shellcheck disable=SC2046 # a list of words
	[ -z "$tap_passed" ] || record caught $(cut -d ' ' -f 1 "$dir/scanned" | sort -u)
}

all_closed() {
	[ -z "$(watch_open)" ]
}

# breach RULE SEVERITY POD: such a finding was opened and is open; healed RULE POD: it is not.
breach() {
	watch_open | grep -x "$1 $3" && grep -q "\"phase\":\"opened\",.*\"rule\":\"$1\",\"severity\":\"$2\",.*$3" "$dir/watch"
}
healed() {
	! watch_open | grep -x "$1 $2"
}

watch_or_skip --json

lab_start all
check "pods that come are judged as a scan judges them" within 15 same_rules_as_scan
record_them

# The first pod's workload process, and its pod.
pod=$(find "$cgroup2/podlab" -name '*-pod706f646c_6162_4000_8000_000001000000.slice')
inside=$(find "$pod" -mindepth 1 -type d | head -1)
plain=$(cat "$inside/cgroup.procs")
uid=706f646c-6162-4000-8000-000001000000
echo "$plain" >"$cgroup2/cgroup.procs"
catches left-pod "a process that left its pod" within 5 breach left-pod critical "$uid"
mkdir "$cgroup2/podlab/elsewhere"
echo "$plain" >"$cgroup2/podlab/elsewhere/cgroup.procs"
check "in another cgroup, too" breach left-pod critical "$uid"
echo "$plain" >"$inside/cgroup.procs"
check "it is back" within 5 healed left-pod "$uid"
rmdir "$cgroup2/podlab/elsewhere"

# A container of a pod with hostUsers: true and hostPID: true, by hand: what enters runs nothing of the image's
# until it is in its own mount namespace.
host=11111111-2222-3333-4444-555555555555
mkdir -p "$cgroup2/podlab/kubepods/besteffort/pod$host/container"
cat >"$dir/container" <<'EOF'
echo $$ >"$1/cgroup.procs"
exec unshare --mount --net --ipc --uts sh -c '
	sleep 1
	while [ ! -e "$0/go" ]; do sleep 0.1; done
	until_stop="while [ ! -e \"$0/stop\" ]; do sleep 0.1; done"
	for kind in net ipc uts mount; do
		nsenter --target "$1" --$kind sh -c "$until_stop" &
	done
	nsenter --target "$2" --pid sh -c "$until_stop"
	sleep 100 & wait' "$2" "$3" "$4"
EOF
sh "$dir/container" "$cgroup2/podlab/kubepods/besteffort/pod$host/container" "$dir" $$ "$plain" 9>&- &
check "a new container on the node's user namespace" within 10 breach host-userns notice "$host"
check "its own network namespace is its own" healed "foreign-namespace" "$host"
touch "$dir/go"
joined() {
	grep -q "\"phase\":\"opened\",\"id\":\"foreign-namespace/$host/$1\"" "$dir/watch"
}
for kind in net ipc uts mnt; do
	catches foreign-namespace "it joins the node's $kind namespace" within 5 joined $kind
done
# The kernel lets nobody into a PID namespace that is not below his own: this pod is in the node's.
check "it joins another pod's pid namespace" within 5 joined pid
check "the policy says how bad that is" breach foreign-namespace notice "$host"
touch "$dir/stop"
check "what joined them is gone" within 10 healed foreign-namespace "$host"

check "nothing was lost" lossless
check "every line is as the schema says" valid_lines

kill -9 "$watching"
wait "$watching" || :
# Now with what podlab's files say of its pods.
watch_start --json --full --root "$node"
check "after kill -9 and a new start it is whole again" within 15 same_rules_as_scan --root "$node"
record_them

echo 1 >"$cgroup2/podlab/kubepods/besteffort/pod$host/cgroup.kill"
lab_stop
check "pods that go take their findings with them" within 15 all_closed
kill "$watching"
check "SIGTERM ends it with a summary" within 5 grep '"type":"summary"' "$dir/watch"
status=0
wait "$watching" || status=$?
watching=
check "and exit status 0" test "$status" = 0
check "every line is as the schema says, attestations and the summary, too" valid_lines
for type in attestation activity; do
	check "there were lines of $type" grep -q "\"type\":\"$type\"" "$dir/watch"
done
check "its captures, with all activity, replay to the same findings" replays
finish
