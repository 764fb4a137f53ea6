#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# runc, as tests/oci.sh has it.
set -eu

cd "$(dirname "$0")/../.."
runtime=runc
. tests/oci.sh
