#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# sources.sh: prints the files that the sources are, in a clone or where a release was unpacked.
set -eu

cd "$(dirname "$0")/.."
git ls-files 2>/dev/null || find . -path ./build -prune -o ! -type d -printf '%P\n'
