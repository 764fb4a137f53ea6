#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Neither compiler has anything to say about any source.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

# What a make above this one would say does not count here. The sanitizers add nothing, and
# their library for clang may not be installed.
build() {
	${AS_USER:-} env -u MAKEFLAGS -u MAKELEVEL make -j"$(nproc)" \
		BUILD="${BUILD:-build}/lint-$1" CC="$1" WERROR=-Werror SANITIZE= all tests
}

for cc in gcc clang; do
	check "no warnings from $cc" build $cc
done
finish
