#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# guest.sh SERIES [HOW [NAME]]: the benchmark NAME.sh (cost) in a guest with a kernel of Debian's (tests/vm/run.sh) whose
# clock counts instructions. Prints its Markdown; its JSON is $BUILD/bench/NAME-SERIES-HOW.json. Exit status 77: there is
# no such kernel here.
set -eu

cd "$(dirname "$0")/../.."
series=$1 how=${2:-best} name=${3:-cost}
to=$(realpath "${BUILD:-build}")/bench
mkdir -p "$to"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

COUNTED=yes KEEP=$dir/kept HOW=$how KERNEL=$series VM_TESTS=tests/bench/$name.sh GUESTS=1 tests/vm/run.sh \
	>"$dir/said" || { cat "$dir/said" >&2; exit 1; }
[ -e "$dir/kept/$name.json" ] || { tail -n 2 "$dir/said" >&2; exit 77; }
cp "$dir/kept/$name.json" "$to/$name-$series-$how.json"
cat "$dir/kept/$name.md"
