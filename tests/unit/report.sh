#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil report: of golden captures, of scans and logs of one node and many, of files that are torn, of another version or
# hostile; in each format, as its readers take it; and its page in a real Chromium. Needs no privilege.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
nsvigil=$build/nsvigil
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
formats="table csv html openreports junit"
VERSION=$("$nsvigil" --version | sed 's/^nsvigil //')
export VERSION

make_fleet() {
	python3 tests/report/fleet.py "$@"
}
# report STATUS OPTION...: ends so; its output is in $dir/out and what it says in $dir/err.
report() {
	wanted=$1 status=0
	shift
	"$nsvigil" report "$@" >"$dir/out" 2>"$dir/err" || status=$?
	head -c 4000 "$dir/out"
	cat "$dir/err"
	[ "$status" = "$wanted" ] || { echo "status $status"; return 1; }
}
# has WORDS...: that line of the table is there, with any number of spaces.
has() {
	tr -s ' ' <"$dir/out" | grep -xF -e "$*" || { cat "$dir/out"; return 1; }
}
says() {
	grep -e "$1" "$dir/err" || { cat "$dir/err"; return 1; }
}
# headline TEXT FILE...: with any status.
headline() {
	text=$1
	shift
	"$nsvigil" report "$@" >"$dir/out" 2>"$dir/err" || :
	head -n 3 "$dir/out"
	[ "$(head -n 1 "$dir/out")" = "$text" ]
}
sane() {
	"$nsvigil" report --output="$1" "$2" >"$dir/report.$1" 2>"$dir/err" || :
	python3 tests/report/sane.py "$1" "$dir/report.$1"
}
# The same with sanitizers, which end it with another status if there is anything.
sanitized() {
	for format in $formats; do
		status=0
		"$nsvigil-asan" report --output="$format" "$@" >"$dir/asan" 2>"$dir/err" || status=$?
		cat "$dir/err"
		case $status in
		0 | 1 | 4) ;;
		*) return 1 ;;
		esac
		"$nsvigil" report --output="$format" "$@" 2>/dev/null | cmp - "$dir/asan" || return 1
	done
}
elsewhere() {
	for format in $formats; do
		"$nsvigil" report --output="$format" "$1" >"$dir/here" 2>/dev/null || :
		LC_ALL=tr_TR.UTF-8 TZ=Asia/Kathmandu "$nsvigil" report --output="$format" "$1" 2>/dev/null | cmp "$dir/here" - || return 1
	done
}

# ---- three nodes, scans and logs ----

