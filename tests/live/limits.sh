#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What others than the node's root can make ends neither scan nor watch, hides no pod, and is told once
# (docs/limits.md).
# shellcheck disable=SC2016 # for other shells
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh
trap 'resume; lab_stop; watch_stop; unmap; unmake; rm -rf "$dir"' EXIT

# A cgroup that is delegated to a user, as a session's is.
user=65534
theirs=$cgroup2/nsvigil-limits
mkdir "$theirs"
chown "$user" "$theirs" "$theirs/cgroup.procs"
unmake() {
	! [ -d "$theirs" ] || python3 - "$theirs" <<-'EOF'
		import os, sys
		# By descriptors: no path is long enough.
		for _, dirs, _, fd in os.fwalk(sys.argv[1], topdown=False):
		    for each in dirs:
		        os.rmdir(each, dir_fd=fd)
		os.rmdir(sys.argv[1])
	EOF
}
resume() {
	[ -z "$watching" ] || kill -CONT "$watching" 2>/dev/null || :
}
as_user() {
	setpriv --reuid "$user" --clear-groups "$@"
}

# told TEXT: watch has said so on standard error, once; it is at work, and finds what it found before.
told() {
	within 60 after_walk grep -F "$1" "$dir/watch_errors" || return 1
	cat "$dir/watch_errors"
	[ "$(grep -cF "$1" "$dir/watch_errors")" = 1 ] && at_work
}
at_work() {
	kill -0 "$watching" && within 60 found_open
}
found_open() {
	watch_open | grep "^host-userns $(pod_uid host)$"
}
scan_says() {
	status=0
	"$build/nsvigil" scan --json --policy require >"$dir/scan.json" 2>"$dir/scan_errors" || status=$?
	cat "$dir/scan_errors"
	[ "$status" = 1 ] && grep -F "$1" "$dir/scan_errors" && grep -q "$(pod_uid host)" "$dir/scan.json"
}

lab_start host
watch_or_skip --json --policy require

deep=$(printf %0255d 0)
as_user python3 - "$theirs" "$deep" <<'EOF'
import os, sys
os.chdir(sys.argv[1])
for _ in range(17):
    os.mkdir(sys.argv[2])
    os.chdir(sys.argv[2])
EOF
check "a cgroup's path longer than any may be: scan" scan_says "deeper than a path of 4095 bytes"
check "watch, too" told "1 cgroups are deeper than a path of 4095 bytes"
unmake
mkdir "$theirs"
chown "$user" "$theirs"

# More than there may be pods' cgroups, and one that has a real pod's name. Watch tells once, at a walk: none comes before
# all are made.
kill -STOP "$watching"
as_user python3 - "$theirs" "$(pod_uid host)" <<'EOF'
import os, sys
os.chdir(sys.argv[1])
for i in range(16385):
    os.mkdir("pod00000000-1111-2222-3333-%012x" % i)
os.mkdir("pod" + sys.argv[2])
EOF
resume
check "16386 cgroups that are called as pods' are: scan" scan_says "not made by the node's root"
check "watch, too" told "16386 cgroups are named like a pod's, but not made by the node's root"
framed() {
	as_user sh -c 'echo $$ >"$1/cgroup.procs" && exec sleep 3' - "$theirs/pod$(pod_uid host)" || return 1
	watch_open >"$dir/after"
	cmp "$dir/before" "$dir/after"
}
watch_open >"$dir/before"
chown "$user" "$cgroup2/cgroup.procs"
check "who is in one of them is in no pod" framed
chown 0 "$cgroup2/cgroup.procs"
unmake

# The files that a kubelet has in a pod's directory, and a container mounts, are its own to write.
watch_stop
root=$dir/root
hosts=$root/var/lib/kubelet/pods/$(pod_uid host)/etc-hosts
mkdir -p "$(dirname "$hosts")" "$root/var/log/pods" "$root/run"
watch_start --json --root "$root"
written() {
	python3 - "$hosts" "$watching" <<'EOF'
import os, sys, time
def ticks(pid):
    return sum(map(int, open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()[11:13]))
before, until, n = (ticks("self"), ticks(sys.argv[2])), time.monotonic() + 5, 0
while time.monotonic() < until:
    open(sys.argv[1], "w").close()
    n += 1
mine, its = ticks("self") - before[0], ticks(sys.argv[2]) - before[1]
print(n, "writes: the writer took", mine, "ticks, and watch", its)
sys.exit(its > mine)
EOF
}
check "a pod that writes its /etc/hosts in a loop pays more than watch" written
check "a file that a pod has written hides none of the kubelet's" at_work

