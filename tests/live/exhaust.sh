#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a pod makes a lot of costs that pod, and neither the monitor nor another pod (docs/limits.md).
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh
trap 'end_bomb; lab_stop; watch_stop; unmap; rm -rf "$dir"' EXIT

bomb=
# bomb_start SCENARIO NSENTER-OPTIONS WORDS...: the program below is in that pod, and has made what it makes.
bomb_start() {
	pod=$1 options=$2
	shift 2
	rm -f "$dir/shared/made"
	# shellcheck disable=SC2086 # a list of words
	setsid sh "$dir/enter" "$(pod_cgroup "$pod")" --target="$(pod_pid "$pod")" $options \
		/usr/bin/python3 -IS "$dir/bomb.py" "$dir/shared/made" "$@" >"$dir/bomb" 2>&1 9>&- &
	bomb=$!
	{ within 120 made && [ -e "$dir/shared/made" ]; } || { cat "$dir/bomb"; return 1; }
}
made() {
	[ -e "$dir/shared/made" ] || ! kill -0 "$bomb"
}
end_bomb() {
	[ -z "$bomb" ] || kill "$bomb" 2>/dev/null || :
	[ -z "$bomb" ] || wait "$bomb" || :
	bomb=
}
cat >"$dir/bomb.py" <<'END_PYTHON'
import ctypes, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
made, what, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
children = []

def child(begin, go_on=lambda pid: None):
    done, begun = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        begin()
        os.write(begun[1], b"x")
        os.read(done[0], 1)
        for fd in done + begun:
            os.close(fd)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pause()
        os._exit(0)
    children.append(pid)
    os.read(begun[0], 1)
    go_on(pid)
    os.write(done[1], b"x")
    for fd in done + begun:
        os.close(fd)

def unshare():
    if libc.unshare(0x10000000):
        os._exit(1)

# maps EXTENTS FIRST: a namespace each with so many extents of one ID, from FIRST.
def maps():
    extents, first = int(sys.argv[4]), int(sys.argv[5])
    lines = "".join(f"{i} {first + 2 * i} 1\n" for i in range(extents))
    def write(pid):
        for kind in "uid_map", "gid_map":
            fd = os.open(f"/proc/{pid}/{kind}", os.O_WRONLY)
            os.write(fd, lines.encode())
            os.close(fd)
    for _ in range(count):
        child(unshare, write)

# groups FIRST: a process each with 64 groups, from FIRST.
def groups():
    first = int(sys.argv[4])
    for _ in range(count):
        child(lambda: os.setgroups(range(first, first + 64)))

# tasks: processes that share their memory, and so take little of it.
def tasks():
    CLONE_VM, stack = 0x100, 16384
    pause = ctypes.cast(libc.pause, ctypes.c_void_p)
    # Theirs, also of those that have not begun to wait when this function is over.
    global area
    area = ctypes.create_string_buffer(count * 256 + 4096)
    base = ctypes.addressof(area)
    for i in range(count):
        pid = libc.clone(pause, ctypes.c_void_p(base + 4096 + i * 256 & ~15), CLONE_VM | signal.SIGCHLD, None)
        if pid < 0:
            sys.exit(os.strerror(ctypes.get_errno()))
        children.append(pid)

try:
    {"maps": maps, "groups": groups, "tasks": tasks}[what]()
    open(made, "w").close()
    signal.pause()
finally:
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)
END_PYTHON

# peak: the most memory that watch has had, in KiB.
peak() {
	awk '$1 == "VmHWM:" { print $2 }' "/proc/$watching/status"
}
# cheap KIB: it has had no more than so much beyond what it had before.
cheap() {
	echo "$(peak) KiB at most, $before before"
	[ $(($(peak) - before)) -le "$1" ]
}
open_now() {
	map_elsewhere || : # a walk comes
	watch_open | grep -x "$1 $(pod_uid "$2")"
}
closed() {
	! open_now "$@"
}
counts() {
	map_elsewhere || :
	grep "\"rule\":\"$1\",.*\"uid\":\"$(pod_uid "$2")\"" "$dir/watch" | tail -n 1 |
		grep -o '"count":[0-9]*' | head -n 1 | grep -qE ":$3"
}
# judged SCENARIO WORDS: a scan says so of the pod: its verdict, and why; its findings.
judged() {
	"$build/nsvigil" scan --json >"$dir/scan.json" || [ $? = 1 ] || return
	python3 - "$dir/scan.json" "$(pod_uid "$1")" "$2" <<-'EOF'
		import json, sys
		path, uid, words = sys.argv[1:]
		pod = next(pod for pod in json.load(open(path))["pods"] if pod["uid"] == uid)
		said = [f'{pod["verdict"]}: {pod["reason"]}',
		        *(f'{each["rule"]}, {each["count"]} times' for each in pod["findings"])]
		print(said)
		sys.exit(not any(each.startswith(words) for each in said))
	EOF
}

watch_or_skip --json
lab_start plain cgroupfs host
check "a pod is judged" within 20 judged plain isolated
first=$(awk '{ print $2 }' "/proc/$(pod_pid plain)/uid_map")
within 20 open_now host-userns host || :
before=$(peak)

if unshare --user true; then
	bomb_start host --uts maps 700 250 "$first"
	check "700 namespaces with 250 extents each on a pod's range are found" within 60 open_now ids-in-use plain
	# In the order of their processes' numbers. These may begin again while they are made; then watch's walks saw others.
	check "a walk looks at 131 of them, and each counts once for UIDs and once for GIDs" \
		judged plain "ids-in-use, 262 times"
	check "that there are more is told of the pod that made them" within 60 open_now exhausts-limits host
	check "and not of the other one, which is judged" judged plain ids-in-use
	check "they cost watch 48 MiB at most" cheap 49152
	end_bomb
	check "and are over when they are gone" within 60 closed ids-in-use plain
fi

before=$(peak)
# Where all code is interpreted, each takes its time.
many=4000
[ -z "${PATIENCE:-}" ] || many=1000
bomb_start host --uts groups "$many" "$first"
check "thousands of processes with 64 groups of a pod's range are found" within 60 open_now ids-in-use plain
check "each counts once" within 60 counts ids-in-use plain "$many\$"
check "they cost watch 32 MiB at most" cheap 32768
end_bomb
check "and are over when they are gone" within 60 closed ids-in-use plain

before=$(peak)
bomb_start plain "--uts --user" maps 400 340 0
catches exhausts-limits "a pod's own 400 namespaces of 340 extents exhaust its limits" \
	within 60 open_now exhausts-limits plain
by=$looked_by
looked_by=scan
catches exhausts-limits "a scan sees that" judged plain exhausts-limits
looked_by=$by
check "it is not judged, and why is said" judged plain "not judged: it exhausts its limits"
check "another pod is" judged cgroupfs isolated
check "they cost watch 16 MiB at most" cheap 16384
end_bomb
check "it is over when they are gone" within 60 closed exhausts-limits plain
check "and the pod is judged again" within 20 judged plain isolated

before=$(peak)
bomb_start plain "--uts --user" tasks 17000
check "17,000 tasks do so, too" within 60 open_now exhausts-limits plain
check "how many were left out is told" within 10 grep -q '"text":"[^"]* [0-9]\{3\} tasks were left out' "$dir/watch"
check "another pod is judged then" judged cgroupfs isolated
check "they cost watch 64 MiB at most" cheap 65536
end_bomb
check "that is over, too" within 60 closed exhausts-limits plain

check_replay
finish
