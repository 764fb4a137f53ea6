#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What watch tells a service manager: to a socket that keeps what it gets, and to a real systemd, in
# which the unit's Type=, WatchdogSec= and ExecReload= are at work.
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
		    told.write(s.recv(4096).decode().replace("\n", " ") + "\n")
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

# It says that it reads the configuration and since when, as systemd's Type=notify-reload compares it,
# and that it is ready: in this order, and each once, however the file is.
reloads() {
	: >"$dir/told"
	asked=$(monotonic_us)
	kill -HUP "$watching"
	within 60 told READY=1
	grep -E '^(RELOADING|READY)=' "$dir/told" >"$dir/reloaded"
	cat "$dir/reloaded"
	since=$(sed -n '1s/^RELOADING=1 MONOTONIC_USEC=\([0-9]*\)$/\1/p' "$dir/reloaded")
	[ "$(sed -n 2p "$dir/reloaded")" = READY=1 ] && [ "$(wc -l <"$dir/reloaded")" = 2 ] &&
		[ "$asked" -le "$since" ] && [ "$since" -le "$(monotonic_us)" ]
}
monotonic_us() {
	python3 -c 'import time; print(time.monotonic_ns() // 1000)'
}

# with VARIABLE=VALUE...: a watch that is told so.
with() {
	: >"$dir/watch"
	: >"$dir/config.yaml"
	env "$@" "$build/nsvigil" watch --json --config "$dir/config.yaml" >"$dir/watch" \
		2>"$dir/watch_errors" 9>&- &
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
		sed -n '/^\(Type\|WatchdogSec\|TimeoutStartSec\|ExecReload\)=/p' deploy/nsvigil.service.in |
			sed "s|@SBINDIR@/nsvigil|$(realpath "$build/nsvigil")|; s|@ETCDIR@|$dir|"
		echo "ExecStart=$(realpath "$build/nsvigil") watch --json --config=$dir/nsvigil.yaml"
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
# reload LINE: the file has it, and the service is told so.
reload() {
	echo "$1" >"$dir/nsvigil.yaml"
	systemctl --user reload nsvigil
}
# Of Type=notify, systemctl returns when the signal is sent.
reload_is_taken() {
	reload "policy: $1" || { cat "$dir/systemd" "$dir/unit_err"; return 1; }
	within 60 graded "$2" && within 60 unit_is ActiveState=active &&
		unit_is 'StatusText=[^;]*; [0-9]* open findings'
}
graded() {
	grep '"id":"host-userns/' "$dir/unit_out" | tail -n 1 | cut -c 1-300 | tee "$dir/graded"
	grep "\"severity\":\"$1\"" "$dir/graded"
}
# systemctl says that it failed, the log why, and the service goes on.
reload_is_refused() {
	: >"$dir/unit_err"
	! reload 'polcy: observe' || return 1
	cat "$dir/unit_err"
	grep "nsvigil.yaml:1: there is no key 'polcy'" "$dir/unit_err" &&
		! grep 'was read again' "$dir/unit_err" && goes_on
}
goes_on() {
	unit_is ActiveState=active && unit_is MainPID="$main" && graded critical
}
status_says_so() {
	kill -HUP "$main"
	within 60 unit_is 'StatusText=.*; not reloaded: .*nsvigil.yaml:1: there is no key .*' && goes_on
}
# Type=notify-reload sends the signal itself, and returns when the file is read.
notify_reload() {
	sed -i 's/^Type=.*/Type=notify-reload/; /^ExecReload=/d' "$dir/units/nsvigil.service"
	systemctl --user daemon-reload
	systemctl --user restart nsvigil
	: >"$dir/unit_err"
	reload 'policy: observe' && grep 'was read again' "$dir/unit_err" && unit_is ActiveState=active
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

watch_or_skip --json
watch_stop

for address in "$dir/socket" "@nsvigil-test-$$"; do
	kind=path
	[ "${address#@}" = "$address" ] || kind="abstract name"
	listener_start "$address"
	with NOTIFY_SOCKET="$address" WATCHDOG_USEC=4000000
	check "by a socket with a $kind it says that it is ready" within 30 told READY=1
	check "and how it is" within 30 told 'STATUS=[0-9]* pods: [0-9]* isolated, [0-9]* violated; [0-9]* open findings'
	check "and that it is alive" within 30 told WATCHDOG=1
	check "and that it reads its configuration again" reloads
	echo 'polcy: require' >"$dir/config.yaml"
	check "also a file that is wrong" reloads
	check "and why it is" told 'STATUS=.*; not reloaded: .*config.yaml:1: there is no key .polcy.*'
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
kill -HUP "$watching"
check "not when it reads its configuration again" within 30 grep 'was read again' "$dir/watch_errors"
touch "$dir/read_on"
check "what could not be said is said later" within 30 told READY=1
check "in order" sh -c "grep -E '^(RELOADING|READY)=' '$dir/told' | sed -n 1p | grep RELOADING"
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
	echo 'policy: observe' >"$dir/nsvigil.yaml"
	lab_start host
	systemd_start
	check "systemd starts it" systemd_starts
	main=$(systemctl --user show nsvigil --property=MainPID --value)
	check "a pod on the node is a notice" within 60 graded notice
	check "systemctl reload: now it is critical" reload_is_taken require critical
	check "a file that is wrong is refused, and changes nothing" reload_is_refused
	check "a signal alone has the status line say so" status_says_so
	check "a file that is right is taken again" reload_is_taken observe notice
	check "its status line is there" unit_is 'StatusText=.* pods: .*'
	check "it has a watchdog" unit_is 'WatchdogUSec=[0-9]*\(s\|min\)'
	sed -i 's/^WatchdogSec=.*/WatchdogSec=5/' "$dir/units/nsvigil.service"
	systemctl --user daemon-reload
	systemctl --user restart nsvigil
	check "who hangs is killed" systemd_kills
	check "and can begin anew, and end" systemd_ends
	version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
	if [ "$version" -ge 253 ]; then
		check "with Type=notify-reload, too" notify_reload
	else
		skip "with Type=notify-reload, too" "systemd is $version, and it needs 253"
	fi
	lab_stop
	systemd_stop
else
	skip "systemd" "there is no systemd"
fi
finish
