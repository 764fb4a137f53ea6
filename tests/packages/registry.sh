#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The image, pushed to a registry on the loopback and pulled from it: one index, an image for each processor, and in
# each the program for it.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
dir=$(mktemp -d)
trap 'kill $registry 2>/dev/null || :; rm -rf "$dir"' EXIT
registry=
version=$(sed -n 's/^VERSION := //p' Makefile)

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$dir/config.yml" <<END
version: 0.1
storage: {filesystem: {rootdirectory: $dir/registry}}
http: {addr: "127.0.0.1:$port"}
END
docker-registry serve "$dir/config.yml" >"$dir/log" 2>&1 &
registry=$!
answers() {
	python3 - "$port" <<-'END'
		import socket, sys, time
		for _ in range(300):
		    try:
		        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
		        sys.exit(0)
		    except OSError:
		        time.sleep(0.1)
		sys.exit(1)
	END
}
check "a registry answers" answers
place=127.0.0.1:$port/nsvigil
check "make image pushes to it" make -s image PUSH="$place" PUSH_OPTIONS=--dest-tls-verify=false
check "it has one index" sh -c "skopeo inspect --tls-verify=false --raw docker://$place:$version >'$dir/index' &&
	grep -q '\"mediaType\":\"application/vnd.oci.image.index.v1+json\"' '$dir/index'"

# Each processor gets its own program.
gets() {
	arch=$1
	skopeo copy --quiet --override-arch "$arch" --src-tls-verify=false "docker://$place:$version" "dir:$dir/$arch" || return 1
	skopeo inspect --override-arch "$arch" "dir:$dir/$arch" | grep -F "\"Architecture\": \"$arch\"" || return 1
	layer=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["layers"][0]["digest"][7:])' "$dir/$arch/manifest.json")
	tar -xzf "$dir/$arch/$layer" -C "$dir/$arch" usr/local/sbin/nsvigil || return 1
	[ "$(deploy/arch.sh "$dir/$arch/usr/local/sbin/nsvigil")" = "$arch" ]
}
check "amd64 gets its program" gets amd64
check "arm64 gets its program" gets arm64

# all: pulled back it is what was pushed.
same() {
	skopeo copy --quiet --all --src-tls-verify=false "docker://$place:$version" "oci-archive:$dir/back.tar" &&
		skopeo inspect --raw "oci-archive:$dir/back.tar" >"$dir/back" &&
		skopeo inspect --raw "oci-archive:$build/nsvigil.tar" | cmp - "$dir/back" && cmp "$dir/index" "$dir/back"
}
check "the index comes back as it was" same
finish
