#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What watch costs others: loops outside every pod and in one (loop.c), without it, beside empty programs on the same
# hooks (empty.bpf.c), which are the least that any watch could cost, and beside watch. Of each the fastest of ten rounds
# counts. Prints Markdown; JSON goes to $BUILD/bench/, or to KEPT.
#
# On a machine what it means are the ratios: much else goes on there. In a guest whose clock counts instructions
# (tests/bench/guest.sh) the same program gives the same numbers to 0.1, so one turn is enough.
# HOOKS is as in tests/results.sh. TURNS: how often all is measured.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

loop=$dir/loop
cp "$build/loop" "$loop"
turns=${TURNS:-3} times=${TIMES:-100000} alone=
# There the only processor is the loop's: what watch itself does with events is no part of it.
! grep -q nsvigil_icount /proc/cmdline || turns=1 times=20000 alone="chrt -f 1"
into=${KEPT:-$build/bench}

# LOOP:WHERE: what is measured, and TIMES divided by how often.
all="getppid:outside:1 check:outside:1 thread:outside:1 keepcaps:outside:1 setgroups:outside:1 setns:outside:1
fork:outside:100 vfork:outside:100 clone:outside:100 exec:outside:200
getppid:pod:1 check:pod:1 thread:pod:1 keepcaps:pod:1 setgroups:pod:1 setns:pod:1 setresuid:pod:20
fork:pod:100 vfork:pod:100 exec:pod:200"

# An empty program on each hook that watch has here.
hooks="tp_btf/task_newtask tp_btf/sched_process_exec tp_btf/sched_process_exit tp_btf/cgroup_attach_task
tp_btf/cgroup_mkdir tp_btf/cgroup_rmdir"
chosen() {
	# shellcheck disable=SC2119 # none
	ask_doctor
	for each in credentials namespaces capabilities; do
		hook "$each" | grep / || :
	done | sort -u
}

# run WHERE COMMAND...
run() {
	where=$1
	shift
	[ "$where" != pod ] || set -- setsid -w sh "$dir/enter" "$(pod_cgroup plain)" --target="$(pod_pid plain)" \
		--user --mount --uts --wd="$PWD" -- "$@"
	# shellcheck disable=SC2086 # a list of words
	$alone "$@" 9>&-
}
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

empty_start() {
	mkfifo "$dir/hold_empty"
	# shellcheck disable=SC2086 # a list of words
	"$build/empty" "$build/tests/bench/empty.bpf.o" $hooks <"$dir/hold_empty" >"$dir/empty" 9>&- &
	empty=$!
	exec 7>"$dir/hold_empty"
	within 60 grep -q ready "$dir/empty"
}
empty_stop() {
	exec 7>&-
	wait "$empty"
	rm "$dir/hold_empty"
}

# How much of a processor it took until it was ready, and its memory, in KiB.
started() {
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print "start_ms", ($12 + $13) * 1000 / hz }' \
		"/proc/$watching/stat"
	awk '{ sub(":", "") } /^(VmHWM|VmRSS|RssAnon|RssFile|RssShmem)\t/ { print $1, $2 }' "/proc/$watching/status"
}

lab_start plain
hooks="$hooks $(chosen)"
for turn in $(seq "$turns"); do
	measure nothing
	empty_start
	measure empty
	empty_stop
	watch_start --json
	[ "$turn" != 1 ] || started >"$dir/started"
	measure watch
	watch_stop
done
mkdir -p "$into"
python3 tests/bench/cost.py "$dir/times" "$dir/started" "$into/cost.json" | tee "$into/cost.md"
[ -z "${KEPT:-}" ] || printf 'ok 1 - measured\n1..1\n'
