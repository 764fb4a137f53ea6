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

# ---- explain ----

explains_narrowly() {
	for rule in $("$nsvigil" explain | sed 's/ .*//'); do
		"$nsvigil" explain "$rule"
	done >"$dir/explained"
	[ -s "$dir/explained" ] && ! grep -nE '^.{80}| $' "$dir/explained"
}
# An item hangs behind its dash; the paragraph that follows begins at the margin.
explains_items() {
	"$nsvigil" explain lingering-entrant | sed -n '/^  - a process/,/^$/p' >"$dir/items"
	cat "$dir/items"
	sed -n '2s/^    [a-z].*/hangs/p' "$dir/items" | grep hangs && grep '^  A container' "$dir/items"
}
check "explain fits a terminal of 80 columns" explains_narrowly
check "its items hang" explains_items
check "it says what only one command has" sh -c "'$nsvigil' explain left-pod | grep -x 'Only watch sees it.'"

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
# belongs NAME WORD...: there is no list, and this is what --help calls it.
belongs() {
	expected=$(printf '\t%s' "$1")
	shift
	"$nsvigil" complete "$@"
	[ "$("$nsvigil" complete "$@")" = "$expected" ]
}
check "completion has each command" commands
check "and each option of each" options
check "values behind =" is "--policy=require" scan --policy=r
check "values as a word of their own" is "observe" scan -p o
check "only the forms that the command prints" is "table json yaml csv" watch -o ""
check "where a file belongs it says so" belongs FILE replay --pod x "fi"
check "so it does behind =" belongs FILE watch --state=
check "a directory" belongs DIR scan --root /
check "free text" belongs POD replay --pod ""
check "a rule, of which it has the names" is "left-pod lingering-entrant" explain l
check "behind = too" is "--rule=left-pod" replay --rule=left
check "what takes nothing else is offered its options" is "$(words scan -- | paste -sd ' ')" scan ""
option_says() {
	"$nsvigil" complete "$1" "$2" | cut -f 2
	[ "$("$nsvigil" complete "$1" "$2" | cut -f 2)" = "$3" ]
}
check "an option whose help begins with its values has them all" option_says scan --color "auto, always, never"
check "but for those that the command does not print" option_says doctor --output "table, json, yaml, csv"

