#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# sysroot.sh ARCH DIR: the libraries of another processor that make links with: Debian's, of the release that this
# machine has, unpacked into DIR and not installed: some cannot be for two processors at once. DIR/dpkg says what dpkg
# would know of them.
set -eu

here=$(dirname "$0")
arch=$1 dir=$(realpath -m "$2")
apt=$dir.apt cached=
what="libraries for $arch"
# shellcheck source=tests/vm/apt.sh
. "$here/../tests/vm/apt.sh"

rm -rf "$dir.new"
mkdir -p "$dir.new/dpkg/info" "$dir.new/dpkg/updates"
echo 1 >"$dir.new/dpkg/info/format"
: >"$apt/status"
use_own
private apt-get -o Dir::State::status="$apt/status" install -y --no-install-recommends --download-only \
	libc6-dev libbpf-dev libelf-dev zlib1g-dev libjson-c-dev libevent-dev libssl-dev libmd-dev libyaml-dev \
	libseccomp-dev uthash-dev libcmocka-dev libstdc++6 >&2

field() {
	dpkg-deb -f "$deb" "$1"
}
for deb in "$apt"/archives/*.deb; do
	name=$(field Package)
	[ "$(field Multi-Arch)" != same ] || name=$name:$(field Architecture)
	dpkg-deb -X "$deb" "$dir.new" | sed "s|^\./|$dir/|; s|/\$||" >"$dir.new/dpkg/info/$name.list"
	dpkg-deb -e "$deb" "$apt/control"
	for file in shlibs symbols; do
		[ ! -e "$apt/control/$file" ] || cp "$apt/control/$file" "$dir.new/dpkg/info/$name.$file"
	done
	rm -r "$apt/control"
	{ dpkg-deb -f "$deb"; echo "Status: install ok installed"; echo; } >>"$dir.new/dpkg/status"
done
# What leads out of it leads to the same place in it.
find "$dir.new" -type l -lname '/*' | while read -r link; do
	ln -sfr "$dir.new$(readlink "$link")" "$link"
done
rm -rf "$dir" "$apt"
mv "$dir.new" "$dir"
