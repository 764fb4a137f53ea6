#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# No file uses a function or a table of a higher floor, and those on one floor do not call each other in a circle. What
# uses what is seen in the objects.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
${AS_USER:-} env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="$build" "$build/nsvigil" >&2

# From the ground up. A file is on the first floor that names it or its folder.
floors='
user/lib/
user/engine/names.c
user/engine/model/
user/engine/judge/
user/engine/rules/
user/engine/policy.c
user/engine/findings.c
user/engine/regrade.c user/engine/certain.c
user/engine/verdict.c user/engine/others.c user/engine/report.c
user/engine/attest.c
user/engine/live.c user/engine/losses.c
user/engine/keyframe.c
user/engine/types.c
user/engine/
user/capture/ user/source/
user/sink/ user/confine/
user/config/
user/report/
user/doctor/
user/snapshot.c user/needs.c user/cli.c user/reading.c user/progress.c
user/watch/
user/
'

# used: a line each: the file, the one that it uses something of, and what that is.
used() {
	# What an earlier build has left of a file that is gone is passed over.
	find user -name '*.c' | sed "s|^\(.*\)c$|$build/obj/\1o|" | xargs nm -A -P |
		sed "s|^$build/obj/\(.*\)o: |\1c |" >"$dir/symbols"
	awk '
		$3 ~ /^[TDRBC]$/ { has[$2] = $1 }
		$3 == "U" { uses[$1 " " $2] }
		END {
			for (use in uses) {
				split(use, w, " ")
				if (w[2] in has && has[w[2]] != w[1])
					print w[1], has[w[2]], w[2]
			}
		}' "$dir/symbols" | sort
}
used >"$dir/used"

upward() {
	echo "$floors" | awk '
		NR == FNR { for (i = 1; i <= NF; i++) { names[++n] = $i; floor[n] = NR } next }
		function of(file, i) {
			for (i = 1; i <= n; i++)
				if (index(file, names[i]) == 1)
					return floor[i]
			print file ": it is on no floor"
			bad = 1
		}
		of($2) > of($1) { print $1, "uses", $3, "of", $2; bad = 1 }
		END { exit bad }' - "$dir/used"
}
circles() {
	cut -d ' ' -f 1,2 "$dir/used" | sort -u | tsort >/dev/null
}
# Else the above would find nothing wrong.
enough() {
	wc -l <"$dir/used"
	[ "$(wc -l <"$dir/used")" -gt 500 ]
}

check "what uses what was found" enough
check "nothing calls upward" upward
check "no file is used by one that it uses" circles
finish
