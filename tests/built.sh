#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Builds what the tests after it in their lane are, beside those that need nothing of it (make check).
# AS_USER: a command before make, who builds.
set -eu

cd "$(dirname "$0")/.."
. tests/tap.sh

# shellcheck disable=SC2086 # a list of words
check "what tests are is built" ${AS_USER:-} make --no-print-directory -j"$(nproc)" BUILD="${BUILD:-build}" tests
finish
