#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# passed.sh FOLDER FILE COMMAND...: has an analyser look at a file, unless it had nothing to say of the
# same before: of the file and of all that it includes, by the same command and program and .clang-tidy.
# What passed is remembered in FOLDER.
#
# DEPENDS: the command that prints what else counts of FILE, as a rule for make (cc -M).
set -eu

folder=$1
file=$2
shift 2

# What cannot be told is looked at.
rule=$(${DEPENDS:?} "$file" 2>/dev/null) || exec "$@"
# shellcheck disable=SC2046 # a list of words
key=$({ echo "$*" && ls -lL "$(command -v "$1")" && sha256sum .clang-tidy "$file" \
	$(echo "$rule" | sed 's/^[^:]*: //; s/\\$//'); } | sha256sum)
passed=$folder/$(echo "$file" | tr / _)
[ "$(cat "$passed" 2>/dev/null)" != "$key" ] || exit 0
"$@"
mkdir -p "$folder"
echo "$key" >"$passed"