# bash_completes EXPECTED LINE
bash_completes() {
	# shellcheck disable=SC2016 # bash's
	said=$(PATH=$(realpath "$(dirname "$nsvigil")"):$PATH bash -c '. deploy/completion/nsvigil.bash
		COMP_LINE=$1 COMP_POINT=${#1}
		read -r -a COMP_WORDS <<<"${1//=/ = }"
		[[ $1 == *[\ =] ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		compopt() { COMPREPLY+=("$@"); }
		_nsvigil
		echo "${COMPREPLY[*]}"' bash "$2")
	echo "$said"
	[ "$said" = "$1" ]
}
if command -v bash >/dev/null; then
	check "in bash, a command" bash_completes "scan" "nsvigil sc"
	check "in bash, an option" bash_completes "--namespace= -o nospace" "nsvigil scan --name"
	check "in bash, a value" bash_completes "require observe ignore" "nsvigil scan --policy="
	check "in bash, a value that is begun" bash_completes "require" "nsvigil scan --policy=re"
	check "in bash, files, as it has them" bash_completes "" "nsvigil scan --config "
	check "in bash, directories" bash_completes "+o default -o dirnames" "nsvigil scan --root="
	check "in bash, no files where none belongs" bash_completes "+o default" "nsvigil scan --namespace "
	check "in bash, rules" bash_completes "left-pod" "nsvigil explain left"
else
	skip "in bash" "there is no bash"
fi

# zsh_completes NAME LINE BECOMES [OFFERED]: what a tab behind the line does in a real zsh, and which words it offers, sorted. All
# lines are typed in one (tests/completes.zsh).
mkdir -p "$dir/home/sub"
touch "$dir/home/left.nsvcap" "$dir/home/notes"
ln -s "$(realpath "$nsvigil")" "$dir/home/nsvigil"
zsh_types() {
	zsh=$(realpath tests/completes.zsh) completion=$(realpath deploy/completion)
	(
		cd "$dir/home"
		HOME=$PWD PATH=$PWD:$PATH timeout 60 zsh -f "$zsh" "$completion"
	)
}
zsh_completes() {
	printf '%s\n' "$2" >>"$dir/lines"
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >>"$dir/expected"
}
zsh_did() {
	grep -F -e "$1	" "$dir/typed"
	grep -qxF -e "$1	$2	$3" "$dir/typed"
}
sorted() {
	LC_ALL=C sort | paste -sd ' '
}
rules=$("$nsvigil" explain | sed 's/ .*//' | sorted)
files="left.nsvcap notes nsvigil sub"
options=$(words scan -- | sorted)
zsh_completes "commands" "nsvigil " "nsvigil " "$(sorted <"$dir/commands")"
zsh_completes "a command that is begun" "nsvigil rec" "nsvigil record " "record"
# shellcheck disable=SC2088 # zsh is to expand it
zsh_completes "of a program in the home directory" "~/nsvigil rec" "~/nsvigil record " "record"
zsh_completes "of help, too" "nsvigil help rep" "nsvigil help rep" "replay report"
zsh_completes "options" "nsvigil scan --" "nsvigil scan --" "$options"
zsh_completes "options where nothing else belongs" "nsvigil scan " "nsvigil scan --" "$options"
zsh_completes "options behind one whose value may be left out" "nsvigil scan -w " "nsvigil scan -w --" "$options"
zsh_completes "an option, whose value follows at once" "nsvigil scan --name" "nsvigil scan --namespace=" "--namespace="
zsh_completes "an option without one" "nsvigil scan --js" "nsvigil scan --json " "--json"
zsh_completes "forms" "nsvigil scan -o " "nsvigil scan -o " "csv json table wide yaml"
zsh_completes "only those that the command prints" "nsvigil watch -o " "nsvigil watch -o " "csv json table yaml"
zsh_completes "behind a quoted word" "nsvigil scan --pod-policy='a b=ignore' -o w" \
	"nsvigil scan --pod-policy='a b=ignore' -o wide " "wide"
zsh_completes "severities" "nsvigil scan --fail-on " "nsvigil scan --fail-on " \
	"critical error info never notice warning"
zsh_completes "values behind =" "nsvigil scan --color=" "nsvigil scan --color=" "--color=always --color=auto --color=never"
zsh_completes "a value that is begun" "nsvigil scan --color=al" "nsvigil scan --color=always " "--color=always"
zsh_completes "nothing where free text belongs" "nsvigil scan --namespace " "nsvigil scan --namespace " ""
zsh_completes "nor behind =" "nsvigil scan --namespace=" "nsvigil scan --namespace=" ""
zsh_completes "files for report" "nsvigil report " "nsvigil report " "$files"
zsh_completes "behind its options" "nsvigil report -o html le" "nsvigil report -o html left.nsvcap " "left.nsvcap"
zsh_completes "files for replay" "nsvigil replay le" "nsvigil replay left.nsvcap " "left.nsvcap"
zsh_completes "an option's file" "nsvigil scan --config " "nsvigil scan --config " "$files"
zsh_completes "behind =" "nsvigil scan --config=le" "nsvigil scan --config=left.nsvcap " "left.nsvcap"
zsh_completes "a directory alone" "nsvigil scan --root " "nsvigil scan --root sub/" "sub"
zsh_completes "that behind =" "nsvigil scan --root=" "nsvigil scan --root=sub/" "sub"
zsh_completes "rules" "nsvigil explain " "nsvigil explain " "$rules"
zsh_completes "a rule that is begun" "nsvigil explain left" "nsvigil explain left-pod " "left-pod"
zsh_completes "an option's rule" "nsvigil replay --rule=left" "nsvigil replay --rule=left-pod " "--rule=left-pod"
# shellcheck disable=SC2016 # what must not run
zsh_completes "what is typed does not run" 'nsvigil explain $(touch "$HOME/ran") left' \
	'nsvigil explain $(touch "$HOME/ran") left-pod ' "left-pod"
if command -v zsh >/dev/null; then
	check "zsh takes its file" zsh -n deploy/completion/_nsvigil
	zsh_types <"$dir/lines" >"$dir/typed" || :
	while IFS= read -r row; do
		line=${row#*	} became=${row#*	*	}
		check "in zsh, ${row%%	*}" zsh_did "${line%%	*}" "${became%%	*}" "${became#*	}"
	done <"$dir/expected"
	check "in zsh, nothing has run" [ ! -e "$dir/home/ran" ]
else
	skip "in zsh" "there is no zsh"
fi
finish
