#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What files cost through an idmapped mount, as Kubernetes' blog has numbers of, tried here without nsvigil: on ext4, xfs
# and btrfs, each with and without idmapping, by somebody who owns the files. System calls alone: what the kernel writes
# to the disk later is not counted. Prints Markdown; JSON goes to $BUILD/bench/, or to KEPT. In no test is a time.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/inside.sh
. tests/bench/beside.sh
trap 'umount_all; rm -rf "$dir"' EXIT

turns=${TURNS:-5} times=${TIMES:-50000}
[ -z "$counted" ] || turns=1 times=20000
: >"$dir/times"
: >"$dir/without"

umount_all() {
	umount "$dir/mapped" "$dir/plain" 2>/dev/null || :
}

# made TYPE: mounted twice, the second time idmapped: its user 1000 is user 700001000 there.
made() {
	truncate -s 512M "$dir/$1.image" && "mkfs.$1" -q "$dir/$1.image" &&
		mount -o loop "$dir/$1.image" "$dir/plain" && mkdir "$dir/plain/work" &&
		head -c 32M /dev/zero >"$dir/plain/work/data" && chown -R 1000:1000 "$dir/plain/work" &&
		"$build/idmap" -m 700000000 -a "$dir/mapped" "$dir/plain"
}

# measure TYPE BESIDE FOLDER UID
measure() {
	for what in stat create read write; do
		path=$3/work
		case $what in
		read | write) path=$path/data ;;
		esac
		ns=$(run outside setpriv --reuid "$4" --regid "$4" --clear-groups "$loop" "$what" "$times" "$path")
		echo "$what $1 $2 $ns" >>"$dir/times"
	done
}

mkdir "$dir/plain" "$dir/mapped"
for type in ext4 xfs btrfs; do
	if ! made "$type" >"$dir/made" 2>&1; then
		echo "$type: $(tail -n 1 "$dir/made")" >>"$dir/without"
	else
		for _ in $(seq "$turns"); do
			measure "$type" plain "$dir/plain" 1000
			measure "$type" mapped "$dir/mapped" 700001000
		done
	fi
	umount_all
	rm -f "$dir/$type.image"
done
keep idmapped "$dir/times" "$dir/without"
