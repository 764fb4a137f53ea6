#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a capability check costs, outside every pod and in one, beside empty programs, watch, and others that look at
# capability checks: libbpf-tools' capable, which prints each, and bpftrace, which counts or prints them. Each of these is
# skipped by name where it is not here or does not load. Prints Markdown; JSON goes to $BUILD/bench/, or to KEPT.
#
# TURNS: how often all is measured. TIMES: how many checks; few enough that what is printed finds room.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh
. tests/bench/beside.sh
trap 'peer_stop || :; lab_stop; watch_stop; unmap; rm -rf "$dir"' EXIT

turns=${TURNS:-3} times=${TIMES:-2000}
[ -z "$counted" ] || turns=1
peer=
: >"$dir/times"
: >"$dir/without"

measure() {
	for where in outside pod; do
		echo "check $where $1 $(run "$where" "$loop" check "$times")" >>"$dir/times"
	done
}

# peer_start COMMAND...: when its programs are attached. What it prints nobody reads in a hurry.
peer_start() {
	"$@" >"$dir/peer" 2>"$dir/peer_errors" 9>&- &
	peer=$!
	for _ in $(seq 60); do
		sleep 1
		kill -0 "$peer" 2>/dev/null || return 1
		"$loop" check 100 >/dev/null
		! saw_it || break
	done
	sleep 2
}
# More lines than it says of itself.
saw_it() {
	[ "$(wc -l <"$dir/peer")" -gt 5 ]
}
peer_stop() {
	[ -n "$peer" ] || return 0
	kill -INT "$peer" 2>/dev/null || :
	wait "$peer" || :
	peer=
}

# beside NAME COMMAND...: measured only if it saw what the loop did.
beside() {
	name=$1
	shift
	if ! command -v "$1" >/dev/null; then
		echo "$name: $1 is not here" >>"$dir/without"
	elif ! peer_start "$@"; then
		echo "$name: $(head -n 1 "$dir/peer_errors")" >>"$dir/without"
		peer=
	else
		measure "$name"
		peer_stop
		saw_it || {
			echo "$name: it saw nothing" >>"$dir/without"
			grep -v " $name " "$dir/times" >"$dir/others" || :
			mv "$dir/others" "$dir/times"
		}
	fi
}

lab_start plain
for _ in $(seq "$turns"); do
	measure nothing
	empty_start "$(chosen capabilities)"
	measure empty
	empty_stop
	watch_start --json
	measure watch
	watch_stop
	beside capable capable
	beside bpftrace-count bpftrace -e 'kfunc:cap_capable { @[args->cap] = count(); } interval:s:1 { print(@); }'
	beside bpftrace-printf bpftrace -e 'kfunc:cap_capable { printf("%d %s %d\n", pid, comm, args->cap); }'
done
keep peers "$dir/times" "$dir/without"
