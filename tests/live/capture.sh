#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Captures of a real node: what is recorded replays to the same findings, anywhere, whole or file by
# file; what is torn or missing is said.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

# fails_with STATUS TEXT COMMAND...: so does the command, and says it on standard error.
fails_with() {
	expected=$1
	text=$2
	shift 2
	status=0
	timeout $((20 * ${PATIENCE:-1})) "$@" >"$dir/out" 2>"$dir/err" || status=$?
	cat "$dir/err"
	[ "$status" = "$expected" ] && grep -F "$text" "$dir/err"
}

# The findings of a replay in another place of the world.
elsewhere() {
	LC_ALL=$1 TZ=$2 "$build/nsvigil" replay --json "$dir"/capture/*.nsvcap | cmp "$dir/live" -
}

opened() {
	sed -n 's/^{"type":"finding",[^{]*"phase":"opened","id":"\([^"]*\)".*/\1/p' "$1" | sort -u
}

watch_or_skip --json --full --capture-size 4K

# Every scenario comes and goes, while another nsvigil records without judging.

"$build/nsvigil" record "$dir/recorded" 2>"$dir/record_errors" &
recording=$!
within 30 grep -q recording "$dir/record_errors"
lab_start all
sleep 2
lab_stop
sleep 1
lab_start all
sleep 2
kill "$recording"
status=0
wait "$recording" || status=$?
check "record ends with exit status 0" test "$status" = 0
lab_stop
sleep 1
check_replay
mkdir "$dir/kept"
cp "$dir"/capture/*.nsvcap "$dir/kept"
cp "$dir/live" "$dir/kept_live"
check "there were several files" test "$(find "$dir/kept" -type f | wc -l)" -gt 1
check "only root may read them" sh -c \
	"[ \"\$(stat -c %a '$dir'/kept/*.nsvcap | sort -u)\" = 600 ]"
check "they replay twice alike" replays
check "and in another language and time zone" elsewhere tr_TR.UTF-8 Asia/Kathmandu
check "and with sanitizers" sh -c \
	"'$build/nsvigil-asan' replay --json '$dir'/kept/*.nsvcap | cmp '$dir/kept_live' -"
check "--rule and --pod choose" sh -c \
	"'$build/nsvigil' replay --json --rule privileged-ids --pod podlab/privileged-ids \
		'$dir'/kept/*.nsvcap >'$dir/out' && [ -s '$dir/out' ] &&
	! grep -v '\"rule\":\"privileged-ids\".*\"name\":\"privileged-ids\"' '$dir/out'"
check "for people it has the time" sh -c \
	"'$build/nsvigil' replay '$dir'/kept/*.nsvcap |
		grep '^$(date -u +%Y)-[0-9-]*T[0-9:.]*Z critical privileged-ids'"

# Each finding can be explained: the story ends with it, and has what broke the rule.
explained() {
	"$build/nsvigil" replay --explain "$1" "$dir"/kept/*.nsvcap >"$dir/out" &&
		grep -q "^[^ ]* [a-z]* ${1%%/*} " "$dir/out" && ! grep -q 'no finding' "$dir/out"
}
each_explained() {
	opened "$dir/kept_live" >"$dir/found"
	while IFS= read -r id; do
		explained "$id" || { echo "$id"; return 1; }
	done <"$dir/found"
	[ -s "$dir/found" ]
}
with_numbers() {
	explained "$(grep -m1 "^$1/" "$dir/found")" || return 1
	shift
	for text in "$@"; do
		grep -E "$text" "$dir/out" || { cat "$dir/out"; return 1; }
	done
}
check "each finding is explained" each_explained
# It may be told before the workload is executed.
check "by a map that was written" with_numbers privileged-ids \
	'event [0-9]+: user namespace [0-9]+, level 1, .* UID map 0-999 -> 0' \
	'process [0-9]+ .*, kuid 0, ' 'process [0-9]+ .*(executes "podlab-workload"|user namespace [0-9]+)'
# In which user namespace that is, a walk may have said first.
check "by a namespace that was joined" with_numbers foreign-userns \
	'event [0-9]+: process [0-9]+ .*executes "podlab-workload"' \
	'process [0-9]+ \("podlab-workload"\).*user namespace [0-9]'
check "what is not there is not" fails_with 3 "no finding 'blind/x'" \
	"$build/nsvigil" replay --explain blind/x "$dir"/kept/*.nsvcap
check "--explain is for people" fails_with 2 "use nsvigil show" \
	"$build/nsvigil" replay --json --explain blind "$dir"/kept/*.nsvcap

# The events as text and JSON, and back.
valid_events() {
	python3 - docs/show.schema.json "$dir/events" <<-'EOF'
		import json, jsonschema, re, sys
		schema = open(sys.argv[1]).read()
		valid = jsonschema.Draft202012Validator(json.loads(schema))
		# Of numbers it says that they are no fractions, and not below 0: others change nothing.
		assert not re.search('"(maximum|multipleOf|exclusive.*)":', schema)
		seen = set()
		for n, line in enumerate(open(sys.argv[2]), 1):
		    form = re.sub(r"(?<=[:,\[])\d+(?=[],}])", "1", line)
		    if form in seen:
		        continue
		    seen.add(form)
		    for error in valid.iter_errors(json.loads(line)):
		        sys.exit(f"line {n}: {error.message}: {line[:200]}")
	EOF
}
imported() {
	"$build/nsvigil" import "$dir/imported" <"$dir/events" &&
		"$build/nsvigil" show --json "$dir/imported" >"$dir/again" || return 1
	sed 1d "$dir/events" >"$dir/left"
	sed 1d "$dir/again" | diff "$dir/left" -
}
shows() {
	"$build/nsvigil" show "$@" "$dir"/kept/*.nsvcap >"$dir/out" && [ -s "$dir/out" ]
}
only_execs() {
	shows --event activity,exit --pod podlab/plain --json && sed 1d "$dir/out" >"$dir/only" &&
		[ -s "$dir/only" ] && ! grep -v '"type":"\(activity\|exit\)"' "$dir/only"
}
of_task() {
	tid=$(sed -n 's/.*"type":"identity".*"task":{"tid":\([0-9]*\),.*/\1/p' "$dir/events" | tail -1)
	shows --task "$tid" --json && ! sed 1d "$dir/out" | grep -v "\"tid\":$tid\b"
}
between() {
	since=$(sed -n '100s/.*"boot_ns":\([0-9]*\),.*/\1/p' "$dir/events")
	until=$(sed -n '200s/.*"boot_ns":\([0-9]*\),.*/\1/p' "$dir/events")
	shows --since "$since" --until "$until" --json || return 1
	awk -F '"boot_ns":' -v since="$since" -v until="$until" '
		/"type":"run"/ { next }
		{ split($2, time, ",") }
		time[1] + 0 > until + 0 { exit }
		time[1] + 0 >= since + 0
	' "$dir/events" >"$dir/left"
	sed 1d "$dir/out" | diff "$dir/left" -
}
# The latest time up to the first walk's end. The kernel's clock for programs may run ahead of the
# one of user space for a moment (ktime_get_boot_fast_ns()).
first_walk() {
	sed '/"type":"walk",.*"phase":"end"/q' "$dir/events" |
		sed -n 's/.*"boot_ns":\([0-9]*\),.*/\1/p' | sort -n | tail -1
}
# walk_after TIME: when the walk that followed ended.
walk_after() {
	sed -n 's/.*"type":"walk",.*"boot_ns":\([0-9]*\),.*"phase":"end".*/\1/p' "$dir/events" |
		awk -v after="$1" '$1 + 0 > after + 0 { print; exit }'
}
# At the walk after a finding opened there was such a pod; after the first walk there was none.
state_is() {
	opened=$(sed -n 's/.*"boot_ns":\([0-9]*\),"phase":"opened","id":"privileged-ids.*/\1/p' "$dir/kept_live" | tail -1)
	shows --state --until "$(walk_after "$opened")" || return 1
	grep -q "^podlab  *privileged-ids .*violated" "$dir/out" || return 1
	shows --state --until "$(first_walk)" || return 1
	! grep podlab "$dir/out"
}
"$build/nsvigil" show --json "$dir"/kept/*.nsvcap >"$dir/events"
check "each event is as the schema says" valid_events
check "and comes back from its JSON" imported
check "with the same findings" sh -c \
	"'$build/nsvigil' replay --json '$dir/imported' | cmp '$dir/kept_live' -"
essential() {
	grep -q '"type":"activity"' "$dir/events" || return 1
	sed '/"type":"activity"/d; s/"seq":[0-9]*,//' "$dir/events" |
		"$build/nsvigil" import "$dir/essential" &&
		"$build/nsvigil" replay --json "$dir/essential" | cmp "$dir/kept_live" -
}
check "and without what --full adds" essential
check "a line of text for each" sh -c \
	"[ \"\$('$build/nsvigil' show '$dir'/kept/*.nsvcap | wc -l)\" = \"\$(wc -l <'$dir/events')\" ]"
check "--event and --pod choose" only_execs
check "so does --task" of_task
check "--since and --until are moments" between
check "keyframes are shown if that is asked for" sh -c \
	"'$build/nsvigil' show --keyframes --event keyframe '$dir'/kept/*.nsvcap | grep -q ' keyframe '"
check "the node as it was" state_is
check "before the first walk there is nothing to show" fails_with 3 "no complete walk" \
	"$build/nsvigil" show --state --until 1 "$dir"/kept/*.nsvcap
check "nor is there another type" fails_with 2 "not 'forks'" \
	"$build/nsvigil" show --event forks "$dir/imported"
check "nor a time" fails_with 2 "not 'noon'" "$build/nsvigil" replay --until noon "$dir/imported"
check "import writes over nothing" fails_with 3 "name a new file" \
	"$build/nsvigil" import "$dir/imported" <"$dir/events"

# What was only recorded is judged when it is replayed: the same as watch found while that ran.
"$build/nsvigil" replay --json "$dir/recorded" >"$dir/replayed" || :
opened "$dir/replayed" >"$dir/judged"
opened "$dir/kept_live" >"$dir/found"
check "what was recorded is judged as it was live" diff "$dir/found" "$dir/judged"

# What is missing is said, and the rest is read.

set -- "$dir"/kept/*.nsvcap
second=$2
shift 2
check "a file that is missing is said" fails_with 4 "are missing" \
	"$build/nsvigil" replay "$dir"/kept/*0001.nsvcap "$@"
head -c -100 "$second" >"$dir/torn"
check "so is a torn one" fails_with 4 "are no whole block" "$build/nsvigil" replay "$dir/torn"
check "an empty one is" fails_with 4 "it is empty" "$build/nsvigil" replay "$second" /dev/null
for wrong in /dev/null /etc/os-release; do
	check "$wrong is refused" fails_with 3 "$wrong is" "$build/nsvigil" replay "$wrong"
done
check "a file that is not there is" fails_with 3 "cannot open /nowhere" \
	"$build/nsvigil" replay /nowhere
check "record writes over nothing" fails_with 3 "name a new file" \
	"$build/nsvigil" record "$dir/recorded"
check "watch asks for the directory" fails_with 3 "make that directory first" \
	"$build/nsvigil" watch --capture /nowhere
for size in 64 K 0K 9999M -1M 64Mi; do
	check "--capture-size $size is refused" fails_with 2 "not '$size'" \
		"$build/nsvigil" watch --capture-size="$size"
done

# kill -9 loses what was not written yet, a second at most; before it nothing is.

written() {
	"$build/nsvigil" replay --json "$dir"/capture/*.nsvcap >"$dir/out" || [ $? = 4 ] || return 1
	grep '^{"type":"finding"' "$dir/watch" >"$dir/live" &&
		grep -q '"rule":"privileged-ids"' "$dir/live" && cmp "$dir/live" "$dir/out"
}
watch_start --json
lab_start plain privileged-ids
check "what is found is written soon" within 30 written
kill -9 "$watching"
wait "$watching" || :
watching=
check "after kill -9 it is said that the file was not closed" fails_with 4 "was not closed" \
	"$build/nsvigil" replay --json "$dir"/capture/*.nsvcap
grep '^{"type":"finding"' "$dir/watch" >"$dir/live"
check "and what was found is there" cmp "$dir/live" "$dir/out"
lab_stop
finish
