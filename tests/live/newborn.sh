#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# While a process is made the kernel has it in the root's cgroup (kernel/fork.c, cgroup_post_fork() comes last),
# where a walk may find it: a pod that forks is never seen to have processes outside.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/inside.sh

at=$cgroup2/newborn
mkdir -p "$at"
"$build/newborn" 12 "$at" >"$dir/said" 2>"$dir/err" || cat "$dir/err"
sed 's/^/# /' "$dir/said"
gone() {
	rmdir "$at"
}
within 10 gone
check "many walks showed processes that are being made" grep -Eq '^[0-9]{3,} walks showed [0-9]{3,} ' "$dir/said"
check "none of them in the root's cgroup" grep -q ' of them, 0 elsewhere$' "$dir/said"
finish
