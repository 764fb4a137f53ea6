#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The configuration file changes while watch looks on and a pod is busy: nothing that happens
# meanwhile is lost, what is open is graded anew, and a file that is wrong changes nothing.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

config=$dir/config.yaml
moves=200

# configure LINE...: the file has these lines, and watch reads it.
configure() {
	printf '%s\n' "$@" >"$config.new"
	mv "$config.new" "$config"
	kill -HUP "$watching"
}
read_again() {
	grep -c 'the configuration was read again' "$dir/watch_errors"
}
open_is() {
	watch_open_ids >"$dir/open"
	printf '%s\n' "$@" | sed '/^$/d' | diff - "$dir/open"
}
configured() {
	expected=$1
	shift
	configure "$@" && within 20 open_is "$expected"
}
regraded() {
	grep "\"phase\":\"regraded\",\"id\":\"host-userns/$host\",.*\"severity\":\"$1\"" "$dir/watch"
}
said() {
	grep -cE '"phase":"(opened|repeated|reopened)",.*"rule":"left-pod"' "$dir/watch"
}
all_said() {
	said
	[ "$(said)" = "$moves" ]
}
often() {
	read_again
	[ "$(read_again)" -ge 10 ]
}
nothing_lost() {
	! grep '"rule":"blind"' "$dir/watch"
}
# One line, with the file's line, and what was open still is.
wrong_file() {
	configure '# a comment' 'policy: observe' 'polcy: ignore'
	within 20 grep -q "config.yaml:3: there is no key 'polcy'" "$dir/watch_errors" || return 1
	grep -c 'the old configuration stays in effect' "$dir/watch_errors" >"$dir/count"
	[ "$(cat "$dir/count")" = 1 ] && open_is "host-userns/$host notice"
}
stale() {
	configure 'policy: observe' 'metrics: 9464'
	within 20 grep -q 'metrics has changed, which takes effect after a restart' "$dir/watch_errors"
}

echo 'policy: observe' >"$config"
watch_or_skip --json --config "$config"
lab_start plain host

host=$(pod_uid host)
inside=$(pod_cgroup plain)
puppet_start "$inside" --target="$(pod_pid plain)" --all --setuid=0 --setgid=0 \
	"root=$cgroup2/cgroup.procs" "ours=$inside/cgroup.procs"
check "by default the pod on the node is a notice" within 20 open_is "host-userns/$host notice"

# While this goes on, the policy is one and then the other.
: >"$dir/going"
(
	while [ -e "$dir/going" ]; do
		configure 'policy: require'
		sleep 0.1
		configure 'pod-policy:' '  - podlab/host=observe'
		sleep 0.1
	done
) 9>&- 8>&- &
changing=$!
busy() {
	tell "[(move(root), move(ours)) for _ in range(10)] and None" >/dev/null || return 1
}
all_moves() {
	for _ in $(seq $((moves / 10))); do
		busy || return 1
	done
	within 60 often
}
check "another pod's process leaves it $moves times meanwhile" all_moves
rm "$dir/going"
wait "$changing" || :
check "all of it is said" within 30 all_said
check "nothing was lost" nothing_lost
check "what was open became critical" regraded critical
check "and a notice again" regraded notice
puppet_end

check "a policy of its own makes it critical" configured "host-userns/$host critical" \
	'pod-policy:' '  - podlab/ho?t=require'
check "ignored, it is closed" configured "" 'pod-policy:' '  - podlab/*=ignore'
reopened() {
	grep "\"phase\":\"reopened\",\"id\":\"host-userns/$host\",.*\"severity\":\"notice\"" "$dir/watch"
}
summed_up() {
	watch_stop
	python3 -c '
import collections, json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
said = collections.Counter(line["phase"] for line in lines if line["type"] == "finding")
for phase in "opened", "repeated", "closed", "reopened", "regraded":
    print(phase, said[phase], lines[-1][phase])
    assert said[phase] == lines[-1][phase] > 0' "$dir/watch"
}
check "and opens again" configured "host-userns/$host notice" 'policy: observe'
check "which is said" reopened
check "a severity of its own" configured "host-userns/$host error" \
	'severity:' '  - podlab/host:host-userns=error'
check "switched off, it is closed" configured "" 'severity: host-userns=off'
check "and is there again" configured "host-userns/$host notice" 'policy: observe'
check "a wrong file is said once, with its line, and changes nothing" wrong_file
check "what cannot change while it runs is said" stale
lab_stop
check_replay
check "the summary counts what was said" summed_up

# Without --config it is the usual file, which can be there and be gone in a mount namespace of its own.
usual=$dir/etc/nsvigil/nsvigil.yaml
mkdir "$dir/etc"
cp -a /etc/. "$dir/etc"
mkdir -p "$dir/etc/nsvigil"
echo 'policy: require' >"$usual"
# shellcheck disable=SC2016 # its own
printf 'mount --bind "%s" /etc && exec "$@"\n' "$dir/etc" >"$dir/elsewhere"
# Whether the last reading succeeded, as the metric says.
succeeded_is() {
	python3 -c '
import sys, urllib.request
text = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics").read().decode()
assert f"nsvigil_config_last_reload_successful {sys.argv[2]}\n" in text, text' "$port" "$1"
}
gone() {
	mv "$usual" "$dir/away"
	kill -HUP "$watching"
	within 20 grep "/etc/nsvigil/nsvigil.yaml is not there any more: put it back, or restart without it; the old" \
		"$dir/watch_errors" && succeeded_is 0 && ! read_again
}
back() {
	mv "$dir/away" "$usual"
	kill -HUP "$watching"
	within 20 read_again && within 20 succeeded_is 1
}
port=$(free_port)
launcher="unshare --mount sh $dir/elsewhere"
watch_start --json --metrics "$port"
check "that the usual file is gone is a mistake, and the old configuration stays" gone
check "it is read again when it is back" back
watch_stop
finish
