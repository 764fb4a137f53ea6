#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# licenses.sh BUILD DIR: puts into DIR the licenses of nsvigil, and of all that the linker took into the static program in
# that folder. Debian's packages have the texts.
set -eu

cd "$(dirname "$0")/.."
build=$1
dir=$2

mkdir -p "$dir/nsvigil"
cp LICENSE LICENSES/GPL-2.0-only.txt "$dir/nsvigil"
deploy/linked.sh "$build" >"$dir.list"
while read -r package _ _ copyright; do
	mkdir -p "$dir/$package"
	cp "$copyright" "$dir/$package/copyright"
done <"$dir.list"
rm "$dir.list"
