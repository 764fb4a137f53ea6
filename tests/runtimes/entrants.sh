#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What is executed to start a container is the pod's author's choice, and must not hide that it has
# begun: the runtime's own program with a loader of the image's, a file of another mount namespace, a
# handler of binfmt_misc. And what hooks run in a container is no finding.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
runtime=runc
. tests/runtime.sh
trap 'runtime_end; watch_stop; unmap; unregister; rm -rf "$dir"' EXIT

[ "$(uname -m)" = x86_64 ] || skip_all "the program that it makes is for x86-64"
node_begin

# $dir/waits: a program that needs nothing: it can be a loader, too. It calls pause(2) for ever.
python3 - "$dir/waits" <<'END2'
import os, struct, sys
code = b"\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7"
size = 64 + 56 + len(code)
elf = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, size, size, 4096)
open(sys.argv[1], "wb").write(elf + load + code)
os.chmod(sys.argv[1], 0o755)
END2

# It is a container's program in many ways; more capabilities are for /proc/1/root.
runs() {
	cat <<-END2
		spec["process"]["args"] = ["$1"]
		caps = spec["process"]["capabilities"]
		spec["process"]["capabilities"] = {k: sorted(set(v + ["CAP_SYS_PTRACE"])) for k, v in caps.items()}
	END2
}
with_pids_of() {
	cat <<-END2
		pid = [n for n in spec["linux"]["namespaces"] if n["type"] == "pid"][0]
		if "$1": pid["path"] = "$1"
		else: spec["linux"]["namespaces"].remove(pid)
	END2
}
loader() {
	mkdir -p "$dir/$1/rootfs/lib64"
	cp "$dir/waits" "$dir/$1/rootfs/lib64/ld-linux-x86-64.so.2"
}
# A file that a program of the node runs, by its first bytes.
binfmt=/proc/sys/fs/binfmt_misc
register() {
	modprobe binfmt_misc 2>/dev/null || :
	[ -e "$binfmt/register" ] || mount -t binfmt_misc none "$binfmt" || return 1
	echo ":nsvigil_test:M::NSVIGILARCH::$dir/waits:F" >"$binfmt/register"
}
unregister() {
	[ ! -e "$binfmt/nsvigil_test" ] || echo -1 >"$binfmt/nsvigil_test"
}
foreign() {
	printf NSVIGILARCH >"$dir/$1/rootfs/foreign"
	chmod 755 "$dir/$1/rootfs/foreign"
}

opened() {
	grep "\"phase\":\"\(opened\|reopened\)\",\"id\":\"$1/$(pod_uid "$2")\"" "$dir/watch"
}
run() {
	oci run -d --pid-file "$dir/$1/pid" -b "$dir/$1" "$1" </dev/null >"$dir/$1/log" 2>&1 ||
		{ cat "$dir/$1/log"; return 1; }
	echo "$1" >>"$dir/started"
}

# hidden NAME POD PYTHON [PREPARE]: in a pod on the node's user namespace.
hidden() {
	what=$1
	container_host hidden "$2" 1 "$3"
	[ -z "${4:-}" ] || "$4" hidden
	check "$runtime: $what is told" is_host "$2"
	check "$runtime: $what, by a scan" verdict_is "$2" host
	end hidden || :
}
is_host() {
	run hidden && within 40 opened host-userns "$1" || return 1
	ls -l "/proc/$(cat "$dir/hidden/pid")/exe"
}

# second NAME POD PROGRAM: the second container of an isolated pod is on the node's user namespace.
second() {
	what=$1
	container sandbox "$2" 1
	cp "$dir/waits" "$dir/sandbox/rootfs/waits"
	start sandbox
	container_host second "$2" 2 "$(runs "$3"; with_pids_of "/proc/$(pid_of sandbox)/ns/pid")"
	cp "$dir/waits" "$dir/second/rootfs/waits"
	check "$runtime: $what is told" is_split "$2"
	check "$runtime: $what, by a scan" verdict_is "$2" mixed
	end second || :
	end sandbox || :
}
is_split() {
	run second && within 40 opened host-userns "$1" && within 40 opened split-userns "$1"
}

# A hook of each kind, some of the image's files and some of the node's, as the NVIDIA toolkit has them.
hooks='
spec["hooks"] = {kind: [{"path": bundle + "/hook", "args": ["hook", bundle + "/said", kind]}]
                 for kind in ("createRuntime", "createContainer", "poststart", "poststop")}
spec["hooks"]["startContainer"] = [{"path": "/bin/id", "args": ["id"]}]
'
hooked() {
	# shellcheck disable=SC2016 # the hook's
	printf '#!/bin/sh\nread _ _ _ _ _ </proc/self/uid_map\nid >>"$1.$2"; sleep 1\n' >"$dir/$1/hook"
	chmod 755 "$dir/$1" "$dir/$1/hook"
	mkdir -p "$dir/$1/said"
	chmod 777 "$dir/$1/said"
	run "$1" && sleep 1 && inside "$1" /bin/true && end "$1" || return 1
}

all_of() {
	container_host try "$1" 1
	if ! start try >"$dir/try.log" 2>&1; then
		skip "$runtime" "it does not run here: $(tail -n 1 "$dir/try.log")"
		return
	fi
	end try
	hidden "the runtime's program with a loader of the image's" $(($1 + 1)) "$(runs /proc/self/exe)" loader
	if on_node test -r "/proc/1/root$dir/waits"; then
		hidden "a file through /proc/1/root" $(($1 + 2)) "$(runs "/proc/1/root$dir/waits"; with_pids_of "")"
	else
		skip "$runtime: a file through /proc/1/root" "nobody may look through process 1 of this machine"
	fi
	if [ "$binfmt_works" ]; then
		hidden "a file that a handler of the node's runs" $(($1 + 3)) "$(runs /foreign)" foreign
	else
		skip "$runtime: a file that a handler of the node's runs" "there is no binfmt_misc"
	fi
	second "an isolated pod's container in the node's user namespace" $(($1 + 4)) /waits
	second "likewise, by a file of the other container's" $(($1 + 5)) /proc/1/root/waits
	container_host hooked_host $(($1 + 6)) 1 "$hooks"
	check "$runtime: hooks of all kinds, without a user namespace" hooked hooked_host
	container hooked_user $(($1 + 7)) 1 "$hooks"
	check "$runtime: hooks of all kinds, with a user namespace" hooked hooked_user
}

binfmt_works=
! register 2>"$dir/why" || binfmt_works=yes
deserved=split-userns
watch_or_skip --json --policy require
pods=0
for runtime in runc crun; do
	if on_node sh -c "command -v $runtime" >/dev/null; then
		all_of $pods
	else
		skip "$runtime" "there is none"
	fi
	pods=$((pods + 10))
done
check "no finding beyond these and policy" silent
check "nothing was lost" lossless
check_replay
finish
