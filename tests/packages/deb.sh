#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The packages in clean roots of Debian 12 and 13, of both processors: installed, with what apt brings of other packages;
# the service is there and not enabled; scan looks; a changed configuration survives the upgrade; purge leaves nothing.
# arm64's programs run in qemu-user, which has no bpf(2): there scan has to say so. Then once more in a guest with the
# kernel of that release, where systemd runs the service (tests/vm/package.sh). SUITES, ARCHS: only these.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

dist=$(realpath "${BUILD:-build}/dist")
cache=${CACHE:-${XDG_CACHE_HOME:-/var/cache}/nsvigil-vm}
dir=$(mktemp -d)
root=$dir/root
trap 'leave; rm -rf "$dir"' EXIT
version=$(sed -n 's/^VERSION := //p' Makefile)

# A root that the tests of packages keep is never written to: an overlay is.
enter() {
	mkdir -p "$root" "$dir/upper/work" "$dir/upper/root"
	mount -t tmpfs -o mode=755 upper "$dir/upper" && mkdir "$dir/upper/work" "$dir/upper/root" &&
		mount -t overlay -o "lowerdir=$1,upperdir=$dir/upper/root,workdir=$dir/upper/work" root "$root" &&
		mount --rbind /proc "$root/proc" && mount --rbind /sys "$root/sys" && mount --rbind /dev "$root/dev" &&
		mount --make-rslave "$root/proc" && mount --make-rslave "$root/sys" && mount --make-rslave "$root/dev" &&
		cp /etc/resolv.conf "$root/etc/resolv.conf" && cp "$dist"/*.deb "$dir"/newer/*.deb "$root/root"
}
leave() {
	umount -R -l "$root" "$dir/upper" 2>/dev/null || :
}
inside() {
	DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}
installs() {
	if ! { inside apt-get -q update &&
		inside apt-get -q install -y --no-install-recommends "/root/nsvigil_${1}_$arch.deb"; } >"$dir/out" 2>&1; then
		tail -n 20 "$dir/out"
		return 1
	fi
	inside dpkg-query -W -f "\${db:Status-Status} \${Version}\n" nsvigil | grep -x "installed $1"
}
# Of what systemd has in files: there is no manager to ask before the guest.
unit_is_there() {
	inside systemctl --root=/ list-unit-files nsvigil.service | grep '^nsvigil.service *disabled' &&
		grep -x 'ExecStart=/usr/sbin/nsvigil watch.*' "$root/lib/systemd/system/nsvigil.service" &&
		[ "$(inside systemctl --root=/ is-enabled nsvigil)" = disabled ] &&
		inside systemd-analyze verify --man=no --recursive-errors=no /lib/systemd/system/nsvigil.service
}
# It has to find what libraries it needs, and then its way to the kernel.
scans() {
	status=0
	inside nsvigil scan >"$dir/out" 2>&1 || status=$?
	cat "$dir/out"
	if [ "$arch" = "$native" ]; then
		[ "$status" -le 1 ] && grep -qE '[0-9]+ pods? |[Nn]o pod' "$dir/out"
	else
		[ "$status" = 3 ] && grep -q '^nsvigil scan: ' "$dir/out"
	fi
}
upgrades() {
	echo "policy: require" >>"$root/etc/nsvigil/nsvigil.yaml"
	installs "$version.1" && grep -qx "policy: require" "$root/etc/nsvigil/nsvigil.yaml"
}
purges() {
	mkdir -p "$root/var/lib/nsvigil" && : >"$root/var/lib/nsvigil/state"
	inside dpkg --purge nsvigil >"$dir/out" 2>&1 || { cat "$dir/out"; return 1; }
	! inside dpkg-query -W nsvigil 2>/dev/null &&
		! find "$root/etc" "$root/usr" "$root/var/lib" "$root/lib" -xdev -name '*nsvigil*' | grep .
}
# in_guest WHAT: in the same clean root, with what apt has brought, and the kernel of that release.
in_guest() {
	case $suite in
	bookworm) kernel=6.1 ;;
	trixie) kernel=6.12 ;;
	esac
	mkdir -p "$dir/debs/next"
	cp "$dir/newer/nsvigil_$version.1_$arch.deb" "$dir/debs/next"
	status=0
	SUITE=$suite ARCH=$arch KERNEL=$kernel VM_TESTS=tests/vm/package.sh SHARES=$dir/debs CACHE=$cache BOOT_TIMEOUT=900 \
		tests/vm/run.sh >"$dir/guest" 2>&1 || status=$?
	if grep -q '^skipped ' "$dir/guest"; then
		skip "$1" "$(sed -n 's/^skipped [^ ]*: //p' "$dir/guest")"
	else
		check "$1" passed
	fi
}
passed() {
	cat "$dir/guest"
	[ "$status" = 0 ]
}
# Before the package goes.
keep_debs() {
	rm -rf "$dir/debs"
	mkdir -p "$dir/debs/first"
	find "$root/var/cache/apt/archives" "$dist/nsvigil_${version}_$arch.deb" -name '*.deb' -exec cp {} "$dir/debs/first" \;
}
# The same package, with the next version.
newer() {
	mkdir -p "$dir/newer" "$dir/deb"
	for each in amd64 arm64; do
		rm -rf "$dir/deb"
		dpkg-deb -R "$dist/nsvigil_${version}_$each.deb" "$dir/deb" &&
			sed -i "s/^Version: .*/&.1/" "$dir/deb/DEBIAN/control" &&
			dpkg-deb --root-owner-group -b "$dir/deb" "$dir/newer/nsvigil_$version.1_$each.deb" >"$dir/out"
	done
}

newer
native=$(dpkg --print-architecture)
for suite in ${SUITES:-bookworm trixie}; do
	for arch in ${ARCHS:-amd64 arm64}; do
		clean=
		clean=$(ARCH=$arch CLEAN=yes tests/vm/root.sh "$suite" "$cache" 2>"$dir/said") || :
		what="$suite, $arch"
		if [ -z "$clean" ]; then
			skip "$what" "$(tail -n 1 "$dir/said")"
			continue
		fi
		check "$what: a clean root" enter "$clean"
		check "$what: it installs" installs "$version"
		check "$what: systemd has its unit, disabled" unit_is_there
		check "$what: scan looks, or says why not" scans
		check "$what: it upgrades, and what was configured stays" upgrades
		check "$what: purge leaves nothing" purges
		keep_debs
		leave
		in_guest "$what: all of this in a guest, where systemd starts, restarts and ends it"
	done
done
finish
