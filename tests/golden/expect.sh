#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Writes what is found in the golden captures now as what is expected: to be reviewed as a change.
set -eu

cd "$(dirname "$0")/../.."
nsvigil=${BUILD:-build}/nsvigil
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for golden in tests/golden/*/*.nsvcap; do
	"$nsvigil" replay --json "$golden" | sed -f tests/golden/short.sed >"${golden%.nsvcap}.jsonl"
done
for golden in tests/golden/hand/*.events; do
	rm -f "$dir/capture"
	"$nsvigil" import "$dir/capture" <"$golden"
	"$nsvigil" replay --json "$dir/capture" | sed -f tests/golden/short.sed >"${golden%.events}.jsonl"
done
