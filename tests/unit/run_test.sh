#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Tests tests/run with stand-ins for tests. What cmocka 1.1 prints is copied from it.
set -eu

cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tests=0

# program NAME <BODY: a test program in sh.
program() {
	{ echo '#!/bin/sh'; cat; } >"$dir/$1"
	chmod +x "$dir/$1"
}

# expect WHAT COUNTS STATUS TEXT PROGRAM...: TEXT is somewhere in the output.
expect() {
	what=$1 counts=$2 status=$3 text=$4
	shift 4
	tests=$((tests + 1))
	got=0
	(cd "$dir" && TEST_TIMEOUT=1 "$OLDPWD/tests/run" "$@") >"$dir/output" 2>&1 || got=$?
	if [ "$(tail -n 1 "$dir/output")" = "$counts" ] && [ "$got" = "$status" ] &&
		grep -qF -e "$text" "$dir/output"; then
		echo "ok $tests - $what"
	else
		echo "not ok $tests - $what"
		echo "# wanted: $counts; status $status; \"$text\""
		echo "# status $got, and"
		sed 's/^/# /' "$dir/output"
	fi
}

program good <<'EOF'
printf '1..2\nok 1 - a\nchatter\nok 2 - b\n'
EOF
expect "passes are counted" "2 passed, 0 failed, 0 skipped" 0 "ok      good: 2 passed" good
expect "programs are added up" "4 passed, 0 failed, 0 skipped" 0 "good" good ./good

program bad <<'EOF'
printf '1..3\nok 1 - a\nnot ok 2 - b\n# 0x1 != 0x2\nok 3 - c\n'
exit 1
EOF
expect "a failure is counted" "2 passed, 1 failed, 0 skipped" 1 "not ok 2 - b" bad
expect "a failure comes with its output" "2 passed, 1 failed, 0 skipped" 1 "| # 0x1 != 0x2" bad
expect "a failure counts among passes" "4 passed, 1 failed, 0 skipped" 1 "good: 2" bad good

program skips <<'EOF'
printf '1..2\nok 1 - a # SKIP no such kernel\nwhy it was skipped\nnot ok 2 # SKIP b\n'
EOF
expect "skipped tests are no failures" "0 passed, 0 failed, 2 skipped" 0 "no such kernel" skips
expect "cmocka's skip comes with its output" "0 passed, 0 failed, 2 skipped" 0 \
	"| why it was skipped" skips

program skip_all <<'EOF'
echo '1..0 # SKIP needs a moon'
EOF
expect "a program may skip itself" "0 passed, 0 failed, 1 skipped" 0 \
	"skipped skip_all: needs a moon" skip_all

program skip_77 <<'EOF'
echo 'needs two moons'
exit 77
EOF
expect "a program may skip itself by 77" "0 passed, 0 failed, 1 skipped" 0 \
	"skipped skip_77: needs two moons" skip_77

program fails_77 <<'EOF'
printf '1..2\nok 1 - a\n'
exit 77
EOF
expect "77 hides nothing" "1 passed, 1 failed, 0 skipped" 1 "ran 1 of 2" fails_77

program crash <<'EOF'
printf '1..3\nok 1 - a\nlast words\n'
kill -SEGV $$
EOF
expect "a crash is a failure" "1 passed, 1 failed, 0 skipped" 1 "killed by signal 11" crash
expect "a crash comes with its output" "1 passed, 1 failed, 0 skipped" 1 "| last words" crash

program late_crash <<'EOF'
printf '1..1\nok 1 - a\n'
kill -ABRT $$
EOF
expect "a crash after the last test is one" "1 passed, 1 failed, 0 skipped" 1 "signal 6" late_crash

program leak <<'EOF'
printf '1..1\nok 1 - a\n'
echo 'ERROR: LeakSanitizer: detected memory leaks' >&2
exit 1
EOF
expect "an exit status is a failure" "1 passed, 1 failed, 0 skipped" 1 "| ERROR: LeakSan" leak

program early_exit <<'EOF'
printf '1..3\nok 1 - a\n'
EOF
expect "missing tests are a failure" "1 passed, 1 failed, 0 skipped" 1 "ran 1 of 3" early_exit

program too_many <<'EOF'
printf '1..1\nok 1 - a\nok 2 - b\n'
EOF
expect "so are unplanned ones" "2 passed, 1 failed, 0 skipped" 1 "ran 2 of 1" too_many

program no_plan <<'EOF'
echo 'ok 1 - a'
EOF
expect "a missing plan is a failure" "1 passed, 1 failed, 0 skipped" 1 "no plan" no_plan

program nothing <<'EOF'
EOF
expect "silence is a failure" "0 passed, 1 failed, 0 skipped" 1 "no plan" nothing

program empty <<'EOF'
echo 1..0
EOF
expect "no test is a failure" "0 passed, 1 failed, 0 skipped" 1 "no test in it" empty
expect "no program is a failure" "0 passed, 1 failed, 0 skipped" 1 "no test to run"
expect "a missing program is a failure" "0 passed, 1 failed, 0 skipped" 1 "no plan" absent

export COUNTS="$dir/sum"
echo 3 0 1 >"$COUNTS"
expect "what an earlier run counted is added" "5 passed, 0 failed, 1 skipped" 0 "good: 2" good
expect "and all is kept" "9 passed, 1 failed, 1 skipped" 1 "good: 2" good bad
unset COUNTS

program groups <<'EOF'
printf '1..1\nok 1 - a\n# ok - first\n1..2\nok 1 - b\nok 2 - c\n# ok - second\n'
EOF
expect "cmocka may run several groups" "3 passed, 0 failed, 0 skipped" 0 "groups: 3" groups

program setup <<'EOF'
printf '1..2\nnot ok 0 - group [  FAILED  ] GROUP SETUP\n# ok - group\n'
exit 1
EOF
expect "a failed group setup" "0 passed, 2 failed, 0 skipped" 1 "ran 0 of 2" setup

program teardown <<'EOF'
printf '1..1\nok 1 - a\nnot ok 0 - group [  FAILED  ] GROUP TEARDOWN\n# ok - group\n'
EOF
expect "a failed group teardown" "1 passed, 1 failed, 0 skipped" 1 "TEARDOWN" teardown

program bails <<'EOF'
printf '1..1\nok 1 - a\nBail out! no disk\n'
EOF
expect "giving up is a failure" "1 passed, 1 failed, 0 skipped" 1 "gave up" bails

program slow <<'EOF'
printf '1..2\nok 1 - a\n'
sleep 100
EOF
expect "so is taking too long" "1 passed, 1 failed, 0 skipped" 1 "stopped after 1 s" slow

program leaves_child <<'EOF'
sleep 10 &
printf '1..1\nok 1 - a\n'
EOF
started=$(date +%s)
expect "a child left behind" "1 passed, 0 failed, 0 skipped" 0 "leaves_child: 1" leaves_child
tests=$((tests + 1))
[ $(($(date +%s) - started)) -lt 10 ] || printf 'not '
echo "ok $tests - is not waited for"

program hostile <<'EOF'
printf '1..1\n\033[2Jred\nnot ok 1 - a\n'
EOF
expect "escapes are not passed on" "0 passed, 1 failed, 0 skipped" 1 "| ?[2Jred" hostile

echo "1..$tests"
