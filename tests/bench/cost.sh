#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What watch costs others: loops outside every pod and in one (loop.c), without it, beside empty programs on the same
# hooks (empty.bpf.c), which are the least that any watch could cost, and beside watch. Of each the fastest of ten rounds
# counts. Prints Markdown; JSON goes to $BUILD/bench/, or to KEPT.
#
# HOOKS is as in tests/results.sh. TURNS: how often all is measured.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh
. tests/bench/beside.sh

turns=${TURNS:-3} times=${TIMES:-100000}
[ -z "$counted" ] || turns=1 times=20000

# LOOP:WHERE: what is measured, and TIMES divided by how often.
all="getppid:outside:1 check:outside:1 thread:outside:1 keepcaps:outside:1 setgroups:outside:1 setns:outside:1
fork:outside:100 vfork:outside:100 clone:outside:100 exec:outside:200
getppid:pod:1 check:pod:1 thread:pod:1 keepcaps:pod:1 setgroups:pod:1 setns:pod:1 setresuid:pod:20
fork:pod:100 vfork:pod:100 exec:pod:200"

# An empty program on each hook that watch has here.
hooks="tp_btf/task_newtask tp_btf/sched_process_exec tp_btf/sched_process_exit tp_btf/cgroup_attach_task
tp_btf/cgroup_mkdir tp_btf/cgroup_rmdir"

# measure BESIDE: appends "LOOP WHERE BESIDE NANOSECONDS".
measure() {
	beside=$1
	for each in $all; do
		what=${each%%:*} where=${each#*:}
		n=$((times / ${where#*:})) where=${where%:*}
		set -- "$loop" "$what" "$n"
		[ "$what" != clone ] || set -- "$@" "$(pod_cgroup plain)"
		echo "$what $where $beside $(run "$where" "$@")" >>"$dir/times"
	done
}

# How much of a processor it took until it was ready, and its memory, in KiB.
started() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print "start_ms", ($12 + $13) * 1000 / hz }' \
		"/proc/$watching/stat"
	awk '{ sub(":", "") } /^(VmHWM|VmRSS|RssAnon|RssFile|RssShmem)\t/ { print $1, $2 }' "/proc/$watching/status"
}

lab_start plain
hooks="$hooks $(chosen credentials namespaces capabilities)"
for turn in $(seq "$turns"); do
	measure nothing
	# shellcheck disable=SC2086 # a list of words
	empty_start $hooks
	measure empty
	empty_stop
	watch_start --json
	[ "$turn" != 1 ] || started >"$dir/started"
	measure watch
	watch_stop
done
keep cost "$dir/times" "$dir/started"
