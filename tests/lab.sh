# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that need pods in miniature: source it, then lab_start and lab_stop. It sets `dir`,
# a scratch directory that goes away at the end, and `build`.

build=${BUILD:-build}
# shellcheck disable=SC2034 # the node's files, for --root
node=/run/podlab
dir=$(mktemp -d)
lab=
trap 'lab_stop; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

# lab_start SCENARIO...: returns when all pods are in their final state, or with podlab's status.
# Another podlab at work is waited for.
lab_start() {
	for _ in $(seq 60); do
		lab_status=0
		lab_try "$@" || lab_status=$?
		grep -q 'another podlab' "$dir/lab" || break
		sleep 1
	done
	[ "$lab_status" = 0 ] || cat "$dir/lab" >&2
	return "$lab_status"
}

lab_try() {
	rm -f "$dir/hold"
	: >"$dir/lab"
	mkfifo "$dir/hold"
	"$build/podlab" play "$@" <"$dir/hold" >"$dir/lab" 2>&1 &
	lab=$!
	exec 9>"$dir/hold"
	while ! grep -qx ready "$dir/lab"; do
		if ! kill -0 "$lab" 2>/dev/null; then
			status=0
			wait "$lab" || status=$?
			lab=
			return "$status"
		fi
		sleep 0.1
	done
}

# podlab goes when its standard input ends, and takes all that it made with it.
lab_stop() {
	[ -n "$lab" ] || return 0
	exec 9>&-
	wait "$lab" || :
	lab=
}

# clean: what is in the cgroup $root ends, and the cgroup goes; what a run that was killed has left, too.
clean() {
	[ -d "${cgroup2:?}/${root:?}" ] || return 0
	echo 1 >"$cgroup2/$root/cgroup.kill" || :
	rounds=100
	while grep -q 'populated 1' "$cgroup2/$root/cgroup.events" && [ "$rounds" -gt 0 ]; do
		rounds=$((rounds - 1))
		sleep 0.1
	done
	find "$cgroup2/$root" -depth -type d -exec rmdir {} + || :
}
