#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# dist.sh DIR VERSION BUILD...: puts into DIR what a release has, of the sources, and of what make static deb has built in
# each of these folders. SOURCE_DATE_EPOCH is the time of all that is in it: what is the same gives the same bytes.
set -eu

cd "$(dirname "$0")/.."
dir=$1 version=$2
shift 2
name=nsvigil-$version
rm -rf "$dir"
mkdir -p "$dir"
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

# pack FILE FOLDER: an archive of $context/FOLDER.
pack() {
	tar -C "$context" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX \
		--mtime="@$SOURCE_DATE_EPOCH" -c "$2" | gzip -9n >"$dir/$1"
}

# The static program, with what make install would put beside it.
static() {
	build=$1 folder=$name-linux-$arch
	mkdir -p "$context/$folder/docs"
	cp "$build/static/nsvigil" deploy/nsvigil.yaml README.md CHANGELOG.md "$context/$folder"
	cp docs/*.schema.json docs/*.md "$context/$folder/docs"
	cp -r docs/man "$context/$folder/docs"
	sed 's|@SBINDIR@|/usr/local/sbin|g; s|@ETCDIR@|/etc/nsvigil|g' deploy/nsvigil.service.in >"$context/$folder/nsvigil.service"
	deploy/licenses.sh "$build" "$context/$folder/licenses"
	pack "$folder.tar.gz" "$folder"
	deploy/linked.sh "$build" >"$context/linked"
	python3 deploy/sbom.py "$version" "$SOURCE_DATE_EPOCH" "$dir/$folder.tar.gz" <"$context/linked"
}

mkdir "$context/$name"
deploy/sources.sh | xargs -d '\n' cp -P --parents -t "$context/$name"
pack "$name.tar.gz" "$name"

# As helm package makes it, which is not Debian's.
cp -r deploy/chart "$context/nsvigil"
pack "$name.tgz" nsvigil

# The plugin for kubectl, with what krew wants to know of it. Where it will be is the publisher's to say: KREW_URI.
mkdir "$context/kubectl"
cp deploy/kubectl-nsvigil LICENSE "$context/kubectl"
plugin=kubectl-nsvigil-$version.tar.gz
tar -C "$context/kubectl" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX \
	--mtime="@$SOURCE_DATE_EPOCH" -c LICENSE kubectl-nsvigil | gzip -9n >"$dir/$plugin"
sed "s|@VERSION@|$version|; s|@URI@|${KREW_URI:-https://example.org}/$plugin|; s|@SHA256@|$(sha256sum <"$dir/$plugin" | cut -d ' ' -f 1)|" \
	deploy/krew/nsvigil.yaml >"$dir/nsvigil.krew.yaml"

for build; do
	arch=$(deploy/arch.sh "$build/static/nsvigil")
	static "$build"
	deb=nsvigil_${version}_$arch.deb
	cp "$build/deb/$deb" "$dir"
	dpkg-deb -f "$dir/$deb" Depends | tr ',' '\n' | sed -E 's/^ *([^ ]+) ?(\(>= (.*)\))?$/\1 \3/' |
		python3 deploy/sbom.py "$version" "$SOURCE_DATE_EPOCH" "$dir/$deb"
done
deploy/image.sh "$dir/$name.oci.tar" "$@"
for build; do
	deploy/linked.sh "$build"
done | python3 deploy/sbom.py "$version" "$SOURCE_DATE_EPOCH" "$dir/$name.oci.tar"

# What is new: the part of the version, or else of what has none yet.
part=$version
grep -qF "## [$version]" CHANGELOG.md || part=Unreleased
awk -v head="## [$part]" 'index($0, "## [") == 1 { on = index($0, head) == 1; next } on' CHANGELOG.md >"$dir/CHANGES.md"

cd "$dir"
LC_ALL=C sha256sum -- * >"$context/sums"
mv "$context/sums" SHA256SUMS
cat SHA256SUMS
