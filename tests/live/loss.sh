#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a monitor loses, it tells: what pods change while it is stopped, beyond what it has room for. After
# that it looks at all again, and knows what a scan finds.
# shellcheck disable=SC2016 # what other programs expand
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

blind_is() {
	grep -E "\"phase\":\"$1\",\"id\":\"blind[\"/]" "$dir/watch"
}

# Each change is one of the UTS namespace, and asks for a capability, too. A pod has no more than its 500 a
# second, so there are many.
pods=20
unshare=$(call unshare)
changes=700
change_in_pods() {
	for number in $(seq "$pods"); do
		each=$cgroup2/podlab/kubepods/besteffort/$(printf 'pod44444444-2222-3333-4444-%012d/%064d' "$number" 1)
		mkdir -p "$each"
		sh "$dir/container" "$each" --uts --mount perl -e 'syscall($ARGV[1], 0x4000000) for 1 .. $ARGV[0]' "$changes" "$unshare" &
		changing="$changing $!"
	done
	# shellcheck disable=SC2086 # a list of words
	wait $changing
}
with_numbers() {
	blind_is opened | grep -oE '[1-9][0-9]* (namespaces|identities|capability checks)'
}

ring() {
	lab_start plain host split-userns overlapping-ids
	kill -STOP "$watching"
	changing=
	check "$pods pods change $changes times each while nobody reads" change_in_pods
	kill -CONT "$watching"
	catches blind "what was lost is told" within 60 blind_is opened
	# Of a pod whose directory was lost, too, once a walk has shown it.
	check "with numbers" within 60 with_numbers
	check "and is over" within 60 blind_is closed
	check "what is open after it is what a scan finds, with its evidence" within 30 same_as_scan
	lab_stop
	check_replay
	sed -n 's/^{"type":"summary"/# &/p' "$dir/watch"
}

watch_or_skip --json
# shellcheck disable=SC2119 # none
ask_doctor
if [ "$(hook namespaces)" != none ]; then
	ring
else
	skip "more changes than it has room for" "namespaces: $(blind namespaces)"
fi
finish
