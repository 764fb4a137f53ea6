#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# How long it takes from what a hook saw in the kernel to the datagram that a collector received:
# findings of processes that join a namespace which is not theirs, COUNT of them, one after the other.
# PODS: how many others there are, which do nothing (0). In no test is a time: what it prints is of this machine.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh
. tests/bench/pods.sh

count=${COUNT:-500}

# A collector that prints its port, and at the end what it measured. Both clocks are CLOCK_BOOTTIME.
cat >"$dir/collector.py" <<'END'
import re, socket, sys, time
count = int(sys.argv[1])
at = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
at.bind(("127.0.0.1", 0))
at.settimeout(60)
print(at.getsockname()[1], flush=True)
took = []
while len(took) < count:
    message = at.recv(2048)
    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    found = re.search(rb' boot_ns="(\d+)" phase="(?:opened|repeated|reopened)" id="foreign-namespace/', message)
    if found:
        took.append(now - int(found[1]))
took.sort()
def quantile(q):
    return took[min(len(took) - 1, int(q * len(took)))] / 1e6
print(f"  {count} findings: p50 {quantile(.5):.2f} ms, p99 {quantile(.99):.2f} ms,"
      f" at most {took[-1] / 1e6:.2f} ms")
END

python3 "$dir/collector.py" "$count" >"$dir/measured" 9>&- &
collector=$!
until [ -s "$dir/measured" ]; do
	sleep 0.1
done
[ "${PODS:-0}" = 0 ] || pods_start "$PODS"
lab_start plain
watch_start --json --syslog-repeat=0 --syslog="udp://127.0.0.1:$(head -n 1 "$dir/measured")"
# shellcheck disable=SC2016 # the inner shell's
container joins --mount --net sh -c '
	while kill -0 "$0" 2>/dev/null; do
		nsenter --target "$1" --net true
		sleep 0.01
	done' "$collector" $$ 9>&- &
joiner=$!
echo "from the kernel's event to the datagram received:"
wait "$collector"
tail -n 1 "$dir/measured"
wait "$joiner"
watch_stop
lab_stop
pods_stop
"$build/nsvigil" doctor | grep ' hook namespaces'
