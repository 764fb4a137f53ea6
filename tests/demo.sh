#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A node in miniature: pods that are isolated, pods that are not, and one pod or two for each
# rule. Shows what nsvigil says of them, and compares it with what it should say.
set -eu

cd "$(dirname "$0")/.."
. tests/lab.sh

echo "Making pods with the kernel's own namespaces and cgroups (podlab):"
"$build/podlab" list | sed 's/^/  /'
lab_start all

printf '\n$ nsvigil scan\n'
"$build/nsvigil" scan || [ $? = 1 ]

printf '\nEach pod as it should be judged, no finding missing and none too many:\n'
"$build/nsvigil" scan --json >"$dir/scan.json" || [ $? = 1 ]
"$build/podlab" verify all <"$dir/scan.json"
