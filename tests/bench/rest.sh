#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What watch costs the node where nothing happens: the processor's time, by its walks and ticks, and memory, beside
# so many pods (PODS) of one process each. SECONDS_EACH: how long each is watched; a walk comes every 30 seconds.
# In no test is a time: what it prints is of this machine.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
. tests/bench/pods.sh

seconds=${SECONDS_EACH:-92}
memory() {
	awk -v key="$1:" '$1 == key { print $2 }' "/proc/$watching/status"
}

echo "| pods | s of a processor in an hour | resident, KiB | anonymous | files | shared | at most |"
echo "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
for n in ${PODS:-0 110 500}; do
	[ "$n" = 0 ] || pods_start "$n"
	"$build/nsvigil" watch --json >"$dir/watch" 2>"$dir/watch_errors" 9>&- 7>&- &
	watching=$!
	within 60 grep -q '"type":"ready"' "$dir/watch"
	sleep 5
	before=$(used)
	sleep "$seconds"
	after=$(used)
	echo "| $n | $(awk -v ns=$((after - before)) -v s="$seconds" 'BEGIN { printf "%.2f", ns / 1e9 / s * 3600 }')" \
		"| $(memory VmRSS) | $(memory RssAnon) | $(memory RssFile) | $(memory RssShmem) | $(memory VmHWM) |"
	watch_stop
	pods_stop
done
