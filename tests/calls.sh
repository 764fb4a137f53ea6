# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# call NAME: the number that a system call has on this machine's processor, of tests/calls.

call() {
	awk -v name="$1" -v machine="$(uname -m)" '
		$1 == "name" { for (i = 2; i <= NF; i++) if ($i == machine) column = i }
		$1 == name && column { print $column; found = 1 }
		END { exit !found }' tests/calls
}

# at_mount_setattr: what idmapped mounts are seen at with trampolines.
at_mount_setattr() {
	case $(uname -m) in
	x86_64) echo fexit/__x64_sys_mount_setattr ;;
	aarch64) echo fexit/__arm64_sys_mount_setattr ;;
	esac
}
