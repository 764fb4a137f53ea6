#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Five pods make all the noise that they can, while a sixth one breaks rules in ten ways, and watch has 128 MiB
# and a fifth of a processor: all is reported, or it is told that some was lost, and nobody else is accused. Then
# watch is killed at any moment, stopped, and has no descriptors, no disk, or another time of day. How soon it
# reports is printed, not judged.
#
# CHAOS=full: the sizes that a release is tested with. Or one by one, CHAOS_SECONDS: how long the flood is;
# CHAOS_VIOLATIONS, in that time; CHAOS_KILLS: how often watch is killed; CHAOS_STOP: seconds that it is stopped.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

case ${CHAOS:-} in
full) set -- 60 200 50 30 ;;
*) set -- 10 40 4 3 ;;
esac
seconds=${CHAOS_SECONDS:-$1}
violations=${CHAOS_VIOLATIONS:-$2}
kills=${CHAOS_KILLS:-$3}
stop=${CHAOS_STOP:-$4}

theirs=multi-extent # whose namespaces and cgroups our pod goes to
root=podlab-chaos # watch's own cgroup
hour=
stays=
keeper=
trap 'flood_stop; stay_end; clock_back; lab_stop; chaos_stop; unconfine; unmap; disk_end; rm -rf "$dir"' EXIT

: >"$dir/floods"
: >"$dir/confines"
cp tests/chaos/chaos.py tests/calls "$dir/shared"
chaos() {
	/usr/bin/python3 -IS "$dir/shared/chaos.py" "$@"
}

# The memory and time that watch has are those of a cgroup: of v2, or of v1 where that has the controllers.
v1() {
	findmnt -nlt cgroup -O "$1" -o TARGET | head -n 1
}
confine() {
	mkdir "$cgroup2/$root" || return 1
	if [ -n "$(v1 memory)" ]; then
		memory=$(v1 memory)/$root cpu=$(v1 cpu)/$root cpuacct=$(v1 cpuacct)/$root
		mkdir -p "$memory" "$cpu" "$cpuacct"
		echo 128M >"$memory/memory.limit_in_bytes"
		echo 100000 >"$cpu/cpu.cfs_period_us"
		echo 20000 >"$cpu/cpu.cfs_quota_us"
	else
		memory=$cgroup2/$root cpu=$memory cpuacct=$memory
		echo "+memory +cpu" >"$cgroup2/cgroup.subtree_control" || return 1
		echo 128M >"$memory/memory.max"
		echo "20000 100000" >"$cpu/cpu.max"
	fi
	printf '%s\n' "$cgroup2/$root" "$memory" "$cpu" "$cpuacct" | sort -u >"$dir/confines"
}
unconfine() {
	[ -s "$dir/confines" ] || return 0
	xargs rmdir <"$dir/confines" || :
	: >"$dir/confines"
	[ -n "$(v1 memory)" ] || echo "-memory -cpu" >"$cgroup2/cgroup.subtree_control" || :
}
# used: what it took.
used() {
	if [ -n "$(v1 memory)" ]; then
		most=$(cat "$memory/memory.max_usage_in_bytes")
		awk '{ printf "# counted: its processor: %.1f s", $1 / 1e9 }' "$cpuacct/cpuacct.usage"
		awk '$1 == "throttled_time" { printf ", held up for %.1f s\n", $2 / 1e9 }' "$cpu/cpu.stat"
	else
		most=$(cat "$memory/memory.peak" 2>"$dir/no_peak" || echo 0) # from Linux 5.19 on
		awk '$1 == "usage_usec" { printf "# counted: its processor: %.1f s", $2 / 1e6 }
			$1 == "throttled_usec" { printf ", held up for %.1f s\n", $2 / 1e6 }' "$cpu/cpu.stat"
	fi
	echo "# counted: its memory: $((most / 1024)) KiB at most"
}
none_killed() {
	cat "$memory/memory.oom_control" "$memory/memory.events" 2>"$dir/other_version" >"$dir/oom" || :
	cat "$dir/oom"
	grep -x "oom_kill 0" "$dir/oom"
}

# begin OPTION...: watch, in its cgroup if there is one; when each of its lines came is known.
cat >"$dir/begin" <<'END'
while read -r each; do
	echo 0 >"$each/cgroup.procs"
done <"$1/confines"
fd=$2
shift 2
exec prlimit --nofile="$fd" "$@" >"${0%/*}/lines"
END
descriptors=1024
begin() {
	rm -f "$dir/lines" "$dir/stamps"
	mkfifo "$dir/lines"
	# Not by the function: its shell would keep what podlab waits for.
	/usr/bin/python3 -IS "$dir/shared/chaos.py" keep "$dir/watch" "$dir/stamps" <"$dir/lines" 9>&- &
	keeper=$!
	launcher="sh $dir/begin $dir $descriptors"
	watch_start --json --capture-size 16M "$@"
}
chaos_stop() {
	watch_stop
	[ -z "$keeper" ] || wait "$keeper" || :
	keeper=
}