check "a small cluster" make_fleet demo "$dir/demo"
made_up_is_right() {
	python3 - "$@" <<-'PY'
		import json, jsonschema, sys
		for path in sys.argv[1:]:
		    kind = "scan" if path.endswith(".json") else "watch"
		    schema = json.load(open(f"docs/{kind}.schema.json"))
		    validator = jsonschema.validators.validator_for(schema)(schema)
		    text = open(path).read()
		    for document in [text] if kind == "scan" else text.splitlines():
		        validator.validate(json.loads(document))
	PY
}
check "what is made up is as nsvigil's schemas have it" made_up_is_right "$dir/demo"/*
demo=$dir/demo
check "its report" report 1 "$demo"
check "the headline" headline "40 of 45 pods isolated on 3 nodes; 2 violated; worst: critical" "$demo"
check "a node" has worker-2 15 12 1 2 0 critical 100% "$VERSION" 2026-11-30T12:00:30Z
check "one that was not seen all the time" has worker-3 15 14 1 0 0 notice 99.92% "$VERSION" 2026-11-30T12:00:30Z
check "a finding is as old as the log says" has critical overlapping-ids worker-2 pay/ledger-2 1 2026-11-30T10:40:00Z
check "only notices are no failure" report 0 "$demo/worker-1.json" "$demo/worker-1.log"
check "a scan alone" headline "12 of 15 pods isolated; 2 violated; worst: critical" "$demo/worker-2.json"
check "a log alone" headline "12 of 15 pods isolated; 2 violated; worst: critical" "$demo/worker-2.log"
for format in $formats; do
	check "$format is what its readers take" sane "$format" "$demo"
done
check "all of it with sanitizers" sanitized "$demo"
check "and in another language and time zone" elsewhere "$demo"
check "the page has its map, with the overlap" grep -c 'class="m-over"' "$dir/report.html"
check "and its timeline, with the gap" grep -c 'class="t-gap"' "$dir/report.html"
check "a cell of CSV has the range" grep -F ',pay,ledger-2,' "$dir/report.csv"

# Two attestations of a pod, of an hour each, and four hours between that no watch saw; or the pod was not there.
unwatched() {
	python3 - "$demo/worker-1.log" "$1" >"$dir/unwatched.log" <<-'PY'
		import json, sys
		its = next(line for line in map(json.loads, open(sys.argv[1]))
		           if line["type"] == "attestation" and line["result"] == "shown")
		hour, cause = 3600 * 10**9, sys.argv[2]
		for begin, cause in (1, cause), (6, "pod ended"):
		    its |= {"from_ns": begin * hour, "to_ns": (begin + 1) * hour, "boot_ns": (begin + 1) * hour, "cause": cause,
		            "time": f"2026-11-30T{begin + 1:02}:00:00.000000Z"}
		    print(json.dumps(its))
	PY
	"$nsvigil" report "$dir/unwatched.log" >"$dir/unwatched" || :
	cat "$dir/unwatched"
	grep -q " $2 " "$dir/unwatched"
}
check "what lies between two watches is not shown" unwatched "watch ended" "shown in part .* 33.33%"
check "a pod that had ended was not there" unwatched "pod ended" "shown .* 100%"

# What a runtime or kubectl writes before each line.
as_cri() {
	sed 's/^/2026-11-30T10:00:00.123456789Z stdout F /' "$demo/worker-2.log" >"$dir/cri.log"
	# Runtimes cut lines of more than 16 KiB.
	sed 's/^\(.\{300\}\)\(..*\)$/2026-11-30T10:00:00.1Z stdout P \1\n2026-11-30T10:00:00.1Z stdout F \2/' "$demo/worker-2.log" >"$dir/cut.log"
	sed 's/^/[pod\/nsvigil-x7x2p\/nsvigil] /' "$demo/worker-2.log" >"$dir/prefix.log"
	sed 's/^/2026-11-30T10:00:00.123456789Z /' "$demo/worker-2.log" >"$dir/timestamps.log"
	"$nsvigil" report -o csv "$demo/worker-2.log" >"$dir/plain" || :
	for form in cri cut prefix timestamps; do
		"$nsvigil" report -o csv "$dir/$form.log" | cmp "$dir/plain" - || { echo "$form"; return 1; }
	done
}
check "logs as runtimes and kubectl write them" as_cri
from_stdin() {
	"$nsvigil" report -o csv "$demo" >"$dir/files" || :
	cat "$demo"/* | "$nsvigil" report -o csv - | cmp "$dir/files" -
}
check "all of them on standard input" from_stdin
# Each is read once only.
piped() {
	mkfifo "$dir/fifo"
	for file in "$demo/worker-2.json" "$demo/worker-2.log" tests/golden/6.12/left-pod.nsvcap; do
		# What no document names is called by its file.
		"$nsvigil" report -o csv "$file" | sed "s|$file|$dir/fifo|" >"$dir/plain" || :
		cat "$file" >"$dir/fifo" &
		"$nsvigil" report -o csv "$dir/fifo" >"$dir/piped" || :
		wait
		cmp "$dir/plain" "$dir/piped" || { echo "$file"; return 1; }
		# As a shell hands one on that writes little by little.
		{ head -c 5; sleep 0.1; cat; } <"$file" | "$nsvigil" report -o csv /dev/stdin | sed "s|/dev/stdin|$dir/fifo|" | cmp "$dir/plain" - ||
			{ echo "$file on standard input"; return 1; }
	done
}
check "files that are pipes" piped
away() {
	echo '{"schema": "nsvigil/absent/1", "node": "worker-4", "reason": "connection <refused>"}' >"$dir/away"
	report 4 "$demo" "$dir/away" && says '^nsvigil report: node worker-4 did not answer: connection <refused>$' &&
		has worker-4 - - - - - - - - did not answer && head -n 1 "$dir/out" | grep -F '; 1 node did not answer'
}
check "a node that did not answer" away

# ---- golden captures ----

golden=tests/golden/6.12
check "three captures" report 0 $golden/overlapping-ids.nsvcap $golden/left-pod.nsvcap $golden/containers.nsvcap
check "what was found is closed" grep '^3 findings are closed' "$dir/out"
check "their pods have ended" headline "2 of 5 pods that ended on 3 nodes were isolated; 3 violated; no finding is open" \
	$golden/overlapping-ids.nsvcap $golden/left-pod.nsvcap $golden/containers.nsvcap
# ended POD NODE VERDICT...: such a line of the table. What a pod is called once is what it is called twice.
ended() {
	tr -s ' ' <"$dir/out" | grep -F -e "$*" || { cat "$dir/out"; return 1; }
}
check "each of them is there, with the worst that it was" ended podlab/overlapping-ids-b $golden/overlapping-ids.nsvcap violated broken
check "one that was isolated at its end, and not always" ended podlab/plain $golden/left-pod.nsvcap violated broken
check "one that was isolated" ended podlab/containers $golden/containers.nsvcap isolated shown in part
in_each_format() {
	captures="$golden/overlapping-ids.nsvcap $golden/left-pod.nsvcap $golden/containers.nsvcap"
	for format in csv html openreports junit; do
		# shellcheck disable=SC2086
		"$nsvigil" report -o $format $captures >"$dir/$format" 2>/dev/null || :
		for pod in 706f646c-6162-4000-8000-000002000000 overlapping-ids-a overlapping-ids-b plain containers; do
			grep -q "$pod" "$dir/$format" || { echo "$format: no $pod"; return 1; }
		done
	done
	grep -F ',podlab,plain,706f646c-6162-4000-8000-000001000000,ended,violated,' "$dir/csv" &&
		grep -F '<td class="w v-violated">violated</td><td class="w r-broken">broken</td>' "$dir/html" | head -n 1 &&
		grep -F 'name="podlab/containers, ended"/>' "$dir/junit" && grep -F 'name="podlab/plain, ended">' "$dir/junit" &&
		grep -F '<testsuites name="nsvigil" tests="8" failures="3" errors="0" skipped="0">' "$dir/junit" &&
		grep -F '"message": "ended: isolated"' "$dir/openreports" && [ "$(grep -c '"state": "ended"' "$dir/openreports")" = 5 ]
}
check "and in each format" in_each_format
each_golden() {
	for capture in tests/golden/*/*.nsvcap; do
		status=0
		"$nsvigil" report "$capture" >"$dir/out" 2>"$dir/err" || status=$?
		[ "$status" -le 1 ] || { cat "$dir/err"; echo "$capture: $status"; return 1; }
		# What opened and did not close is there.
		sed -n 's/.*"phase":"\(opened\|reopened\|repeated\|closed\)","id":"\([^"]*\)","rule":"\([^"]*\)".*/\2 \1 \3/p' \
			"${capture%.nsvcap}.jsonl" | awk '{ last[$1] = $2; rule[$1] = $3 } END { for (id in last) print rule[id] }' |
			sort -u >"$dir/rules"
		"$nsvigil" report -o html "$capture" >"$dir/page" 2>/dev/null || :
		while IFS= read -r rule; do
			grep -qw -e "$rule" "$dir/page" || { echo "$capture: no $rule"; return 1; }
		done <"$dir/rules"
	done
}
check "each of them, with each rule that was found" each_golden
check "with sanitizers" sanitized $golden/overlapping-ids.nsvcap $golden/left-pod.nsvcap $golden/containers.nsvcap

