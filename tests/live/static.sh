#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The static program needs no other file: it sees the same pods from an empty root, which has but
# what the kernel says.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh

static=$build/static/nsvigil

# The interpreter would be a program header, a library a NEEDED.
stands_alone() {
	readelf --wide --program-headers --dynamic "$static" >"$dir/elf"
	grep -E 'LOAD|NEEDED|INTERP' "$dir/elf"
	grep -q LOAD "$dir/elf" && ! grep -qE 'NEEDED|INTERP' "$dir/elf"
}

# glibc loads libraries at run time for these, which an empty root has not; libraries that are
# linked may name them, but nsvigil must not.
loads_nothing() {
	find "$build/obj/user" -name '*.o' -exec nm -u {} + >"$dir/undefined"
	grep -q ' U bpf_' "$dir/undefined" || return 1
	! grep -E ' (getaddrinfo|getnameinfo|gethostby.*|get(pw|gr|serv|proto).*|dlopen|iconv_open)$' \
		"$dir/undefined"
}

# shellcheck disable=SC2016 # the inner shell's
in_empty_root() {
	unshare --mount sh -c '
		mount --rbind /proc "$1/proc"
		mount --rbind /sys "$1/sys"
		root=$1
		shift
		exec chroot "$root" /nsvigil "$@"
	' sh "$dir/root" "$@"
}

# Names come from /var/log/pods, which is not in there.
verdicts() {
	python3 -c '
import json, sys
for pod in json.load(sys.stdin)["pods"]:
    print(pod["uid"], pod["verdict"], sorted(f["rule"] for f in pod["findings"]))' | sort
}
same_pods() {
	status=0
	"$build/nsvigil" scan --json >"$dir/dynamic" || status=$?
	[ "$status" = 1 ]
	status=0
	in_empty_root scan --json >"$dir/static" || status=$?
	[ "$status" = 1 ]
	verdicts <"$dir/dynamic" >"$dir/expected"
	verdicts <"$dir/static" | tee "$dir/got"
	[ "$(wc -l <"$dir/got")" -ge 3 ] && cmp "$dir/expected" "$dir/got"
}

mkdir -p "$dir/root/proc" "$dir/root/sys"
cp "$static" "$dir/root/nsvigil"
check "it needs no interpreter and no library" stands_alone
check "nsvigil calls nothing that would load one" loads_nothing
status=0
lab_start plain host unmapped-group || status=$?
if [ "$status" = 77 ]; then
	skip "an empty root" "$(cat "$dir/lab")"
	finish
	exit
fi
[ "$status" = 0 ] || exit 1
check "from an empty root it sees the same pods" same_pods
check "and doctor finds what it needs" in_empty_root doctor
finish
