#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Capability checks: what only looks like the use of one on the node is silent, what is one is told,
# and each is counted.
# shellcheck disable=SC2016 # Perl's variables
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

# in_pod SCENARIO COMMAND..., as_user SCENARIO COMMAND...: in its first container, as root or not.
in_pod() {
	pod=$1
	shift
	enter "$(pod_cgroup "$pod")" --target="$(pod_pid "$pod")" --all --setuid=0 --setgid=0 \
		"$@" 9>&-
}
as_user() {
	pod=$1
	shift
	in_pod "$pod" --setuid=1000 --setgid=1000 "$@"
}

# calls TIMES NUMBER ARGUMENT...: a program that makes a system call; arguments are Perl's.
calls() {
	times=$1 number=$2
	shift 2
	printf '$x = "x"; $t = pack("qq", 1, 0); syscall(%s) for 1..%s' "$(echo "$number" "$@" | tr ' ' ,)" "$times"
}
# by_int80 NUMBER TIMES: a program that makes a call with the arguments 0 and -1 by the 32-bit entry: in a child, since
# that is the end of it where there is none.
by_int80() {
	cat <<-EOF
		import ctypes, mmap, os, sys
		code = b"\x53\xb8" + ($1).to_bytes(4, "little") + b"\x31\xdb\xb9\xff\xff\xff\xff\xcd\x80\x5b\xc3"
		page = mmap.mmap(-1, 4096, prot=7)
		page.write(code)
		call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
		if not os.fork():
		    call()
		    os._exit(0)
		status = os.wait()[1]
		for _ in range($2):
		    status or call()
		sys.exit(status != 0)
	EOF
}
acct=$(call acct) settimeofday=$(call settimeofday) chroot=$(call chroot) sethostname=$(call sethostname)
vhangup=$(call vhangup)

# said PHASE RULE POD CAPABILITY: such a line was printed.
said() {
	grep -q "\"phase\":\"$1\",\"id\":\"$2/$(pod_uid "$3")\",.*\"capability\":\"$4\"" "$dir/watch"
}
# silent POD [COMM]: nothing was said of its capability checks, but of those of COMM.
silent() {
	! grep "\"id\":\"host-capability[a-z-]*/$(pod_uid "$1")\"" "$dir/watch" |
		grep -v "\"comm\":\"${2:-none}\""
}

# counted POD CAPABILITY TASK ASKED RESULT COUNT: so many checks in earnest are in the summary, or up to $more more:
# where the kernel preempts programs, one may be counted twice (bpf/again.h).
counted() {
	python3 - "$dir/watch" "$(pod_uid "$1")" "$2" "$3" "$4" "$5" "$6" "$more" <<-'EOF'
		import json, sys
		path, uid, capability, task, asked, result, count, more = sys.argv[1:]
		summary = json.loads(open(path).readlines()[-1])
		found = [check["count"] for check in summary["checks"]
		         if check["pod"]["uid"] == uid and check["capability"] == capability and
		            check["task_in"] == task and check["asked_over"] == asked and
		            check["granted"] == (result == "granted") and check["held"] and
		            check["probe"] == "no"]
		print(found, *(check for check in summary["checks"] if check["pod"]["uid"] == uid), sep="\n")
		sys.exit(len(found) != 1 or not int(count) <= found[0] <= int(count) + int(more))
	EOF
}

# scanned POD CAPABILITY RESULT COUNT: a scan beside the watch has so many.
scanned() {
	build=${BUILD:-build}
	"$build/nsvigil" scan --json >"$dir/scan.json" || [ $? = 1 ] || return
	python3 - docs/scan.schema.json "$dir/scan.json" "$(pod_uid "$1")" "$2" "$3" "$4" "$more" <<-'EOF'
		import json, jsonschema, sys
		schema, path, uid, capability, result, count, more = sys.argv[1:]
		scan = json.load(open(path))
		jsonschema.Draft202012Validator(json.load(open(schema))).validate(scan)
		checks = [pod["checks"] for pod in scan["pods"] if pod["uid"] == uid][0]
		print(checks)
		found = [check["count"] for check in checks
		         if check["capability"] == capability and check["probe"] == "no" and
		            check["granted"] == (result == "granted")]
		sys.exit(len(found) != 1 or not int(count) <= found[0] <= int(count) + int(more))
	EOF
	"$build/nsvigil" scan --output=wide >"$dir/scan" || [ $? = 1 ] || return
	sed -n "/^capability checks of pod podlab.$1\$/,/^[^ ]/p" "$dir/scan" |
		grep "^    $2 *$3 [0-9]* times in"
}
unwatched() {
	"${BUILD:-build}/nsvigil" scan --output=wide >"$dir/scan" || [ $? = 1 ] || return
	grep -x "Capability checks are unknown: no nsvigil watch .*" "$dir/scan"
}

