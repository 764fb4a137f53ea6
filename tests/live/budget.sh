#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A pod that changes too often is left out, named, and has the gap alone. What leads out of it is told all
# the same: a namespace of another pod's that it joins for a moment, a child in another cgroup.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

# cover.py BURN ROUNDS WHAT FILE: with so many changes of its own before, each time.
cat >"$dir/shared/cover.py" <<'END2'
import ctypes, os, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
SETNS, CLONE3, SETRESUID = map(int, sys.argv[1:4])
burn, rounds, what, there = int(sys.argv[4]), int(sys.argv[5]), sys.argv[6], sys.argv[7]
def call(number, *args):
    result = libc.syscall(number, *args)
    if result < 0:
        raise OSError(ctypes.get_errno(), str(number))
    return result
def join(fd):
    call(SETNS, fd, 0)
    time.sleep(0.002)
def clone_into(fd):
    args = ctypes.create_string_buffer(struct.pack("11Q", 0x200000000, 0, 0, 0, 17, 0, 0, 0, 0, 0, fd))
    pid = call(CLONE3, args, 88)
    if not pid:
        time.sleep(0.02)
        os._exit(0)
    os.waitpid(pid, 0)
fd, own = os.open(there, os.O_RDONLY), os.open("/proc/self/ns/net", os.O_RDONLY)
for _ in range(rounds):
    for i in range(burn):
        call(SETRESUID, -1, -1, 1 + i % 2)
    if what == "join":
        join(fd)
        join(own)
    else:
        clone_into(fd)
    time.sleep(1.5)
END2

# covered WHAT FILE: by root of the node, in a pod on its user namespace that sees its processes.
covered() {
	enter "$(pod_cgroup host)" --target="$(pod_pid host)" --mount --net --ipc --uts --cgroup \
		/usr/bin/python3 -ISc "$(cat "$dir/shared/cover.py")" \
		"$(call setns)" "$(call clone3)" "$(call setresuid)" 2000 5 "$@" 9>&-
}
said() {
	grep -cE "\"phase\":\"(opened|repeated|reopened)\",\"id\":\"$1/$(pod_uid host)${2:-}\"" "$dir/watch"
}
five() {
	said "$@"
	[ "$(said "$@")" = 5 ]
}
# The interval of the pod that was left out has gaps, that of another has none.
gaps() {
	python3 - "$dir/watch" "$(pod_uid host)" "$(pod_uid cgroupfs)" <<-'END2'
		import json, sys
		gaps, losses = {}, 0 # and of all pods: lossless()
		for line in open(sys.argv[1]):
		    event = json.loads(line)
		    if event["type"] == "attestation":
		        uid = event["pod"]["uid"]
		        gaps[uid] = gaps.get(uid, 0) + event["gaps"]["count"]
		    elif event["type"] == "finding" and event["rule"] == "blind" and not event["pod"]:
		        losses += event["phase"] != "closed"
		print(gaps, losses)
		assert gaps[sys.argv[2]] > losses >= gaps[sys.argv[3]]
	END2
}

# What the policy grades lower is told once of who does it again and again.
watch_or_skip --json --policy require
needs credentials namespaces
# shellcheck disable=SC2119 # none
ask_doctor
at_once=
[ -n "$(blind credentials)$(blind namespaces)" ] || at_once=yes
lab_start plain cgroupfs host
mkdir -p "$cgroup2/podlab/elsewhere"
if [ "$at_once" ]; then
	check "it joins another pod's network five times" covered join "/proc/$(pod_pid cgroupfs)/ns/net"
	check "all five are told" within 10 five foreign-namespace /net
else
	skip "it joins another pod's network five times" "what no check follows is not seen here"
fi
check "it makes a child in another cgroup five times" covered clone "$cgroup2/podlab/elsewhere"
check "all five are told" within 10 five left-pod
if [ "$at_once" ]; then
	check "it is named" said blind
	sleep 1
	watch_stop
	check "and has the gap alone" gaps
	check "nothing else was lost" lossless
fi
lab_stop
check_replay
finish
