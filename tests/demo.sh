#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A node in miniature: pods that are isolated, pods that are not, and one pod or two for each
# rule. Shows what nsvigil says of them, and compares it with what it should say.
set -eu

cd "$(dirname "$0")/.."
. tests/lab.sh
. tests/watching.sh

echo "Making pods with the kernel's own namespaces and cgroups (podlab):"
"$build/podlab" list | sed 's/^/  /'
watch_start --policy observe
lab_start all

# What watch says of a finding goes on with why and what to do: here only what it is.
all_told() {
	[ "$(grep -cE '^(notice|warning|error|critical) ' "$dir/watch")" -ge 29 ]
}
within 15 all_told || :
printf '\n$ nsvigil watch, which was there before the pods\n'
grep -A1 -E '^(notice|warning|error|critical) |^watching' "$dir/watch" | grep -v '^--'
watch_stop
tail -1 "$dir/watch"

printf '\n$ nsvigil scan\n'
"$build/nsvigil" scan || [ $? = 1 ]

printf '\nEach pod as it should be judged, no finding missing and none too many:\n'
"$build/nsvigil" scan --json >"$dir/scan.json" || [ $? = 1 ]
"$build/podlab" verify all <"$dir/scan.json"
