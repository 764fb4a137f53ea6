#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# docs/kernels.md is what tests/vm/table.py makes of what tests have recorded, and says no more than that.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
results=tests/vm/results.txt

as_generated() {
	python3 tests/vm/table.py $results | diff docs/kernels.md -
}

# Each rule that was caught is one of the program's, and each of those has a row.
known() {
	python3 - $results docs/kernels.md <<-'PY'
		import json, re, sys
		rules = json.load(open("docs/watch.schema.json"))["$defs"]["rule"]["enum"]
		caught = {line.rstrip("\n").split("\t")[3] for line in open(sys.argv[1]) if "\tcaught\t" in line}
		assert caught and caught <= set(rules), caught - set(rules)
		rows = re.findall(r"^\| `([a-z-]+)` \|", open(sys.argv[2]).read(), re.M)
		assert rows == rules, rows
	PY
}

# forgotten RULE: without its records the rule is nowhere caught.
forgotten() {
	grep -v "	caught	$1\$" $results >"$dir/results"
	python3 tests/vm/table.py "$dir/results" >"$dir/table"
	grep "^| \`$1\` |" "$dir/table"
	! grep "^| \`$1\` |.*\(caught\|partly\)" "$dir/table"
}
is_caught() {
	grep "^| \`$1\` |.*\(caught\|partly\)" docs/kernels.md
}

check "the table is as it is generated" as_generated
check "its rules are the program's" known
check "left-pod is caught somewhere" is_caught left-pod
check "and not without a test that caught it" forgotten left-pod
finish
