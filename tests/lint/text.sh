#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# How sources and documents are written.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

formatted() {
	env -u MAKEFLAGS -u MAKELEVEL make lint-format
}

# spdx LICENSE FILE...: each file names this license near its top. Prints those that do not.
spdx() {
	license=$1
	shift
	for file; do
		head -n 3 "$file" | grep -qF "SPDX-License-Identifier: $license" || echo "$file"
	done | grep . && return 1
	return 0
}

licensed() {
	# shellcheck disable=SC2046 # no file here has a space in its name
	spdx "BSD-2-Clause" $(find Makefile .ci deploy include user tests vmlinux docs -name '*.[ch]' -o \
		-name '*.sh' -o -name '*.py' -o -name '*.zsh' -o -path '*/completion/*' -o -path 'docs/man/*' -o -name '*.in' -o -name run -o -name Makefile)
}

check "clang-format" formatted
check "the man pages, by mandoc" mandoc -T lint -W warning docs/man/*
check "the license of bpf/" spdx "(GPL-2.0-only OR BSD-2-Clause)" bpf/*.[ch]
check "the license of all else" licensed
finish
