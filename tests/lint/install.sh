#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What make install puts where, and that systemd understands the unit.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
[ -z "${AS_USER:-}" ] || chown "$SUDO_USER" "$dir"

to_root() {
	${AS_USER:-} env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="${BUILD:-build}" \
		DESTDIR="$dir/root" PREFIX=/opt/nsvigil UNITDIR=/etc/systemd/system "$1"
}

installed() {
	to_root install
	for file in sbin/nsvigil share/man/man8/nsvigil.8 share/man/man5/nsvigil.yaml.5 share/doc/nsvigil/nsvigil.yaml share/doc/nsvigil/LICENSE \
		share/doc/nsvigil/GPL-2.0-only.txt share/doc/nsvigil/scan.schema.json \
		share/doc/nsvigil/watch.schema.json share/doc/nsvigil/doctor.schema.json; do
		[ -s "$dir/root/opt/nsvigil/$file" ] || { echo "not there: $file"; return 1; }
	done
	grep '^ExecStart=/opt/nsvigil/sbin/nsvigil watch' \
		"$dir/root/etc/systemd/system/nsvigil.service"
}

# The root has no other unit that this one could depend on, and no program but one that reloads.
verified() {
	install -D /bin/kill "$dir/root/bin/kill"
	systemd-analyze verify --root="$dir/root" --man=no --recursive-errors=no nsvigil.service
}

# --threshold: ten times what systemd calls its exposure. What is left are the node's namespaces,
# the three capabilities, and bpf.
hardened() {
	systemd-analyze security --offline=yes --root="$dir/root" --threshold=20 nsvigil.service
}

nothing_left() {
	rm -f "$dir/root/bin/kill"
	to_root uninstall
	! find "$dir/root" -type f | grep .
}

check "make install" installed
if command -v systemd-analyze >/dev/null; then
	check "systemd understands the unit" verified
	check "systemd finds it hardened" hardened
else
	skip "systemd understands the unit" "there is no systemd-analyze"
	skip "systemd finds it hardened" "there is no systemd-analyze"
fi
check "make uninstall" nothing_left
finish
