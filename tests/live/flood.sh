#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A fork bomb and user namespaces without end in one pod; another one's process breaks a rule 50
# times meanwhile. All 50 are said, and what is open after it is what a scan finds.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

# Each time that the finding opened or repeated it was broken once more.
said() {
	grep -cE '"phase":"(opened|repeated|reopened)",.*"rule":"left-pod"' "$dir/watch"
}
all_said() {
	said
	[ "$(said)" = 50 ]
}
over() {
	! watch_open | grep '^left-pod '
}

watch_or_skip --json
lab_start plain cgroupfs host split-userns shared-userns overlapping-ids ids-in-use-map \
	unmapped-identity foreign-owner-net unexpected-mapping

# No more than 100 processes at once. One that cannot fork ends soon, so that others can; the first
# one, which is its PID namespace's, stays.
bomb='import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.05)
        if os.getpid() != 1:
            os._exit(0)'
flood=$(pod_cgroup cgroupfs)
# shellcheck disable=SC2016 # for the shell in the pod
enter "$flood" --target="$(pod_pid cgroupfs)" --all --setuid=0 --setgid=0 sh -c '
	unshare --pid --fork prlimit --nproc=100 /usr/bin/python3 -ISc "$0" &
	while :; do unshare -U true; done &
	while :; do unshare -Un true; done' "$bomb" 9>&- 2>"$dir/flood_errors" &
flooding() {
	[ "$(wc -l <"$flood/cgroup.procs")" -gt 90 ]
}
check "a pod makes all the processes that it can" within 20 flooding

inside=$(pod_cgroup plain)
puppet_start "$inside" --target="$(pod_pid plain)" --all --setuid=0 --setgid=0 \
	"root=$cgroup2/cgroup.procs" "ours=$inside/cgroup.procs"
check "another pod's process leaves it 50 times" \
	tell "[(move(root), move(ours)) for _ in range(50)] and None"
check "all 50 are said" within 20 all_said
check "the flood went on" within 20 flooding
puppet_end
echo 1 >"$flood/cgroup.kill"
check "and are over" within 20 over
check "what is open after it is what a scan finds, with its evidence" within 30 same_as_scan
lab_stop
check_replay
sed -n 's/^{"type":"summary"/# &/p' "$dir/watch"
finish
