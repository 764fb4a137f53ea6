# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For benchmarks that run a loop (loop.c) outside every pod and in one, beside nothing, empty programs, or something
# else: source it after inside.sh.
#
# On a machine what the times mean are their ratios: much else goes on there. In a guest whose clock counts instructions
# (guest.sh) the same program gives the same numbers to 0.1, so one turn is enough; and the only processor is the
# loop's, so what a monitor does with events by itself is no part of it.

dir=${dir:?} build=${build:?} # lab.sh
loop=$dir/loop
cp "$build/loop" "$loop"
. tests/bench/kept.sh

# run WHERE COMMAND...: outside or in the pod "plain".
run() {
	where=$1
	shift
	[ "$where" != pod ] || set -- setsid -w sh "$dir/enter" "$(pod_cgroup plain)" --target="$(pod_pid plain)" \
		--user --mount --uts --wd="$PWD" -- "$@"
	[ -z "$counted" ] || set -- chrt -f 1 "$@"
	"$@" 9>&-
}

# chosen EVENT...: the hooks that watch has for these here.
chosen() {
	# shellcheck disable=SC2119 # none
	ask_doctor
	for each; do
		hook "$each" | grep / || :
	done | sort -u
}

# empty_start HOOK...: beside empty programs on these, until empty_stop.
empty_start() {
	mkfifo "$dir/hold_empty"
	"$build/empty" "$build/tests/bench/empty.bpf.o" "$@" <"$dir/hold_empty" >"$dir/empty" 9>&- &
	empty=$!
	exec 7>"$dir/hold_empty"
	within 60 grep -q ready "$dir/empty"
}
empty_stop() {
	exec 7>&-
	wait "$empty"
	rm "$dir/hold_empty"
}
