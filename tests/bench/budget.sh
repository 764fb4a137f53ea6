#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What the hooks add to those paths that are taken most, and what watch takes until it is ready, most of it the
# verifier's, in instructions, is not more than budget.txt has, and a twentieth. Who makes one dearer, and means to,
# changes that table by hand; another kernel needs another one.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
compare() {
	python3 tests/bench/budget.py tests/bench/budget.txt "$1" "$build/bench/cost-$1-best.json" >"$build/bench/kept"
}
measured() {
	echo "$said"
	return "$1"
}
kept() {
	cat "$build/bench/kept"
	return "$1"
}

for series in 6.12 newest; do
	status=0
	said=$(tests/bench/guest.sh "$series" 2>&1) || status=$?
	if [ "$status" = 77 ]; then
		skip "Linux $series is measured" "$(echo "$said" | tail -n 1)"
		continue
	fi
	check "Linux $series is measured" measured "$status"
	[ -n "$tap_passed" ] || continue
	echo "$said" | sed 's/^/# /'
	status=0
	compare "$series" || status=$?
	if [ "$status" = 77 ]; then
		skip "the budget of Linux $series is kept" "$(cat "$build/bench/kept")"
	else
		check "the budget of Linux $series is kept" kept "$status"
	fi
done
finish
