#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# image.sh FILE: builds the image from the static program in $BUILD, as an OCI archive, and prints its
# size. Offline: there is no base image. Its layers follow from the files, whenever it is built.
set -eu

cd "$(dirname "$0")/.."
build=${BUILD:-build}
file=$1
version=$("$build/static/nsvigil" --version | cut -d ' ' -f 2)

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp "$build/static/nsvigil" "$context"
deploy/licenses.sh "$build/static/nsvigil.linked" "$context/licenses"

# A store of its own; vfs and chroot ask for nothing that a container or an old kernel may not have.
store() {
	command=$1
	shift
	buildah --root "$context/store" --runroot "$context/run" --storage-driver vfs "$command" "$@"
}
store build --quiet --isolation chroot --timestamp 0 --label "org.opencontainers.image.version=$version" \
	--label org.opencontainers.image.licenses="BSD-2-Clause AND GPL-2.0-only" \
	--file deploy/Containerfile --tag "localhost/nsvigil:$version" "$context" >/dev/null
rm -f "$file"
store push --quiet "localhost/nsvigil:$version" "oci-archive:$file:localhost/nsvigil:$version"

size() {
	du --bytes --summarize --total "$@" | tail -n 1 | cut -f 1 | numfmt --to=iec --format=%.1f
}
echo "$file, localhost/nsvigil:$version: $(size "$file") to pull," \
	"$(size "$context/nsvigil" "$context/licenses") unpacked, of which $(size "$context/nsvigil") the program"
