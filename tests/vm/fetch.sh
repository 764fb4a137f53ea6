#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fetch.sh SERIES CACHE: prints the folder of Debian's newest kernel of that series for $ARCH, which has
# vmlinuz and lib/modules. What the cache does not have is downloaded and unpacked there; nothing is
# installed. Without a network the cached one does.
#
# Exit status 77: there is none, and the last line on standard error says why.
set -eu

series=$1
arch=${ARCH:-amd64}
image=linux-image-$arch
case $series in
5.10) archive="debian-security bullseye-security" ;;
6.1) archive="debian-security bookworm-security" ;;
6.12)
	archive="debian-security bookworm-security"
	image=linux-image-6.12-$arch
	;;
newest) archive="debian trixie-backports" ;;
*)
	echo "KERNEL is 5.10, 6.1, 6.12 or newest, not '$series'" >&2
	exit 1
	;;
esac
cache=$2/$series
[ "$arch" = amd64 ] || cache=$2/$arch/$series
apt=$cache/apt

what="Linux $series"
# shellcheck source=tests/vm/apt.sh
. "$(dirname "$0")/apt.sh"

# Two runs at once would unpack over each other.
exec 9>"$cache/lock"
flock 9

cached=$(find "$cache" -mindepth 1 -maxdepth 1 -name 'linux-image-*')

# shellcheck disable=SC2086 # an archive and a suite
use_suite $archive

# The package is empty but for what it depends on. Newer kernels are split further: linux-image
# depends on linux-binary, with vmlinuz, linux-modules, and linux-base, with lists for depmod.
packages=$(private apt-cache depends --recurse --important "$image" |
	grep -xE "linux-[a-z]+-[0-9].*-$arch" | grep -vxF "$image") ||
	instead "${archive#* } has no $image"
# shellcheck disable=SC2086 # a list of words
kernel=$cache/$(private apt-get download --print-uris $packages |
	sed -n 's/.* \(linux-image-.*\)\.deb .*/\1/p')

if [ "$kernel" != "$cached" ]; then
	new=$cache/new
	rm -rf "$new"
	mkdir -p "$new/deb" "$new/all" "$new/kernel/lib"
	# shellcheck disable=SC2086 # a list of words
	echo Downloading $packages >&2
	# shellcheck disable=SC2086 # a list of words
	(cd "$new/deb" && private apt-get download $packages) >&2 ||
		instead "the packages cannot be downloaded"
	for deb in "$new"/deb/*; do
		dpkg -x "$deb" "$new/all"
	done
	# They are in /boot and /lib, or both in /usr/lib.
	mv "$(find "$new/all" -name 'vmlinuz*')" "$new/kernel/vmlinuz"
	mv "$(find "$new/all" -path '*/lib/modules')" "$new/kernel/lib"
	# Installing would have done it.
	depmod -b "$new/kernel" "$(ls "$new/kernel/lib/modules")"
	rm -rf "$cache"/linux-image-*
	mv "$new/kernel" "$kernel"
	rm -rf "$new"
fi
echo "$kernel"
