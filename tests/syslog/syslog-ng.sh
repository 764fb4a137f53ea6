#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# syslog-ng.sh DIR: unpacks Debian's syslog-ng into DIR, and prints the words to start it with. It is not installed: it and
# rsyslog are no friends.
set -eu

dir=$1
if command -v syslog-ng >/dev/null; then
	echo syslog-ng
	exit
fi
mkdir -p "$dir"
if ! [ -e "$dir/usr/sbin/syslog-ng" ]; then
	(
		cd "$dir"
		for package in syslog-ng-core libivykis0 libnet1 libwrap0; do
			apt-get -qq -o APT::Sandbox::User=root download "$package"
			dpkg -x "$package"_*.deb .
		done
	) >&2
fi
modules=$(dirname "$(find "$dir/usr/lib" -name libafsocket.so)")
libraries=$(find "$dir" -name '*.so*' -exec dirname {} + | sort -u | paste -sd :)
echo "env LD_LIBRARY_PATH=$libraries $dir/usr/sbin/syslog-ng --module-path=$modules"
