#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Stands in for a test that ran in the guest: prints what it printed, ends as it ended. Called by
# the name under which the guest left both.

[ ! -e "$0.out" ] || cat "$0.out"
[ ! -e "$0.took" ] || cat "$0.took"
if [ ! -e "$0.status" ]; then
	echo "The guest ended before this test did."
	exit 1
fi
exit "$(cat "$0.status")"
