#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A real runtime at work while watch looks on: container starts, execs and ends raise nothing.
# STARTS: how many of each kind (100). The runtime is in a mount namespace of its own, with
# cgroup2 alone, as it wants it.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

starts=${STARTS:-100}
command -v runc >/dev/null || skip_all "there is no runc"
cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)
root=podlab-runc
trap 'lab_stop; watch_stop; clean; rm -rf "$dir"' EXIT

# What a run that was killed leaves is removed, too.
clean() {
	[ -d "$cgroup2/$root" ] || return 0
	echo 1 >"$cgroup2/$root/cgroup.kill"
	sleep 0.2
	find "$cgroup2/$root" -depth -type d -exec rmdir {} + || :
}

# bundle NAME POD FIRST: a container in the kubelet's layout; with a user namespace if FIRST.
bundle() {
	mkdir -p "$dir/$1/rootfs/bin" "$dir/$1/rootfs/proc" "$dir/$1/rootfs/dev" "$dir/$1/rootfs/sys"
	cp "$(command -v busybox)" "$dir/$1/rootfs/bin/busybox"
	ln -s busybox "$dir/$1/rootfs/bin/sleep"
	ln -s busybox "$dir/$1/rootfs/bin/true"
	(cd "$dir/$1" && runc spec)
	python3 - "$dir/$1/config.json" "/$root/kubepods/besteffort/pod$2/$(printf '%064d' "$3")" "$3" <<-'EOF'
		import json, sys
		path, cgroup, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
		spec = json.load(open(path))
		spec["process"].update(terminal=False, args=["/bin/sleep", "1000"], rlimits=[])
		spec["linux"].update(cgroupsPath=cgroup, resources={})
		spec["linux"].pop("seccomp", None)
		if first:
		    ids = [{"containerID": 0, "hostID": first, "size": 65536}]
		    spec["linux"]["namespaces"].append({"type": "user"})
		    spec["linux"].update(uidMappings=ids, gidMappings=ids)
		json.dump(spec, open(path, "w"))
	EOF
	[ "$3" = 0 ] || chown -R "$3:$3" "$dir/$1/rootfs"
}

cat >"$dir/turn" <<'EOF'
set -eu
umount -l /sys/fs/cgroup || :
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$4/kubepods/besteffort"
for i in $(seq "$3"); do
	runc --root "$1/state" run -d --no-pivot -b "$1/$2" "$2" </dev/null >/dev/null
	runc --root "$1/state" exec "$2" /bin/true </dev/null
	runc --root "$1/state" delete -f "$2"
done
EOF

turn() {
	unshare --mount sh "$dir/turn" "$dir" "$1" "$starts" "$root" 9>&-
}

# Any finding but what the policy asks for.
findings() {
	grep '"type":"finding"' "$dir/watch" | grep -v '"rule":"host-userns"' | head -3
}
silent() {
	[ -z "$(findings)" ] || {
		findings
		return 1
	}
}

saw() {
	[ "$(sed -n 's/.*"type":"summary".*"events":\([0-9]*\),.*/\1/p' "$dir/watch")" -gt \
		$((starts * 10)) ]
}

chmod 755 "$dir"
bundle host 22222222-2222-3333-4444-000000000000 0
bundle user 22222222-2222-3333-4444-000000000001 196608000
if ! (starts=1 turn host && starts=1 turn user) >"$dir/try" 2>&1; then
	skip_all "runc does not run here: $(tail -1 "$dir/try")"
fi
clean
watch_start --json
check "$starts starts, execs and ends without a user namespace" turn host
check "$starts starts, execs and ends with a user namespace" turn user
check "no finding beyond policy" silent
watch_stop
check "watch saw them" saw
check "nothing was lost" sh -c "! grep '\"rule\":\"blind\"' '$dir/watch'"
finish
