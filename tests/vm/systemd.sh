#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# systemd.sh: process 1 of a guest becomes the systemd of the root that it is in. What the guest is there for, which
# is the script that called this, is one of its services.
set -eu

units=/run/systemd/system
mkdir -p "$units/multi-user.target.wants"
cat >"$units/tests.service" <<'END'
[Service]
ExecStart=/run/host/start
StandardOutput=journal+console
StandardError=journal+console
END
ln -s ../tests.service "$units/multi-user.target.wants"
# Debian 13 mounts a file system there, over what is shared of the machine's /tmp.
ln -s /dev/null "$units/tmp.mount"
exec /lib/systemd/systemd
