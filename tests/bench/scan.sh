#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a scan costs beside so many pods (PODS) of one process each: of TURNS, half took no longer; the processor's time,
# user and system, and the most memory that any had. In no test is a time: what it prints is of this machine.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
. tests/bench/pods.sh

cat >"$dir/scans.py" <<'END'
import os, statistics, subprocess, sys, time
turns, command = int(sys.argv[1]), sys.argv[2:]
took, cpu, most = [], [], 0
for _ in range(turns):
    begun = time.monotonic()
    scan = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(scan.pid, 0)
    took.append(time.monotonic() - begun)
    cpu.append(usage.ru_utime + usage.ru_stime)
    most = max(most, usage.ru_maxrss)
    if os.waitstatus_to_exitcode(status) > 1:
        sys.exit(f"scan ended with {status}")
print(f"{statistics.median(took):.3f} | {statistics.median(cpu):.3f} | {most / 1024:.1f} |")
END

echo "| pods | a scan, median, s | of a processor, s | at most, MiB |"
echo "| ---: | ---: | ---: | ---: |"
for n in ${PODS:-0 110 1000 3000}; do
	[ "$n" = 0 ] || pods_start "$n"
	echo "| $n | $(python3 "$dir/scans.py" "${TURNS:-11}" "$build/nsvigil" scan --json)"
	pods_stop
done
