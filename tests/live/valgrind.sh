#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The program under valgrind, with real pods: no bad access, nothing uninitialised, no leak.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh

# clean NAME STATUS ARGUMENT...: valgrind's own status for an error is 99. They run beside each other.
running=
clean() {
	name=$1
	echo "$2" >"$dir/$name.expected"
	shift 2
	sh -c 'status=0; "$@" || status=$?; echo "$status" >"$0.status"' "$dir/$name" \
		valgrind -q --error-exitcode=99 --leak-check=full --suppressions=tests/valgrind.supp \
		--errors-for-leak-kinds=definite,indirect,possible "$build/nsvigil" "$@" \
		>"$dir/$name.output" 2>"$dir/$name.errors" 9>&- &
	running="$running $!"
}
was_clean() {
	cat "$dir/$1.errors"
	cmp "$dir/$1.expected" "$dir/$1.status"
}

lab_start all
clean doctor 0 doctor --json
clean scan 1 scan
clean json 1 scan --json --policy require
clean usage 2 scan --policy strict
# shellcheck disable=SC2086 # a list of words
wait $running
lab_stop
check "scan" was_clean scan
check "scan --json" was_clean json
check "doctor --json" was_clean doctor
check "wrong use" was_clean usage
finish
