#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs live tests on a kernel of Debian's in QEMU, where nothing hardens the kernel, all capabilities
# are there, and all cgroups are v2. Results are as tests/run prints them. Two guests share the work:
# each takes the next test that none has taken.
#
# GUESTS: their numbers (1 2).
# KERNEL: 6.12 (the default), 6.1, 5.10 or newest.
# ROOT: sid, for a root of Debian's unstable suite with its container runtimes, or the machine's own.
# VM_TESTS: which ones, by their paths in the repository (all of tests/live that ask the kernel).
# STARTS: how many containers runc.sh starts of each kind (10: all code is interpreted).
# KEEP: a directory that gets what tests leave in $KEPT.
# CACHE: where kernels are kept.
# TEST_TIMEOUT: seconds that booting or a test may take (1800).
set -eu

cd "$(dirname "$0")/../.."
tree=$PWD
series=${KERNEL:-6.12}
cache=${CACHE:-${XDG_CACHE_HOME:-/var/cache}/nsvigil-vm}
# Documents, BTF files and what valgrind says are the same on any kernel.
live=$(printf '%s\n' tests/live/*.sh | grep -vE '/(docs|valgrind|vmlinux_check)\.sh$' | tr '\n' ' ')
tests=${VM_TESTS:-$live}
export TEST_TIMEOUT="${TEST_TIMEOUT:-1800}"

dir=$(mktemp -d)
share=$dir/share
guests=${GUESTS:-1 2}
running=
end_guests() {
	for qemu in $running; do
		! kill "$qemu" 2>/dev/null || wait "$qemu" || :
	done
	running=
}
trap 'end_guests; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

# result NAME...: has a place for what the test prints, and a program that replays it.
result() {
	for name; do
		mkdir -p "$(dirname "$share/$name")"
		ln -s "$tree/tests/vm/replay.sh" "$share/$name"
	done
}

report() {
	cd "$share"
	"$tree/tests/run" "$@"
}

get_kernel() {
	status=0
	kernel=$(tests/vm/fetch.sh "$series" "$cache" 2>"$dir/fetch") || status=$?
	cat "$dir/fetch" >&2
	[ "$status" != 77 ] || skip "$(tail -n 1 "$dir/fetch")"
	[ "$status" = 0 ] || exit "$status"
	version=$(ls "$kernel/lib/modules")
}

get_root() {
	guest_root=
	[ -n "${ROOT:-}" ] || return 0
	status=0
	guest_root=$(tests/vm/root.sh "$ROOT" "$cache" 2>"$dir/fetch") || status=$?
	cat "$dir/fetch" >&2
	[ "$status" != 77 ] || skip "$(tail -n 1 "$dir/fetch")"
	[ "$status" = 0 ] || exit "$status"
	series="$series with a root of $ROOT"
}

# skip WHY: none of it can run here.
skip() {
	result "Linux $series"
	echo "1..0 # SKIP $1" >"$share/Linux $series.out"
	echo 0 >"$share/Linux $series.status"
	report "Linux $series"
	exit
}

# The modules are in the order in which they must be loaded.
make_initrd() {
	mkdir -p "$dir/initrd/bin" "$dir/initrd/modules"
	cp "$(command -v busybox)" "$dir/initrd/bin/busybox"
	cp tests/vm/initrd.sh "$dir/initrd/init"
	printf '%s\n%s\n%s\n' "$guest_root" "$tree" "$cache" >"$dir/initrd/places"
	modprobe -C /dev/null -d "$kernel" -S "$version" -aD virtio_pci 9pnet_virtio 9p overlay |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$dir/modules"
	n=100
	while read -r module; do
		n=$((n + 1))
		case $module in
		*.xz) xz -dc "$module" ;;
		*) cat "$module" ;;
		esac >"$dir/initrd/modules/$n"
	done <"$dir/modules"
	(cd "$dir/initrd" && find . | cpio --quiet -o -H newc) >"$dir/initrd.cpio"
}

# quote TEXT: as one word for a shell.
quote() {
	printf %s "$1" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/"
}

# What the guest does in the machine's root, under the host's PATH: it finds the same tools.
make_start() {
	cat >"$share/start" <<-END
		#!/bin/sh
		cd $(quote "$tree")
		export PATH=$(quote "$PATH") HOME=/root BUILD=$(quote "${BUILD:-build}")
		export TEST_TIMEOUT=$TEST_TIMEOUT STARTS=${STARTS:-10} MODULES=$(quote "$kernel/lib/modules/$version")
		export KEPT=${KEEP:+/run/host/kept} GOLDEN=$(quote "${GOLDEN:-}")
		exec tests/vm/guest.sh $tests
	END
	chmod +x "$share/start"
}

# start_guest NUMBER: its processors share one thread, so that a guest takes one of the machine's, and
# code that is changed while it runs, as for a hook, is never seen half changed. 6 GiB are for many_tasks.sh. QEMU takes only what the guest touches.
start_guest() {
	qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp 2 -m 6144 -no-reboot \
		-nodefaults -display none -serial "file:$dir/console$1" \
		-kernel "$kernel/vmlinuz" -initrd "$dir/initrd.cpio" -append \
		"console=ttyS0 panic=-1 lsm=landlock,lockdown,yama,apparmor,bpf" \
		-fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap \
		-device virtio-9p-pci,fsdev=root,mount_tag=root \
		-fsdev "local,id=host,path=$share,security_model=none" \
		-device virtio-9p-pci,fsdev=host,mount_tag=host &
	running="$running $!"
}

some_run() {
	for qemu in $running; do
		! kill -0 "$qemu" 2>/dev/null || return 0
	done
	return 1
}

# Shows their progress. A minute beside the limit is for a guest's own timeout to work.
wait_for_guests() {
	: >"$share/progress"
	shown=0
	silent=0
	while some_run && [ "$silent" -lt $((TEST_TIMEOUT + 60)) ]; do
		sleep 1
		silent=$((silent + 1))
		lines=$(wc -l <"$share/progress")
		if [ "$lines" -gt "$shown" ]; then
			sed -n "$((shown + 1)),${lines}s/^/  VM     /p" "$share/progress"
			shown=$lines
			silent=0
		fi
	done
	if [ "$silent" -ge $((TEST_TIMEOUT + 60)) ]; then
		echo "The guests said nothing for $silent seconds, and were ended."
		end_guests
	fi
	running=
}

# Each test has ended, or the consoles say why not.
show_consoles() {
	[ "$(grep -c ' ended, ' "$share/progress")" -lt $# ] || return 0
	for guest in $guests; do
		echo "The console of guest $guest ends with:"
		tail -n 30 "$dir/console$guest" | tr -d "\\r" | tr -c '\11\12\40-\176' '?' |
			sed 's/^/    | /'
	done
}

# shellcheck disable=SC2086 # a list of words
set -- $tests
for test; do
	[ -x "./$test" ] || { echo "There is no test $test here." >&2; exit 1; }
done
[ "$(uname -m)" = x86_64 ] || skip "the guest would be x86-64, this machine is not"
get_kernel
get_root
result "$@"
make_initrd
make_start
mkdir -p "$share/kept"
for guest in $guests; do
	start_guest "$guest"
done
wait_for_guests
show_consoles "$@"
if [ -n "${KEEP:-}" ]; then
	mkdir -p "$KEEP"
	cp -r "$share"/kept/. "$KEEP"
fi
report "$@"