# Somebody asks doctor, again and again, which loads and attaches what watch does, to see whether that works.
while_tried() {
	while :; do
		"$build/nsvigil" doctor >"$dir/tried" || :
	done &
	trying=$!
	result=0
	for _ in 1 2 3 4 5; do
		"$@" || result=$?
	done
	kill "$trying"
	wait "$trying" || :
	return "$result"
}

watch_or_skip --json
needs capabilities
more=0
! "${BUILD:-build}/nsvigil" doctor | grep -q '^ok *preemption *each' || more=10
lab_start plain cgroupfs multi-extent nested containers host helper

# What an isolated pod does for itself: each in a pod of its own.

cat >"$dir/copy_up" <<'EOF'
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/lower /mnt/upper /mnt/work /mnt/merged
for i in $(seq 50); do echo "$i" >"/mnt/lower/$i"; done
mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work,userxattr overlay \
	/mnt/merged
for i in $(seq 50); do
	echo more >>"/mnt/merged/$i"
	chmod 4755 "/mnt/merged/$i"
	chown 1000:1000 "/mnt/merged/$i"
	chmod 600 "/mnt/merged/$i"
done
EOF
check "a pod copies up and changes modes on its own overlay" in_pod plain sh "$dir/copy_up"
check "a pod maps and unmaps memory" \
	in_pod cgroupfs perl -e 'for (1..2000) { my $x = "x" x 1_000_000; fork or exit if $_ % 100 == 0; }'

cat >"$dir/nested" <<'EOF'
set -e
for i in $(seq 20); do unshare --user true; done
# A full set there, and the node refuses all the same.
unshare --user --map-root-user perl -e "$1"
EOF
unshare_user() {
	as_user helper sh "$dir/nested" "$(calls 10 "$settimeofday" '$t' 0)"
}
if as_user helper unshare --user true 2>/dev/null; then
	check "a user in a pod makes user namespaces" unshare_user
else
	skip "a user in a pod makes user namespaces" "this kernel lets no user do so"
fi

cat >"$dir/uring.c" <<'EOF'
#include <linux/io_uring.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Opens so many raw sockets, each in a worker of the kernel's. With a second argument it is a user by then,
 * and the workers have the credentials that it registered before.
 */
int main(int argc, char **argv)
{
	struct io_uring_params p = {0};
	int fd = syscall(SYS_io_uring_setup, 1, &p);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	unsigned *head, *tail;
	int personality = 0;
	char *ring;

	if (fd < 0)
		return 77;
	ring = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
	sqe = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
	if (argc < 2 || ring == MAP_FAILED || (void *)sqe == MAP_FAILED)
		return 1;
	tail = (unsigned *)(ring + p.sq_off.tail);
	head = (unsigned *)(ring + p.cq_off.head);
	cqe = (void *)(ring + p.cq_off.cqes);
	if (argc > 2) {
		personality = syscall(SYS_io_uring_register, fd, IORING_REGISTER_PERSONALITY, 0, 0);
		if (personality < 0 || setgid(1000) || setuid(1000))
			return 1;
	}
	*sqe = (struct io_uring_sqe){.personality = personality, .opcode = IORING_OP_SOCKET, .flags = IOSQE_ASYNC,
				     .fd = AF_INET, .off = SOCK_RAW, .len = 1};
	for (int i = 0; i < atoi(argv[1]); i++) {
		const int *result = &cqe[*head & (p.cq_entries - 1)].res;

		__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
		if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) != 1 ||
		    *result < 0)
			return 1;
		close(*result);
		__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	}
	return 0;
}
EOF
uring=
cc -O -o "$dir/uring" "$dir/uring.c"
status=0
in_pod multi-extent "$dir/uring" 100 || status=$?
if [ "$status" = 77 ]; then
	skip "a pod opens raw sockets with io_uring" "this kernel has it not, or switched off"
else
	uring=yes
	check "a pod opens raw sockets with io_uring" test "$status" = 0
	check "a user in a pod does, with a personality of root's" in_pod plain "$dir/uring" 30 registered
fi

# What ping does, in a program that is here: file capabilities, and a socket that needs one.
cat >"$dir/ping" <<'EOF'
set -e
mount -t tmpfs tmpfs /mnt
cp "$(readlink -f /usr/bin/perl)" /mnt/ping
setcap cap_net_raw+ep /mnt/ping
EOF
if PATH=$PATH:/sbin:/usr/sbin command -v setcap >"$dir/setcap"; then
	check "a pod gives a program of its own a capability" \
		in_pod nested env "PATH=$PATH:/sbin:/usr/sbin" sh "$dir/ping"
	check "a user opens a raw socket with it" as_user nested /mnt/ping -MSocket \
		-e 'socket(my $s, PF_INET, SOCK_RAW, 1) or die $!'
