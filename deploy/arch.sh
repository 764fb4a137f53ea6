#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# arch.sh PROGRAM: prints which processor it is for, by Debian's name: e_machine of its ELF header (elf(5)).
set -eu

case $(od -An -tu2 -j18 -N2 "$1" | tr -d ' ') in
62) echo amd64 ;;
183) echo arm64 ;;
*)
	echo "$1 is for no processor that is known here" >&2
	exit 1
	;;
esac
