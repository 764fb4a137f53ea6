# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2154,SC2034,SC2119,SC2120 # who sources it sets, uses and gives these
#
# For scripts that ask doctor --node of a node's root directory that is made up: source it, with `build` and `dir` set, a
# scratch directory.

nsvigil=$(realpath "$build/nsvigil")
pod=12345678-1234-1234-1234-123456789abc
chmod 755 "$dir"

# A node's root directory, in which scripts run.
root=$dir/root
pods=$root/var/lib/kubelet/pods
mkdir -p "$root/etc/kubernetes" "$root/bin" "$root/usr/bin" "$root/usr/sbin" "$pods/$pod/volumes"
cp "$(command -v busybox)" "$root/bin/sh"
echo "root:x:0:0:root:/root:/bin/sh" >"$root/etc/passwd"
echo "root:x:0:" >"$root/etc/group"

doctor() {
	"$nsvigil" doctor --node --root="$root" "$@"
}

# look OPTION...: keeps what doctor says, as JSON, and its exit status. It is as the schema says.
look() {
	status=0
	doctor --json "$@" >"$dir/node.json" 2>"$dir/errors" || status=$?
	python3 - docs/doctor.schema.json "$dir/node.json" <<-'PY'
		import json, jsonschema, sys
		jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
	PY
}

# row NAME ABOUT [TEXT]: the status of that row, the one whose texts have TEXT.
row() {
	python3 - "$dir/node.json" "$@" <<-'PY'
		import json, sys
		name, about, text = (sys.argv[2:] + [""])[:3]
		rows = [row for row in json.load(open(sys.argv[1]))["checks"]
		        if row["name"] == name and (row["about"] or "") == about]
		for row in rows:
		    if text in row["detail"] + (row["todo"] or ""):
		        print(row["status"])
		        break
		else:
		    print(*rows)
	PY
}

# is STATUS NAME ABOUT [TEXT]
is() {
	expected=$1
	shift
	found=$(row "$@")
	echo "$*: $found, expected $expected"
	[ "$found" = "$expected" ]
}

# says STATUS NAME ABOUT [TEXT]: likewise, after a look.
says() {
	look || return 1
	is "$@"
}

# runtime NAME SCRIPT: a program of that name, which does this when it is asked.
runtime() {
	printf '#!/bin/sh\n%s\n' "$2" >"$root/usr/bin/$1"
	chmod 755 "$root/usr/bin/$1"
}

# configure LINE...: what it has besides its kind.
configure() {
	printf '%s\n' "kind: KubeletConfiguration" "$@" >"$root/var/lib/kubelet/config.yaml"
}

# ids TEXT [TEXT]: of /etc/subuid, and of /etc/subgid if it is another.
ids() {
	printf %b "$1" >"$root/etc/subuid"
	printf %b "${2-$1}" >"$root/etc/subgid"
}