# The flood of a pod is in a cgroup of its own in the container's, and ends with it.
flood_cgroup() {
	echo "$(pod_cgroup "$1")/flood"
}
# flood SCENARIO KIND...: what it counts is in a file.
flood() {
	pod=$1
	shift
	at=$(flood_cgroup "$pod")
	echo "$at" >>"$dir/floods"
	mkdir "$at" "$at/base"
	owner=$(awk '$1 == 0 { print $2 }' "/proc/$(pod_pid "$pod")/uid_map")
	chown "$owner" "$at" "$at/cgroup.procs" "$at/base" "$at/base/cgroup.procs"
	# What begins it goes: it would linger.
	enter "$at/base" --target="$(pod_pid "$pod")" --all --setuid=0 --setgid=0 sh -c '"$@" &' - \
		unshare --pid --fork --mount-proc /usr/bin/python3 -IS "$dir/shared/chaos.py" flood \
		"$flooding" "$workers" "$@" >"$dir/flood.$pod" 2>&1 9>&-
}
workers=3
flooded="cgroupfs nested containers look-alike no-volume"
flood_start() {
	flooding=$1
	made_before=$(processes)
	flood cgroupfs forks
	flood nested unshares checks
	flood containers execs checks
	flood look-alike cgroups "$(flood_cgroup look-alike)" "$(pod_uid plain)"
	flood no-volume groups maps
}
# What they have the machine do leaves little for a shell.
at_work() {
	for pod in $flooded; do
		[ -s "$dir/flood.$pod" ] || return 1
	done
}
# flood_end: of itself, when its time is over.
flood_end() {
	within 60 flood_over || :
	echo "# counted: the node made $(($(processes) - made_before)) processes"
	for pod in $flooded; do
		echo "# counted: a pod did $(tail -n 1 "$dir/flood.$pod" | cut -c 1-200)"
	done
	flood_stop
}
flood_over() {
	for pod in $flooded; do
		[ "$(wc -l <"$dir/flood.$pod")" -gt 1 ] || return 1
	done
}
flood_stop() {
	while read -r at; do
		[ -d "$at" ] || continue
		echo 1 >"$at/cgroup.kill"
		within 20 empty "$at" || :
		chaos unmake "$at" || :
	done <"$dir/floods"
	: >"$dir/floods"
}
processes() {
	awk '$1 == "processes" { print $2 }' /proc/stat
}

# commit N SECONDS: our pod does, and what it did is in a file.
commit() {
	chaos commit "$dir/shared" "$ours" "$pid" "$their_pid" "$their_cgroup" "$elsewhere" "$@" >"$dir/committed" 9>&-
}
# all_said: all is reported, or a loss is told. counted: likewise, as lines to be shown. $when it was committed.
all_said() {
	chaos report "$when" "$dir/committed" "$dir/watch" "$dir/stamps" "$us" >"$dir/report"
}
counted() {
	all_said || :
	grep '^#' "$dir/report"
}
shows() {
	within 20 all_said || { cat "$dir/report"; return 1; }
}
# nothing_open: but what $stays_open says, a line of watch_open.
stays_open=none
nothing_open() {
	watch_open >"$dir/open"
	! grep -vx "$stays_open" "$dir/open"
}

# stay_begin: what lasts, a process of our pod's in the node's user namespace. It may be that only a walk shows it.
stay_begin() {
	stays=$ours/stays
	mkdir "$stays"
	enter "$stays" --target="$pid" --mount --net --ipc --uts --cgroup --pid \
		/usr/bin/python3 -IS "$dir/shared/chaos.py" stay 9>&-
}
stay_end() {
	[ -n "$stays" ] || return 0
	echo 1 >"$stays/cgroup.kill"
	within 20 empty "$stays" || :
	rmdir "$stays" || :
	stays=
}
stay_found() {
	watch_open | grep -x "foreign-userns $us"
}

# as_scanned: what is open is what a scan finds, which never tells of losses.
as_scanned() {
	grep -v '"rule":"blind"' "$dir/watch" >"$dir/watch_only" && same_as_scan "$dir/watch_only"
}

