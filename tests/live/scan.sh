#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil scan on pods in miniature: each scenario under each policy, and what all outputs owe.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/results.sh

# scan STATUS OUTPUT OPTION...: runs a scan that must end with that status.
scan() {
	expected=$1
	output=$2
	shift 2
	status=0
	"$build/nsvigil" scan --root "$node" "$@" >"$dir/$output" || status=$?
	[ "$status" = "$expected" ] || {
		echo "exit status $status, not $expected"
		return 1
	}
}

# A test for each scenario, from podlab's own comparison: no finding is missing, and none too many.
verify() {
	all=yes
	"$build/podlab" verify --policy "$1" all <"$dir/$1.json" >"$dir/verified" || :
	while read -r scenario _; do
		check "$scenario ($1)" verified "$scenario"
		all=${tap_passed:+$all}
	done <"$dir/list"
	check "no other pod of the lab's ($1)" sh -c "! grep -A99 '^not ok' '$dir/verified' | grep ."
	# shellcheck disable=SC2046 # a list of words
	[ -z "$all" ] || record caught $(sed -n 's/.*"rule": "\(.*\)",/\1/p' "$dir/$1.json" | sort -u)
}

verified() {
	sed -n "/^\(not \)\{0,1\}ok [0-9]* - $1\$/,/^ok\|^not ok/p" "$dir/verified"
	grep -q "^ok [0-9]* - $1\$" "$dir/verified"
}

valid() {
	python3 - "$1" "$2" <<-'EOF'
		import json, jsonschema, sys
		schema = json.load(open(sys.argv[1]))
		jsonschema.validators.validator_for(schema).check_schema(schema)
		jsonschema.validate(json.load(open(sys.argv[2])), schema)
	EOF
}

# What does not change between two looks at the same pods: all but times and this script.
canonical() {
	python3 - "$1" <<-'EOF'
		import json, sys
		scan = json.load(open(sys.argv[1]))
		del scan["time"], scan["boot_ns"], scan["walks"]
		for pod in scan["pods"]:
		    for finding in pod["findings"]:
		        if finding["rule"] == "ids-in-use" and finding["count"] > 4:
		            del finding["count"], finding["evidence"], finding["check"]
		print(json.dumps(scan, indent=1))
	EOF
}

same_twice() {
	scan 1 again.json --json
	canonical "$dir/observe.json" >"$dir/one"
	canonical "$dir/again.json" >"$dir/two"
	diff "$dir/one" "$dir/two"
}

only_plain_bytes() {
	LC_ALL=C grep -naP '[^\x20-\x7e]' "$1" && return 1
	grep -qF '\x0a\x1b[31m\x22\x5c\xff' "$1" || grep -qF '\\x0a\\x1b[31m\\x22\\x5c\\xff' "$1"
}

# Those that play in the test of their own are not among all.
"$build/podlab" list | grep -v '^host-node ' >"$dir/list"

status=0
lab_start all || status=$?
[ "$status" != 77 ] || skip_all "$(cat "$dir/lab")"
[ "$status" = 0 ] || exit 1

# An entrant that stays is judged otherwise after a minute, which is soon over where all is slow.
for policy in observe require ignore; do
	[ "$policy" = observe ] || { lab_stop && lab_start all; }
	check "exit status 1 (--policy $policy)" scan 1 "$policy.json" --json --policy "$policy"
	[ "$policy" != observe ] || check "two scans say the same" same_twice
	verify "$policy"
	check "the JSON is as its schema says ($policy)" valid docs/scan.schema.json \
		"$dir/$policy.json"
done
check "a hostile name is escaped in JSON" only_plain_bytes "$dir/observe.json"
check "the table" scan 1 table
check "a hostile name is escaped in the table" only_plain_bytes "$dir/table"

# privileged MIN COUNT: that many pods reach below it.
privileged() {
	scan 1 privileged.json --json --min-host-id "$1" &&
		test "$(grep -c '"rule": "privileged-ids"' "$dir/privileged.json")" "$2" "$3"
}
check "no map reaches below --min-host-id 0" privileged 0 -eq 0
check "one reaches below --min-host-id 1" privileged 1 -eq 1
check "all do below --min-host-id 4294967295" privileged 4294967295 -gt 20

check "doctor is content" "$build/nsvigil" doctor
"$build/nsvigil" doctor --json >"$dir/doctor.json" || :
check "the doctor's JSON is as its schema says" valid docs/doctor.schema.json "$dir/doctor.json"

lab_stop
check "nothing of the lab is left" sh -c \
	"! find /sys/fs/cgroup -maxdepth 2 -name podlab | grep . && ! ls -d /var/log/pods/podlab_*"

# Each alone, with nothing at warning or above.
quiet() {
	sh -c ". tests/lab.sh; lab_start $1; '$build/nsvigil' scan --root $node --json" >"$dir/quiet.json" &&
		"$build/podlab" verify "$1" <"$dir/quiet.json"
}
check "good pods alone are quiet" quiet good
check "a node full of pods with hostUsers: true is quiet" quiet host-node
finish