else
	skip "a pod gives a program of its own a capability" "there is no setcap here"
	skip "a user opens a raw socket with it" "there is no setcap here"
fi

# What the node refuses, and what it grants.

check "an isolated pod's root calls for the node's clock" \
	in_pod containers perl -e "$(calls 1000000 "$settimeofday" '$t' 0)"
catches host-capability-stopped "it is told that it was stopped" \
	within 5 said opened host-capability-stopped containers CAP_SYS_TIME
check "it asks for other things of the node's" \
	in_pod containers perl -e "$(calls 1000 "$vhangup"); $(calls 1 "$acct" 0)"
check "that repeats it" within 5 said repeated host-capability-stopped containers CAP_SYS_TTY_CONFIG
check "once for each" within 5 said repeated host-capability-stopped containers CAP_SYS_PACCT
check "a hostUsers: true pod's root calls for the node's name" \
	in_pod host perl -e "$(calls 1000000 "$sethostname" '$x' -1)"
catches host-capability "it is told that it used a capability" within 5 said opened host-capability host CAP_SYS_ADMIN
if [ "$(uname -m)" = x86_64 ] && in_pod host python3 -ISc "$(by_int80 20 0)"; then
	check "by a 32-bit entry, too" in_pod host python3 -ISc "$(by_int80 74 1000)"
	thirty_two=1001 # and once by the child
else
	skip "by a 32-bit entry, too" "64-bit code has none here"
	thirty_two=0
fi
check "it uses another" in_pod host perl -e "\$r = '/'; $(calls 1000 "$chroot" '$r')"
check "that repeats it" within 5 said repeated host-capability host CAP_SYS_CHROOT

# To mount one asks for more (ovl_can_decode_fh), and is refused.
check "the overlay was no finding" silent plain mount
check "nor was memory" silent cgroupfs
check "nor were user namespaces below the pod's" silent helper
check "nor was io_uring" silent multi-extent
check "nor was the raw socket" silent nested
check "no check told a second time" sh -c "! sort '$dir/watch' | grep host-capability |
	grep -o '\"id\":\"[^\"]*\".*\"capability\":\"[A-Z_]*\"' | sed 's/,.*,/ /' | uniq -d | grep ."

check "a scan shows what was counted so far" scanned containers CAP_SYS_TIME refused 1000000
check "likewise what was granted" scanned host CAP_SYS_CHROOT granted 1000
check "also while doctor tries hooks" while_tried scanned host CAP_SYS_CHROOT granted 1000
kill "$watching"
wait "$watching" || :
watching=
# The kernel frees its maps a moment later.
check "without a watch it says that it does not know" within 5 unwatched
check "also while doctor tries hooks" while_tried unwatched
check "1,000,000 refusals are 1,000,000" counted containers CAP_SYS_TIME pod node refused 1000000
check "1,000 are 1,000" counted containers CAP_SYS_TTY_CONFIG pod node refused 1000
check "1 is 1" counted containers CAP_SYS_PACCT pod node refused 1
check "1,000,000 uses are 1,000,000, and 1,000 by another entry" \
	counted host CAP_SYS_ADMIN node node granted $((1000000 + thirty_two))
check "1,000 are 1,000" counted host CAP_SYS_CHROOT node node granted 1000
if [ "$uring" ]; then
	check "what io_uring's workers did is the pod's" \
		counted multi-extent CAP_NET_RAW pod pod granted 100
	check "with a personality's credentials, too" counted plain CAP_NET_RAW pod pod granted 30
else
	skip "what io_uring's workers did is the pod's" "this kernel has no io_uring, or switched off"
fi
check "nothing was lost" lossless
check "every line is as the schema says" valid_lines
check_replay

watch_start --json
check "it asks again" in_pod containers perl -e "$(calls 10 "$settimeofday" '$t' 0)"
check "that is told" within 5 said opened host-capability-stopped containers CAP_SYS_TIME
check "a finding stays when who did it is gone" \
	sh -c "! grep '\"phase\":\"closed\",\"id\":\"host-capability' '$dir/watch'"
lab_stop
check "and closes with the pod, with the count" within 15 grep -q \
	"\"phase\":\"closed\",\"id\":\"host-capability-stopped/$(pod_uid containers)\",.*\"count\":10," "$dir/watch"
check_replay
finish
