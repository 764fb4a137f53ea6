#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# licenses.sh LINKED DIR: puts into DIR the licenses of nsvigil, and of all that the linker took into
# the static program: LINKED is what its --trace said. Debian's packages have the texts.
set -eu

cd "$(dirname "$0")/.."
linked=$1
dir=$2

mkdir -p "$dir/nsvigil"
cp LICENSE LICENSES/GPL-2.0-only.txt "$dir/nsvigil"
sed -nE 's/^\(?(\/[^()]*\.(a|o))\)?.*/\1/p' "$linked" | sort -u | while read -r archive; do
	archive=$(realpath "$archive")
	package=$(dpkg -S "$archive" 2>/dev/null || dpkg -S "${archive#/usr}") || {
		echo "no package has $archive: its license is not known" >&2
		exit 1
	}
	package=${package%%:*}
	mkdir -p "$dir/$package"
	cp "/usr/share/doc/$package/copyright" "$dir/$package/copyright"
done
