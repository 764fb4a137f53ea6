#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs the packages that building and testing need; silent when all are there. The names are
# Debian's: on a system without apt it prints them and stops. Further packages may be named.
# shellcheck disable=SC2086 # lists of words
set -eu

build="gcc make clang libbpf-dev libelf-dev zlib1g-dev libjson-c-dev libevent-dev libssl-dev libmd-dev libyaml-dev libseccomp-dev uthash-dev bpftool
pkg-config"
tests="libcmocka-dev valgrind clang-tidy clang-format cppcheck mandoc shellcheck
python3-jsonschema libclang-rt-14-dev util-linux runc crun conmon busybox-static bubblewrap systemd rsyslog rsyslog-openssl openssl iproute2 prometheus
xfsprogs btrfs-progs uidmap python3-yaml chromium zsh"

wanted=$(printf '%s\n' $build $tests "$@" | sed '/^$/d')

if ! command -v apt-get >/dev/null; then
	echo "This system has no apt. Install what these Debian packages hold, then call make with"
	echo "DEPS=true:" $wanted
	exit 1
fi >&2

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
missing=$(echo "$wanted" | grep -vxF -e "$installed") || exit 0

echo "Missing packages:" $missing
if [ "$(id -u)" != 0 ]; then
	echo "To install them: sudo apt-get install" $missing >&2
	exit 1
fi

# A fresh machine may know of no package yet, or be busy with its first update.
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
