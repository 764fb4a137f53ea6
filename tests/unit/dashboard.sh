#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# deploy/grafana-dashboard.json: each of its expressions is one of Prometheus', about metrics that there are. What a Prometheus
# answers to them is asked in tests/live/metrics.sh.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

command -v promtool >/dev/null || skip_all "there is no promtool"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

python3 tests/report/dashboard.py >"$dir/expressions"

# As rules: promtool reads no expression alone.
as_rules() {
	python3 - "$dir/expressions" <<-'PY' >"$dir/rules.yaml"
		import json, sys
		rules = [{"record": f"a{i}", "expr": line.rstrip("\n")} for i, line in enumerate(open(sys.argv[1]))]
		print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
	PY
	promtool check rules "$dir/rules.yaml"
}
known_metrics() {
	grep -ohE '\b(nsvigil|process)_[a-z_]+' "$dir/expressions" | sed 's/_bucket$//' | sort -u >"$dir/used"
	[ "$(wc -l <"$dir/used")" -gt 10 ]
	while IFS= read -r metric; do
		grep -qF "\"$metric\"" user/sink/metrics.c || { echo "no such metric: $metric"; return 1; }
	done <"$dir/used"
}
many() {
	[ "$(wc -l <"$dir/expressions")" -gt 15 ]
}

check "it has expressions" many
check "promtool reads each" as_rules
check "they are about metrics that there are" known_metrics
finish