# ---- pods that ended, in logs ----

check "logs of pods that ended" make_fleet history "$dir/history"
history=$dir/history
check "are as nsvigil's schema has them" made_up_is_right "$history"/*
check "one of the same name with another uid" headline \
	"1 of 1 pod isolated; of 1 that ended 0 was isolated, 1 violated; no finding is open" "$history/namesake.log"
namesakes() {
	"$nsvigil" report -o csv "$history/namesake.log" | cut -d , -f 5-9,14 >"$dir/csv"
	cat "$dir/csv"
	grep -xE 'shop,web-0,[0-9a-f-]{36},ended,violated,broken' "$dir/csv" && grep -xE 'shop,web-0,[0-9a-f-]{36},there,isolated,shown' "$dir/csv" || return 1
	"$nsvigil" report -o junit "$history/namesake.log" >"$dir/junit" 2>&1 || :
	grep -E 'name="shop/web-0 \([0-9a-f-]{36}\)"/>' "$dir/junit" && grep -E 'name="shop/web-0 \([0-9a-f-]{36}\), ended">' "$dir/junit"
}
check "each says which it is" namesakes
check "one that was violated before it was isolated" headline \
	"0 of 1 pod that ended was isolated; 1 violated; no finding is open" "$history/healed.log"
check "one of which no line says what was broken" headline \
	"0 of 1 pod that ended was isolated; 1 violated; no finding is open" "$history/unsaid.log"
check "nor which rule" headline "0 of 1 pod that ended was isolated; 1 violated; nothing found" "$history/unnamed.log"
counts_once() {
	"$nsvigil" report -o csv "$demo/worker-3.log" >"$dir/once" || :
	"$nsvigil" report -o csv "$demo/worker-3.log" "$demo/worker-3.log" | cmp "$dir/once" - || return 1
	head -n 25 "$demo/worker-3.log" >"$dir/begin.log"
	tail -n 20 "$demo/worker-3.log" >"$dir/end.log"
	"$nsvigil" report -o csv "$dir/begin.log" "$dir/end.log" | cmp "$dir/once" - || return 1
	"$nsvigil" report -o csv "$dir/end.log" "$dir/begin.log" | cmp "$dir/once" -
}
check "what files have in common counts once" counts_once
capture_and_log() {
	"$nsvigil" show --json tests/golden/6.12/left-pod.nsvcap | sed 's/"type":"node",/&"name":"worker-9",/' | "$nsvigil" import "$dir/named.nsvcap" &&
		"$nsvigil" replay --json "$dir/named.nsvcap" | grep attestation >"$dir/named.log" &&
		"$nsvigil" report -o csv "$dir/named.nsvcap" | cut -d , -f 1,17- >"$dir/once" && grep '^worker-9,' "$dir/once" &&
		"$nsvigil" report -o csv "$dir/named.log" "$dir/named.nsvcap" | cut -d , -f 1,17- | cmp "$dir/once" -
}
check "as does what a capture and the log of one watch say" capture_and_log
two_watches() {
	"$nsvigil" report -o csv "$history/twice.log" | tee "$dir/csv" | grep -F ,4800000,60000 || { cat "$dir/csv"; return 1; }
}
check "and what two watches attest" two_watches
# Each boot has its own time.
two_boots() {
	sed 's/"boot_id":"[^"]*"/"boot_id":"00000000-0000-4000-8000-000000000000"/; s/2026-11-30T/2026-12-01T/g' "$history/twice.log" >"$dir/booted.log"
	"$nsvigil" report -o csv "$history/twice.log" "$dir/booted.log" | tee "$dir/csv" | grep -F ,9600000,120000 || { cat "$dir/csv"; return 1; }
}
check "and not what two boots do" two_boots
no_pass() {
	for each in healed unsaid unnamed; do
		"$nsvigil" report -o junit "$history/$each.log" >"$dir/junit" || :
		grep -F 'failures="1"' "$dir/junit" || return 1
		"$nsvigil" report -o openreports "$history/$each.log" >"$dir/openreports" || :
		grep -F '"result": "fail"' "$dir/openreports" && ! grep -F '"result": "pass"' "$dir/openreports" || return 1
	done
}
check "they pass nowhere" no_pass
check "one that a line counted, and did not name, is not counted twice" headline \
	"2 of 2 pods isolated; of 1 that ended 1 was isolated; nothing found" "$history/counted.log"
any_order() {
	for order in "rotated.log rotated.1.log" "rotated.1.log rotated.log"; do
		# shellcheck disable=SC2086
		(cd "$history" && "$OLDPWD/$nsvigil" report $order) | tee "$dir/out"
		grep -x '0 of 1 pod that ended was isolated; 1 violated; no finding is open' "$dir/out" && grep 'critical left-pod$' "$dir/out" || return 1
	done
	cat "$history/namesake.log" "$history/before.json" | "$nsvigil" report -o csv - >"$dir/last" || :
	cat "$history/before.json" "$history/namesake.log" | "$nsvigil" report -o csv - | cmp "$dir/last" -
}
check "files come in any order" any_order
scans() {
	for order in "before.json after.json namesake.log" "after.json namesake.log before.json" "namesake.log after.json before.json"; do
		# shellcheck disable=SC2086
		(cd "$history" && cat $order) | "$nsvigil" report -o csv - >"$dir/order" || :
		[ -e "$dir/first" ] || cp "$dir/order" "$dir/first"
		cat "$dir/order"
		cmp "$dir/first" "$dir/order" || return 1
	done
	grep -E ',shop,api,[0-9a-f-]+,ended,isolated,' "$dir/first" && grep -E ',shop,late,[0-9a-f-]+,there,' "$dir/first"
}
check "scans as well: who is in none that is newer has ended" scans
check "a pod too short for a walk, in a log at whose end the others were attested" headline \
	"1 of 1 pod isolated; of 1 that ended 0 was isolated, 1 violated; no finding is open" "$history/short.log"
check "one that is too young to be attested" headline "1 of 2 pods isolated; no finding is open" "$history/young.log"
check "one that ended while no watch ran" headline \
	"1 of 1 pod isolated; of 1 that ended 1 was isolated; nothing found" "$history/unwatched.log"
again() {
	sed 's/"boot_id":"[^"]*"/"boot_id":"00000000-0000-4000-8000-000000000000"/; s/T1\([0-2]\):/T2\1:/g; s/pod ended/period/' \
		"$history/static.log" >"$dir/again.log"
	for order in "$history/static.log $dir/again.log" "$dir/again.log $history/static.log"; do
		# shellcheck disable=SC2086
		headline "1 of 1 pod isolated; nothing found" $order || return 1
	done
}
check "a static pod is there again after the machine was started again" again
check "in two namespaces that are not its own, of which it left one" report 1 "$history/kinds.log"
check "one is open" headline "1 of 1 pod isolated; worst: critical" "$history/kinds.log"
check "a scan closes nothing that a log says later" report 1 "$history/broken-1.json" "$history/broken.log" "$history/broken-2.json"
closes() {
	rm -f "$dir/first"
	for order in "broken-1.json broken.log mended.json" "mended.json broken.log broken-1.json" "broken.log mended.json broken-1.json"; do
		# shellcheck disable=SC2086
		(cd "$history" && cat $order) | "$nsvigil" report -o csv - >"$dir/order" || { echo "$order: $?"; return 1; }
		[ -e "$dir/first" ] || cp "$dir/order" "$dir/first"
		cmp "$dir/first" "$dir/order" || return 1
	done
}
check "but one that is newer does" closes
closed_in_time() {
	"$nsvigil" report -o html "$history/late.log" "$history/after.json" >"$dir/page" &&
		grep -F '<td class="w">2026-11-30T10:20:50Z</td><td class="w">2026-11-30T10:20:50Z</td><td class="">late</td>' "$dir/page"
}
check "a finding does not close before it opens" closed_in_time
check "who is not in the newest scan has ended, also where that is read first" headline \
	"2 of 2 pods isolated; of 1 that ended 0 was isolated, 1 violated; no finding is open" "$history/after.json" "$history/late.log"
parts() {
	rm -f "$dir/first"
	for order in "part-1.json whole.json part-2.json" "part-2.json whole.json part-1.json" "whole.json part-2.json part-1.json"; do
		status=0
		# shellcheck disable=SC2086
		(cd "$history" && cat $order) | "$nsvigil" report -o csv - >"$dir/order" 2>"$dir/err" || status=$?
		[ "$status" = 1 ] && says 'leaves out pods' || return 1
		[ -e "$dir/first" ] || cp "$dir/order" "$dir/first"
		cmp "$dir/first" "$dir/order" || return 1
	done
	grep -E ',shop,db-0,[0-9a-f-]+,there,isolated,' "$dir/first" && grep -E ',pay,ledger,[0-9a-f-]+,there,violated,' "$dir/first"
}
check "a scan of some pods says nothing of the others, and closes what it finds no more" parts
check "alone, it tells of these" headline "0 of 1 pod isolated; 1 violated; worst: critical" "$history/part-1.json"
check "a uid that is there again after its end" headline \
	"0 of 1 pod isolated; worst: critical" "$history/same.log"
check "a clock that is set back changes no order" report 1 "$history/clock.log"
# next_boot FILE...: the same a day later.
next_boot() {
	sed 's/"boot_id": *"[^"]*"/"boot_id":"00000000-0000-4000-8000-000000000000"/; s/2026-11-30T/2026-12-01T/g' "$@"
}
# Which boot came after which, in any order of the files.
# shellcheck disable=SC2086 # lists of words
ahead() {
	sed -n 4p "$history/ahead.log" >"$dir/one.log"
	head -n 3 "$history/ahead.log" >"$dir/other.log"
	for files in "$history/ahead.log" "$history/ahead.log $dir/one.log $dir/other.log" "$dir/other.log $dir/one.log $history/ahead.log"; do
		report 1 $files && says 'worker-1: its clock was ahead in boot 00000000-0000-4000-8000-0000000f4291' &&
			head -n 1 "$dir/out" | grep -F '; worst: critical' && has critical left-pod worker-1 shop/web-0 1 2026-11-30T10:15:00Z || return 1
		"$nsvigil" report -o csv $files >"$dir/order" 2>/dev/null || :
		[ -e "$dir/ahead" ] || cp "$dir/order" "$dir/ahead"
		cmp "$dir/ahead" "$dir/order" || return 1
	done
	"$nsvigil-asan" report -o csv "$history/ahead.log" 2>/dev/null | cmp "$dir/ahead" -
}
check "a boot whose clock was ahead is over when the next one follows" ahead
two_lines() {
	{
		sed -n 1p "$history/ahead.log"
		sed -n 4p "$history/ahead.log"
	} >"$dir/two.log"
	report 1 "$dir/two.log" && grep -F '; worst: critical' "$dir/out"
}
check "also if there is a line of each" two_lines
# It is read once: it may as well be several files, the newest first.
ahead_in_pipe() {
	cp "$history/ahead.log" "$dir/copy.log"
	report 4 - <"$history/ahead.log" && says 'which follows in what came by a pipe, and counts as the newer one' &&
		report 4 "$history/ahead.log" - <"$dir/copy.log" && says 'give report the files themselves'
}
check "in a pipe, that is said" ahead_in_pipe
# Two machines have one name, or files were put together.
mixed_up() {
	sed 's/"boot_id":"[^"]*"/"boot_id":"00000000-0000-4000-8000-000000000000"/; s/2026-11-30T/2026-11-29T/g' "$history/namesake.log" >"$dir/before.log"
	tail -n 1 "$history/kinds.log" | cat - "$dir/before.log" "$history/kinds.log" >"$dir/mixed.log"
	report 1 "$dir/mixed.log" && ! grep 'clock was ahead' "$dir/err" && report 1 - <"$dir/mixed.log" && ! grep 'clock was ahead' "$dir/err"
}
check "what has a boot on both sides of another one is in no order" mixed_up
boots() {
	next_boot "$history/namesake.log" >"$dir/booted.log"
	report 0 "$dir/booted.log" "$history/namesake.log" "$history/healed.log" && says 'worker-1 has records of 2 boots'
}
check "boots are counted once, in any order" boots
counts_anew() {
	next_boot "$history/counted.log" | head -n 1 >"$dir/booted.log"
	headline "3 of 3 pods isolated; of 2 that ended 2 were isolated; nothing found" "$history/before.json" "$dir/booted.log" || return 1
	next_boot "$history/namesake.log" | tail -n 1 >"$dir/booted.log"
	headline "1 of 1 pod isolated; of 1 that ended 1 was isolated; nothing found" "$history/counted.log" "$dir/booted.log"
}
check "after a boot neither older scans nor older counts say how many pods there are" counts_anew
closed_before() {
	next_boot "$history/static.log" >"$dir/booted.log"
	"$nsvigil" report -o html "$history/blind.log" "$dir/booted.log" >"$dir/page" 2>"$dir/err" &&
		grep -F '<td class="w">2026-11-30T10:12:40Z</td><td class="">lost</td>' "$dir/page"
}
check "and what had closed before has closed then" closed_before
newest_closed() {
	make_fleet ended "$dir/closed" 23 100 && "$nsvigil" report -o html "$dir/closed" >"$dir/page" &&
		grep -F '207 findings are open no more' "$dir/page" && grep -F 'These are the newest 200' "$dir/page"
}
check "the page says that not all that closed is in it" newest_closed
for format in $formats; do
	for each in namesake unsaid unnamed kinds; do
		check "$format of $each" sane "$format" "$history/$each.log"
	done
done
check "all of it with sanitizers" sanitized "$history"
worst_first() {
	make_fleet ended "$dir/hosts" 200 21 && sed -i 's/"verdict_at_end":"isolated"/"verdict_at_end":"host"/' "$dir"/hosts/*.log &&
		"$nsvigil" report -o html "$dir/hosts" >"$dir/page" &&
		[ "$(sed -n '/id="ended"/,/id="attested"/p' "$dir/page" | grep -c '<td class="k">node-0199.*v-violated')" = 2 ]
}
check "where the page has no room for all that ended, it has those that were violated" worst_first
check "200 nodes on which all pods have ended" make_fleet ended "$dir/gone" 200 20
check "their report" headline "3796 of 4000 pods that ended on 200 nodes were isolated; 4 violated; no finding is open" "$dir/gone"
check "what was violated comes first" ended node-0099 violated broken
for format in $formats; do
	check "$format of it" sane "$format" "$dir/gone"
done

# ---- versions that are not the same ----

mixed() {
	VERSION=0.0.9 make_fleet demo "$dir/older" && mkdir "$dir/mixed" &&
		cp "$demo"/worker-[12].* "$dir/older"/worker-3.* "$dir/mixed" &&
		report 1 "$dir/mixed" &&
		says 'the nodes do not have the same version of nsvigil' && says "0.0.9 (1 node)" && says "$VERSION (2 nodes)"
}
check "nodes of two versions" mixed
# As 0.1.0 wrote them: no time, no node's name; what it says is about the boot.
old_form() {
	mkdir "$dir/old" && python3 - "$demo" "$dir/old" <<-'PY'
		import glob, json, os, sys
		for path in glob.glob(sys.argv[1] + "/*"):
		    text = open(path).read()
		    lines = text.splitlines() if path.endswith(".log") else [text]
		    with open(os.path.join(sys.argv[2], os.path.basename(path)), "w") as out:
		        for line in lines:
		            document = json.loads(line)
		            boot = document.pop("boot_id")
		            for name in ("time", "node", "host_ids", "from", "to", "opened", "result", "coverage"):
		                document.pop(name, None)
		            if "verdict_at_end" in document:
		                document["verdict"] = document.pop("verdict_at_end")
		                document["rules"]["partly"] = {}
		            if path.endswith(".json"):
		                document["node"] = {"kernel": document.pop("kernel"), "boot_id": boot,
		                                    "user_namespace": document.pop("user_namespace")}
		            elif document["type"] != "ready":
		                document.pop("version")
		            print(json.dumps(document), file=out)
	PY
	report 1 "$dir/old/worker-2.json" "$dir/old/worker-2.log" && says 'files name no node' &&
		report 1 "$dir/old" && grep -F 's after boot' "$dir/out"
}
check "files of 0.1.0, which name no node" old_form
newer() {
	sed 's/"version": *"[^"]*"/"version": "9.9.9", "news": {"a": [1]}/; s/nsvigil\/scan\/1/nsvigil\/scan\/2/; s/"violated"/"shaken"/' \
		"$demo/worker-2.json" >"$dir/newer.json"
	report 1 "$dir/newer.json" && has worker-2 15 12 1 0 0 critical - 9.9.9 2026-11-30T12:00:30Z
}
check "one that is newer, with a verdict that nobody knows" newer
restarted() {
	sed 's/"boot_id":"[^"]*"/"boot_id":"00000000-0000-4000-8000-000000000000"/; s/T1\([0-2]\):/T0\1:/g' "$demo/worker-1.log" >"$dir/before.log"
	report 0 "$dir/before.log" "$demo/worker-1.json" && says 'worker-1 has records of 2 boots'
}
check "a node that was started again" restarted

# ---- torn, unreadable, unknown ----

beside_state() {
	mkdir "$dir/lib" && cp $golden/left-pod.nsvcap "$dir/lib" &&
		printf '%-255s\n' "nsvigil/state/1 version=$VERSION boot_id=00000000-0000-4000-8000-000000000000 boot_ns=1 wall_ns=2 state=ended pid=1" >"$dir/lib/state" &&
		report 0 "$dir/lib" && ! says state && report 0 "$dir/lib"/*
}
check "what watch keeps in the same directory is no file of a report" beside_state
check "nor is there one without others" report 3 "$dir/lib/state"
torn() {
	rm -rf "$dir/torn" && mkdir "$dir/torn"
	size=$(wc -c <"$demo/worker-1.json")
	head -c $((size / 2)) "$demo/worker-1.json" >"$dir/torn/cut.json"
	# A writer was killed in a line, and the next one went on in the same file.
	{
		head -n 3 "$demo/worker-2.log"
		sed -n 4p "$demo/worker-2.log" | head -c 100
		tail -n +5 "$demo/worker-2.log"
	} >"$dir/torn/cut.log"
	: >"$dir/torn/empty"
	head -c 10000 /dev/urandom | tr -d '{' >"$dir/torn/noise"
	printf '{"a": [[[[' >"$dir/torn/open"
	printf '{"type": "other"}\n{"pods": 1}\n[]\n' >"$dir/torn/unknown"
	head -c 2000 tests/golden/6.12/left-pod.nsvcap >"$dir/torn/cut.nsvcap"
	head -c 100 tests/golden/6.12/left-pod.nsvcap >"$dir/torn/head.nsvcap"
	cp "$demo"/worker-3.* "$dir/torn"
	ln -s nowhere "$dir/torn/dangling"
	report 4 "$dir/torn" "$dir/nothing" &&
		says 'cut.json: 1 document is not whole, the first one at line 1' && says 'cut.log: 1 document is not whole, the first one at line 4' &&
		says 'empty: there is no document' && says 'noise: there is no document' && says 'open: 1 document is not whole' &&
		says "unknown: 2 documents are neither scan's nor watch's" && says 'cut.nsvcap' && says 'head.nsvcap' &&
		says 'dangling cannot be read: No such file' && says 'nothing cannot be read: No such file' &&
		grep -q '^worker-3 ' "$dir/out" && grep -q '^worker-2 ' "$dir/out"
}
check "what is torn, empty, noise, open, unknown or gone is said, and the rest is reported" torn
check "all of it with sanitizers" sanitized "$dir/torn" "$dir/nothing"
for format in $formats; do
	check "$format of it" sane "$format" "$dir/torn"
done
check "the page says so, too" grep -F 'cut.json: 1 document is not whole' "$dir/report.html"
check "for a tool that collects tests it is an error" grep -F '<error message="not all could be read">' "$dir/report.junit"
check "nothing at all" report 3 "$dir/torn/empty"
check "says what to do" says 'nsvigil scan --json'
check "which file?" report 2
check "no format" report 2 --output=pdf "$demo"
full() {
	! "$nsvigil" report -o html "$demo" >/dev/full 2>"$dir/err" && says 'No space left'
}
check "a result that cannot be written" full
deep() {
	python3 -c 'print("{\"type\":" * 100000)' >"$dir/deep"
	python3 -c 'print("{\"type\": \"" + "x" * 3000000 + "\"}")' >"$dir/long"
	report 3 "$dir/deep" "$dir/long" && says 'deep: 1 document is not whole' && says 'long: 1 document is neither'
}
check "what is very deep, or very long" deep

# What takes each with each of these takes minutes.
endless() {
	mkdir "$dir/endless" && python3 - "$dir/endless" <<-'PY'
		import json, sys
		line = {"type": "finding", "time": "2026-11-30T10:00:00Z", "node": "n", "boot_id": "b", "version": "1", "boot_ns": 10**9,
		        "phase": "opened", "severity": "error", "pod": {"uid": "u"}, "opened_ns": 10**9, "rule": "r"}
		with open(sys.argv[1] + "/rules", "w") as out:
		    for i in range(100000):
		        print(json.dumps({**line, "rule": f"r{i}"}), file=out)
		with open(sys.argv[1] + "/absent", "w") as out:
		    for i in range(100000):
		        print(json.dumps({"schema": "nsvigil/absent/1", "node": f"a{i}", "reason": "x"}), file=out)
		with open(sys.argv[1] + "/versions", "w") as out:
		    for i in range(100000):
		        print(json.dumps({**line, "node": f"v{i}", "version": str(i)}), file=out)
	PY
	status=0
	timeout 30 "$nsvigil" report -o csv "$dir/endless" >"$dir/out" 2>"$dir/err" || status=$?
	grep -v 'did not answer' "$dir/err"
	[ "$status" = 4 ] && says 'the files name more than 512 rules' && says 'and 99992 more. Rules may differ' &&
		[ "$(grep -c 'did not answer' "$dir/err")" = 100000 ]
}
check "100,000 rules, versions, and nodes that did not answer" endless

# ---- hostile names ----

check "a corpus of hostile names" make_fleet hostile "$dir/hostile"
for format in $formats; do
	check "$format of it" sane "$format" "$dir/hostile"
done
check "all of it with sanitizers" sanitized "$dir/hostile"
check "names are there" grep -c '&lt;script&gt;window.ran=1&lt;/script&gt;' "$dir/report.html"
hostile_files() {
	mkdir "$dir/named" && cp "$demo/worker-1.json" "$dir/named/<script>window.ran=1<!--
.json" && : >"$dir/named/\"><img src=x>" && report 4 "$dir/named" && says '<img src=x>: there is no document'
}
check "and names of files" hostile_files

# ---- many ----

check "200 nodes" make_fleet "$dir/many" 200 20
check "their report" report 1 "$dir/many"
check "as many as there are" headline "3796 of 4000 pods isolated on 200 nodes; 4 violated; worst: critical" "$dir/many"
for format in $formats; do
	check "$format of it" sane "$format" "$dir/many"
done

# ---- the page in a browser ----

chromium=$(command -v chromium || :)
browse() {
	timeout 120 python3 tests/report/browser.py "$chromium" "$@"
}
page() {
	"$nsvigil" report "$1" 2>/dev/null | head -n 1 >"$dir/headline" || :
	"$nsvigil" report -o html "$1" >"$dir/page.html" 2>/dev/null || :
	browse "$dir/page.html" "$dir/picture.png" "$(cat "$dir/headline")"
}
# Else the above would see nothing.
sees() {
	printf '<!DOCTYPE html><h1 id="headline">x</h1><p>%s</p>%s' "$(seq 1000)" "$1" >"$dir/bad.html"
	! browse "$dir/bad.html" "$dir/bad.png" x || return 1
	echo "$1"
}
if [ -n "$chromium" ]; then
	check "Chromium shows it: no script, no request, the headline, and something to see" page "$demo"
	check "likewise of hostile names" page "$dir/hostile"
	check "it would tell of a script" sees '<script>window.ran=1</script>'
	check "and of a request" sees '<b style="background:url(http://127.0.0.1:9/x)">a</b>'
else
	skip "the page in Chromium" "there is no chromium"
fi
finish
