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
. tests/bundle.sh

starts=${STARTS:-100}
command -v runc >/dev/null || skip_all "there is no runc"
cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)
root=podlab-runc
trap 'lab_stop; watch_stop; clean; rm -rf "$dir"' EXIT

cat >"$dir/turn" <<'EOF'
set -eu
umount -l /sys/fs/cgroup || :
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$4/kubepods/besteffort"
trap 'runc --root "$1/state" delete -f "$2" || :' EXIT
for i in $(seq "$3"); do
	runc --root "$1/state" run -d --no-pivot -b "$1/$2" "$2" </dev/null >/dev/null
	runc --root "$1/state" exec "$2" /bin/true </dev/null
	runc --root "$1/state" delete -f "$2"
done
EOF

# turn BUNDLE [PROGRAM...]: run by the program, if one is given.
turn() {
	kind=$1
	shift
	"$@" unshare --mount sh "$dir/turn" "$dir" "$kind" "$starts" "$root" 9>&-
}

# With a twentieth of a processor for all that is in the pod: a start takes seconds.
slow() {
	mkdir -p "$cgroup2$2"
	above=$cgroup2
	for part in "$root" kubepods besteffort; do
		echo +cpu >"$above/cgroup.subtree_control"
		above=$above/$part
	done
	echo +cpu >"$above/cgroup.subtree_control"
	echo 5000 100000 >"$cgroup2$2/cpu.max"
	starts=3
	turn "$1"
	grep throttled_usec "$cgroup2$2/cpu.stat"
	[ "$(sed -n 's/^throttled_usec //p' "$cgroup2$2/cpu.stat")" -gt 1000000 ]
}

# Until two starts were frozen before they ran the image's program. At some moments runc gives up
# when it finds its cgroup frozen, and removes it: that is another try.
frozen() {
	starts=1
	: >"$dir/frozen"
	for _ in $(seq 20); do
		turn "$1" python3 tests/freeze.py "$dir/frozen" "$cgroup2$2" || :
		[ "$(grep -c '^runc' "$dir/frozen")" -lt 2 ] || return 0
	done
	cat "$dir/frozen"
	return 1
}

# Any finding but what the policy asks for.
findings() {
	grep '"type":"finding"' "$dir/watch" | grep -vE '"rule":"(host-userns|host-capability)"' | head -3
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
pods=/$root/kubepods/besteffort/pod22222222-2222-3333-4444-
in_host=${pods}000000000000/$(printf %064d 0)
in_user=${pods}000000000001/$(printf %064d 1)
bundle host "$in_host" 0
bundle user "$in_user" 196608000
if ! (starts=1 turn host && starts=1 turn user) >"$dir/try" 2>&1; then
	skip_all "runc does not run here: $(tail -1 "$dir/try")"
fi
clean
watch_start --json
check "$starts starts, execs and ends without a user namespace" turn host
check "$starts starts, execs and ends with a user namespace" turn user
check "frozen in the middle of a start, without a user namespace" frozen host "$in_host"
check "frozen in the middle of a start, with a user namespace" frozen user "$in_user"
if grep -qw cpu "$cgroup2/cgroup.controllers"; then
	check "with little processor time, without a user namespace" slow host "$(dirname "$in_host")"
	check "with little processor time, with a user namespace" slow user "$(dirname "$in_user")"
else
	skip "with little processor time" "cgroup2 has no cpu controller here"
fi
check "no finding beyond policy" silent
watch_stop
check "watch saw them" saw
check "nothing was lost" lossless
finish
