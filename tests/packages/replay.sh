#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Captures of either processor replay to the same bytes on both. arm64's program runs in qemu-user.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
other() {
	qemu-aarch64-static "$build/arm64/static/nsvigil" "$@"
}
same() {
	capture=$1
	for how in "replay --json" "replay" "show --json" "show --state --until 9999999999999999999"; do
		# shellcheck disable=SC2086 # a list of words
		"$build/static/nsvigil" $how "$capture" >"$dir/here" 2>"$dir/here.said" && status=0 || status=$?
		# shellcheck disable=SC2086 # a list of words
		other $how "$capture" >"$dir/there" 2>"$dir/there.said" && status_there=0 || status_there=$?
		cmp "$dir/here" "$dir/there" && [ "$status" = "$status_there" ] && [ -s "$dir/here" ] || return 1
	done
	# What one writes the other reads.
	"$build/static/nsvigil" replay --json "$capture" >"$dir/findings"
	"$build/static/nsvigil" show --json "$capture" >"$dir/events"
	rm -f "$dir/own" "$dir/others"
	"$build/static/nsvigil" import "$dir/own" <"$dir/events" && other import "$dir/others" <"$dir/events" &&
		other replay --json "$dir/own" | cmp "$dir/findings" - &&
		"$build/static/nsvigil" replay --json "$dir/others" | cmp "$dir/findings" -
}
for capture in tests/golden/*/*.nsvcap; do
	check "${capture#tests/golden/}" same "$capture"
done
finish
