#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Create and start are two acts: a kubelet's containers are created, and started seconds later, when no walk
# is under way. Whatever is wrong with one is told when its image's first process runs, however short its
# life, and is in the pod's attestation. LIVES: seconds that they live (0.01 2).
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
runtime=runc
. tests/runtime.sh

node_begin
kubelet=$dir/kubelet
mkdir -p "$kubelet/pods"

# create NAME, and begin NAME: the two halves of start. The second one says when.
create() {
	mkdir -p "$cgroup2$besteffort"
	oci create --pid-file "$dir/$1/pid" -b "$dir/$1" "$1" </dev/null >"$dir/$1/log" 2>&1 || {
		cat "$dir/$1/log"
		return 1
	}
}
now() {
	python3 -c 'import time; print(time.clock_gettime_ns(time.CLOCK_BOOTTIME))'
}
begin() {
	now >"$dir/$1/began"
	oci start "$1"
}

# allot N FIRST: the kubelet has given the pod that range.
allot() {
	mkdir -p "$kubelet/pods/$(pod_uid "$1")"
	map='[{"hostId":%d,"containerId":0,"length":65536}]'
	# shellcheck disable=SC2059 # a format
	printf "{\"uidMappings\":$map,\"gidMappings\":$map}" "$2" "$2" >"$kubelet/pods/$(pod_uid "$1")/userns"
}

# expected RULE N: told of that pod, opened after its container began, and broken in its attestation.
expected() {
	echo "$1 $(pod_uid "$2") $(cat "$dir/$3/began")" >>"$dir/expected"
}

# Somebody outside pods who holds an ID of a range.
holder_of() {
	# shellcheck disable=SC2086 # words
	setpriv --reuid="$1" --regid="$1" --clear-groups sleep 1000 >"$dir/holder_of" 2>&1 9>&- &
	held=$!
}

# told: everything that is expected; how long after the start was begun, at most.
told() {
	python3 - "$dir/watch" "$dir/expected" <<-'END'
		import json, sys
		opened, broken, slowest, missing = {}, set(), 0, []
		for line in open(sys.argv[1]):
		    event = json.loads(line)
		    if event["type"] == "finding" and event["phase"] in ("opened", "reopened") and event["pod"]:
		        opened.setdefault((event["rule"], event["pod"]["uid"]), []).append(event["boot_ns"])
		    elif event["type"] == "attestation":
		        broken |= {(rule, event["pod"]["uid"]) for rule in event["rules"]["broken"]}
		        wrong = set(event["rules"]["broken"]) & set(event["rules"]["shown"])
		        assert not wrong, wrong
		for line in open(sys.argv[2]):
		    rule, pod, began = line.split()
		    times = [at - int(began) for at in opened.get((rule, pod), []) if at >= int(began)]
		    if not times:
		        missing.append(("not told", rule, pod))
		    elif (rule, pod) not in broken:
		        missing.append(("not attested", rule, pod))
		    else:
		        slowest = max(slowest, min(times))
		print(*missing, sep="\n")
		print(f"# counted: {len(open(sys.argv[2]).readlines())} violations, the slowest told "
		      f"{slowest // 1000000} ms after its start was begun", file=sys.stderr)
		sys.exit(bool(missing))
	END
}
all_told() {
	told 2>"$dir/slowest"
}

# well_attested N: a pod that is well raises nothing, and its attestation says so.
well_attested() {
	python3 - "$dir/watch" "$(pod_uid "$1")" <<-'END'
		import json, sys
		events = [json.loads(line) for line in open(sys.argv[1])]
		of_pod = [event for event in events if event.get("pod") and event["pod"]["uid"] == sys.argv[2]]
		assert not [event for event in of_pod if event["type"] == "finding"], of_pod
		last = [event for event in of_pod if event["type"] == "attestation"][-1]
		assert last["verdict_at_end"] == "isolated", last
		assert "split-userns" in last["rules"]["shown"] and not last["rules"]["broken"], last
	END
}

