#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What the engine takes for an event, for a pod's start and for a walk, on nodes of several sizes: as time, all in one
# run, and as instructions, which no other load of the machine changes and no cache.
set -eu

cd "$(dirname "$0")/../.."
engine=${BUILD:-build}/engine

# instructions FUNCTION PODS TASKS HOW: those of that function in all rounds.
instructions() {
	function=$1
	shift
	valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no --toggle-collect="$function" \
		"$engine" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

"$engine"
echo
echo "| pods | tasks of each | user namespace | instructions of 300,000 live events | of 500 pods' starts |"
echo "| --- | --- | --- | --- | --- |"
for how in host isolated; do
	for node in "10 50" "500 50" "10000 3"; do
		# shellcheck disable=SC2086 # two words
		echo "| $(echo $node | sed 's/ / | /') | $how | $(instructions processes $node $how) |" \
			"$(instructions starts $node $how) |"
	done
done
