#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# keep.sh: after make fuzz, what it found of interest becomes the corpus that is kept: of inputs that reach the same,
# the smallest.
# FUZZ: of which targets (all that have run).
set -eu

cd "$(dirname "$0")/../.."
build=${BUILD:-build}

for corpus in "$build"/fuzz/corpus/*; do
	name=$(basename "$corpus")
	case " ${FUZZ:-$name} " in
	*" $name "*) ;;
	*) continue ;;
	esac
	rm -rf "$build/fuzz/kept"
	mkdir -p "$build/fuzz/kept"
	"$build/fuzz/$name" -merge=1 -max_len=4096 -detect_leaks=0 -close_fd_mask=2 "$build/fuzz/kept" "$corpus" \
		>"$build/fuzz/kept.log" 2>&1 || { cat "$build/fuzz/kept.log"; exit 1; }
	tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$build/fuzz/kept" -c . |
		gzip -9n >"tests/fuzz/corpus/$name.tar.gz"
	echo "$name: $(find "$build/fuzz/kept" -type f | wc -l) inputs," \
		"$(wc -c <"tests/fuzz/corpus/$name.tar.gz") bytes packed"
done
