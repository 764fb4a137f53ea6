#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs live tests on kernels of Debian's in QEMU, where nothing hardens the kernel, all capabilities
# are there, and all cgroups are v2. Results are as tests/run prints them. Guests share the work: each
# takes the next test for its kernel that none has taken.
#
# MATRIX: what runs on which kernel: default or full (tests/vm/matrix.sh).
# KERNEL: of that (then of full, if MATRIX is not given) only what runs on 6.12, 6.1, 5.10 or newest.
# VM_TESTS: of that only these, by their paths in the repository or parts of them. Without MATRIX just these, on
# KERNEL or else 6.12.
# ROOT: sid, for these just so with the runtimes of Debian's unstable suite instead of the machine's own.
# GUESTS: how many at once (2).
# STARTS: how many containers tests/runtimes/ starts of each kind (10: all code is interpreted).
# MINUTES, PAUSE: what tests/live/preempted.sh has them for.
# CHAOS: full, for the sizes of tests/chaos/chaos.sh that a release is tested with; CHAOS_KILLS: how often watch is killed.
# RESULTS: a file that gets what was caught (tests/results.sh).
# KEEP: a directory that gets what tests leave in $KEPT.
# CACHE: where kernels are kept.
# TEST_TIMEOUT: seconds that a test may take (1800); BOOT_TIMEOUT: and booting (300).
# ARCH: the guests' processor, amd64 or arm64. Not the machine's: they run in a root of that processor's
# (tests/vm/root.sh), with what make ARCH= has built.
# SUITE: guests run in a clean root of that Debian suite instead, whose systemd is process 1 (tests/vm/systemd.sh).
# SHARES: folders of the machine that they see there, besides this one.
# INIT: another /init for the guests.
# HOW: best, or what is forced of the hook table (guest.sh), where VM_TESTS are just these.
# COUNTED: yes: the guests' clock counts instructions, and all that could make a run another one is pinned.
# APPEND: more of the kernel's command line, as preempt=full.
set -eu

cd "$(dirname "$0")/../.."
tree=$PWD
native=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
export ARCH="${ARCH:-$native}"
cache=${CACHE:-${XDG_CACHE_HOME:-/var/cache}/nsvigil-vm}
export TEST_TIMEOUT="${TEST_TIMEOUT:-1800}"
boot_timeout=${BOOT_TIMEOUT:-300}

dir=$(mktemp -d)
mkdir "$dir/guests"
guests=0
trap 'end_guests; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

# Of each guest $dir/guests has a file, NUMBER, with its process and its kernel.

end_guests() {
	for guest in "$dir"/guests/*; do
		[ ! -e "$guest" ] || end_guest "${guest##*/}"
	done
}
end_guest() {
	read -r qemu _ <"$dir/guests/$1"
	! kill "$qemu" 2>/dev/null || wait "$qemu" || :
	rm "$dir/guests/$1"
}

# plan: what is to be run, a line each, as tests/vm/matrix.sh has it.
plan() {
	if [ -z "${MATRIX:-}" ] && [ -n "${VM_TESTS:-}" ]; then
		for test in $VM_TESTS; do
			echo "${KERNEL:-6.12} ${ROOT:-${HOW:-best}} $test"
		done
	else
		tests/vm/matrix.sh "${MATRIX:-${KERNEL:+full}}" >"$dir/matrix"
		# shellcheck disable=SC2086 # a list of words
		printf '%s\n' ${VM_TESTS:-tests} | grep -F -f - "$dir/matrix" |
			awk -v series="${KERNEL:-}" '!series || $1 == series'
	fi
}
# items SERIES [HOW]
items() {
	awk -v series="$1" -v how="${2:-}" '$1 == series && (!how || $2 == how) { print $2 "/" $3 }' "$dir/plan"
}

# What guests of a kernel share with the host is a folder of its series; what they print is replayed.
make_share() {
	share=$dir/$1
	mkdir -p "$share/kept" "$share/doctors"
	for item in $(items "$1"); do
		mkdir -p "$(dirname "$share/$item")"
		ln -s "$tree/tests/vm/replay.sh" "$share/$item"
	done
}

# skip SERIES HOW WHY: none of its tests, or of those that are run so, can run here.
skip() {
	for item in $(items "$1" "$2"); do
		echo "1..0 # SKIP $3" >"$dir/$1/$item.out"
		echo 0 >"$dir/$1/$item.status"
		mkdir "$dir/$1/$item.taken"
	done
}

# get SERIES HOW COMMAND...: what it prints is $got; what cannot be had is skipped.
get() {
	series=$1 how=$2
	shift 2
	status=0
	got=$("$@" "$cache" 2>"$dir/fetch") || status=$?
	cat "$dir/fetch" >&2
	case $status in
	0) return 0 ;;
	77) skip "$series" "$how" "$(tail -n 1 "$dir/fetch")" && return 1 ;;
	*) exit "$status" ;;
	esac
}

