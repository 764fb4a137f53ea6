#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A process that joins a pod and stays, without ever running a program of its image.
# shellcheck disable=SC2016 # what other shells expand
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

said() {
	grep "\"phase\":\"$1\",\"id\":\"lingering-entrant/$(pod_uid plain)\"" "$dir/watch"
}

watch_or_skip --json
lab_start plain
sh -c 'echo 0 >"$1/cgroup.procs" && exec sleep 1000' - "$(pod_cgroup plain)" 9>&- &
stays=$!
# After a minute.
catches lingering-entrant "a process that lingers in a pod is told" within 150 said opened
kill "$stays"
check "and that it is gone" within 60 said closed
lab_stop
check_replay
finish
