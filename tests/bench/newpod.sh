#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What the kubelet's files of a new pod cost watch, beside the files of so many others (PODS): NEW are made, one after the
# other, each with its directory, what the kubelet gave it, and a file that is written twice. The processor's time for
# one, less what watch takes in that time by itself. In no test is a time: what it prints is of this machine.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
. tests/bench/pods.sh

new=${NEW:-200}
kubelet=$dir/root/var/lib/kubelet
mkdir -p "$kubelet/pods" "$dir/root/etc/kubernetes/manifests"

cat >"$dir/files.py" <<'END'
import os, sys, time
pods, first, n, pause = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
for i in range(first, first + n):
    at = f"{pods}/00000000-aaaa-bbbb-cccc-{i:012}"
    os.mkdir(at)
    ids = f'[{{"hostId":{(i + 1000) << 16},"containerId":0,"length":65536}}]'
    with open(f"{at}/userns", "w") as out:
        out.write(f'{{"uidMappings":{ids},"gidMappings":{ids}}}')
    for _ in range(2):
        with open(f"{at}/etc-hosts", "w") as out:
            out.write("127.0.0.1 localhost\n")
    time.sleep(pause)
END

echo "| pods' directories | one more, ms of a processor |"
echo "| ---: | ---: |"
made=0
for n in ${PODS:-10 500 3000}; do
	python3 "$dir/files.py" "$kubelet/pods" "$made" "$((n - made))" 0
	made=$n
	watch_start --json --root "$dir/root"
	sleep 5
	seconds=$((new / 20))
	before=$(used)
	sleep "$seconds"
	idle=$(($(used) - before))
	before=$(used)
	python3 "$dir/files.py" "$kubelet/pods" "$made" "$new" 0.05
	busy=$(($(used) - before))
	made=$((made + new))
	echo "| $n | $(awk -v ns=$((busy - idle)) -v n="$new" 'BEGIN { printf "%.2f", ns / n / 1e6 }') |"
	watch_stop
done
