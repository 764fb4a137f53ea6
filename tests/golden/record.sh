#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Records golden captures on the running kernel: for each NAME below a small story, with a rule that
# is broken in it, or none; $KEPT gets NAME.nsvcap and what watch said of it, NAME.jsonl.
#
# Real processes of the node are in them. So it is meant for a guest, which has none but these:
#	make check-vm KERNEL=6.12 VM_TESTS=tests/golden/record.sh KEEP=tests/golden/6.12
# GOLDEN: which ones (all).
# shellcheck disable=SC2016 # Perl's variables
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh
. tests/bundle.sh

kept=${KEPT:?where to}
mkdir -p "$kept"
root=podlab-golden
trap 'lab_stop; watch_stop; clean; rm -rf "$dir"' EXIT
chmod 755 "$dir"

# How each story goes, after watch began and before it ends.

lab() {
	lab_start "$@"
	sleep 2
	lab_stop
	sleep 1
}

# In the pod of podlab's scenario plain, in all of its namespaces but those that are named.
inside() {
	lab_start plain cgroupfs
	pid=$(pod_pid plain)
	puppet_start "$(pod_cgroup plain)" --target="$pid" "$@" \
		"their_net=/proc/$(pod_pid cgroupfs)/ns/net" "root=$cgroup2/cgroup.procs"
}
leave() {
	inside --all --setuid=0 --setgid=0
	tell "move(root)"
	sleep 2
	puppet_end
	sleep 1
	lab_stop
}
join() {
	inside --mount --ipc --uts --cgroup --net
	tell "setns(their_net)"
	sleep 2
	puppet_end
	sleep 1
	lab_stop
}
asks() {
	lab_start "$1"
	enter "$(pod_cgroup "$1")" --target="$(pod_pid "$1")" --all --setuid=0 --setgid=0 \
		perl -e "$2" "$(call "$3")" 9>&-
	sleep 6
	lab_stop
}
idmap() {
	lab_start plain
	pid=$(pod_pid plain)
	mkdir -p "$dir/point"
	nsenter --target "$pid" --mount mount -t tmpfs point "$dir/point"
	"$build/idmap" -t -m 900000000 -p "$pid" -a "$dir/point" "$dir/point" 9>&-
	sleep 2
	nsenter --target "$pid" --mount umount "$dir/point"
	sleep 2
	lab_stop
	umount "$dir/point" 2>/dev/null || :
}
linger() {
	lab_start monitor
	within 150 grep -q lingering-entrant "$dir/watch"
	lab_stop
	sleep 1
}
cat >"$dir/start" <<'EOF'
set -eu
umount -l /sys/fs/cgroup || :
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$4/kubepods/besteffort"
runtime=$1
[ "$runtime" = runc ] || runtime="$1 --cgroup-manager=cgroupfs"
$runtime --root "$2/state" run -d --no-pivot -b "$2/$3" "$3" </dev/null >/dev/null
$runtime --root "$2/state" exec "$3" /bin/true </dev/null
$runtime --root "$2/state" delete -f "$3"
EOF
container_of() {
	bundle "$1" "/$root/kubepods/besteffort/pod22222222-2222-3333-4444-000000000001/$(printf %064d 1)" \
		196608000
	unshare --mount sh "$dir/start" "$1" "$dir" "$1" "$root" 9>&-
	sleep 2
	clean
}

story() {
	case $1 in
	containers) lab containers ;;
	runc | crun) container_of "$1" ;;
	host-userns) lab host ;;
	foreign-namespace) join ;;
	left-pod) leave ;;
	lingering-entrant) linger ;;
	idmap-mismatch) idmap ;;
	host-capability) asks host '$x = "x"; syscall($ARGV[0], $x, -1) for 1..3' sethostname ;;
	host-capability-stopped)
		asks containers '$t = pack("qq", 1, 0); syscall($ARGV[0], $t, 0) for 1..3' settimeofday
		;;
	*) lab "$1" ;;
	esac
}

# What the story is about was found; of the first three nothing was.
is_told() {
	case $1 in
	containers | runc | crun) ! grep '"type":"finding"' "$dir/watch" ;;
	*) grep "\"phase\":\"opened\",.*\"rule\":\"$1\"" "$dir/watch" ;;
	esac
}

record() {
	watch_start --json --capture-size 64M || return 1
	story "$1" || return 1
	watch_stop
	cat "$dir/watch_errors"
	is_told "$1" && replays && mv "$dir"/capture/*.nsvcap "$kept/$1.nsvcap" &&
		mv "$dir/live" "$kept/$1.jsonl"
}

for name in ${GOLDEN:-containers runc crun host-userns split-userns privileged-ids shared-userns \
	overlapping-ids ids-in-use unmapped-identity foreign-owner unexpected-mapping foreign-userns \
	idmap-mismatch left-pod foreign-namespace lingering-entrant host-capability \
	host-capability-stopped}; do
	check "$name" record "$name"
done
finish
