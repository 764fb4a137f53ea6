#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# How fast a capture is judged, with how much memory, and how long its records are. EVENTS and PODS
# say how large it is. In no test is a time: what it prints is of this machine.
set -eu

cd "$(dirname "$0")/../.."
build=${BUILD:-build}
events=${EVENTS:-10000000}
pods=${PODS:-500}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

echo "a capture of $events events, $pods pods:"
"$build/events" "$dir/capture" "$events" "$pods"
python3 - "$build/nsvigil" "$dir/capture" <<'EOF'
import os, resource, struct, subprocess, sys
nsvigil, path = sys.argv[1:]

# docs/capture.md: the header, then blocks.
packed = raw = events = 0
with open(path, "rb") as capture:
    capture.seek(192)
    while header := capture.read(72):
        n, r, e = struct.unpack_from("<III", header, 8)
        packed, raw, events = packed + n, raw + r, events + e
        capture.seek(n, os.SEEK_CUR)
size = os.path.getsize(path)
print(f"  {size / 1e6:.1f} MB; a record has {raw / events:.1f} bytes, compressed {size / events:.1f}")

# One processor for the one thread; what counts is the time that it had of it, in the fastest of three runs: the
# machine may have other work.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
best = 1e9
for _ in range(3):
    replay = subprocess.Popen([nsvigil, "replay", "--json", path], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(replay.pid, 0)
    if status:
        sys.exit(1)
    best = min(best, used.ru_utime + used.ru_stime)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(f"  replay: {events / best / 1e6:.2f} million events/s, {raw / best / 1e6:.0f} MB/s of records,"
      f" peak memory {peak / 1024:.1f} MiB")
EOF

# For scale, another reader of kernel events: its own kind of capture, if it can make one here.
if ! command -v sysdig >/dev/null; then
	echo "  sysdig -r: not measured, there is no sysdig here (Debian: apt-get install sysdig)"
elif ! timeout 20 sysdig -n 1000000 -w "$dir/scap" >/dev/null 2>"$dir/why"; then
	echo "  sysdig -r: not measured, it can make no capture here: $(tail -n 1 "$dir/why")"
else
	python3 - "$dir/scap" <<'EOF'
import subprocess, sys, time
count = int(subprocess.run(["sysdig", "-r", sys.argv[1], "-p", "%evt.num"], check=True,
                           capture_output=True, text=True).stdout.split()[-1])
best = 1e9
for _ in range(3):
    before = time.monotonic()
    subprocess.run(["sysdig", "-r", sys.argv[1], "evt.num=0"], check=True)
    best = min(best, time.monotonic() - before)
print(f"  sysdig -r: {count / best / 1e6:.2f} million events/s, of {count} events that match no filter")
EOF
fi
