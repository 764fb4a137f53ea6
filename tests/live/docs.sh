#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The documents agree with the program: options, rules, verdicts, severities, checks, messages,
# exit statuses, paths. Needs no privilege.
# shellcheck disable=SC2016 # Markdown's backticks, JSON Schema's $defs
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

nsvigil=${BUILD:-build}/nsvigil
man=docs/nsvigil.8
scan=docs/scan.schema.json
doctor=docs/doctor.schema.json

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# The sources as one line, with string literals that continue each other joined.
cat user/*.c user/*/*.c | tr '\n\t' '  ' | sed 's/" *"//g' >"$dir/source"

# What the program has, a name a line.

# Name, tab, severity.
grep -oE '\{\{ *"[a-z-]+", "[^"]*"' "$dir/source" | sed -E 's/.*"(.*)", "(.*)"/\1\t\2/' >"$dir/rules"
cut -f 1 "$dir/rules" >"$dir/rule"

# strings_of FUNCTION: the string literals in the function, a line each.
strings_of() {
	sed -n "/^const char \*$1(/,/^}/p" user/engine/report.c | grep -o '"[^"]*"' | tr -d '"'
}
strings_of severity_name >"$dir/severity"
strings_of verdict_name >"$dir/verdict"

# It exits with 1 without privilege, and says the names all the same.
"$nsvigil" doctor --json >"$dir/doctor.json" || :
sed -n 's/^ *"name": "\(.*\)",$/\1/p' "$dir/doctor.json" >"$dir/check"

# options_of COMMAND: those in its --help: "--json", "-j".
options_of() {
	"$nsvigil" "$1" --help | sed -n 's/^ \{2,6\}\(-[^ ,]*\(, -[^ ,]*\)*\).*/\1/p' | tr ',' '\n' |
		sed 's/=.*//; s/ //g'
}

# What the documents have.

# man_options SECTION: the options that have an entry there.
man_options() {
	sed -n "/^\.Ss $1\$/,/^\.S[sh]/p" $man | sed -n 's/^\.It Fl //p' | tr ',' '\n' |
		sed 's/ Ns =.*//; s/ Ar .*//; s/\\&//; s/ //g; s/^/-/'
}

# schema_enum SCHEMA EXPRESSION: the names in an enum, or the keys of an object.
schema_enum() {
	python3 -c 'import json, sys
for name in eval(sys.argv[2], {"schema": json.load(open(sys.argv[1]))}): print(name)' "$1" "$2"
}

# same FILE COMMAND...: the command prints the file's lines, in any order, and no other.
same() {
	sort "$1" >"$dir/left"
	shift
	"$@" | sort >"$dir/right"
	diff "$dir/left" "$dir/right"
}

# at_least N NAME: the list has that many; else it was not read as it should be.
at_least() {
	cat "$dir/$2"
	[ "$(wc -l <"$dir/$2")" -ge "$1" ]
}

# each NAME COMMAND...: the command succeeds with each of the names as one more argument.
each() {
	list=$1
	shift
	while IFS= read -r name; do
		"$@" "$name" || {
			echo "missing: $name"
			return 1
		}
	done <"$dir/$list"
}

in_readme() {
	grep -qF -e "\`$1\`" README.md
}

word_in_readme() {
	grep -qw -e "$1" README.md
}

in_man() {
	grep -E '^\.(It )?Cm ' $man | sed -E 's/^\.(It )?Cm //; s/ ([,.:;]|Po|Pc)$//' |
		sed 's/ , /\n/g' | grep -qxF -e "$1"
}

options_agree() {
	{
		man_options "$1"
		man_options 'Options of all commands'
	} >"$dir/documented"
	options_of "$1" >"$dir/options"
	[ -s "$dir/options" ] && same "$dir/documented" cat "$dir/options"
}

# The synopsis of a command has the first name of each entry, and no other.
man_synopsis() {
	sed -n "/^\.Sh SYNOPSIS/,/^\.Sh DESC/p" $man | sed -n "/^\.Cm $1/,/^\.Nm/p" |
		sed -n 's/^\.Op Fl //p' | sed 's/ .*//; s/^/-/'
}
man_first_options() {
	sed -n "/^\.Ss $1\$/,/^\.S[sh]/p" $man | sed -n 's/^\.It Fl //p' |
		sed 's/ .*//; s/^/-/' >"$dir/first"
	[ -s "$dir/first" ] && same "$dir/first" man_synopsis "$1"
}

