#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The machine that runs guests, when one does not come up or falls over: it is ended, its console is
# shown, and its tests have failed. What there is no kernel for is skipped.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh

# guest STATUS TEXT...: a guest's run ends so, and says all of this.
guest() {
	expected=$1
	shift
	status=0
	INIT=$dir/init KERNEL=6.12 GUESTS=1 VM_TESTS=tests/lint/docs.sh BOOT_TIMEOUT=60 \
		tests/vm/run.sh >"$dir/out" 2>&1 || status=$?
	cat "$dir/out"
	[ "$status" = "$expected" ] || return 1
	for text; do
		grep -qF -e "$text" "$dir/out" || return 1
	done
}

printf '#!/bin/busybox sh\necho it goes no further; while :; do /bin/busybox sleep 60; done\n' >"$dir/init"
check "a boot that hangs is ended, and its console shown" guest 1 "said nothing for 60 seconds, and was ended" \
	"    | it goes no further" "The guest ended before this test did." "0 passed, 1 failed, 0 skipped"
printf '#!/bin/busybox sh\necho it falls over\n' >"$dir/init"
check "so is one whose init ends" guest 1 "has ended before it took a test" "    | it falls over" \
	"Kernel panic" "0 passed, 1 failed, 0 skipped"

# Neither a source of kernels nor one that was cached.
no_kernel() {
	status=0
	PATH=$dir/bin:$PATH CACHE=$dir/cache KERNEL=6.12 VM_TESTS=tests/lint/docs.sh tests/vm/run.sh \
		>"$dir/out" 2>&1 || status=$?
	cat "$dir/out"
	[ "$status" = 0 ] && grep -qx "0 passed, 0 failed, 1 skipped" "$dir/out" &&
		grep -q "^skipped 6.12/best/tests/lint/docs.sh: .*no Linux 6.12 is cached" "$dir/out"
}
mkdir "$dir/bin"
printf '#!/bin/sh\nexit 100\n' >"$dir/bin/apt-get"
chmod +x "$dir/bin/apt-get"
check "a kernel that cannot be had is skipped by name" no_kernel
finish