# created N LIFE: one pod a rule, from that number on.
created() {
	base=$1
	life="spec['process']['args'] = ['/bin/sleep', '$2']"
	n=$base
	watched=
	pod() {
		watched="$watched $1"
		n=$((n + 1))
	}
	container "well$base" "$n" 1 "$life"
	pod "well$base"
	container_host "host$base" "$n" 1 "$life"
	pod "host$base"
	container_host "declared$base" "$n" 1 "$life"
	allot "$n" "$(first_of "$n")"
	pod "declared$base"
	container "low$base" "$n" 1 "$life; ids[0].update(hostID=1000, size=100)"
	chown -R 1000:1000 "$dir/low$base/rootfs"
	pod "low$base"
	container "used$base" "$n" 1 "$life"
	holder_of "$(($(first_of "$n") + 7))"
	pod "used$base"
	container "over$base" "$n" 1 "$life; ids[0].update(hostID=$(first_of $((n + 1))))" # the sandbox's
	pod "over$base"
	# A sandbox, and then a second container that was given no user namespace.
	container "sandbox$base" "$n" 1
	container_host "split$base" "$n" 2 "$life"
	start "sandbox$base" || return 1
	pod "split$base"
	container "shared$base" "$n" 1 "$life"
	join "shared$base" "$(pid_of "sandbox$base")" # another pod's
	pod "shared$base"
	for each in $watched; do
		create "$each" || return 1
	done
	echo "$held" >"$dir/held.$base"
	echo "$watched" >"$dir/created.$base"
}

# started N LIFE: those are, and live as long, and end.
started() {
	base=$1
	watched=$(cat "$dir/created.$base")
	for each in $watched; do
		begin "$each" || return 1
	done
	n=$base
	expected host-userns $((n + 1)) "host$base"
	expected host-userns $((n + 2)) "declared$base"
	expected declared-mismatch $((n + 2)) "declared$base"
	expected privileged-ids $((n + 3)) "low$base"
	expected unexpected-mapping $((n + 3)) "low$base"
	expected ids-in-use $((n + 4)) "used$base"
	expected overlapping-ids $((n + 5)) "over$base"
	expected overlapping-ids $((n + 6)) "over$base"
	expected host-userns $((n + 6)) "split$base"
	expected split-userns $((n + 6)) "split$base"
	expected shared-userns $((n + 7)) "shared$base"
	sleep "$2"
	sleep 1
	for each in $watched "sandbox$base"; do
		end "$each" || :
	done
	kill "$(cat "$dir/held.$base")"
	echo "$watched" | tr ' ' '\n' | sed '/^$/d' >>"$dir/started"
}

watch_or_skip --json --policy require --kubelet-dir "$kubelet"
# each_of FUNCTION NAME: for each runtime and life.
each_of() {
	base=0
	for runtime in runc crun; do
		for life in ${LIVES:-0.01 2}; do
			if ! command -v "$runtime" >/dev/null; then
				skip "$runtime: $2" "there is none"
			else
				check "$runtime: $2, for a life of $life s" "$1" "$base" "$life"
			fi
			base=$((base + 20))
		done
	done
}
each_of created "one pod a rule is created"
sleep 4
each_of started "and started 4 s later"
clean
watch_stop
check "each was told, and is in an attestation" all_told
cat "$dir/slowest"
check "one that is well is attested as that" well_attested 0
check "nothing was lost" lossless
check_replay

# A pod asks for a walk of the whole node when it appears; the starts of its containers ask for none.
watch_start --json --policy observe --kubelet-dir "$kubelet"
ordinary() {
	for n in 101 102; do
		clean
		container "ordinary$n" "$n" 1
		container_host "host$n" "$((n + 2))" 1
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			for each in "ordinary$n" "host$n"; do
				start "$each" && sleep 0.2 && end "$each" || return 1
			done
		done
	done
}
# Those before the first start, one for each pod, and one in two seconds for what ends; where hooks are blind, two seconds
# after a start, too. Two for each start was what it once took.
few_walks() {
	python3 - "$dir/watch" >"$dir/walks" <<-'END'
		import json, sys
		summary = [json.loads(line) for line in open(sys.argv[1])][-1]
		walks, seconds = summary["walks"], (summary["boot_ns"] - summary["from_ns"]) / 1e9
		print(f"# counted: {walks} walks in {seconds:.0f} seconds with 40 starts")
		sys.exit(walks >= 40)
	END
}
runtime=$(command -v runc >/dev/null && echo runc || echo crun)
check "40 containers are started and end" ordinary
watch_stop
check "fewer walks were made than that" few_walks
cat "$dir/walks"
finish
