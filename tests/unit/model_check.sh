#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A million steps of the model check. SEED=N: of another life.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

check=${BUILD:-build}/model-check

lives() {
	STEPS=$1 SEED=$2 "$check" 2>&1
}
check "a million steps" lives 1000000 "${SEED:-7}"
printf '%s\n' "$tap_output" | grep '^# counted' || :
finish
