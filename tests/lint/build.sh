#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Neither compiler has anything to say about any source.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
lint() {
	${AS_USER:-} env -u MAKEFLAGS -u MAKELEVEL make -j"$(nproc)" BUILD="$build" "$1"
}

# What was built, with sanitizers and without, and by clang what is fuzzed.
gcc() {
	lint lint-build || return 1
	! readelf -p .comment "$build"/libengine.a "$build"/asan/libunit.a | grep clang ||
		{ echo "clang has built this: make clean"; return 1; }
}

check "no warnings from gcc" gcc
check "no warnings from clang" lint lint-clang
finish
