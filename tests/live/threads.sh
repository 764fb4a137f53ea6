#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The end of a thread is not the end of its process, whichever thread it is: a process goes on when its main thread
# has ended, and when another thread executes a program, which takes over the main thread's name.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

# begin PYTHON: a process of the pod, which does that with another thread; sets process.
begin() {
	enter "$(pod_cgroup plain)" --target="$(pod_pid plain)" --all --setuid=0 --setgid=0 \
		/usr/bin/python3 -ISc "
import ctypes, os, threading, time
$1
time.sleep(1000)" 9>&- &
	within 30 has_come
	process=$(by_age "$(pod_cgroup plain)" | tail -n 1)
}
has_come() {
	[ "$(wc -l <"$(pod_cgroup plain)/cgroup.procs")" = 3 ] # podlab's, nsenter and this
}
is_dead() {
	grep '^State:.Z' "/proc/$1/status"
}
executes() {
	[ "$(cat "/proc/$1/comm")" = sleep ]
}
# end NAME: it lives until now.
end() {
	echo "$1 $process $(python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))')" >>"$dir/lived"
	kill -KILL "$process"
	wait "$!" || :
}

# told NAME: its end when it ended, once, and its program, if it has executed one.
told() {
	"$build/nsvigil" show --json "$dir"/capture/*.nsvcap >"$dir/events" || return 1
	python3 - "$dir/events" "$dir/lived" "$1" <<-'END'
		import json, sys
		events = [json.loads(line) for line in open(sys.argv[1])]
		name, tid, killed = next(line.split() for line in open(sys.argv[2]) if line.split()[0] == sys.argv[3])
		its = [event for event in events if event.get("task", {}).get("tid") == int(tid)]
		exits = [event["boot_ns"] for event in its if event["type"] == "exit"]
		execs = [event for event in its if event["type"] == "identity" and event["cause"] == "exec"]
		print(killed, *its, sep="\n")
		sys.exit(len(exits) != 1 or exits[0] < int(killed) or len(execs) != (2 if name == "executes" else 1))
	END
}

watch_or_skip --json
lab_start plain
begin "
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).syscall($(call exit), 0)"
check "a process has only a second thread" within 10 is_dead "$process"
end leaderless
begin "
threading.Thread(target=os.execv, args=('/bin/sleep', ['sleep', '1000'])).start()"
check "a thread executes a program" within 10 executes "$process"
end executes
watch_stop
check "the first one's end is told when it ends" told leaderless
check "the second one's, too, and what it has become" told executes
check_replay

# What of it a walk shows are threads, which hooks recall by the main one.
begin "
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).syscall($(call exit), 0)"
entered=$!
check "a process has only a second thread before watch begins" within 10 is_dead "$process"
watch_start --json
away=$cgroup2/nsvigil-test
mkdir "$away"
left() {
	grep "\"phase\":\"opened\",\"id\":\"left-pod/$(pod_uid plain)" "$dir/watch"
}
sh -c 'echo "$1" >"$2/cgroup.procs"' - "$process" "$away"
check "it is watched when it leaves its pod" within 10 left
kill -KILL "$process"
wait "$entered" || :
check "nobody is left there" within 10 rmdir "$away"
check_replay
finish
