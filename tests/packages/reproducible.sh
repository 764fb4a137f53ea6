#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a release has, built once more in another folder, on another day, in another language and time zone, with another
# umask: the same bytes. Only the libraries of the other processor are not fetched twice.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
dist=$(realpath "$build/dist")
sysroot=$(realpath "$build/arm64/sysroot")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Makefile)
export SOURCE_DATE_EPOCH

other=$dir/a_folder_whose_name_is_longer
again() {
	mkdir -p "$other/build/arm64"
	deploy/sources.sh | xargs -d '\n' cp -P --parents -t "$other"
	cp -a "$sysroot" "$other/build/arm64/sysroot"
	# What dpkg would know says where the files are.
	sed -i "s|^$sysroot/|$other/build/arm64/sysroot/|" "$other"/build/arm64/sysroot/dpkg/info/*.list
	(cd "$other" && umask 027 && LC_ALL=C.UTF-8 TZ=Asia/Kathmandu faketime -f '+40d' make -s dist >"$dir/log" 2>&1) ||
		{ tail -n 20 "$dir/log"; return 1; }
}
check "it is made once more" again
for file in "$dist"/*; do
	name=${file##*/}
	check "$name is the same" cmp "$file" "$other/build/dist/$name"
done
finish
