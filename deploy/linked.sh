#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# linked.sh BUILD: the packages of Debian's that the linker took files of into the static program in that folder, as its
# --trace said, a line each: name, version, processor, and the file with its licenses. Those of another processor are in
# BUILD/sysroot (deploy/sysroot.sh).
set -eu

build=$1
sysroot=$(realpath -m "$build/sysroot")

# owner FILE ROOT: the same of the package that the file is of, by what dpkg, or the folder ROOT, knows.
owner() {
	admin=${2:-/var/lib}/dpkg
	package=$(dpkg-query --admindir="$admin" -S "$1" 2>/dev/null || dpkg-query --admindir="$admin" -S "${1#/usr}") || {
		echo "no package has $1: its license is not known" >&2
		exit 1
	}
	package=${package%: *}
	package=${package%%,*}
	dpkg-query --admindir="$admin" -W -f '${Package} ${Version} ${Architecture}' "$package"
	echo " ${2:-}/usr/share/doc/${package%%:*}/copyright"
}

sed -nE 's/^\(?([^ ()]*\/[^()]*\.(a|o))\)?.*/\1/p' "$build/static/nsvigil.linked" | sort -u | while read -r file; do
	file=$(realpath "$file")
	case $file in
	"$sysroot"/*) owner "$file" "$sysroot" ;;
	"$(realpath "$build")"/*) ;; # nsvigil's own
	*) owner "$file" ;;
	esac
done | sort -u
