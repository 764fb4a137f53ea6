#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Prometheus' own judgement of deploy/prometheus-rules.yaml: that it can read the rules, and that
# they fire when they should. Also that they are about metrics that there are.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

command -v promtool >/dev/null || skip_all "there is no promtool"

rules=deploy/prometheus-rules.yaml

# Each metric in the rules is one that the program writes.
known_metrics() {
	grep -ohE '\bnsvigil_[a-z_]+' $rules | sed 's/_bucket$//' | sort -u >"$dir/used"
	[ "$(wc -l <"$dir/used")" -gt 5 ]
	while IFS= read -r metric; do
		grep -qF "\"$metric\"" user/sink/metrics.c || { echo "no such metric: $metric"; return 1; }
	done <"$dir/used"
}

# Each alert is in the tests.
all_tested() {
	sed -n 's/^ *- alert: //p' $rules | while IFS= read -r alert; do
		grep -q "$alert" tests/unit/alerts.yaml || { echo "$alert"; return 1; }
	done
}

# Each alert says where its part of docs/alerts.md is, and there is no other part.
runbooks() {
	sed -nE 's/^ *- alert: (.*)/\1/p' $rules >"$dir/alerts"
	sed -nE 's/^## (.*)/\1/p' docs/alerts.md >"$dir/parts"
	sed -nE 's,^ *runbook_url: "file:///usr/share/doc/nsvigil/alerts\.md#(.*)"$,\1,p' $rules >"$dir/urls"
	[ -s "$dir/alerts" ] && diff "$dir/alerts" "$dir/parts" && tr '[:upper:]' '[:lower:]' <"$dir/alerts" | diff - "$dir/urls"
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
check "promtool check rules" promtool check rules $rules
check "promtool test rules" promtool test rules tests/unit/alerts.yaml
check "the rules are about metrics that there are" known_metrics
check "each alert is tested" all_tested
check "each alert has its part in docs/alerts.md" runbooks
finish
