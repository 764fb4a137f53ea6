#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What make dist has made: all that a release has, and nothing else; sums that are right; the source builds; the static
# programs run; what is in them is said.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
dist=$(realpath "$build/dist")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
version=$(sed -n 's/^VERSION := //p' Makefile)
name=nsvigil-$version

expected() {
	echo CHANGES.md SHA256SUMS nsvigil.krew.yaml "kubectl-$name.tar.gz" "$name.tar.gz" "$name.tgz" "$name.oci.tar" "$name.oci.tar.spdx.json" | tr ' ' '\n'
	for arch in amd64 arm64; do
		printf '%s\n' "$name-linux-$arch.tar.gz" "nsvigil_${version}_$arch.deb"
		printf '%s.spdx.json\n' "$name-linux-$arch.tar.gz" "nsvigil_${version}_$arch.deb"
	done
}
complete() {
	expected | LC_ALL=C sort >"$dir/expected"
	find "$dist" -type f -printf '%P\n' | LC_ALL=C sort | diff "$dir/expected" -
}
check "it has these files and no other" complete
check "the sums are right" sh -c "cd '$dist' && sha256sum --strict -c SHA256SUMS"
check "each file has one" sh -c "cd '$dist' && [ \$(wc -l <SHA256SUMS) = \$(find . -type f ! -name SHA256SUMS | wc -l) ]"
check "what is new is there" grep -q '^- ' "$dist/CHANGES.md"

# As a clone has it, and it is enough: here for all that can be made offline.
source_is_whole() {
	tar -xzf "$dist/$name.tar.gz" -C "$dir" || return 1
	(cd "$dir/$name" && find . ! -type d -printf '%P\n' | sort) >"$dir/unpacked"
	deploy/sources.sh | sort | diff - "$dir/unpacked" || return 1
	make -s -C "$dir/$name" BUILD="$dir/out" "$dir/out/nsvigil" && "$dir/out/nsvigil" --version | grep -x "nsvigil $version"
}
check "the source is whole, and builds" source_is_whole

# runs ARCH COMMAND...: what the command runs of the tarball.
runs() {
	arch=$1
	shift
	tar -xzf "$dist/$name-linux-$arch.tar.gz" -C "$dir" &&
		[ "$(deploy/arch.sh "$dir/$name-linux-$arch/nsvigil")" = "$arch" ] &&
		"$@" "$dir/$name-linux-$arch/nsvigil" --version | grep -x "nsvigil $version" &&
		[ -s "$dir/$name-linux-$arch/licenses/libssl-dev/copyright" ] && [ -s "$dir/$name-linux-$arch/docs/man/nsvigil.1" ]
}
check "the static program of amd64 runs" runs amd64
check "that of arm64 runs" runs arm64 qemu-aarch64-static

sizes() {
	deploy/image.sh "$dir/image" "$build" "$build/arm64" | python3 docs/sizes.py --check
}
check "docs/supported.tsv says how large they and the image are" sizes

check "the chart's package is a chart" sh -c "tar -xzf '$dist/$name.tgz' -C '$dir' &&
	grep -x 'version: $version' '$dir/nsvigil/Chart.yaml' && diff -r deploy/chart '$dir/nsvigil'"

# Each says which file it is of, and what is in that; what is named in relationships is there.
sboms() {
	python3 - "$dist" <<-'END'
		import glob, hashlib, json, os, sys
		found = glob.glob(sys.argv[1] + "/*.spdx.json")
		assert len(found) == 5, found
		for path in found:
		    sbom = json.load(open(path))
		    for key in ("spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo", "packages"):
		        assert sbom[key], (path, key)
		    of = path[:-len(".spdx.json")]
		    own, *others = sbom["packages"]
		    assert own["checksums"][0]["checksumValue"] == hashlib.sha256(open(of, "rb").read()).hexdigest(), of
		    ids = {each["SPDXID"] for each in sbom["packages"]} | {sbom["SPDXID"]}
		    assert len(ids) == len(sbom["packages"]) + 1, path
		    for each in sbom["relationships"]:
		        assert {each["spdxElementId"], each["relatedSpdxElement"]} <= ids, each
		    names = {each["name"] for each in others}
		    wanted = {"libssl3", "libbpf1", "libc6"} if of.endswith(".deb") else {"libssl-dev", "libbpf-dev", "libc6-dev"}
		    assert wanted <= names, (path, names)
		    assert all(each["versionInfo"] != "NOASSERTION" for each in others) or of.endswith(".deb"), path
	END
}
check "each SBOM is of its file, and says what is in it" sboms

# Not a word.
clean() {
	LC_ALL=C lintian --allow-root "$@" 2>&1 | tee "$dir/lintian"
	[ ! -s "$dir/lintian" ]
}
for arch in amd64 arm64; do
	check "lintian has nothing to say of the package for $arch" clean "$dist/nsvigil_${version}_$arch.deb"
done
finish
