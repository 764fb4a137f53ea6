#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The command line: what is meant by a slip, what completion offers, where captures are read from. Needs no privilege.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

nsvigil=${BUILD:-build}/nsvigil
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
golden=tests/golden/6.12/left-pod.nsvcap

# says STATUS TEXT COMMAND...: one line on standard error has the text.
says() {
	expected=$1 text=$2 status=0
	shift 2
	"$@" >"$dir/out" 2>"$dir/err" || status=$?
	cat "$dir/err"
	[ "$status" = "$expected" ] && [ "$(wc -l <"$dir/err")" = 1 ] && grep -qF -e "$text" "$dir/err"
}
check "a slip in a command" says 2 "there is no command 'wacth'; did you mean 'watch'?" "$nsvigil" wacth
check "nothing like a command" says 2 "there is no command 'banana'" "$nsvigil" banana
check "a slip in an option" says 2 "there is no option '--nmespace'; did you mean '--namespace'?" \
	"$nsvigil" scan --nmespace=x
check "an option of another command" says 2 "there is no option '--attest'" "$nsvigil" scan --attest=1h
check "a terminal's codes in one are escaped" says 2 "there is no option '--\\x1b[31m'" \
	"$nsvigil" scan "$(printf -- '--\033[31m')"
check "a slip in a rule" says 2 "did you mean 'left-pod'?" "$nsvigil" replay --rule left-pdo $golden
check "the value of an option is no option" says 3 "cannot open nothing" \
	"$nsvigil" replay --pod --nowhere nothing
check "a form that the command does not print" says 2 "--output takes table, json, yaml, csv here, not 'wide'" \
	"$nsvigil" doctor -o wide
check "standard input is read once" says 2 "takes files, and no '-'" "$nsvigil" replay --explain x -

# ---- which captures ----

"$nsvigil" replay --json $golden >"$dir/golden"
from_stdin() {
	"$nsvigil" replay --json - <$golden | cmp - "$dir/golden"
}
mkdir "$dir/captures" "$dir/empty"
cp $golden "$dir/captures/b.nsvcap"
cp tests/golden/6.12/runc.nsvcap "$dir/captures/a.nsvcap"
echo x >"$dir/captures/notes.txt"
from_dir() {
	"$nsvigil" replay --json tests/golden/6.12/runc.nsvcap $golden >"$dir/both"
	"$nsvigil" replay --json "$dir/captures" | cmp - "$dir/both"
}
check "replay - reads standard input" from_stdin
check "replay DIR reads the captures in it, by name" from_dir
check "a directory without any" says 3 "there is no capture (*.nsvcap) in $dir/empty" "$nsvigil" replay "$dir/empty"
check "what selects nothing says so" says 0 \
	"nothing of rule host-userns was found there; findings are of: left-pod" "$nsvigil" replay --rule host-userns $golden
check "colour always" sh -c "'$nsvigil' replay --color=always $golden | grep \"\$(printf '\\033\\[31mcritical')\""
check "colour never" sh -c "! '$nsvigil' replay --color=never $golden | grep \"\$(printf '\\033')\""

# ---- the same in other forms ----

same_as_yaml() {
	"$nsvigil" replay -o yaml $golden >"$dir/yaml"
	python3 - "$dir/yaml" "$dir/golden" <<-'END'
		import json, sys, yaml
		documents = list(yaml.safe_load_all(open(sys.argv[1])))
		assert documents == [json.loads(line) for line in open(sys.argv[2])] and documents
	END
}
same_as_csv() {
	"$nsvigil" replay -o csv $golden >"$dir/csv"
	python3 - "$dir/csv" "$dir/golden" <<-'END'
		import csv, json, sys
		rows = list(csv.DictReader(open(sys.argv[1], newline="")))
		lines = [json.loads(line) for line in open(sys.argv[2])]
		assert len(rows) == len(lines) > 2
		for row, line in zip(rows, lines):
		    for name in "time", "type", "rule", "severity", "result":
		        assert row[name] == line.get(name, ""), (row, line)
		    assert row["uid"] == line["pod"]["uid"]
		assert rows[0]["text"] == lines[0]["evidence"][0]["text"]
	END
}
if python3 -c 'import yaml' 2>/dev/null; then
	check "YAML has the same documents" same_as_yaml
else
	skip "YAML has the same documents" "there is no python3-yaml"
fi
check "CSV has a line for each finding and attestation" same_as_csv

# ---- completion ----

words() {
	"$nsvigil" complete "$@" | cut -f 1
}
commands() {
	"$nsvigil" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' >"$dir/commands"
	[ -s "$dir/commands" ] && words "" | cmp - "$dir/commands"
}
options() {
	while IFS= read -r command; do
		"$nsvigil" "$command" --help | grep -oE -e '^ {2,6}(-[a-zA-Z?], )?--[a-z-]+' | grep -oE -e '--[a-z-]+' |
			grep -vE -e '^--(usage|version)$' | sort >"$dir/left"
		words "$command" -- | tr -d = | sort | diff "$dir/left" - || { echo "$command"; return 1; }
	done <"$dir/commands"
}
is() {
	expected=$1
	shift
	[ "$(words "$@" | paste -sd ' ')" = "$expected" ] || { words "$@"; return 1; }
}
check "completion has each command" commands
check "and each option of each" options
check "values behind =" is "--policy=require" scan --policy=r
check "values as a word of their own" is "observe" scan -p o
check "only the forms that the command prints" is "table json yaml csv" watch -o ""
check "where a file belongs it has nothing" is "" replay --pod x "fi"

# bash_completes EXPECTED LINE
bash_completes() {
	# shellcheck disable=SC2016 # bash's
	said=$(PATH=$(realpath "$(dirname "$nsvigil")"):$PATH bash -c '. deploy/completion/nsvigil.bash
		COMP_LINE=$1 COMP_POINT=${#1}
		read -r -a COMP_WORDS <<<"${1//=/ = }"
		[[ $1 == *[\ =] ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		compopt() { :; }
		_nsvigil
		echo "${COMPREPLY[*]}"' bash "$2")
	echo "$said"
	[ "$said" = "$1" ]
}
if command -v bash >/dev/null; then
	check "in bash, a command" bash_completes "scan" "nsvigil sc"
	check "in bash, an option" bash_completes "--namespace=" "nsvigil scan --name"
	check "in bash, a value" bash_completes "require observe ignore" "nsvigil scan --policy="
	check "in bash, a value that is begun" bash_completes "require" "nsvigil scan --policy=re"
else
	skip "in bash" "there is no bash"
fi
if command -v zsh >/dev/null; then
	check "zsh takes its file" zsh -n deploy/completion/_nsvigil
else
	skip "zsh takes its file" "there is no zsh"
fi
finish
