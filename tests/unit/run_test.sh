#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Tests tests/run with stand-ins for tests. What cmocka 1.1 prints is copied from it.
set -eu

cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tmp" "$dir/tests/live"
run=$PWD/tests/run
tests=0

# program NAME <BODY: a test program in sh.
program() {
	{ echo '#!/bin/sh'; cat; } >"$dir/$1"
	chmod +x "$dir/$1"
}

# run ARGUMENT...: in $dir. As in a terminal ^C would be ignored in the background.
run() {
	cd "$dir" && TMPDIR=$dir/tmp LOCK=$dir/lock exec env --default-signal=INT "$run" "$@"
}

# verdict WHAT COMMAND...: passes if the command does; if not, the output is shown.
verdict() {
	what=$1
	tests=$((tests + 1))
	shift
	if "$@"; then
		echo "ok $tests - $what"
	else
		echo "not ok $tests - $what"
		sed 's/^/# /' "$dir/output"
	fi
}

# expect WHAT COUNTS STATUS TEXT PROGRAM...: TEXT is somewhere in the output.
expect() {
	what=$1 counts=$2 status=$3 text=$4
	shift 4
	got=0
	(run "$@") >"$dir/output" 2>&1 || got=$?
	verdict "$what" as_expected
}
as_expected() {
	[ "$(tail -n 1 "$dir/output")" = "$counts" ] && [ "$got" = "$status" ] &&
		grep -qF -e "$text" "$dir/output" && return
	echo "# wanted: $counts; status $status; \"$text\""
	echo "# status $got, and"
	return 1
}

