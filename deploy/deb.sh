#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# deb.sh ARCH DIR VERSION: builds the package for Debian, into DIR, of a copy of the sources, with deploy/debian where dpkg wants
# it. SOURCE_DATE_EPOCH is when the sources were last changed. SYSROOT: the libraries of another processor.
set -eu

cd "$(dirname "$0")/.."
arch=$1 dir=$2 version=$3
copy=$dir/nsvigil-$version

rm -rf "$dir"
mkdir -p "$copy"
deploy/sources.sh | xargs -d '\n' cp --parents -t "$copy"
cp -r deploy/debian "$copy/debian"
cat >"$copy/debian/changelog" <<END
nsvigil ($version) unstable; urgency=medium

  * What is new is in /usr/share/doc/nsvigil/changelog.gz.

 -- $(sed -n 's/^Maintainer: //p' deploy/debian/control)  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
cd "$copy"
# What another processor's build depends on is not installed, and dpkg does not find it.
DEB_BUILD_OPTIONS="noautodbgsym parallel=$(nproc)" dpkg-buildpackage --host-arch="$arch" --build=binary --no-check-builddeps \
	--unsigned-changes --unsigned-buildinfo >"$dir/log" 2>&1 || { tail -n 40 "$dir/log" >&2; exit 1; }
rm -rf "$copy"
