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

# What is not up to date would be built with this PREFIX in it, and stay so.
${AS_USER:-} env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="${BUILD:-build}" all >&2

to_root() {
	${AS_USER:-} env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="${BUILD:-build}" \
		DESTDIR="$dir/root" PREFIX=/opt/nsvigil UNITDIR=/etc/systemd/system "$1"
}

installed() {
	to_root install
	for file in sbin/nsvigil share/man/man1/nsvigil.1 share/man/man5/nsvigil.yaml.5 \
		share/man/man7/nsvigil-rules.7 share/man/man8/nsvigil-scan.8 share/man/man8/nsvigil-show.8 \
		share/bash-completion/completions/nsvigil share/zsh/site-functions/_nsvigil \
		share/doc/nsvigil/nsvigil.yaml share/doc/nsvigil/LICENSE \
		share/doc/nsvigil/GPL-2.0-only.txt share/doc/nsvigil/scan.schema.json \
		share/doc/nsvigil/watch.schema.json share/doc/nsvigil/doctor.schema.json; do
		[ -s "$dir/root/opt/nsvigil/$file" ] || { echo "not there: $file"; return 1; }
	done
	grep '^ExecStart=/opt/nsvigil/sbin/nsvigil watch --config=/etc/nsvigil/nsvigil.yaml --state=%S/nsvigil/state$' \
		"$dir/root/etc/systemd/system/nsvigil.service" &&
		! grep '@[A-Z]*@' "$dir/root/etc/systemd/system/nsvigil.service"
}

# The configuration file that the unit names, by which findings go to the local log.
config=$dir/root/etc/nsvigil/nsvigil.yaml
beside=$dir/root/opt/nsvigil/share/doc/nsvigil/nsvigil.yaml
configured() {
	cmp "$config" deploy/nsvigil.yaml &&
		"$dir/root/opt/nsvigil/sbin/nsvigil" check-config "$config" >"$dir/checked" &&
		grep -A1 '^syslog:$' "$dir/checked" | grep '^  - local$'
}
# An administrator's is kept; one that is as it was installed, by an older version, is replaced.
config_kept() {
	echo 'policy: require' >"$config"
	to_root install >"$dir/said"
	cat "$dir/said"
	[ "$(cat "$config")" = 'policy: require' ] && grep -F "$config was changed" "$dir/said" &&
		cmp "$beside" deploy/nsvigil.yaml
}
config_replaced() {
	echo '# of an older version' | tee "$config" >"$beside"
	to_root install && configured
}
config_of_admin_left() {
	echo 'policy: require' >"$config"
	to_root uninstall
	[ "$(find "$dir/root" -type f)" = "$config" ] && rm "$config"
}

# The root has no other unit that this one could depend on, and no program but the shell, which reloads.
verified() {
	install -D /bin/sh "$dir/root/bin/sh"
	systemd-analyze verify --root="$dir/root" --man=no --recursive-errors=no nsvigil.service
}

# --threshold: ten times what systemd calls its exposure. What is left are the node's namespaces,
# the three capabilities, and bpf.
hardened() {
	systemd-analyze security --offline=yes --root="$dir/root" --threshold=20 nsvigil.service
}

nothing_left() {
	rm -f "$dir/root/bin/sh"
	to_root uninstall
	! find "$dir/root" ! -type d | grep . && [ ! -e "$dir/root/etc/nsvigil" ]
}

check "make install" installed
check "with a configuration file" configured
check "one that was changed stays" config_kept
check "one that was not is replaced" config_replaced
if command -v systemd-analyze >/dev/null; then
	check "systemd understands the unit" verified
	check "systemd finds it hardened" hardened
else
	skip "systemd understands the unit" "there is no systemd-analyze"
	skip "systemd finds it hardened" "there is no systemd-analyze"
fi
check "make uninstall" nothing_left
check "make install, anew" installed
check "make uninstall leaves a file that was changed" config_of_admin_left
finish
