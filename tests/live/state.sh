#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil watch --state: a watch says how long nobody watched before it, and whether the one before was killed. Whatever
# is in the file, and whether it can be written, it watches.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

state=$dir/state
disk=$dir/disk
trap 'lab_stop; watch_stop; umount "$disk" 2>/dev/null || :; rm -rf "$dir"' EXIT

watch_kill() {
	kill -KILL "$watching"
	wait "$watching" || :
	watching=
}
# unwatched PATTERN: so it says in its first line, which is as the schema says.
unwatched() {
	sed -n 1p "$dir/watch"
	sed -n 1p "$dir/watch" | grep -E "\"unwatched\":$1}\$" && valid_first
}
valid_first() {
	python3 - docs/watch.schema.json "$dir/watch" <<-'EOF'
		import json, jsonschema, sys
		schema = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
		schema.validate(json.loads(open(sys.argv[2]).readline()))
	EOF
}
seconds() {
	sed -n '1s/.*"unwatched":{"seconds":\([0-9]*\),.*/\1/p' "$dir/watch"
}
since='"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"'
# in_file FILE WORDS: the file has one line of 256 bytes with them.
in_file() {
	cat "$1"
	[ "$(wc -lc <"$1" | tr -s ' ')" = " 1 256" ] && grep -q -e "$2" "$1"
}
rewritten() {
	! cmp "$state" "$dir/before"
}
# edit WHAT=VALUE...: the line says so instead.
edit() {
	python3 - "$state" "$@" <<-'EOF'
		import re, sys
		line = open(sys.argv[1]).read()
		for change in sys.argv[2:]:
		    name = change.split("=")[0]
		    line, n = re.subn(rf"\b{name}=\S*", change, line)
		    assert n == 1, (name, line)
		open(sys.argv[1], "w").write(line.rstrip().ljust(255) + "\n")
	EOF
}
second_watch() {
	status=0
	"$build/nsvigil" watch --state "$state" >"$dir/out" 2>"$dir/err" || status=$?
	cat "$dir/err"
	[ "$status" = 3 ] && [ ! -s "$dir/out" ] && [ "$(cat "$dir/err")" = \
		"nsvigil watch: another watch has $state: give each one a --state of its own" ]
}
# told TEXT: on standard error, in the only line.
told() {
	cat "$dir/watch_errors"
	[ "$(wc -l <"$dir/watch_errors")" = 1 ] && grep -F "$1" "$dir/watch_errors"
}
metric() {
	python3 -c '
import sys, urllib.request
text = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics", timeout=10).read().decode()
found = [line for line in text.splitlines() if line.startswith("nsvigil_unwatched_seconds")]
print(found)
sys.exit(not sys.argv[2] in text if sys.argv[2] else bool(found))' "$port" "$1"
}
port=$(free_port)

watch_or_skip --json --state "$state" --metrics "$port"
check "where nobody has watched yet it says nothing of it" unwatched null
check "nor is there a metric" metric ""
check "it writes that it watches" in_file "$state" " state=watching pid=$watching *\$"
check "only its owner can read that" test "$(stat -c %a "$state")" = 600
check "another watch does not take the file" second_watch
cp "$state" "$dir/before"
check "it is written again and again" within 30 rewritten

watch_kill
check "a watch that is killed says nothing more" in_file "$state" " state=watching "
watch_start --json --state "$state" --metrics "$port"
check "the next one says for how long nobody watched, and that it was killed" unwatched \
	"{\"seconds\":[1-9][0-9]*,\"since\":$since,\"ended\":false,\"rebooted\":false}"
check "so does the metric" metric 'nsvigil_unwatched_seconds{rebooted="false"} '
watch_stop
check "one that is ended says so" in_file "$state" " state=ended "
watch_start --json --state "$state"
check "and so does the next one" unwatched \
	"{\"seconds\":[0-9]+,\"since\":$since,\"ended\":true,\"rebooted\":false}"
watch_kill
watch_start --state "$state"
check "people are told, too" grep -E \
	'^[0-9TZ:.-]+ watching .*; before that nobody watched for [0-9]+ s, since [0-9TZ:-]+: the previous watch was killed$' "$dir/watch"
watch_stop

# 12,000 s before by the time of day; by the clock since boot, which another boot's is not, much longer.
then=$(($(date +%s) - 12000))
edit boot_id=00000000-1111-2222-3333-444444444444 "wall_ns=${then}000000000" boot_ns=99999999999999999 state=watching
watch_start --json --state "$state" --metrics "$port"
check "the machine was rebooted meanwhile" unwatched \
	"{\"seconds\":[0-9]{5},\"since\":\"$(date -u -d "@$then" +%FT%TZ)\",\"ended\":false,\"rebooted\":true}"
check "by the time of day" test "$(seconds)" -ge 12000
check "the metric says so" metric 'nsvigil_unwatched_seconds{rebooted="true"} 1'
watch_stop
edit boot_id=00000000-1111-2222-3333-444444444444 wall_ns=9999999999000000000
watch_start --json --state "$state" --metrics "$port"
check "and the clock was set back: for how long is unknown" unwatched \
	"{\"seconds\":null,\"since\":$since,\"ended\":true,\"rebooted\":true}"
check "then there is no metric" metric ""
watch_stop

echo 'nsvigil/state/1 and more' >"$state"
watch_start --json --state "$state"
check "a file that is damaged is told" told "$state is damaged, or not a state file"
check "and ends nothing" unwatched null
check "it is as it should be again" in_file "$state" " state=watching "
watch_stop
head -c 100000 /dev/urandom >"$state"
watch_start --json --state "$state"
check "so is anything else" told "$state is damaged"
check "and made what it should be" in_file "$state" " state=watching "
watch_stop
edit boot_ns=9999999999999999999
watch_start --json --state "$state"
check "and a time that is yet to come" told "$state is damaged"
watch_stop
watch_start --json --state "$dir/nowhere/state"
check "one that cannot be made is told" told "cannot open $dir/nowhere/state: No such file or directory"
check "and ends nothing, too" unwatched null
watch_stop

mkdir "$disk"
if mount -t tmpfs -o size=64k none "$disk"; then
	head -c 1M /dev/zero >"$disk/fill" 2>/dev/null || :
	watch_start --json --state "$disk/state"
	check "a disk that is full is told" told "cannot write $disk/state: No space left on device"
	check "and ends nothing" unwatched null
	rm "$disk/fill"
	check "once there is room it is written" within 30 in_file "$disk/state" " state=watching "
	head -c 1M /dev/zero >"$disk/fill" 2>/dev/null || :
	watch_stop
	check "a full disk does not matter to a file that is there" in_file "$disk/state" " state=ended "
	check "nothing more was told" told "cannot write"
else
	skip "a disk that is full" "no tmpfs can be mounted"
fi
finish
