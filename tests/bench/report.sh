#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# How fast scans of many nodes are one report, in each format, with how much memory; then logs of as many pods that have
# ended. NODES and PODS (of each) say how many. What
# it prints is of this machine.
set -eu

cd "$(dirname "$0")/../.."
build=${BUILD:-build}
nodes=${NODES:-1000}
pods=${PODS:-110}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

measure() {
	python3 - "$build/nsvigil" "$1" <<'EOF'
import os, resource, subprocess, sys, time
nsvigil, fleet = sys.argv[1:]
# One processor; the fastest of three runs counts.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
for form in ("table", "csv", "html", "openreports", "junit"):
    best = used = 1e9
    for _ in range(3):
        before, cpu = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([nsvigil, "report", "-o", form, fleet], stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, time.monotonic() - before)
        used = min(used, after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime)
    print(f"  {form}: {best:.1f} s, {used:.1f} s of the processor, peak memory of all so far {after.ru_maxrss / 1024:.0f} MiB")
EOF
}

python3 tests/report/fleet.py "$dir/fleet" "$nodes" "$pods"
echo "a report of $nodes nodes with $pods pods each, $(du -sm "$dir/fleet" | cut -f 1) MiB of scans:"
measure "$dir/fleet"
python3 tests/report/fleet.py ended "$dir/ended" "$nodes" "$pods"
echo "a report of $nodes nodes on which $pods pods each have ended, $(du -sm "$dir/ended" | cut -f 1) MiB of logs:"
measure "$dir/ended"
