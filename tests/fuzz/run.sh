#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh: each target of libFuzzer for FUZZ_SECONDS (60), from seeds that are made of the golden
# captures, and from what earlier runs found of interest. What makes one fail is in $BUILD/fuzz.
# FUZZ: which targets (all).
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
seconds=${FUZZ_SECONDS:-60}

# The records of each block, as docs/capture.md has them.
records() {
	python3 - "$@" <<-'EOF'
		import os, struct, sys, zlib
		out, *paths = sys.argv[1:]
		for path in paths:
		    data, at, n = open(path, "rb").read(), 192, 0
		    while at < len(data):
		        flags, packed = struct.unpack_from("<II", data, at + 4)
		        if packed and flags & 1:
		            name = os.path.join(out, f"{path.replace('/', '_')}-{n}")
		            open(name, "wb").write(zlib.decompress(data[at + 72 : at + 72 + packed], -15)[:4096])
		        at, n = at + 72 + packed, n + 1
	EOF
}

seeds() {
	mkdir -p "$build/fuzz/corpus/$1"
	case $1 in
	reader) cp tests/golden/*/runc.nsvcap "$build/fuzz/corpus/$1/" ;;
	records) records "$build/fuzz/corpus/$1" tests/golden/*/*.nsvcap ;;
	import)
		for golden in tests/golden/*/containers.nsvcap; do
			"$build/nsvigil" show --json "$golden"
		done | awk '!seen[substr($0, 1, 30)]++' | split -a 4 -l 1 - "$build/fuzz/corpus/$1/seed-"
		;;
	*) cp "tests/fuzz/seeds/$1"/* "$build/fuzz/corpus/$1/" ;;
	esac
}

target() {
	seeds "$1" || return 1
	# Leaks at exit are not looked for: under ptrace that is not possible, and valgrind does.
	"$build/fuzz/$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -detect_leaks=0 \
		-artifact_prefix="$build/fuzz/$1-" -print_final_stats=1 "$build/fuzz/corpus/$1" \
		>"$build/fuzz/$1.log" 2>&1 || { tail -n 30 "$build/fuzz/$1.log"; return 1; }
	grep 'stat::number_of_executed_units' "$build/fuzz/$1.log"
}

for source in tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	case " ${FUZZ:-$name} " in
	*" $name "*) check "$name for $seconds s" target "$name" ;;
	esac
done
finish
