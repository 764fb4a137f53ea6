#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# 5,000 processes beside the pods: all are seen. What that costs is printed, not judged.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh

python3 - "$dir/crowd" <<'EOF' &
import os, signal, sys
children = []
signal.signal(signal.SIGTERM, lambda *_: None)
try:
    for _ in range(5000):
        pid = os.fork()
        if not pid:
            signal.pause()
            os._exit(0)
        children.append(pid)
    open(sys.argv[1], "w").close()
    signal.pause()
finally:
    for pid in children:
        os.kill(pid, signal.SIGKILL)
EOF
crowd=$!
lab_start plain host
while [ ! -e "$dir/crowd" ]; do
	kill -0 "$crowd"
	sleep 0.1
done

seen() {
	"$build/nsvigil" doctor | sed -n 's/.*it showed \([0-9]*\) tasks$/\1/p'
}
check "a walk shows all 5,000" sh -c "[ $(seen) -gt 5000 ]"
check "the pods are judged as without them" sh -c "
	'$build/nsvigil' scan --json >'$dir/scan.json' &&
	'$build/podlab' verify plain host <'$dir/scan.json'"
# shellcheck disable=SC3045 # no other shell has a portable clock; this is for people
bash -c "time '$build/nsvigil' scan" 2>&1 >/dev/null | sed 's/^/# /'
kill "$crowd"
wait "$crowd" || :
lab_stop
finish
