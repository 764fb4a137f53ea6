#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What watch tells a service manager: to a socket that keeps what it gets, and to a real systemd, in
# which the unit's Type= and WatchdogSec= are at work.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

listener=
systemd=
trap 'lab_stop; watch_stop; listener_stop; systemd_stop; rm -rf "$dir"' EXIT

# listener_start ADDRESS [MESSAGES]: writes each message to $dir/told. After so many it reads no
# more, until there is $dir/read_on.
listener_start() {
	rm -f "$dir/told" "$dir/read_on"
	python3 - "$dir" "$@" >"$dir/listener" 2>&1 9>&- <<-'PY' &
		import os, socket, sys, time
		folder, address = sys.argv[1:3]
		limit = int(sys.argv[3]) if len(sys.argv) > 3 else -1
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(address.replace("@", "\0", 1))
		told = open(folder + "/told", "a", buffering=1)
		while True:
		    while limit == 0 and not os.path.exists(folder + "/read_on"):
		        time.sleep(0.1)
		    limit -= 1
		    told.write(s.recv(4096).decode() + "\n")
	PY
	listener=$!
	within 30 test -e "$dir/told"
}
listener_stop() {
	[ -n "$listener" ] || return 0
	kill "$listener" 2>/dev/null || :
	wait "$listener" || :
	listener=
}
told() {
	cat "$dir/told"
	grep -qx -e "$1" "$dir/told"
}
not_told() {
	! told "$1"
}

# with VARIABLE=VALUE...: a watch that is told so.
with() {
	: >"$dir/watch"
	env "$@" "$build/nsvigil" watch --json >"$dir/watch" 2>"$dir/watch_errors" 9>&- &
	watching=$!
	within 60 grep -q '"type":"ready"' "$dir/watch"
}

# Wrong in the environment: one line, and watch works.
works_anyway() {
	with NOTIFY_SOCKET="$1"
	watch_stop
	cat "$dir/watch_errors"
	grep -q '"type":"summary"' "$dir/watch" && [ "$(wc -l <"$dir/watch_errors")" = "$2" ]
}

# ---- systemd, which takes the role of a user's and needs no more than a folder to believe that the
# machine runs under it ----

systemd_start() {
	export XDG_RUNTIME_DIR="$dir/run" SYSTEMD_UNIT_PATH="$dir/units"
	mkdir -p "$dir/run" "$dir/units"
	{
		echo "[Unit]"
		echo "DefaultDependencies=no"
		echo "[Service]"
		sed -n '/^Type=/p; /^WatchdogSec=/p; /^TimeoutStartSec=/p' deploy/nsvigil.service.in
		echo "ExecStart=$(realpath "$build/nsvigil") watch --json"
		echo "StandardOutput=append:$dir/unit_out"
		echo "StandardError=append:$dir/unit_err"
	} >"$dir/units/nsvigil.service"
	printf '[Unit]\nDescription=Nothing\n' >"$dir/units/default.target"
	unshare --mount sh -c '
		mkdir -p /run/systemd
		mount -t tmpfs systemd /run/systemd
		mkdir /run/systemd/system
		exec /lib/systemd/systemd --user --log-target=console
	' >"$dir/systemd" 2>&1 9>&- &
	systemd=$!
	within 60 systemctl --user show --property=Version
}
systemd_stop() {
	[ -n "$systemd" ] || return 0
	systemctl --user stop nsvigil >/dev/null 2>&1 || :
	# It has no unit that it would end with.
	kill -s KILL "$systemd" 2>/dev/null || :
	wait "$systemd" || :
	systemd=
}
# unit_is PROPERTY=PATTERN
unit_is() {
	systemctl --user show nsvigil --property="${1%%=*}" | tee "$dir/unit"
	grep -qx -e "$1" "$dir/unit"
}
# Ready is not sooner than the first walk, which the line about pods comes from.
systemd_starts() {
	systemctl --user start nsvigil || { cat "$dir/systemd" "$dir/unit_err"; return 1; }
	unit_is ActiveState=active && grep '"type":"ready"' "$dir/unit_out"
}
# A watch that hangs: stopped, as a loop is that never comes back.
systemd_kills() {
	pid=$(systemctl --user show nsvigil --property=MainPID --value)
	kill -STOP "$pid"
	within 60 unit_is Result=watchdog
}
systemd_ends() {
	systemctl --user reset-failed nsvigil
	systemctl --user start nsvigil && systemctl --user stop nsvigil && unit_is Result=success &&
		tail -n 1 "$dir/unit_out" | grep '"type":"summary"'
}

# ---- ----

status=0
watch_start --json || status=$?
[ "$status" != 3 ] || skip_all "$(cat "$dir/watch_errors")"
[ "$status" = 0 ] || exit 1
watch_stop

for address in "$dir/socket" "@nsvigil-test-$$"; do
	kind=path
	[ "${address#@}" = "$address" ] || kind="abstract name"
	listener_start "$address"
	with NOTIFY_SOCKET="$address" WATCHDOG_USEC=4000000
	check "by a socket with a $kind it says that it is ready" within 30 told READY=1
	check "and how it is" within 30 told 'STATUS=[0-9]* pods: [0-9]* isolated, [0-9]* violated; [0-9]* open findings'
	check "and that it is alive" within 30 told WATCHDOG=1
	check "it does not end yet" not_told STOPPING=1
	watch_stop
	check "now it does" within 30 told STOPPING=1
	listener_stop
done

rm -f "$dir/socket"
listener_start "$dir/socket"
with NOTIFY_SOCKET="$dir/socket" WATCHDOG_USEC=1000000 WATCHDOG_PID=1
check "the watchdog of another process" within 30 told READY=1
watch_stop
check "is not told" not_told WATCHDOG=1
listener_stop

# Its queue takes some ten messages and is full long before.
rm -f "$dir/socket"
listener_start "$dir/socket" 0
check "a socket that nobody reads is full" sh -c "! python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setblocking(False)
for _ in range(100000):
    s.sendto(b\"x\", sys.argv[1])' '$dir/socket'"
with NOTIFY_SOCKET="$dir/socket"
check "watch does not wait for it" grep '"type":"ready"' "$dir/watch"
touch "$dir/read_on"
check "what could not be said is said later" within 30 told READY=1
watch_stop
listener_stop

check "a socket that is not there" works_anyway "$dir/nothing" 0
check "a name that is too long" works_anyway "/$(printf '%0200d' 0)" 1
check "a relative path" works_anyway socket 1
check "an empty abstract name" works_anyway @ 1
check "control characters" works_anyway "$(printf 'x\033[31m')" 1
check "are escaped" grep -F '\x1b[31m' "$dir/watch_errors"

# It moves all processes of its cgroup, the machine's root, to one with a limit on their number.
if [ ! -d /run/host ]; then
	skip "systemd" "it would take the machine's processes along: in a guest only"
elif [ -x /lib/systemd/systemd ]; then
	systemd_start
	check "systemd starts it" systemd_starts
	check "its status line is there" unit_is 'StatusText=.* pods: .*'
	check "it has a watchdog" unit_is 'WatchdogUSec=[0-9]*\(s\|min\)'
	sed -i 's/^WatchdogSec=.*/WatchdogSec=5/' "$dir/units/nsvigil.service"
	systemctl --user daemon-reload
	systemctl --user restart nsvigil
	check "who hangs is killed" systemd_kills
	check "and can begin anew, and end" systemd_ends
	systemd_stop
else
	skip "systemd" "there is no systemd"
fi
finish