readable() {
	for command in replay show; do
		status=0
		"$build/nsvigil" $command --json "$1"/*.nsvcap >"$dir/out" 2>"$dir/err" || status=$?
		[ "$status" = 0 ] || [ "$status" = 4 ] || { echo "$command: $status"; cat "$dir/err"; return 1; }
	done
}

# works WHEN: it still reports, and knows what a scan finds.
works() {
	when=$1
	commit 10 1
	check "all is reported" shows
	counted
	stay_begin
check "what lasts is found" within 40 stay_found
	check "what is open is what a scan finds" within 40 as_scanned
	stay_end
	check "all of it is over" within 40 nothing_open
}

small=$dir/small
disk_start() {
	mkdir "$small"
	mount -t tmpfs -o size=256k none "$small" 2>"$dir/no_disk"
}
disk_fill() {
	dd if=/dev/zero of="$small/full" bs=4k 2>"$dir/dd" || grep "No space left" "$dir/dd"
}
disk_end() {
	! mountpoint -q "$small" || umount "$small"
}
blind_is() {
	grep "\"phase\":\"$1\",\"id\":\"blind\".*$2" "$dir/watch"
}

# clock HOURS: so far from what it was. Only in a guest of tests/vm/run.sh, which has it for itself.
clock() {
	date -s "$(($1 - ${hour:-0})) hours" >"$dir/date"
	hour=$1
}
clock_back() {
	[ -z "$hour" ] || clock 0
}

watch_or_skip --json
needs credentials namespaces
watch_stop

# shellcheck disable=SC2086 # lists of words
lab_start plain $theirs $flooded
elsewhere=$cgroup2/podlab/elsewhere
mkdir -p "$elsewhere"
us=$(pod_uid plain)
ours=$(pod_cgroup plain)
pid=$(pod_pid plain)
their_pid=$(pod_pid $theirs)
their_cgroup=$(pod_cgroup $theirs)
if confine 2>"$dir/no_limits"; then
	limited=yes
	begin --attest 0
else
	limited=
	unconfine
	skip "watch has a cgroup of its own" "$(tail -n 1 "$dir/no_limits")"
	begin --attest 0
fi

flood_start $((seconds + stop + 5))
check "five pods flood the node" within 60 at_work
when="in a flood of $seconds s"
commit "$violations" "$seconds"
check "$violations violations in $seconds s are reported, or a loss is told" shows
counted

kill -STOP "$watching"
when="while stopped for $stop s"
commit 10 "$stop"
kill -CONT "$watching"
check "so are those while it was stopped for $stop s" shows
counted
flood_end
check "then nothing is open" within 40 nothing_open
stay_begin
check "what lasts is found" within 40 stay_found
check "what is open is what a scan finds" within 40 as_scanned
stay_end
check "that is over, too" within 40 nothing_open
chaos_stop
if [ "$limited" ]; then
	used
	check "its memory was enough" none_killed
	unconfine
fi
sed -n 's/^{"type":"summary"/# &/p' "$dir/watch"
check_replay

# A soft limit is raised; with a hard one it says what it needs.
begins_not() {
	status=0
	prlimit --nofile=64 "$build/nsvigil" watch --json >"$dir/out" 2>"$dir/err" || status=$?
	cat "$dir/out" "$dir/err"
	[ "$status" = 3 ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep "256 file descriptors" "$dir/err"
}
check "with 64 file descriptors it says in one line that it needs more" begins_not
descriptors=64:256
begin
works "with 64 file descriptors at first"
chaos_stop
check "its captures are readable" readable "$dir/capture"
descriptors=1024

if disk_start; then
	begin --capture "$small"
	check "the disk is full" disk_fill
	stays_open="blind node"
	works "with a full disk"
	stays_open=none
	check "that is told" within 30 blind_is opened "could not be written to the capture"
	rm "$small/full"
	chaos_stop
	check "what was written is readable" readable "$small"
	disk_end
else
	skip "a full disk" "$(cat "$dir/no_disk")"
fi

if grep -q nsvigil_guest= /proc/cmdline; then
	begin --capture-size 4K
	for each in 1 -1 0; do
		clock "$each"
		works "with the clock $each hours from what it was"
	done
	chaos_stop
	check "its captures are readable" readable "$dir/capture"
else
	skip "the clock an hour forth and back" "this machine's clock is not the test's own"
fi
lab_stop

lab_start plain nested split-userns shared-userns overlapping-ids ids-in-use-map unmapped-identity foreign-owner-net
flooding=600
workers=1
flood nested unshares execs
# shellcheck disable=SC2086 # a list of words
killed() {
	chaos kills "$kills" "$dir" "$build/nsvigil" watch --json --capture-size 64K --capture-files 10000 $forced \
		>"$dir/kills"
	killed=$?
	cat "$dir/kills"
	return "$killed"
}
check "killed at any moment, its captures are readable, and the next one knows what a scan finds" killed
grep '^#' "$dir/kills"
flood_stop
lab_stop
finish
