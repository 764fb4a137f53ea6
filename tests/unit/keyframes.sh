#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The engine's tests once more: before each walk another engine takes over, which knows only what
# a keyframe says. Nothing may come out otherwise.
set -u

BUILD=${BUILD:-build}
# All that make a node; the model check does so by itself.
tests=$(grep -l 'NODE_TEST' tests/unit/test_*.c | sed 's,.*/test_,,; s,\.c$,,' | grep -vx model_check)
i=0

echo "1..$(echo "$tests" | wc -w)"
for test in $tests; do
	i=$((i + 1))
	if out=$(NODE_KEYFRAMES=1 "$BUILD/unit/test_$test" 2>&1); then
		echo "ok $i - test_$test with keyframes"
	else
		echo "not ok $i - test_$test with keyframes"
		echo "$out" | grep -v ' OK \]\|RUN  ' | sed 's/^/# /'
	fi
done
