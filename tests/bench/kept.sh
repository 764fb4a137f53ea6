# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For benchmarks that run in guests, too (guest.sh): source it after lab.sh.

build=${build:?} # lab.sh
into=${KEPT:-$build/bench}
mkdir -p "$into"
# Whether the clock counts instructions.
counted=
# shellcheck disable=SC2034 # who sources this uses it
! grep -q nsvigil_icount /proc/cmdline || counted=yes

# keep NAME FILE...: what NAME.py makes of these is printed and kept. In a guest it is a test that has passed.
keep() {
	name=$1
	shift
	python3 "tests/bench/$name.py" "$@" "$into/$name.json" >"$into/$name.md"
	cat "$into/$name.md"
	[ -z "${KEPT:-}" ] || printf 'ok 1 - measured\n1..1\n'
}