# Who reads standard output may go.
watch_stop
reader_goes() {
	{
		status=0
		"$build/nsvigil" watch --json 2>"$dir/errors" || status=$?
		echo "$status" >"$dir/status"
	} | head -n 1 >"$dir/first" 9>&-
	cat "$dir/first" "$dir/status" "$dir/errors"
	grep -q '"type":"ready"' "$dir/first" && [ "$(cat "$dir/status")" = 3 ] &&
		grep -x "nsvigil watch: cannot write to standard output: Broken pipe" "$dir/errors"
}
restarts() {
	while sleep 1; do
		enter "$(pod_cgroup host)" --target="$(pod_pid host)" --mount --pid true || return 0
	done
}
restarts 9>&- &
restarting=$!
check "watch says that the reader of standard output is gone" reader_goes
kill "$restarting"

# Who reads standard output may stay and read nothing: watch goes on, and says what was left out.
watch_stop
silent_reader() {
	python3 - "$build/nsvigil" "$dir/errors" <<-'EOF'
		import fcntl, json, signal, subprocess, sys, time
		nsvigil, errors = sys.argv[1:]
		watch = subprocess.Popen([nsvigil, "watch", "--json", "--full"], stdout=subprocess.PIPE,
		                         stderr=open(errors, "wb"))
		fcntl.fcntl(watch.stdout, 1031, 4096) # F_SETPIPE_SZ: little fits
		first = watch.stdout.readline()
		assert json.loads(first)["type"] == "ready", first
		print("now", flush=True)
		while b"standard output is not being read" not in open(errors, "rb").read():
		    time.sleep(0.2)
		    assert watch.poll() is None, "watch has ended"
		watch.send_signal(signal.SIGTERM)
		rest = watch.stdout.read().splitlines() # it reads again
		lines = [json.loads(line) for line in rest]
		print(len(lines), "documents,", lines[-1]["unprinted"], "left out")
		assert lines[-1]["type"] == "summary" and lines[-1]["unprinted"] > 0 and watch.wait() == 0
	EOF
	cat "$dir/errors"
	grep -q "standard output did not take [0-9]* documents" "$dir/errors"
}
busy() {
	while :; do
		enter "$(pod_cgroup host)" --target="$(pod_pid host)" --mount --pid \
			sh -c 'i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i + 1)); done' || return 0
	done
}
busy 9>&- &
restarting=$!
check "a reader that reads nothing stops nothing, and is told" silent_reader
kill "$restarting"

# Who ends watch is told.
ended_by() {
	grep '^{"type":"summary"' "$dir/watch" >"$dir/summary"
	cat "$dir/summary"
	grep "\"ended_by\":{\"signal\":\"SIGTERM\",\"pid\":$1,\"uid\":0,\"comm\":\"$2\",\"pod\":$3}" "$dir/summary"
}
watch_start --json
watch_stop
check "who ended watch is told" ended_by $$ limits.sh null
watch_start --json
enter "$(pod_cgroup host)" --target="$(pod_pid host)" --uts perl -e 'kill TERM => shift; sleep 5' "$watching" 9>&- &
killer=$!
check "of a pod, which" within 60 ended_by '[0-9]*' perl "\"$(pod_uid host)\""
wait "$killer" || :

# A node without pods, and then what looks as if there were some elsewhere.
watch_stop
lab_stop
v1=$(findmnt -nlt cgroup -o TARGET | head -n 1)
if [ -n "$v1" ]; then
	watch_start --json
	elsewhere=$v1/pod33333333-2222-3333-4444-555555555555
	mkdir "$elsewhere"
	check "a pod's cgroup in a hierarchy of v1, of a node that had no pods" sh -c "
		mkdir '$cgroup2/pod33333333-2222-3333-4444-666666666666' && sleep 2 &&
		rmdir '$cgroup2/pod33333333-2222-3333-4444-666666666666' && sleep 2 && kill -0 '$watching'"
	check "is told" within 40 after_walk grep "the pods are in cgroup v1" "$dir/watch_errors"
	check "and does not end watch" kill -0 "$watching"
	rmdir "$elsewhere"
else
	skip "a pod's cgroup in a hierarchy of v1" "there is none here"
fi
finish
