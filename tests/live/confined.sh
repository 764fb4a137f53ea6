#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a running watch holds: /proc/PID/status, and what doctor says of it. That it still reads new files, is
# reloaded and turns its captures over is in reload.sh, files.sh and capture.sh; each refused call is tried in
# build/unit/test_confine.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

root=podlab

# holds FIELD PATTERN
holds() {
	grep "^$1:" "/proc/$watching/status"
	[ "$(awk -v field="$1:" '$1 == field { print $2 }' "/proc/$watching/status")" = "$2" ]
}
doctor_says() {
	"$build/nsvigil" doctor >"$dir/doctor" || :
	grep 'running watch' "$dir/doctor"
	grep -qF "process $watching holds $1" "$dir/doctor"
}

lab_start plain host || exit 1
watch_or_skip --json
for set in CapInh CapEff CapPrm CapAmb CapBnd; do
	case $set in
	CapEff | CapPrm) check $set holds $set 0000000000000004 ;; # to read
	*) check $set holds $set 0000000000000000 ;;
	esac
done
check "no new privileges" holds NoNewPrivs 1
check "a filter of system calls" holds Seccomp 2
threads() {
	[ "$(cat /proc/"$watching"/task/*/status | grep -c '^CapPrm:.0000000000000004$')" = \
		"$(find /proc/"$watching"/task -mindepth 1 -maxdepth 1 | wc -l)" ]
}
check "so has each thread" threads
check "doctor says so" doctor_says "CAP_DAC_READ_SEARCH; it cannot gain privileges; system calls are filtered"
check "what is in a pod is still found" within 10 grep -q '"rule":"host-userns"' "$dir/watch"
unread() {
	! setpriv --reuid 65534 --clear-groups cat "/proc/$watching/environ"
}
check "another user cannot read its memory" unread
check_replay

watch_or_skip --json --confine=no
check "with --confine=no it holds what it had" holds CapPrm "$(awk '$1 == "CapPrm:" { print $2 }' /proc/self/status)"
check "and doctor says that" doctor_says "CAP_CHOWN"
check_replay
lab_stop
finish
