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
processors=$(nproc)
trap 'lab_stop; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

# lab_start SCENARIO...: returns when all pods are in their final state, or with podlab's status.
# Another podlab at work is waited for.
lab_start() {
	lab_status=0
	within 60 lab_tried "$@" || cat "$dir/within" >&2
	[ "$lab_status" = 0 ] || cat "$dir/lab" >&2
	return "$lab_status"
}

lab_tried() {
	lab_status=0
	lab_try "$@" || lab_status=$?
	! grep 'another podlab' "$dir/lab"
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

# within SECONDS COMMAND...: the command succeeds before that time is over. A busy machine gets as much
# more as there is to do on it, and PATIENCE times more where that is not to be seen. If it does not, all that
# is known is shown.
within() {
	within_s=$1
	within_rounds=0
	shift
	until "$@" >"$dir/within" 2>&1; do
		read -r within_load _ </proc/loadavg
		within_load=$((${within_load%.*} / processors + ${PATIENCE:-1}))
		within_rounds=$((within_rounds + 1))
		if [ "$within_rounds" -gt $((within_s * 10 * within_load)) ]; then
			echo "waited $within_s s, $within_load times that, in vain for: $*"
			cat "$dir/within"
			[ ! -e "$dir/watch_errors" ] || cat "$dir/watch_errors"
			[ ! -e "$dir/watch" ] || tail -n 5 "$dir/watch" | cut -c 1-200
			return 1
		fi
		sleep 0.1
	done
}

empty() {
	! grep 'populated 1' "$1/cgroup.events"
}
# clean: what is in the cgroup $root ends, and the cgroup goes; what a run that was killed has left, too.
clean() {
	[ -d "${cgroup2:?}/${root:?}" ] || return 0
	echo 1 >"$cgroup2/$root/cgroup.kill" || :
	within 10 empty "$cgroup2/$root" || :
	find "$cgroup2/$root" -depth -type d -exec rmdir {} + || :
}
