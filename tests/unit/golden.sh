#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Captures that real kernels once wrote, and some that people wrote: they give the findings that are
# kept beside them (but for rules that were kept: short.sed), and are read to the same bytes everywhere. Needs no
# privilege.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
nsvigil=$build/nsvigil
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# short: what is kept beside a capture of what was replayed: tests/golden/short.sed says what is not.
short() {
	sed -f tests/golden/short.sed "$dir/out"
}
replays() {
	"$nsvigil" replay --json "$1" >"$dir/out" && short | diff "${1%.nsvcap}.jsonl" -
}
# same COMMAND...: it prints what is replayed here.
same() {
	"$nsvigil" replay --json "$golden" >"$dir/out" && "$@" | cmp "$dir/out" -
}
with_sanitizers() {
	same "$nsvigil-asan" replay --json "$1"
}
elsewhere() {
	same env LC_ALL=tr_TR.UTF-8 TZ=Asia/Kathmandu "$nsvigil" replay --json "$1"
}
comes_back() {
	rm -f "$dir/imported"
	"$nsvigil" show --json "$1" | "$nsvigil" import "$dir/imported" &&
		same "$nsvigil" replay --json "$dir/imported"
}
under_valgrind() {
	golden=$1
	same valgrind -q --error-exitcode=9 --leak-check=full "$nsvigil" replay --json "$1" \
		2>"$dir/valgrind" || return 1
	cat "$dir/valgrind"
	[ ! -s "$dir/valgrind" ]
}
by_hand() {
	rm -f "$dir/imported"
	"$nsvigil" import "$dir/imported" <"$1" &&
		"$nsvigil" replay --json "$dir/imported" >"$dir/out" &&
		short | diff "${1%.events}.jsonl" -
}
explains() {
	sed -n 's/.*"phase":"opened","id":"\([^"]*\)".*/\1/p' "$1" | sort -u >"$dir/ids"
	while IFS= read -r id; do
		"$nsvigil" replay --explain "$id" "${1%.jsonl}.nsvcap" >"$dir/out" || return 1
		grep -q "^[^ ]* [a-z]* ${id%%/*} " "$dir/out" || { cat "$dir/out"; return 1; }
	done <"$dir/ids"
}
all() {
	for golden in tests/golden/*/*.nsvcap; do
		"$@" "$golden" || { echo "$golden"; return 1; }
	done
}
each_explains() {
	for golden in tests/golden/[0-9]*/*.jsonl; do
		explains "$golden" || { echo "$golden"; return 1; }
	done
}

# Each rule opens in one at least, and not in those that are clean.
has_each_rule() {
	"$nsvigil" show --rules | python3 -c 'import json, sys
for rule in json.load(sys.stdin)["rules"]: print(rule["name"])' >"$dir/rules"
	[ -s "$dir/rules" ] || return 1
	while IFS= read -r rule; do
		grep -q "\"phase\":\"opened\",.*\"rule\":\"$rule\"" tests/golden/*/"$rule.jsonl" ||
			{ echo "no golden capture has $rule"; return 1; }
	done <"$dir/rules"
}
clean() {
	! grep '"type":"finding"' tests/golden/*/containers.jsonl tests/golden/*/runc.jsonl \
		tests/golden/*/crun.jsonl
}
small() {
	[ "$(du -sk tests/golden | cut -f 1)" -lt 1024 ]
}

for golden in tests/golden/*/*.nsvcap; do
	check "$(echo "$golden" | cut -d / -f 3-)" replays "$golden"
done
for golden in tests/golden/hand/*.events; do
	check "$(basename "$golden")" by_hand "$golden"
done
check "all of them with sanitizers" all with_sanitizers
check "and in another language and time zone" all elsewhere
check "and through JSON and back" all comes_back
if command -v valgrind >/dev/null; then
	check "one under valgrind" under_valgrind "$(echo tests/golden/*/containers.nsvcap | cut -d ' ' -f 1)"
else
	skip "one under valgrind" "there is no valgrind"
fi
check "each finding can be explained" each_explains
check "each rule has one" has_each_rule
check "what is clean has no finding" clean
check "they are less than 1 MiB" small
finish