# within_minute COMMAND...: soon, however busy the machine is.
within_minute() {
	rounds=600
	until "$@"; do
		rounds=$((rounds - 1))
		[ "$rounds" -gt 0 ] || { echo "# waited a minute for: $*"; return 1; }
		sleep 0.1
	done
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
export TEST_TIMEOUT=1
expect "so is taking too long" "1 passed, 1 failed, 0 skipped" 1 "stopped after 1 s" slow
unset TEST_TIMEOUT

program leaves_child <<'EOF'
sleep 100 &
echo $! >left
printf '1..1\nok 1 - a\n'
EOF
expect "a child left behind" "1 passed, 0 failed, 0 skipped" 0 "leaves_child: 1" leaves_child
verdict "is not waited for" kill "$(cat "$dir/left")"

program hostile <<'EOF'
printf '1..1\n\033[2Jred\nnot ok 1 - a\n'
EOF
expect "escapes are not passed on" "0 passed, 1 failed, 0 skipped" 1 "| ?[2Jred" hostile

# How long they took.
program elsewhere <<'EOF'
printf '1..1\n# took 123.4\nok 1 - a\n'
EOF
slowest() {
	grep -A 1 '^The slowest' "$dir/output" | grep -qx ' *123.4  elsewhere'
}
kept() {
	sed 's/^0\.[0-9]* /0.x /' "$DURATIONS"
}
export DURATIONS="$dir/durations"
echo 7.5 other >"$DURATIONS"
expect "durations are shown" "3 passed, 0 failed, 0 skipped" 0 "elsewhere: 1 passed (123.4 s)" \
	good elsewhere
verdict "the slowest is first" slowest
verdict "they are kept, beside what others took" \
	test "$(kept | tr '\n' ' ')" = "123.4 elsewhere 7.5 other 0.x good "
expect "one of each program" "4 passed, 0 failed, 0 skipped" 0 good good good
verdict "is kept" test "$(kept | wc -l)" = 3

# Two programs that wait for each other pass only beside each other.
for name in left right; do
	program $name <<'EOF'
touch "here.${0##*/}"
until [ -e here.left ] && [ -e here.right ]; do sleep 0.1; done
printf '1..1\nok 1 - a\n'
EOF
done
program early <<'EOF'
until [ -e here.late ]; do sleep 0.1; done
printf '1..1\nok 1 - a\n'
EOF
program late <<'EOF'
touch here.late
printf '1..1\nok 1 - a\n'
EOF
shown() {
	sed -n 's/^[a-zA-Z][a-zA-Z]* *\([a-z_]*\): .*/\1/p' "$dir/output" | tr '\n' ' '
}
expect "lanes are beside each other" "2 passed, 0 failed, 0 skipped" 0 "right: 1" \
	--lanes "$run left" "$run right"
expect "each one is whole" "4 passed, 0 failed, 0 skipped" 0 "early: 1" --lanes "$run early good" "$run late"
verdict "and in its place" test "$(shown)" = "early good late "
expect "a failure in one hides nothing" "7 passed, 2 failed, 1 skipped" 1 "not ok 2 - b" \
	--lanes "$run bad good" "$run skip_all good" "$run crash"
verdict "in the others" test "$(shown)" = "bad good skip_all good crash "
expect "what failed is said at the end" "5 passed, 2 failed, 0 skipped" 1 "What failed:" \
	--lanes "$run bad good" "$run crash"
verdict "again" test "$(grep -c -x ' *failed: not ok 2 - b' "$dir/output")" = 2
expect "a lane that ends early has failed" "2 passed, 1 failed, 0 skipped" 1 \
	"FAILED  false: it ended with exit status 1" --lanes "$run good" false
expect "so has one that counts nothing" "2 passed, 1 failed, 0 skipped" 1 "FAILED  true: it ended" \
	--lanes true "$run good"
expect "all durations are added" "3 passed, 0 failed, 0 skipped" 0 "  good" \
	--lanes "$run good" "$run elsewhere"
verdict "and sorted" slowest
unset DURATIONS
program tests/live/nice <<'EOF'
printf '1..1\nok 1 - a\n# counted: live %s\n' "$(nice)"
EOF
program nice <<'EOF'
printf '1..1\nok 1 - a\n# counted: other %s\n' "$(nice)"
EOF
expect "live tests go first" "2 passed, 0 failed, 0 skipped" 0 "counted: other 3" \
	--lanes "$run nice" "$run tests/live/nice"
first=-4
[ "$(id -u)" = 0 ] || first=$(nice)
verdict "as far as who runs them may" grep -q "counted: live $first$" "$dir/output"

# One run at a time is on this kernel. ^C lets tests clean up, and also ends who waits.
program cleans_up <<'EOF'
trap 'sleep 1; touch cleaned; exit 1' TERM
touch started
while :; do sleep 0.1; done
EOF
interrupted() {
	rm -f "$dir/started" "$dir/cleaned"
	(run "$@") >"$dir/output" 2>&1 &
	runner=$!
	within_minute test -e "$dir/started" || return 1
	kill -s INT "$runner"
	got=0
	wait "$runner" || got=$?
	[ "$got" = 130 ] && [ -e "$dir/cleaned" ]
}
verdict "^C is passed on, and waits" interrupted cleans_up
verdict "also to lanes" interrupted --lanes "$run good" "sleep 100" "$run cleans_up"
verdict "nothing is left" rmdir "$dir/tmp"
mkdir "$dir/tmp"

program tests/live/holds <<'EOF'
touch started
until [ -e here.end ]; do sleep 0.1; done
touch ended
printf '1..1\nok 1 - a\n'
EOF
program tests/live/one <<'EOF'
printf '1..1\n'
[ -e ended ] || printf 'not '
echo 'ok 1 - a'
EOF
rm -f "$dir/started"
(run tests/live/holds) >"$dir/first" 2>&1 &
first=$!
within_minute test -e "$dir/started"
(run good tests/live/one) >"$dir/second" 2>&1 &
second=$!
waits() {
	grep -q "^waiting for process $first (in $dir, since [0-9:]*), which tests on this kernel, too$" "$dir/second"
}
verdict "a second run says for whom it waits" within_minute waits
verdict "what needs no kernel does not wait" grep -q '^ok      good' "$dir/second"
verdict "^C ends one that waits" interrupted --lanes "$run tests/live/one" "$run cleans_up"
touch "$dir/here.end"
verdict "the first is not disturbed" wait "$first"
verdict "and then it is the second one's turn" wait "$second"

echo "1..$tests"
