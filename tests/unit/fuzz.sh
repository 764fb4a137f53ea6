#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A few seconds of make fuzz.
FUZZ_SECONDS=${FUZZ_SECONDS:-2} exec "$(dirname "$0")/../fuzz/run.sh"