# The kernel, the initial file system, and what the guest does in the machine's root.
make_guest() {
	get "$1" "" tests/vm/fetch.sh "$1" || return 0
	kernel=$got
	root=/ busybox=$(command -v busybox) others=
	if [ "$ARCH" != "$native" ] || [ -n "${SUITE:-}" ]; then
		get "$1" "" env CLEAN="${SUITE:+yes}" tests/vm/root.sh "${SUITE:-bookworm}" || return 0
		root=$got busybox=$got/bin/busybox others="$tree $kernel ${SHARES:-}"
	fi
	sid=
	[ -z "$(items "$1" sid)" ] || ! get "$1" sid tests/vm/root.sh sid || sid=$got
	ln -s "$kernel/vmlinuz" "$dir/$1.kernel"
	version=$(ls "$kernel/lib/modules")
	make_initrd "$1"
	make_start "$1"
}

# The modules are in the order in which they must be loaded.
make_initrd() {
	mkdir -p "$dir/initrd/bin"
	rm -rf "$dir/initrd/modules"
	mkdir "$dir/initrd/modules"
	cp "$busybox" "$dir/initrd/bin/busybox"
	cp "${INIT:-tests/vm/initrd.sh}" "$dir/initrd/init"
	chmod +x "$dir/initrd/init"
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
	(cd "$dir/initrd" && find . | cpio --quiet -o -H newc) >"$dir/$1.cpio"
}

# quote TEXT: as one word for a shell.
quote() {
	printf %s "$1" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/"
}

# Under the host's PATH it finds the same tools. What another root does not have of the machine is mounted where the
# machine has it.
make_start() {
	echo "root $root" >"$dir/$1/shares"
	n=0
	for other in $others; do
		n=$((n + 1))
		echo "other$n $other" >>"$dir/$1/shares"
	done
	cat >"$dir/$1/start" <<-END
		#!/bin/sh
		cd $(quote "$tree")
		export PATH=$(quote "$PATH") HOME=/root BUILD=$(quote "${BUILD:-build}")
		export TEST_TIMEOUT=$TEST_TIMEOUT STARTS=${STARTS:-10} CHAOS=${CHAOS:-} CHAOS_KILLS=${CHAOS_KILLS:-} MINUTES=${MINUTES:-1} PAUSE=${PAUSE:-5} MODULES=$(quote "$kernel/lib/modules/$version")
		export DOCTORS=/run/host/doctors RESULTS=${RESULTS:+yes}
		export KEPT=${KEEP:+/run/host/kept} GOLDEN=$(quote "${GOLDEN:-}")
		export SID=$(quote "$sid") SHARES=$(quote "${SHARES:-}")
		${SUITE:+[ \$\$ != 1 ] || exec tests/vm/systemd.sh}
		exec tests/vm/guest.sh $(items "$1" | tr '\n' ' ')
	END
	chmod +x "$dir/$1/start"
}

# start_guest SERIES: its processors share one thread, so that a guest takes one of the machine's, and
# code that is changed while it runs, as for a hook, is never seen half changed. 6 GiB are for
# many_tasks.sh; QEMU takes only what the guest touches. What is always at the same address is translated once.
start_guest() {
	guests=$((guests + 1))
	began=$1 share=$dir/$1
	: >"$share/progress.$guests"
	# shellcheck disable=SC2086 # a list of words
	set -- -accel tcg,thread=single $machine -m 6144 -no-reboot -nodefaults -display none \
		-serial "file:$dir/console.$guests" -kernel "$share.kernel" -initrd "$share.cpio" \
		-fsdev "local,id=host,path=$share,security_model=none" \
		-device virtio-9p-pci,fsdev=host,mount_tag=host
	while read -r tag path _; do
		set -- "$@" -fsdev "local,id=$tag,path=$path,security_model=none,readonly=on,multidevs=remap" \
			-device "virtio-9p-pci,fsdev=$tag,mount_tag=$tag"
	done <"$share/shares"
	qemu "$@" &
	echo "$! $began" >"$dir/guests/$guests"
	taken "$began" >"$dir/taken.$guests"
	echo 0 0 >"$dir/seen.$guests"
}
# qemu ARGUMENT...: where the machine has much else to do, the kernel would find that its timer does not tick. Left out
# of the processor is what only costs time where all is interpreted: page tables of five levels, and strings that are
# copied byte by byte; and signatures of pointers are not those of the real algorithm.
qemu() {
	append="panic=-1 norandmaps lsm=landlock,lockdown,yama,apparmor,bpf nsvigil_guest=$guests $pinned${APPEND:-}"
	case $ARCH in
	amd64) exec qemu-system-x86_64 -cpu $cpu "$@" -append "console=ttyS0 no_timer_check $append" ;;
	arm64) exec qemu-system-aarch64 -machine virt -cpu max,pauth-impdef=on "$@" -append "console=ttyAMA0 $append" ;;
	esac
}

