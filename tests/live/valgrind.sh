#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The program under valgrind, with real pods: no bad access, nothing uninitialised, no leak.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh

# clean STATUS ARGUMENT...: valgrind's own status for an error is 99.
clean() {
	expected=$1
	shift
	status=0
	valgrind -q --error-exitcode=99 --leak-check=full --suppressions=tests/valgrind.supp \
		--errors-for-leak-kinds=definite,indirect,possible "$build/nsvigil" "$@" \
		>"$dir/output" || status=$?
	[ "$status" = "$expected" ]
}

lab_start all
check "scan" clean 1 scan
check "scan --json" clean 1 scan --json --policy require
check "doctor --json" clean 0 doctor --json
check "wrong use" clean 2 scan --policy strict
lab_stop
finish
