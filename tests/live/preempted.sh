#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What ordinary load makes of events is seen, all of it, where the kernel preempts BPF programs, too: 20 pods that
# start, run programs, change who they are, ask for capabilities and end, on few processors. How often each program was
# left out, and that the other one saw it, is shown.
#
# MINUTES: how long (1; a quarter where the kernel does not preempt them). PAUSE: seconds that a pod does nothing for, each time (5); with 0 no processor is ever idle.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

pods=20
"$build/nsvigil" doctor >"$dir/doctor" || [ $? = 1 ]
how=$(sed -n 's/^ok *preemption *//p' "$dir/doctor")
case $how in
*stand-in*) seconds=60 ;;
*) seconds=15 ;;
esac
[ -z "${MINUTES:-}" ] || seconds=$((60 * MINUTES))

# What a pod does in its life: programs, each with checks, a change of IDs and one of a namespace.
cat >"$dir/life" <<'END'
n=0
while [ "$n" -lt 10 ] && [ ! -e "$4" ]; do
	"$1" exec 10
	"$1" check 10
	setpriv --reuid "$2" --regid "$2" --clear-groups "$1"
	unshare --uts "$1"
	sleep "$3"
	n=$((n + 1))
done >/dev/null
END

# pod NUMBER: starts it again and again, until there is the file that ends it.
pod() {
	round=0
	while [ ! -e "$dir/enough" ]; do
		round=$((round + 1))
		parent=$cgroup2/podlab/kubepods/besteffort/$(printf 'pod44444444-2222-3333-%04d-%012d' "$((round % 10000))" "$1")
		inner=$parent/$(printf '%064d' "$1")
		mkdir -p "$inner"
		sh "$dir/container" "$inner" --uts --mount sh "$dir/life" "$PWD/$build/loop" "$((1000 + $1))" "${PAUSE:-5}" "$dir/enough"
		rmdir "$inner" "$parent"
		echo "$1" >>"$dir/starts"
	done
}
load() {
	living=
	for number in $(seq "$pods"); do
		pod "$number" 9>&- &
		living="$living $!"
	done
	sleep "$seconds"
	: >"$dir/enough"
	# shellcheck disable=SC2086 # a list of words
	wait $living
}

# How often each program that watch has loaded was left out, on one line.
left_out() {
	bpftool prog show --json | python3 -c '
import json, sys
for each in json.load(sys.stdin):
    if each.get("recursion_misses") and each["name"].startswith("on_"):
        print(each["name"], each["recursion_misses"], end=" ")'
}

watch_or_skip --json
lab_start plain
check "$pods pods start and end for $seconds seconds" load
left_out >"$dir/left_out"
watch_stop
check "nothing was lost" lossless
lab_stop
mode=$(sed 's/.*(\(.*\)).*/\1/' /sys/kernel/debug/sched/preempt 2>/dev/null || echo unknown)
{
	echo "# counted: Linux $(uname -r), preempt=$mode: $(wc -l <"$dir/starts") starts in $seconds seconds," \
		"pauses of ${PAUSE:-5} s; $how; left out: $(cat "$dir/left_out")"
	sed -n 's/^{"type":"summary"/# &/p' "$dir/watch"
} | tee "${KEPT:-$dir}/preempted"
finish
