#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The package for Debian where systemd is process 1: a guest with a clean root of Debian's (tests/vm/run.sh, SUITE).
# SHARES is a folder with two more: first/ has the package with all that it needs, and next/ the same package as the
# next version. The guest has no network.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

[ "$(cat /proc/1/comm)" = systemd ] || skip_all "systemd is not process 1 here"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
config=/etc/nsvigil/nsvigil.yaml
export DEBIAN_FRONTEND=noninteractive
# Here packages may start what they have.
rm -f /usr/sbin/policy-rc.d

installs() {
	apt-get -q install -y --no-install-recommends "$SHARES/$1"/*.deb
}
# All of the file, by the manager that has read it.
shows_unit() {
	systemctl --no-pager cat nsvigil >"$dir/cat" || return 1
	cat "$dir/cat"
	head -n 1 "$dir/cat" | grep -xE '# (/usr)?/lib/systemd/system/nsvigil.service' &&
		tail -n +2 "$dir/cat" | cmp - /lib/systemd/system/nsvigil.service
}
is() {
	echo "$1: expected $2, and it is $(systemctl "$1" nsvigil || :)"
	[ "$(systemctl "$1" nsvigil)" = "$2" ]
}
rests() {
	is is-enabled disabled && is is-active inactive
}
of_unit() {
	systemctl show --value -p "$1" nsvigil
}
runs() {
	systemctl --no-pager status nsvigil
	is is-enabled enabled && is is-active active || return 1
	main=$(of_unit MainPID)
	# Neither root nor one of the users that are listed.
	uid=$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$main/status")
	[ "$uid" -gt 0 ] && ! cut -d : -f 3 /etc/passwd | grep -x "$uid"
}
starts() {
	# All code is interpreted here.
	mkdir -p /run/systemd/system/nsvigil.service.d
	printf '[Service]\nTimeoutStartSec=900\nWatchdogSec=900\n' >/run/systemd/system/nsvigil.service.d/patience.conf
	if ! { systemctl daemon-reload && systemctl enable --now nsvigil; }; then
		journalctl --no-pager -u nsvigil
		return 1
	fi
	runs
}
scans() {
	status=0
	nsvigil scan >"$dir/scan" || status=$?
	cat "$dir/scan"
	[ "$status" = 0 ] && grep -qx "There is no pod on this node: nothing was judged." "$dir/scan"
}
doctor_sees_it() {
	nsvigil doctor >"$dir/doctor" || :
	cat "$dir/doctor"
	grep 'running watch' "$dir/doctor" | grep "process $(of_unit MainPID) "
}
upgrades() {
	before=$(of_unit MainPID)
	echo "policy: require" >>$config
	installs next || return 1
	runs && [ "$main" != "$before" ] && grep -qx "policy: require" $config
}
purges() {
	rm -r /run/systemd/system/nsvigil.service.d
	apt-get -q purge -y nsvigil || return 1
	if systemctl --no-pager cat nsvigil; then
		echo "systemd still has it"
		return 1
	fi
	! grep -sx nsvigil /proc/[0-9]*/comm && ! find /etc /usr /var/lib /var/log -xdev -name '*nsvigil*' | grep .
}

check "it installs" installs first
check "systemctl cat shows its unit" shows_unit
check "the service is neither enabled nor started" rests
check "it starts, and is not root" starts
check "scan looks" scans
check "doctor shows the watch that runs" doctor_sees_it
check "an upgrade restarts it, and what was configured stays" upgrades
check "purge ends it, and leaves nothing" purges
finish
