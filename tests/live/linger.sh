#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What is told after a minute, all at once: a process that joins a pod and stays, without ever running a
# program of its image; who is in a pod's namespaces by nsenter; and to a second watch, that its captures, which could not
# be written, can be again.
# shellcheck disable=SC2016 # what other shells expand
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

small=$dir/small
writing=
trap 'lab_stop; watch_stop; disk_stop; rm -rf "$dir"' EXIT

said() {
	grep "\"phase\":\"$1\",\"id\":\"lingering-entrant/$(pod_uid plain)\"" "$dir/watch"
}

# An administrator looks around, from a shell in no pod. What does not join the pod's user namespace breaks nothing.
admins=
look_around() {
	# shellcheck disable=SC2016 # the shell's own
	sh -c 'nsenter --target "$@" sleep 1000; :' admin "$@" 9>&- &
	admins="$admins $!"
}
children() {
	cat "/proc/$1/task/$1/children"
}
joins() {
	grep "\"phase\":\"opened\",\"id\":\"ids-in-use/$(pod_uid cgroupfs)\".*has joined the pod's user namespace, as nsenter does, from process ${admins##* } " \
		"$dir/watch"
}
leaves() {
	grep "\"phase\":\"closed\",\"id\":\"ids-in-use/$(pod_uid cgroupfs)\"" "$dir/watch"
}
only_that() {
	watch_open | grep " $(pod_uid cgroupfs)" | tee "$dir/open"
	[ "$(cat "$dir/open")" = "ids-in-use $(pod_uid cgroupfs)" ]
}
# As nsenter --join-cgroup does.
comes_in() {
	grep "\"id\":\"foreign-userns/$(pod_uid plain)\".*which came into the pod from outside, as with nsenter, and never was in its user namespace, is in the node's" \
		"$dir/watch"
}

# disk_start: a watch whose captures are on a disk of 16k, where that can be had.
disk_start() {
	mkdir "$small"
	mount -t tmpfs -o size=16k none "$small" 2>"$dir/no_disk" || return 0
	# shellcheck disable=SC2086 # a list of words
	"$build/nsvigil" watch $forced --json --capture "$small" --capture-size 1M >"$dir/disk" \
		2>"$dir/disk_errors" 9>&- &
	writing=$!
}
disk_stop() {
	[ -n "$writing" ] || return 0
	kill "$writing" 2>/dev/null || :
	wait "$writing" || :
	writing=
}
blind_is() {
	grep "\"phase\":\"$1\",\"id\":\"blind\".*$2" "$dir/disk"
}
# Some of what was said after it was written is lost; not what came when there was room again.
misses() {
	status=0
	"$build/nsvigil" replay --json "$small"/*.nsvcap >"$dir/out" 2>"$dir/err" || status=$?
	cat "$dir/err"
	[ "$status" = 4 ] && grep "are missing" "$dir/err"
}
rest_is_there() {
	"$build/nsvigil" replay --json "$(printf '%s\n' "$small"/* | tail -n 1)" >"$dir/out" || return 1
	grep '^{"type":"\(finding\|attestation\)"' "$dir/disk" | tail -n "$(wc -l <"$dir/out")" >"$dir/rest"
	[ -s "$dir/out" ] && cmp "$dir/rest" "$dir/out"
}

watch_or_skip --json
disk_start
[ -z "$writing" ] || within 60 grep -q '"ready"' "$dir/disk"
lab_start all
look_around "$(pod_pid cgroupfs)" --net
look_around "$(pod_pid cgroupfs)" --mount --pid --ipc --uts --cgroup
look_around "$(pod_pid cgroupfs)" --all
setsid sh "$dir/enter" "$(pod_cgroup plain)" --target="$(pod_pid plain)" --mount --net sleep 1000 9>&- &
catches foreign-userns "who comes in by nsenter alone is told as that" within 10 comes_in
sh -c 'echo 0 >"$1/cgroup.procs" && exec sleep 1000' - "$(pod_cgroup plain)" 9>&- &
stays=$!
if [ -n "$writing" ]; then
	catches blind "a full disk is told" within 30 blind_is opened "could not be written to the capture"
	check "with the reason" grep "No space left on device" "$dir/disk_errors"
	mount -o remount,size=100M "$small"
	check "with room again the finding closes" within 90 blind_is closed ''
fi
# After a minute.
catches lingering-entrant "a process that lingers in a pod is told" within 150 after_walk said opened
catches ids-in-use "who joins a pod's user namespace by nsenter is told as that" within 60 after_walk joins
check "who joins its others is not told" only_that
for admin in $admins; do
	# Of who is in the pod's PID namespace nsenter is the parent, and else it has become that.
	nsenter=$(children "$admin")
	# shellcheck disable=SC2046 # a list of words
	kill $(children "${nsenter% }") "${nsenter% }" || :
done
check "and that it is gone" within 60 after_walk leaves
kill "$stays"
check "and that it is gone" within 60 said closed
if [ -n "$writing" ]; then
	disk_stop
	lab_stop
	check "a replay says that some is missing" misses
	check "after that nothing is" rest_is_there
	umount "$small"
else
	lab_stop
	skip "a full disk" "$(cat "$dir/no_disk")"
fi
check_replay
finish