# README's row of a rule ends with its severity.
readme_rules() {
	sed -n '/^## Rules/,/^## /p' README.md |
		sed -nE 's/^\| `([a-z-]+)` \|.* \| ([^|]*) \|$/\1\t\2/p'
}

# The entry of a rule in the manual page: name, tab, what it says of severity.
man_rules() {
	awk '
		/^\.Sh / { rules = $2 == "RULES" }
		rules && /^\.It Cm / { name = $3 }
		rules && wanted { sub(/\.$/, ""); print name "\t" $0 }
		{ wanted = /^\.Em Severity/ }' $man
}

# The manual page explains "policy".
man_severities() {
	sed 's/\tpolicy$/\tby policy: critical, notice or no finding/' "$dir/rules" >"$dir/graded"
	same "$dir/graded" man_rules
}

readme_verdicts() {
	sed -nE '/^\| verdict /,/^$/s/^\| `([a-z ]+)` \|.*/\1/p' README.md
}

man_verdicts() {
	sed -n '/^\.Sh VERDICTS/,/^\.Sh/p' $man | sed -n 's/^\.It Cm //p'
}

man_checks() {
	sed -n '/^\.Ss doctor/,/^\.Ss/p' $man | sed -n 's/^\.It Cm //p' | sed 's/ , /\n/g'
}

# Exit statuses that a document names, a line each.
statuses="0
1
2
3"
exit_man() {
	[ "$(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh/p' $man | sed -n 's/^\.It \([0-9]\)$/\1/p')" = \
		"$statuses" ]
}
exit_readme() {
	[ "$(sed -n '/^| exit /,/^$/s/^| \([0-9]\) |.*/\1/p' README.md)" = "$statuses" ]
}
exit_help() {
	[ "$("$nsvigil" scan --help | tr '\n' ' ' | sed 's/.*Exit status://' | grep -oE '[0-9]')" = \
		"$statuses" ]
}

# Each text in the list on standard input is in the sources.
texts_in_sources() {
	found=0
	while IFS= read -r text; do
		grep -qF -e "$text" "$dir/source" || { echo "not in the sources: $text"; return 1; }
		found=$((found + 1))
	done
	[ "$found" -ge "$1" ]
}
diagnostics() {
	sed -n 's/^\.It Qq //p' $man | texts_in_sources 20
}

# Why a pod is starting or not judged.
grep -oE '(why|reason) = "[^"]*"' "$dir/source" | sed 's/.*= "//; s/"$//; s/:.*//' >"$dir/reason"
reason_in_man() {
	grep -qxF -e ".It Qq $1" $man
}

# What README shows of a finding, but for the evidence, is what the program says.
readme_finding() {
	sed -nE -e 's/^  (Why|Do): +//p' -e 's/^[a-z]+-[a-z]+: (.*)\.$/\1/p' README.md |
		texts_in_sources 3
}

# The scenarios that it is from.
readme_scenarios() {
	tr '\n' ' ' <README.md | sed 's/.*podlab play \([a-z -]*\)`.*/\1/' | tr ' ' '\n' |
		grep . >"$dir/scenario"
	[ "$(wc -l <"$dir/scenario")" -gt 5 ] && each scenario is_scenario
}
is_scenario() {
	grep -qF -e ".name = \"$1\"" tests/podlab/scenarios.c
}

# Verdicts in README's sample.
readme_sample() {
	sed -n 's/^podlab\/[a-z-]*  \+\([a-z]*\) .*/\1/p' README.md | sort -u >"$dir/sample"
	[ -s "$dir/sample" ] && each sample is_verdict
}
is_verdict() {
	grep -qxF -e "$1" "$dir/verdict"
}

packages() {
	sed -n '/^build="/,/"$/p; /^tests="/,/"$/p' tests/deps.sh | tr -d '"' | sed 's/^[a-z]*=//' |
		tr ' ' '\n' | grep . >"$dir/package"
	[ "$(wc -l <"$dir/package")" -gt 10 ] && each package word_in_readme
}

# Paths in backticks and links: from the repository's root or from the document. Not those of what
# is built, or with a part to be filled in.
paths() {
	document=$1
	grep -oE '`[a-z.]+/[A-Za-z0-9_./-]*`|\]\([^)]*\)' "$1" | tr -d '`]()' |
		grep -vE '^https?:|^build/|NAME' >"$dir/path"
	[ -s "$dir/path" ] && each path exists
}
exists() {
	[ -e "$1" ] || [ -e "$(dirname "$document")/$1" ]
}

