#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# root.sh SUITE CACHE: prints the folder of a root file system of that Debian suite with its container
# runtimes and what the tests need, made by debootstrap in the cache. It is made anew when the suite
# has other versions of the runtimes, or the tests need other packages. Without a network the cached one does.
#
# Exit status 77: there is none, and the last line on standard error says why.
set -eu

suite=$1
cache=$2/root-$suite
apt=$cache/apt
runtimes="runc crun containerd podman conmon"
others="containernetworking-plugins netavark busybox-static e2fsprogs findutils kmod mount procps python3
python3-grpcio python3-protobuf protobuf-compiler"

what="root of $suite"
# shellcheck source=tests/vm/apt.sh
. "$(dirname "$0")/apt.sh"

# Two runs at once would make it over each other.
exec 9>"$cache/lock"
flock 9

cached=$(find "$cache" -mindepth 1 -maxdepth 1 -name 'runc_*')

# version PACKAGE: the suite's, or nothing.
version() {
	private apt-cache -o Dir::State::status=/dev/null policy "$1" |
		sed -n 's/^ *Candidate: //p' | grep -vxF '(none)' || :
}

command -v debootstrap >/dev/null || instead "there is no debootstrap"
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
	debootstrap --variant=minbase --cache-dir="$cache/debs" "$suite" "$cache/new" "$mirror" \
		>"$cache/log" 2>&1 || instead "debootstrap of $suite failed: $(tail -n 1 "$cache/log")"
	printf '#!/bin/sh\nexit 101\n' >"$cache/new/usr/sbin/policy-rc.d"
	chmod +x "$cache/new/usr/sbin/policy-rc.d"
	mv "$cache"/debs/*.deb "$cache/new/var/cache/apt/archives"
	# shellcheck disable=SC2086 # lists of words
	DEBIAN_FRONTEND=noninteractive chroot "$cache/new" apt-get -qq -o Dpkg::Options::=--force-unsafe-io \
		install -y --no-install-recommends $packages >>"$cache/log" 2>&1 ||
		instead "installing into the root of $suite failed: $(tail -n 1 "$cache/log")"
	rm -rf "$cache"/runc_* "$cache/debs" "$cache/new/var/cache/apt/archives"/*.deb
	mv "$cache/new" "$root"
fi
echo "$root"
