#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# matrix.sh [NAME]: what runs where, a line each: a kernel's series (fetch.sh), how, and a test. How is best,
# what is forced of the hook table (guest.sh), or sid, with the runtimes of that suite. What is first in the
# list of a kernel begins first.
#
# default: the two kernels that matter most, each alternative of the hook table, one runc and one crun.
# full: all kernels, all alternatives, all runtimes, all tests.
# With ARCH=arm64 what of it depends on the processor.
set -eu

cd "$(dirname "$0")/../.."

# run SERIES HOW TEST...
run() {
	series=$1 how=$2
	shift 2
	for test; do
		case $test in
		*/*) echo "$series $how $test" ;;
		*) echo "$series $how tests/live/$test.sh" ;;
		esac
	done
}

# BTF files and what valgrind says are the same on any kernel.
all=$(printf '%s\n' tests/live/*.sh | sed 's,.*/,,; s/\.sh$//' | grep -vE '^(valgrind|vmlinux_check)$')

# All that is told by hooks: the same must be told by each.
hooked="attacks capabilities idmap linger loss watch neighbours tests/runtimes/runc.sh quiet"

# shellcheck disable=SC2086 # lists of words
case ${1:-default}${ARCH:+.$ARCH} in
default.arm64)
	for series in 6.12 newest; do
		run $series best scan watch attacks capabilities idmap capture tests/runtimes/runc.sh tests/runtimes/crun.sh
	done
	run newest checks attacks capabilities idmap
	;;
full.arm64)
	run 6.1 best scan watch hooks
	for series in 6.12 newest; do
		run $series best scan watch attacks capabilities idmap capture hooks confined tests/runtimes/runc.sh tests/runtimes/crun.sh
		run $series none attacks idmap
	done
	run newest checks attacks capabilities idmap watch
	;;
default | default.amd64)
	run 6.12 best tests/runtimes/runc.sh tests/runtimes/crun.sh attacks capabilities idmap service
	run newest best hooks attacks
	run newest checks capabilities idmap watch
	run newest none watch
	;;
full | full.amd64)
	run 5.10 best scan could_not_look watch hooks idmap
	for series in 6.1 6.12 newest; do
		run $series best $all tests/runtimes/*.sh
	done
	run newest checks $hooked
	for series in 6.1 6.12 newest; do
		run $series none $hooked
	done
	for series in 6.12 newest; do
		run $series best tests/chaos/chaos.sh
		run $series sid tests/runtimes/*.sh
	done
	;;
*)
	echo "MATRIX is default or full, not '$1'" >&2
	exit 1
	;;
esac
