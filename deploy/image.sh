#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# image.sh FILE [BUILD...]: makes one OCI archive with an image for each processor that a static program was built for
# in these folders, or in $BUILD, and prints their sizes. There is nothing else in an image but the licenses.
# SOURCE_DATE_EPOCH is the time of all that is in it.
set -eu

cd "$(dirname "$0")/.."
file=$1
shift
[ $# != 0 ] || set -- "${BUILD:-build}"
version=$(sed -n 's/^VERSION := //p' Makefile)

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
images=
for build; do
	arch=$(deploy/arch.sh "$build/static/nsvigil")
	root=$context/$arch
	mkdir -p "$root/usr/local/sbin"
	cp "$build/static/nsvigil" "$root/usr/local/sbin"
	deploy/licenses.sh "$build" "$root/licenses"
	images="$images $arch=$root"
done
# shellcheck disable=SC2086 # a list of words
python3 deploy/oci.py "$file" localhost/nsvigil "$version" "${SOURCE_DATE_EPOCH:-0}" $images
