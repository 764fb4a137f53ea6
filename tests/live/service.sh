#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil watch as the systemd unit runs it: as a user without a name, with the unit's capabilities,
# in mount, network and IPC namespaces of its own, in which nothing can be written but captures.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

unit=deploy/nsvigil.service.in
uid=61184 # the first that DynamicUser= takes

# What the unit says, as setpriv wants it: -all,+bpf,+perfmon.
capabilities() {
	printf -- -all
	sed -n "s/^$1=//p" $unit | tr 'A-Z ' 'a-z\n' | sed 's/^cap_/,+/' | tr -d '\n'
}
bounding=$(capabilities CapabilityBoundingSet)
ambient=$(capabilities AmbientCapabilities)

# watch_start runs nsvigil in $build.
chmod 711 "$dir"
mkdir "$dir/bin"
cat >"$dir/bin/nsvigil" <<EOF
#!/bin/sh
exec unshare --mount --net --ipc sh -c '
	chown $uid "$dir/capture"
	mount --bind "$dir/capture" "$dir/capture"
	findmnt -rno TARGET | tac | while read -r at; do
		mount -o remount,bind,ro "\$at" 2>/dev/null || :
	done
	mount -o remount,bind,rw "$dir/capture"
	! touch "$dir/written" 2>/dev/null || exit 1
	exec setpriv --reuid $uid --regid $uid --groups 0 --bounding-set=$bounding \
		--inh-caps=$ambient --ambient-caps=$ambient --no-new-privs "\$@"
' sh "$PWD/$build/nsvigil" "\$@"
EOF
chmod +x "$dir/bin/nsvigil"

pods() {
	sed -n 1p "$dir/watch" | grep '"pods":3,'
}
opened() {
	watch_open | grep "^$1 "
}
privilege() {
	cat "/proc/$watching/status" >"$dir/status"
	grep -E '^(Uid|Cap|NoNewPrivs)' "$dir/status"
	grep -qE "^Uid:(.$uid){4}$" "$dir/status" &&
		[ "$(grep -cE '^Cap(Prm|Eff):.0000000000000004$' "$dir/status")" = 2 ] &&
		grep -q '^NoNewPrivs:.1$' "$dir/status"
}

status=0
lab_start plain unmapped-group host || status=$?
[ "$status" != 77 ] || skip_all "$(cat "$dir/lab")"
[ "$status" = 0 ] || exit 1
real=$build
build=$dir/bin
watch_or_skip --json --state="$dir/capture/state"

check "it is no root, and has one capability left" privilege
check "it sees the pods" pods
check "it says that it watches, for the next one" grep ' state=watching ' "$dir/capture/state"
check "it finds what is wrong" within 10 opened unmapped-identity
check "it sees the mounts of pods" sh -c "'$build/nsvigil' doctor | grep '^ok *mount lists'"
check "the node's user namespace, too" within 10 opened host-userns
build=$real
check_replay
finish
