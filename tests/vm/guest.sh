#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# guest.sh HOW/TEST...: process 1 of the guest, in the machine's root. Mounts what a node has mounted,
# runs those tests that no other guest has taken, leaves output and exit status of each on the host, and ends the
# guest. Whatever ends this script before makes the kernel panic, which ends the guest, too. Where systemd is process 1
# (tests/vm/systemd.sh), this is one of its services, and systemd has mounted all of it.
set -eu

host=/run/host

# say TEXT: one line of progress, with the seconds since the guest's start.
say() {
	echo "$1, $(cut -d . -f 1 /proc/uptime) s" >>"$host/progress.$guest"
}

# What is forced of the hook table: all by capability checks, no alternative, or else nothing.
hooks() {
	case $1 in
	checks) at=tp_btf/cap_capable ;;
	none) at=none ;;
	*) return ;;
	esac
	echo "credentials=$at namespaces=$at capabilities=$at idmaps=$at"
}

# What systemd would have done.
be_init() {
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mount -t securityfs securityfs /sys/kernel/security
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t devtmpfs devtmpfs /dev
	mkdir -p /dev/pts /dev/shm
	mount -t devpts devpts /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	# By convention, and bash needs the first.
	ln -s /proc/self/fd /dev/fd
	ln -s fd/0 /dev/stdin
	ln -s fd/1 /dev/stdout
	ln -s fd/2 /dev/stderr

	# A node has a name.
	echo guest >/proc/sys/kernel/hostname

	# The pods that are named there are the machine's.
	mount -t tmpfs tmpfs /var/log
}
[ $$ != 1 ] || be_init

# So that the kernel finds modules by itself, as on a machine of its own.
mkdir -p /lib/modules
ln -s "$MODULES" "/lib/modules/$(uname -r)"

# What mounts images looks for its device before the kernel would load it.
modprobe loop

# Servers of the tests listen there.
busybox ip link set lo up

# As newer kernels and systemd have it: before Linux 5.11 BPF programs count as locked memory.
prlimit --pid $$ --memlock=8388608

guest=$(sed 's/.*nsvigil_guest=//; s/ .*//' /proc/cmdline)
[ -z "$RESULTS" ] || RESULTS=$host/results.$guest

# All code is interpreted, and what the machine has to do is not seen here.
export PATIENCE=5
# That watch does not load on a kernel that it is made for is no reason to skip what needs it.
case $(uname -r) in
5.*) ;;
*) export WATCHES=yes ;;
esac

say "booted Linux $(uname -r)"
for item; do
	mkdir "$host/$item.taken" 2>/dev/null || continue
	HOOKS=$(hooks "${item%%/*}")
	ROOT_OF_RUNTIME=
	[ "${item%%/*}" != sid ] || ROOT_OF_RUNTIME=$SID
	export HOOKS ROOT_OF_RUNTIME
	status=0
	read -r start _ </proc/uptime
	timeout -k 10 "$TEST_TIMEOUT" "${item#*/}" </dev/null >"$host/$item.out" 2>&1 || status=$?
	read -r end _ </proc/uptime
	echo "$start $end" | awk '{ print "# took", $2 - $1 }' >"$host/$item.took"
	echo "$status" >"$host/$item.status"
	say "$item ended"
	# What one leaves behind does not make the next one fail.
	kill -s KILL -- -1 2>/dev/null || :
done

exec busybox poweroff -f
