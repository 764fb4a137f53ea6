# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For test scripts: source it, call check for each test, end with finish.

# What tests/deps.sh installed comes before what else has these names, as a version manager's python3, which lacks the
# packages' modules and is a script that starts dozens of programs: in a guest, seconds for each call.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

tap_tests=0

# check NAME COMMAND...: passes if the command does, then tap_passed is yes; its output is shown if not.
check() {
	tap_tests=$((tap_tests + 1))
	tap_name=$1
	tap_passed=
	shift
	if tap_output=$("$@" 2>&1); then
		# shellcheck disable=SC2034 # for who sources it
		tap_passed=yes
		echo "ok $tap_tests - $tap_name"
	else
		echo "not ok $tap_tests - $tap_name"
		printf '%s\n' "$tap_output" | sed 's/^/# /'
	fi
}

# skip NAME WHY: counts a test that cannot run here.
skip() {
	tap_tests=$((tap_tests + 1))
	echo "ok $tap_tests - $1 # SKIP $2"
}

# skip_all WHY: ends a script whose tests can all not run here.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

finish() {
	echo "1..$tap_tests"
}
