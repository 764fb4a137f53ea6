#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# crun, as tests/oci.sh has it.
set -eu

cd "$(dirname "$0")/../.."
runtime=crun
. tests/oci.sh
