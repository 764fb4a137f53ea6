#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh: executes libFuzzer's targets 5 million times in all (FUZZ_RUNS), or with FUZZ_SECONDS each for so long. They
# begin with seeds, some of which are made of the golden captures, with what earlier runs found of interest, and with
# what of that is kept (keep.sh). What makes a target fail is in $BUILD/fuzz: with it as its argument the target shows
# why.
# FUZZ: which targets (all).
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
seconds=${FUZZ_SECONDS:-}
targets=${FUZZ:-$(for source in tests/fuzz/*.c; do basename "$source" .c; done)}

# share TARGET: how often it is executed, for as many of the others; a TLS handshake takes as long as dozens of them.
share() {
	case $1 in
	collector) echo 1 ;;
	*) echo 20 ;;
	esac
}
shares=0
for name in $targets; do
	shares=$((shares + $(share "$name")))
done

# runs_of TARGET: rounded up, so that all together are no fewer.
runs_of() {
	[ -z "$seconds" ] || { echo -1; return; }
	echo $((${FUZZ_RUNS:-5000000} * $(share "$1") / shares + 1))
}

# What is freed is kept only for a little, and of where it was allocated not all is: else that is most of an execution.
export ASAN_OPTIONS="quarantine_size_mb=4:malloc_context_size=2:allocator_release_to_os_interval_ms=-1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

# captures DIR: small ones, of what people wrote.
captures() {
	for hand in tests/golden/hand/*.events; do
		name=$1/$(basename "$hand" .events).nsvcap
		[ -e "$name" ] || "$build/nsvigil" import "$name" <"$hand" || return 1
	done
}

# records DIR FILE...: the records of each block, as docs/capture.md has them. With TEXT, a file, they come between
# two frames that are its text: tests/fuzz/common/frames.h.
records() {
	python3 - "$@" <<-'EOF'
		import os, struct, sys, zlib
		out, *paths = sys.argv[1:]
		text = open(os.environ["TEXT"], "rb").read() if "TEXT" in os.environ else b""
		frame = bytes([127, len(text) & 127 | 128, len(text) >> 7]) + text if text else b""
		for path in paths:
		    data, at, n = open(path, "rb").read(), 192, 0
		    while at < len(data):
		        flags, packed = struct.unpack_from("<II", data, at + 4)
		        if packed and flags & 1:
		            name = os.path.join(out, f"{path.replace('/', '_')}-{n}")
		            block = zlib.decompress(data[at + 72 : at + 72 + packed], -15)
		            open(name, "wb").write(frame + block[:4096] + frame)
		        at, n = at + 72 + packed, n + 1
	EOF
}

# lines DIR FILE...: of what watch printed about each, the last two findings or attestations.
lines() {
	python3 - "$@" <<-'EOF'
		import os, sys
		out, *paths = sys.argv[1:]
		for path in paths:
		    kept = [line for line in open(path) if '"type":"finding"' in line or '"type":"attestation"' in line][-2:]
		    with open(os.path.join(out, path.replace("/", "_")), "w") as seed:
		        seed.write("".join(kept))
	EOF
}

seeds() {
	corpus=$build/fuzz/corpus/$1
	mkdir -p "$corpus"
	[ ! -e "tests/fuzz/corpus/$1.tar.gz" ] || tar -xzf "tests/fuzz/corpus/$1.tar.gz" -C "$corpus"
	[ ! -d "tests/fuzz/seeds/$1" ] || cp "tests/fuzz/seeds/$1"/* "$corpus/"
	case $1 in
	report) lines "$corpus" tests/golden/*/*.jsonl ;;
	reader) captures "$corpus" ;;
	records) records "$corpus" tests/golden/*/*.nsvcap ;;
	reload)
		mkdir -p "$build/fuzz/captures"
		captures "$build/fuzz/captures"
		TEXT=tests/fuzz/seeds/config/all.yaml records "$corpus" "$build"/fuzz/captures/*
		;;
	import)
		for golden in tests/golden/*/containers.nsvcap; do
			"$build/nsvigil" show --json "$golden"
		done | awk '!seen[substr($0, 1, 30)]++' | split -a 4 -l 1 - "$corpus/seed-"
		;;
	esac
}

# Few records are executed more often, and are enough to be anything; a tree has long names.
max_len() {
	case $1 in
	records | reload) echo 1024 ;;
	*) echo 4096 ;;
	esac
}

target() {
	seeds "$1" || return 1
	# Of leaks all are told at the end. What is of interest by its entropy takes longer to know than to execute.
	"$build/fuzz/$1" -max_total_time="${seconds:-0}" -runs="$(runs_of "$1")" -max_len="$(max_len "$1")" -entropic=0 -timeout=10 \
		-rss_limit_mb=1024 -detect_leaks=0 -close_fd_mask=2 -artifact_prefix="$build/fuzz/$1-" \
		-print_final_stats=1 "$corpus" \
		>"$build/fuzz/$1.log" 2>&1 || { tail -n 30 "$build/fuzz/$1.log"; return 1; }
	grep 'stat::number_of_executed_units' "$build/fuzz/$1.log"
}

# stat TARGET NAME: of the final statistics.
stat() {
	awk -v name="stat::$2:" '$1 == name { n = $2 } END { print n + 0 }' "$build/fuzz/$1.log"
}

total=0
for name in $targets; do
	check "$name${seconds:+ for $seconds s}" target "$name"
	executed=$(stat "$name" number_of_executed_units)
	total=$((total + executed))
	rate=$(stat "$name" average_exec_per_sec)
	[ "$rate" -gt 0 ] || rate="more than $executed" # in less than a second
	[ -n "$seconds" ] || echo "# counted: $name: $executed executions, $rate a second"
done
echo "# counted: $total executions of $(echo "$targets" | wc -w) targets"
finish
