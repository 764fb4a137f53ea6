# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For benchmarks beside many pods that do nothing: source it after watching.sh. pods_start N returns when they are there.

dir=${dir:?} watching=${watching-} # lab.sh, watching.sh
pods=
trap 'watch_stop; pods_stop; rm -rf "$dir"' EXIT

pods_start() {
	rm -f "$dir/hold_pods"
	mkfifo "$dir/hold_pods"
	python3 tests/bench/pods.py "$1" <"$dir/hold_pods" >"$dir/pods" 9>&- &
	pods=$!
	exec 7>"$dir/hold_pods"
	within 300 grep -q ready "$dir/pods"
}
pods_stop() {
	[ -n "$pods" ] || return 0
	exec 7>&-
	wait "$pods" || :
	pods=
}

# used: by watch, all its threads, in nanoseconds of a processor.
used() {
	cat "/proc/$watching/task/"*/schedstat | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}