targets() {
	grep -ohE '(^|`|sudo )make [a-z/-]+' README.md CONTRIBUTING.md docs/architecture.md |
		sed 's/.*make //' | grep -v / | sort -u >"$dir/target"
	[ -s "$dir/target" ] && each target is_target
}
is_target() {
	grep -qE "^([a-z-]+ )*$1( [a-z-]+)*:" Makefile
}

# Schemas

well_formed() {
	python3 - "$1" <<-'PY'
		import json, jsonschema, sys
		schema = json.load(open(sys.argv[1]))
		jsonschema.validators.validator_for(schema).check_schema(schema)

		def walk(node, path):
		    if not isinstance(node, dict):
		        return
		    for name, part in node.get("properties", {}).items():
		        if path[-1:] not in (["if"], ["then"], ["else"]):
		            target = schema["$defs"].get(part.get("$ref", "").rsplit("/")[-1], {})
		            assert "description" in part or "description" in target, \
		                "no description: %s %s" % (path, name)
		    if "properties" in node and path[-1:] not in (["if"], ["then"], ["else"]):
		        assert node.get("additionalProperties") is False, "open: %s" % path
		        assert sorted(node["required"]) == sorted(node["properties"]), "%s" % path
		    for key, value in node.items():
		        for i, part in enumerate(value if isinstance(value, list) else [value]):
		            walk(part, path + [key])
		            if key in ("properties", "$defs"):
		                for name, inner in part.items():
		                    walk(inner, path + [key, name])

		walk(schema, [])
	PY
}

doctor_valid() {
	python3 - $doctor "$dir/doctor.json" <<-'PY'
		import json, jsonschema, sys
		jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
	PY
}

check "the rules are read from the code" at_least 10 rule
check "the severities are" at_least 5 severity
check "the verdicts are" at_least 7 verdict
check "doctor's checks are" at_least 8 check
check "the reasons for not judging are" at_least 8 reason

for command in scan doctor; do
	check "the manual page has the options of $command, and no other" options_agree "$command"
done
for command in scan doctor; do
	check "its synopsis has those of $command" man_first_options "$command"
done

check "README has each rule with its severity, and no other" same "$dir/rules" readme_rules
check "the manual page has each rule with its severity, and no other" man_severities
check "the schema has each rule, and no other" same "$dir/rule" \
	schema_enum $scan 'schema["$defs"]["rule"]["enum"]'

check "README has each verdict, and no other" same "$dir/verdict" readme_verdicts
check "the manual page has each verdict, and no other" same "$dir/verdict" man_verdicts
check "the schema has each verdict, and no other" same "$dir/verdict" \
	schema_enum $scan 'schema["$defs"]["pod"]["properties"]["verdict"]["enum"]'
check "its summary counts each" same "$dir/verdict" \
	schema_enum $scan 'schema["properties"]["summary"]["properties"]["verdicts"]["properties"]'

check "README names each severity" each severity word_in_readme
check "the manual page names each severity" each severity in_man
check "the schema has each severity, and no other" same "$dir/severity" \
	schema_enum $scan 'schema["$defs"]["severity"]["enum"]'

check "the manual page has each check of doctor, and no other" same "$dir/check" man_checks
check "the schema has each check of doctor, and no other" same "$dir/check" \
	schema_enum $doctor 'schema["properties"]["checks"]["items"]["properties"]["name"]["enum"]'

check "README has each exit status" exit_readme
check "the manual page has each exit status" exit_man
check "--help has each exit status" exit_help

check "the manual page's messages are the program's" diagnostics
check "it has each reason for not judging" each reason reason_in_man
check "README's sample finding is as the program says it" readme_finding
check "its scenarios are podlab's" readme_scenarios
check "its verdicts are the program's" readme_sample
check "README names each package that make deps installs" packages

for document in README.md CONTRIBUTING.md docs/architecture.md; do
	check "the paths in $document exist" paths $document
done
check "so do the targets of make" targets

for schema in $scan $doctor; do
	check "$schema is well-formed, strict, and describes each field" well_formed "$schema"
done
check "doctor's output is as its schema says" doctor_valid
finish
