#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# One pod makes processes and user namespaces without end; another one's process breaks a rule 50
# times meanwhile. All 50 are said, and what could not be said of the first pod is said to be so.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)
flood=$cgroup2/podlab/kubepods/besteffort/pod33333333-2222-3333-4444-555555555555/container

opened() {
	[ "$(grep -c '"phase":"opened",.*"rule":"left-pod"' "$dir/watch")" = "$1" ]
}
closed() {
	[ "$(grep -c '"phase":"closed",.*"rule":"left-pod"' "$dir/watch")" = "$1" ]
}

status=0
watch_start --json || status=$?
[ "$status" != 3 ] || skip_all "$(cat "$dir/watch_errors")"
[ "$status" = 0 ] || exit 1
lab_start plain

inside=$(find "$cgroup2/podlab" -name 'cri-containerd-*')
plain=$(cat "$inside/cgroup.procs")
mkdir -p "$flood"
cat >"$dir/flood" <<'EOF'
echo $$ >"$1/cgroup.procs"
exec unshare --mount --pid --fork sh -c '
	for i in 1 2; do
		while :; do unshare -U true; done &
		while :; do (:); done &
	done
	wait'
EOF
sh "$dir/flood" "$flood" 9>&- 2>/dev/null &
sleep 1

violate() {
	for _ in $(seq 50); do
		echo "$plain" >"$cgroup2/cgroup.procs"
		echo "$plain" >"$inside/cgroup.procs"
	done
}
check "50 violations beside a flood" violate
check "all 50 are reported" within 10 opened 50
check "and all 50 are over" within 10 closed 50
echo 1 >"$flood/cgroup.kill"

same_as_scan() {
	"$build/nsvigil" scan --json >"$dir/scan.json" || :
	[ "$(watch_open | grep -vc '^blind ')" = "$(grep -c '"rule"' "$dir/scan.json")" ]
}
check "the state after it is that of a scan" within 15 same_as_scan
lab_stop
watch_stop
sed -n 's/^{"type":"summary"/# &/p' "$dir/watch"
finish
