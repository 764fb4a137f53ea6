#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# root.sh SUITE CACHE: prints the folder of a root file system of that Debian suite with its container
# runtimes and what the tests need, made by debootstrap in the cache. It is made anew when the suite
# has other versions of the runtimes, or the tests need other packages. Without a network the cached one does.
#
# With ARCH it is one of that processor, in which also nsvigil and all of its tests run that tests/vm/matrix.sh has of
# it. Another one than the machine's runs the packages' scripts by qemu-user, for which the kernel is asked here.
#
# Exit status 77: there is none, and the last line on standard error says why.
set -eu

suite=$1
arch=${ARCH:-amd64}
cache=$2/root-$suite
[ "$arch" = amd64 ] || cache=$2/$arch/root-$suite
apt=$cache/apt
runtimes="runc crun containerd podman conmon"
others="containernetworking-plugins netavark busybox-static e2fsprogs findutils kmod mount procps python3
python3-grpcio python3-protobuf protobuf-compiler"

if [ "$arch" != amd64 ]; then
	runtimes="runc crun conmon"
	others="busybox-static e2fsprogs kmod mount procps iproute2 uidmap libcap2-bin python3 python3-jsonschema gcc
		libc6-dev libasan8 libubsan1 libbpf1 libelf1 zlib1g libjson-c5 libevent-2.1-7 libevent-core-2.1-7 libevent-extra-2.1-7
		libevent-openssl-2.1-7 libssl3 libmd0 libyaml-0-2 libseccomp2"
fi

# CLEAN: a root with nothing but systemd, and what a guest begins with, for tests/packages/deb.sh.
if [ -n "${CLEAN:-}" ]; then
	cache=$2/$arch/clean-$suite
	apt=$cache/apt
	runtimes=systemd others="debian-archive-keyring busybox-static kmod"
fi

what="root of $suite"
# shellcheck source=tests/vm/apt.sh
. "$(dirname "$0")/apt.sh"

# Two runs at once would make it over each other.
exec 9>"$cache/lock"
flock 9

cached=$(find "$cache" -mindepth 1 -maxdepth 1 -name '*_*')

# version PACKAGE: the suite's, or nothing.
version() {
	private apt-cache -o Dir::State::status=/dev/null policy "$1" |
		sed -n 's/^ *Candidate: //p' | grep -vxF '(none)' || :
}

# By its description in the package qemu-user-static, as systemd does it where it is at work.
run_foreign() {
	name=qemu-$(echo "$arch" | sed 's/arm64/aarch64/; s/amd64/x86_64/')
	formats=/proc/sys/fs/binfmt_misc
	[ -e "$formats/register" ] || mount -t binfmt_misc binfmt_misc "$formats" || return
	[ -e "$formats/$name" ] || cat "/usr/lib/binfmt.d/$name.conf" >"$formats/register"
}

command -v debootstrap >/dev/null || instead "there is no debootstrap"
[ "$arch" = "$(dpkg --print-architecture)" ] || run_foreign 2>/dev/null ||
	instead "this machine runs no programs for $arch: its kernel or qemu-user-static is missing"
use_suite debian "$suite"
root=$cache/
packages=$others
for package in $runtimes; do
	version=$(version "$package")
	[ -n "$version" ] || { echo "$suite has no $package" >&2; continue; }
	packages="$packages $package"
	root=$root${package}_${version}_
done
# Overlay's options have : and , for themselves.
root=$(echo "$root$(echo "$others" | cksum | cut -d ' ' -f 1)" | tr : %)

if [ "$root" != "$cached" ]; then
	echo "Making a root of $suite: $(basename "$root")" >&2
	rm -rf "$cache/new"
	mkdir -p "$cache/debs"
	# It does not know that one package may provide another: apt does the rest.
	debootstrap --arch="$arch" --variant=minbase --cache-dir="$cache/debs" "$suite" "$cache/new" "$mirror" \
		>"$cache/log" 2>&1 || instead "debootstrap of $suite failed: $(tail -n 1 "$cache/log")"
	printf '#!/bin/sh\nexit 101\n' >"$cache/new/usr/sbin/policy-rc.d"
	chmod +x "$cache/new/usr/sbin/policy-rc.d"
	mv "$cache"/debs/*.deb "$cache/new/var/cache/apt/archives"
	# shellcheck disable=SC2086 # lists of words
	DEBIAN_FRONTEND=noninteractive chroot "$cache/new" apt-get -qq -o Dpkg::Options::=--force-unsafe-io \
		install -y --no-install-recommends $packages >>"$cache/log" 2>&1 ||
		instead "installing into the root of $suite failed: $(tail -n 1 "$cache/log")"
	rm -rf "$cache"/*_* "$cache/debs" "$cache/new/var/cache/apt/archives"/*.deb
	mv "$cache/new" "$root"
fi
echo "$root"