# How many of a kernel's tests have been taken, and are left.
taken() {
	find "$dir/$1" -name '*.taken' | wc -l
}
left() {
	echo $(($(items "$1" | wc -l) - $(taken "$1")))
}

# did_not_boot SERIES: there is one more try, in case that the machine was at fault.
did_not_boot() {
	[ ! -e "$dir/$1.failed" ] || : >"$dir/$1.broken"
	: >"$dir/$1.failed"
}

# The kernel with most to do for one more guest; none of one that does not boot.
next_series() {
	for series in $all_series; do
		[ ! -e "$dir/$series.broken" ] || continue
		at_work=$(cat "$dir"/guests/* 2>/dev/null | grep -c " $series\$" || :)
		echo "$(($(left "$series") / (at_work + 1))) $at_work $series"
	done | sort -k 1,1nr -k 2,2n | awk '$1 > 0 { print $3; exit }'
}

# console NUMBER WHY
console() {
	echo "Guest $1 $2. Its console ends with:"
	tail -n 80 "$dir/console.$1" | tr -d "\\r" | tr -c '\11\12\40-\176' '?' | sed 's/^/    | /'
}

# look NUMBER: shows its progress; ends it if it says nothing for too long. A minute beside the limit is
# for its own timeout to work.
look() {
	read -r qemu series <"$dir/guests/$1"
	read -r shown silent <"$dir/seen.$1"
	lines=$(wc -l <"$dir/$series/progress.$1")
	silent=$((silent + 1))
	if [ "$lines" -gt "$shown" ]; then
		sed -n "$((shown + 1)),${lines}s/^/  VM     $series: /p" "$dir/$series/progress.$1"
		silent=0
	fi
	echo "$lines $silent" >"$dir/seen.$1"
	limit=$boot_timeout
	[ "$lines" = 0 ] || limit=$((TEST_TIMEOUT + 60))
	if ! kill -0 "$qemu" 2>/dev/null; then
		rm "$dir/guests/$1"
		# Who took nothing did not come far, or came too late.
		if [ "$(taken "$series")" = "$(cat "$dir/taken.$1")" ] && [ "$(left "$series")" -gt 0 ]; then
			console "$1" "of Linux $series has ended before it took a test"
			did_not_boot "$series"
		elif [ "$(find "$dir/$series" -name '*.status' | wc -l)" -lt "$(taken "$series")" ] &&
			! grep -q " $series\$" "$dir"/guests/* 2>/dev/null; then
			console "$1" "of Linux $series has ended in a test"
		fi
	elif [ "$silent" -ge "$limit" ]; then
		console "$1" "of Linux $series said nothing for $silent seconds, and was ended"
		end_guest "$1"
		[ "$lines" != 0 ] || did_not_boot "$series"
	fi
}

work() {
	while :; do
		for guest in "$dir"/guests/*; do
			[ ! -e "$guest" ] || look "${guest##*/}"
		done
		at_work=$(find "$dir/guests" -type f | wc -l)
		next=
		[ "$at_work" -ge "${GUESTS:-2}" ] || next=$(next_series)
		if [ -n "$next" ]; then
			start_guest "$next"
		elif [ "$at_work" = 0 ]; then
			return
		else
			sleep 1
		fi
	done
}

machine="-smp 2" cpu=max,-la57,-erms,-fsrm pinned=
if [ -n "${COUNTED:-}" ]; then
	machine="-smp 1 -icount shift=0 -seed 1 -rtc base=2026-01-01,clock=vm"
	cpu=$cpu,rdrand=off,rdseed=off
	pinned="nsvigil_icount nokaslr mitigations=off "
fi

plan >"$dir/plan"
[ -s "$dir/plan" ] || { echo "The matrix has nothing of KERNEL=${KERNEL:-} and VM_TESTS=${VM_TESTS:-}." >&2; exit 1; }
all_series=$(cut -d ' ' -f 1 "$dir/plan" | sort -u)
while read -r series _ test; do
	[ -x "./$test" ] || { echo "There is no test $test here." >&2; exit 1; }
	[ -d "$dir/$series" ] || make_share "$series"
done <"$dir/plan"
for series in $all_series; do
	make_guest "$series"
done
work
for series in $all_series; do
	[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp -r "$dir/$series"/kept/. "$KEEP"; }
	[ -z "${RESULTS:-}" ] || cat "$dir/$series"/results.* >>"$RESULTS" 2>/dev/null || :
done
[ -z "${COUNTS:-}" ] || COUNTS=$(realpath "$COUNTS")
[ -z "${DURATIONS:-}" ] || DURATIONS=$(realpath "$DURATIONS")
cd "$dir"
# shellcheck disable=SC2046 # a list of words
set -- $(awk '{ print $1 "/" $2 "/" $3 }' plan)
# What is replayed does not need this kernel.
LOCK='' "$tree/tests/run" "$@"
