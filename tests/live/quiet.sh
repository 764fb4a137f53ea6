#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What is not new makes no event: a pod that runs programs all the time, and one that does nothing. And of a pod on the node's
# user namespace its other processes are none, whatever loops, probes and pools of workers it runs.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

# few EVENTS WALKS: the watch that ended pushed fewer, not counting a walk of all tasks each.
few() {
	tasks=$(find /proc -mindepth 3 -maxdepth 3 -path '/proc/[0-9]*/task/*' 2>"$dir/gone" | wc -l)
	sed -n 's/.*"type":"summary".*"events":\([0-9]*\),"walks":\([0-9]*\),.*/\1 \2/p' "$dir/watch" >"$dir/ran"
	read -r events walks <"$dir/ran"
	echo "$events events, $walks walks, $tasks tasks"
	[ "$((events - walks * (tasks + 200)))" -lt "$1" ]
}

watch_or_skip --json
lab_start plain
# In turns: one that stays for a minute, where all is slow, is a finding.
busy() {
	for _ in $(seq 20); do
		enter "$(pod_cgroup plain)" --target="$(pod_pid plain)" --all --wd="$PWD" \
			"$build/loop" exec 500 9>&-
	done
}
check "a pod runs a program 10,000 times" busy
watch_stop
check "that is fewer than 1,000 events" few 1000
check "nothing was lost" lossless
check "and nothing found" sh -c "! grep '\"type\":\"finding\"' '$dir/watch'"
lab_stop

# Walks see what is new since the one before: several are asked for.
loops() {
	for loop in 'while :; do sleep 0.7; done' 'while :; do sleep 4; done' 'while :; do true; sleep 1; done' \
		'while :; do sleep 3.5 & sleep 1; done'; do
		setsid sh "$dir/enter" "$(pod_cgroup host)" --target="$(pod_pid host)" --mount --net --ipc --uts --pid --cgroup \
			sh -c "$loop" >/dev/null 2>&1 9>&- &
	done
	for _ in $(seq 8); do
		sleep 1.5
		map_elsewhere || :
	done
}
host_lines() {
	grep "\"id\":\"host-userns/$(pod_uid host)\"" "$dir/watch" | sed 's/.*"phase":"\([a-z]*\)".*/\1/' | tee "$dir/phases"
	[ "$(cat "$dir/phases")" = opened ]
}
walked() {
	sed -n 's/.*"type":"summary".*"walks":\([0-9]*\),.*/\1/p' "$dir/watch" | tee "$dir/walks"
	[ "$(cat "$dir/walks")" -ge 5 ]
}
watch_or_skip --json
lab_start host
check "a host pod runs loops, a probe and a pool" loops
check "that is told once, and its processes are no news" host_lines
watch_stop
check "walks have seen them" walked
check_replay
lab_stop
finish
