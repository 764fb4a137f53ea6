#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What watch costs others: loops outside every pod and in one, without watch and beside it, by turns.
# Of each the fastest round counts. What it means is the ratio.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

loop=${BUILD:-build}/loop
loops="getppid:2000000 check:1000000 exec:4000"
turns=3

# measure WHERE WHEN COMMAND...: appends "LOOP WHERE WHEN NANOSECONDS".
measure() {
	where=$1 when=$2
	shift 2
	for each in $loops; do
		echo "${each%:*} $where $when $("$@" "$loop" "${each%:*}" "${each#*:}" 9>&-)" >>"$dir/times"
	done
}
both() {
	measure outside "$1" env
	measure pod "$1" enter "$(pod_cgroup plain)" --target="$(pod_pid plain)" --user --mount \
		--wd="$PWD"
}

lab_start plain
for _ in $(seq $turns); do
	both without
	watch_start --json
	both beside
	watch_stop
done
awk '
	{ key = $1 " " $2; if (!((key, $3) in best) || $4 < best[key, $3]) best[key, $3] = $4 }
	!(key in seen) { seen[key] = 1; order[++n] = key }
	END {
		printf "%-10s %-8s %12s %12s %7s\n", "loop", "where", "without, ns", "beside, ns", "ratio"
		for (i = 1; i <= n; i++) {
			split(order[i], part, " ")
			a = best[order[i], "without"]; b = best[order[i], "beside"]
			printf "%-10s %-8s %12d %12d %7.2f\n", part[1], part[2], a, b, b / a
		}
	}' "$dir/times"
"$build/nsvigil" doctor | grep ' hook '
