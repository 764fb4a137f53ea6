#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The static analysers have nothing to say, or the source says why they are wrong.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

lint() {
	${AS_USER:-} env -u MAKEFLAGS -u MAKELEVEL make BUILD="${BUILD:-build}" "$1"
}

check "clang-tidy" lint lint-tidy
check "cppcheck" lint lint-cppcheck
check "shellcheck" lint lint-shell
finish
