#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The documents agree with the program: options, keys, rules, verdicts, severities, checks, hooks,
# messages, exit statuses, paths. Needs no privilege.
# shellcheck disable=SC2016 # Markdown's backticks, JSON Schema's $defs
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

nsvigil=${BUILD:-build}/nsvigil
man=docs/man
scan=docs/scan.schema.json
watch=docs/watch.schema.json
doctor=docs/doctor.schema.json

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# The sources as one line, with string literals that continue each other joined.
find user -name '*.c' -exec cat {} + | tr '\n\t' '  ' | sed 's/" *"//g' >"$dir/source"

# What the program has, a name a line.

# told EXPRESSION: what show --rules has, a line each.
told() {
	"$nsvigil" show --rules | python3 -c 'import json, sys
for line in eval(sys.argv[1], {"all": json.load(sys.stdin)}): print(line)' "$1"
}

# Name, tab, severity.
told '[rule["name"] + "\t" + rule["severity"] for rule in all["rules"]]' >"$dir/rules"
cut -f 1 "$dir/rules" >"$dir/rule"
told 'all["severities"]' >"$dir/severity"
told 'all["verdicts"]' >"$dir/verdict"

# It exits with 1 without privilege.
"$nsvigil" doctor --json >"$dir/doctor.json" || :

# The hooks: an event a line; and where programs may be attached for them.
{
	grep -oE '\[EVENT_[A-Z_]+\] = +\{"[a-z ]+"' "$dir/source" | sed -E 's/.*"([a-z ]+)"/\1/'
} >"$dir/hook"
grep -ohE '"(tp_btf|fentry|fexit)/[a-z0-9_]+"' user/source/bpf/hooktable.[ch] | tr -d '"' >"$dir/places"
sed -nE 's/^#define ARCH_ENTRY\(call\) "(.*)" call$/\1mount_setattr/p' user/source/bpf/arch.h >>"$dir/places"
sort -u "$dir/places" >"$dir/place"

# Doctor's rows: which of those about hooks it prints depends on the kernel.
{
	grep -oE '\{"[A-Za-z0-9_ ]+", *(lsm_)?look_[a-z0-9_]+\}' "$dir/source" | sed -E 's/\{"([^"]*)".*/\1/'
	grep -ohE 'rows_add\(rows, "[a-z ]+"' user/cmd_doctor.c user/doctor/powers.c | sort -u | sed -E 's/.*"(.*)"/\1/'
	sed 's/^/hook /' "$dir/hook"
} >"$dir/check"

# Those of --node, of which some have several.
{
	grep -oE '\{"[A-Za-z ]+", *check_[a-z]+\}' "$dir/source"
	grep -hoE 'rows_add\([a-z>-]*rows, "[A-Za-z ]+"' user/doctor/*.c | grep -v '"running watch"'
} | sed -E 's/[^"]*"([^"]*)".*/\1/' | sort -u >"$dir/node_check"
"$nsvigil" doctor --node --json >"$dir/node.json" 2>"$dir/node_errors" || :

commands=$("$nsvigil" --help | sed -n 's/^  \([a-z][a-z-]\{2,\}\) .*/\1/p')

# options_of COMMAND: those in its --help: "--json", "-j".
options_of() {
	"$nsvigil" "$1" --help | sed -n 's/^ \{2,6\}\(-[^ ,]*\(, -[^ ,]*\)*\).*/\1/p' | tr ',' '\n' |
		sed 's/\[*=.*//; s/ //g'
}

# What the documents have.

# page_of COMMAND: its manual page.
page_of() {
	case $1 in
	help | explain) echo $man/nsvigil.1 ;;
	check-config) echo $man/nsvigil.yaml.5 ;;
	health) echo $man/nsvigil-watch.8 ;;
	record | show | import) echo $man/nsvigil-replay.8 ;;
	*) echo "$man/nsvigil-$1.8" ;;
	esac
}

# section FILE HEADING: from this heading to the next one.
section() {
	sed -n "/^\.S[sh] $2\$/,/^\.S[sh]/p" "$1"
}

# man_section COMMAND: its own; a page of one command is its description.
man_section() {
	page=$(page_of "$1")
	if grep -qx "\.Ss $1" "$page"; then
		section "$page" "$1"
	else
		section "$page" DESCRIPTION
	fi
}

# man_options COMMAND: the options that have an entry there, or in the sections that it names.
man_options() {
	man_section "$1" >"$dir/section"
	for shared in Node Judging; do
		! grep -qix "\.Em $shared options" "$dir/section" || section $man/nsvigil.1 "$shared options" >>"$dir/section"
	done
	section $man/nsvigil.1 'All commands' >>"$dir/section"
	sed -n 's/^\.It Fl //p' "$dir/section" | tr ',' '\n' |
		sed 's/ Ns .*//; s/ Ar .*//; s/\\&//; s/ //g; s/^/-/'
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

in_contributing() {
	grep -qw -e "$1" CONTRIBUTING.md
}

word_in_rules() {
	grep -qw -e "$1" docs/rules.md
}

in_man() {
	grep -hE '^\.(It )?Cm ' $man/nsvigil-rules.7 | sed -E 's/^\.(It )?Cm //; s/ ([,.:;]|Po|Pc)$//' |
		sed 's/ , /\n/g' | grep -qxF -e "$1"
}

options_agree() {
	man_options "$1" >"$dir/documented"
	options_of "$1" >"$dir/options"
	[ -s "$dir/options" ] && same "$dir/documented" cat "$dir/options"
}

# The synopsis of a command has the first name of each entry of its own, and no other.
man_synopsis() {
	section "$(page_of "$1")" SYNOPSIS | sed -n "/^\.Cm $1/,/^\.Nm/p" |
		sed -n 's/^\.Op Fl //p' | sed 's/ .*//; s/^/-/'
}
man_first_options() {
	man_section "$1" | sed -n 's/^\.It Fl //p' | sed 's/ .*//; s/^/-/' >"$dir/first"
	[ -s "$dir/first" ] && same "$dir/first" man_synopsis "$1"
}

# The page's row of a rule ends with its severity.
page_rules() {
	sed -n '/^# Rules/,/^## /p' docs/rules.md |
		sed -nE 's/^\| `([a-z-]+)` \|.* \| ([^|]*) \|$/\1\t\2/p'
}

# And what it says of each is what nsvigil does.
page_advice() {
	sed -n '/^## What to do/,/^## How/p' docs/rules.md | sed -nE 's/^\| `([a-z-]+)` \|/\1 |/p'
}
"$nsvigil" show --rules | python3 -c '
import json, sys
for rule in json.load(sys.stdin)["rules"]:
    print(rule["name"], "|", rule["why"], "|", rule["todo"], "|")' >"$dir/advice"

readme_rules() {
	sed -nE '/^## What it finds/,/^## /s/^\| `([a-z-]+)` \|.*/\1/p' README.md
}

# The entry of a rule in the manual page: name, tab, what it says of severity.
man_rules() {
	awk '
		/^\.Sh / { rules = $2 == "RULES" }
		rules && /^\.Ss / { name = $2 }
		rules && wanted { sub(/\.$/, ""); print name "\t" $0 }
		{ wanted = /^\.Em Severity/ }' $man/nsvigil-rules.7
}

# The manual page explains "policy".
man_severities() {
	sed -e 's/\tpolicy$/\tby policy: critical, notice or no finding/' \
		-e 's/else policy$/else by policy/' "$dir/rules" >"$dir/graded"
	same "$dir/graded" man_rules
}

# The rules that are only of a command.
man_only() {
	awk '
		/^\.Sh / { rules = $2 == "RULES" }
		rules && /^\.Ss / { name = $2 }
		rules && only && $2 == "'"$1"'" { print name }
		{ only = /^\.Em Only of :$/ }' $man/nsvigil-rules.7
}
scan_rules_schema() {
	man_only watch >"$dir/watch_only"
	[ -s "$dir/watch_only" ] && grep -vxF -f "$dir/watch_only" "$dir/rule" >"$dir/scan_rule"
	same "$dir/scan_rule" schema_enum $scan 'schema["$defs"]["rule"]["enum"]'
}
scan_rules_page() {
	sed -nE 's/^Only `watch` sees (.*)\.$/\1/p' docs/rules.md | grep -oE '`[a-z-]+`' | tr -d '`' \
		>"$dir/page_only"
	same "$dir/page_only" man_only watch
}

page_verdicts() {
	sed -nE '/^\| verdict /,/^$/s/^\| `([a-z ]+)` \|.*/\1/p' docs/usage.md
}

man_verdicts() {
	sed -n '/^\.Sh VERDICTS/,/^\.Sh/p' $man/nsvigil-scan.8 | sed -n 's/^\.It Cm //p'
}

man_checks() {
	man_section doctor | sed -e ':a' -e '/\\$/N; s/\\\n//; ta' |
		sed -n 's/^\.It Cm //p' | sed 's/ , /\n/g'
}

man_node_checks() {
	section $man/nsvigil-doctor.8 'Readiness of a node' | sed -n 's/^\.It Cm //p'
}

# What doctor prints here is some of it.
doctor_checks() {
	sed -n 's/^ *"name": "\(.*\)",$/\1/p' "$dir/doctor.json" >"$dir/printed"
	[ -s "$dir/printed" ] && each printed is_check
}
is_check() {
	grep -qxF -e "$1" "$dir/check"
}

# The table of hooks in the manual page has a row each, and each place.
man_hooks() {
	section $man/nsvigil-watch.8 HOOKS | sed -nE 's/^\.It ([a-z ]+) Ta .*/\1/p'
}
man_places() {
	section $man/nsvigil-watch.8 HOOKS | grep '^\.It' | grep -oE '[a-z_]+/[a-z0-9_]+' | sort -u
}

# Exit statuses that a document has for a command, a line each.
exit_man() {
	section "$(page_of "$1")" 'EXIT STATUS' | awk -v command="$1" '
		/^exits with:$/ { of = last }
		(!of || of == command) && /^\.It [0-9]$/ { print $2 }
		{ last = $2 }'
}
# docs/usage.md has a row a command, without 2, which is the same of all; a dash where there is no such status.
exit_page() {
	sed -n '/^| command | 0 /,/^$/p' docs/usage.md | awk -F ' *[|] *' -v command="\`$1\`" '
		NR == 1 { for (i = 3; i < NF; i++) status[i] = $i }
		$2 == command { print 2; for (i = 3; i < NF; i++) if ($i != "-") print status[i] }'
}
exit_help() {
	"$nsvigil" "$1" --help | tr '\n' ' ' | sed 's/.*Exit status://' | grep -oE '\b[0-9]\b'
}
exit_same() {
	exit_help "$1" >"$dir/status"
	[ -s "$dir/status" ] && same "$dir/status" exit_man "$1" && same "$dir/status" exit_page "$1"
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
	cat $man/* | sed -n 's/^\.It Qq //p' | texts_in_sources 20
}

# Why a pod is starting or not judged.
grep -oE '[^.](why|reason) = "[^"]*"' "$dir/source" | sed 's/.*= "//; s/"$//; s/:.*//' >"$dir/reason"
reason_in_man() {
	grep -qxF -e ".It Qq $1" $man/nsvigil-scan.8
}

# What README shows of a finding, but for the evidence, is what the program says.
readme_finding() {
	sed -nE -e 's/^ +(Why|Do): +//p' -e 's/^[a-z]+-[a-z]+: (.*)\.$/\1/p' README.md docs/usage.md |
		texts_in_sources 5
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
	sed -n 's/^podlab  .* \([a-z]*\)$/\1/p' README.md | sort -u >"$dir/sample"
	[ -s "$dir/sample" ] && each sample is_verdict
}
is_verdict() {
	grep -qxF -e "$1" "$dir/verdict"
}

# At most 1500 words, the first command on the first screen.
readme_is_short() {
	wc -w README.md
	[ "$(wc -w <README.md)" -le 1500 ] && head -n 12 README.md | grep '^# nsvigil scan'
}

# parses COMMAND: nsvigil takes the command as a document has it, up to what it needs to find: there is no such root, file
# or socket. A command without its options is only a name, and a sentence may leave out the file.
parses() {
	set -f
	# shellcheck disable=SC2086 # words
	set -- $1
	set +f
	shift
	case "$1 $#" in
	*COMMAND* | help*) return 0 ;;
	*' 1') echo "$commands" | grep -qx -e "$1"; return ;;
	scan* | watch* | record*) set -- "$@" --root="$dir/nowhere" ;;
	doctor*) set -- "$@" --help ;;
	esac
	status=0
	(cd "$dir" && "$program" "$@") >"$dir/said" 2>&1 </dev/null || status=$?
	cat "$dir/said"
	[ $status != 2 ] || grep -q ': which [A-Z]*?' "$dir/said"
}
commands_parse() {
	program=$(realpath "$nsvigil")
	python3 tests/commands.py nsvigil README.md docs/*.md deploy/chart/*.md docs/man/* | sort -u |
		sed 's/\$(pidof kubelet)/1/; s/ RULE$/ blind/' >"$dir/command"
	at_least 20 command && each command parses
}

packages() {
	sed -n '/^build="/,/"$/p; /^tests="/,/"$/p' tests/deps.sh | tr -d '"' | sed 's/^[a-z]*=//' |
		tr ' ' '\n' | grep . >"$dir/package"
	[ "$(wc -l <"$dir/package")" -gt 10 ] && each package in_contributing
}

# Paths in backticks and links: from the repository's root or from the document. Not those of what
# is built, or with a part to be filled in.
paths() {
	document=$1
	grep -oE '`[a-z.]+/[A-Za-z0-9_./-]*`|\]\([^)]*\)' "$1" | tr -d '`]()' |
		sed 's/#.*//' | grep -vE '^$|^https?:|^build/|NAME' >"$dir/path"
	[ -s "$dir/path" ] && each path exists
}
exists() {
	[ -e "$1" ] || [ -e "$(dirname "$document")/$1" ]
}

# Those of the kernel that the page names are few.
functions() {
	grep -oE '`[a-z_]+\(\)`' docs/architecture.md | tr -d '`()' | sort -u >"$dir/function"
	[ -s "$dir/function" ] && each function is_function
}
is_function() {
	case $1 in
	bpf_prog_get_recursion_context | preempt_disable | rcu_read_unlock_migrate) ;;
	*) grep -rqE "\b$1\b *\(" user bpf include tests --include='*.[ch]' --include='*.py' --include='*.sh' ;;
	esac
}
targets() {
	grep -ohE '(^|`|sudo )make [a-z/-]+' README.md CONTRIBUTING.md docs/*.md |
		sed 's/.*make //' | grep -v / | sort -u >"$dir/target"
	[ -s "$dir/target" ] && each target is_target
}
is_target() {
	grep -qE "^([a-z-]+ )*$1( [a-z-]+)*:" Makefile tests/tests.mk tests/lint/lint.mk
}

# The configuration file

# Each option of the commands that read it is a key, but for the one that names it.
for command in scan watch record doctor; do
	options_of "$command" | sed -n 's/^--//p' | grep -vxE 'config|help|usage|version'
done | sort -u >"$dir/key"
: >"$dir/empty.yaml"
keys() {
	"$nsvigil" check-config "$dir/empty.yaml" | sed -nE 's/^(# )?([a-z-]+):.*/\2/p'
}
man_keys() {
	sed -n 's/^\.It Cm \([a-z-]*\) Ta .*/\1/p' $man/nsvigil.yaml.5
}
# The example has each, in a comment or not; without the signs it is right, too.
example_keys() {
	sed -nE 's/^#?([a-z-]+):.*/\1/p' deploy/nsvigil.yaml
}
example_is_right() {
	"$nsvigil" check-config deploy/nsvigil.yaml &&
		sed -E 's/^#([a-z-]+:|  - )/\1/' deploy/nsvigil.yaml >"$dir/example.yaml" &&
		grep -q '^policy:' "$dir/example.yaml" &&
		"$nsvigil" check-config "$dir/example.yaml"
}
# So is what the DaemonSet has: of its keys each is given there only.
manifest_is_right() {
	sed -n '/^  nsvigil.yaml: |$/,/^---$/s/^    //p' deploy/daemonset.yaml >"$dir/manifest.yaml"
	sed -nE 's/^ *- --([a-z-]+)(=.*)?$/\1/p' deploy/daemonset.yaml >"$dir/given"
	[ "$(wc -l <"$dir/given")" -gt 3 ] && grep '^policy:' "$dir/manifest.yaml" &&
		"$nsvigil" check-config "$dir/manifest.yaml" &&
		! sed -n 's/^\([a-z-]*\):.*/\1/p' "$dir/manifest.yaml" | grep -xF -f "$dir/given"
}
example_standards() {
	"$nsvigil" check-config deploy/nsvigil.yaml | sed '/^syslog:$/{N; s/\n  - local$/ []/}' \
		>"$dir/standard" &&
		"$nsvigil" check-config "$dir/empty.yaml" | diff - "$dir/standard"
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
		        # What only records of --syslog have is not required.
		        always = node["properties"].keys() - {"left_out"}
		        assert sorted(node["required"]) == sorted(always), "%s" % path
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
	python3 - $doctor "$1" <<-'PY'
		import json, jsonschema, sys
		jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
	PY
}

# The fields that watch's lines have: those of the sink, and of a finding's texts. The parts that
# they share with a scan are the scan's.
watch_fields() {
	{
		strings_put '^void json_put_origin(' user/sink/json.c
		strings_put '^static struct json_object .line(' user/sink/watch_json.c
		strings_put "^[a-z].* .*watch_[a-z]*_$1(" user/sink/watch_json.c
		[ "$1" != finding ] ||
			strings_put '^void syslog_record_left_out(' user/sink/syslog_record.c
	} | grep -vxE "$2" >"$dir/field"
	[ -s "$dir/field" ] && same "$dir/field" \
		schema_enum $watch "schema[\"\$defs\"][\"$3\"][\"properties\"]"
}
dropped_fields() {
	strings_put '^struct syslog_record .syslog_record_dropped(' user/sink/syslog_record.c >"$dir/field"
	[ -s "$dir/field" ] && same "$dir/field" \
		schema_enum $watch 'schema["$defs"]["dropped"]["properties"]'
}
strings_put() {
	sed -n "/$1/,/^}/p" "$2" | grep -oE 'json_put\([a-z]+, "[a-z_]+"' | sed 's/.*"\(.*\)"/\1/'
}

# Schemas stand alone: what two have in common is the same in both.
shared_definitions() {
	python3 - $scan $watch <<-'PY'
		import json, sys
		scan, watch = (json.load(open(name))["$defs"] for name in sys.argv[1:])
		same = [name for name in scan if name in watch and name not in ("rule", "evidence")]
		assert len(same) > 5, same
		for name in same:
		    assert scan[name] == watch[name], name
	PY
}

# A finding of each kind that a run on one node may not have.
watch_lines() {
	python3 - $watch <<-'PY'
		import copy, json, jsonschema, sys
		schema = json.load(open(sys.argv[1]))
		jsonschema.Draft202012Validator.check_schema(schema)
		valid = jsonschema.Draft202012Validator(schema).is_valid
		party = {"type": "process", "pod": "0" * 32, "user_namespace": {"inum": 1, "id": None},
		         "process": {"pid": 1, "tid": 1, "start_ns": 0, "comm": "sh"}}
		seen = {"text": "x", "subject": party, "other": None, "ids": None, "namespace": None,
		        "mount": None, "capability": None}
		opened = {"type": "finding", "boot_ns": 1, "phase": "opened", "rule": "left-pod",
		          "time": "2026-01-31T12:00:00.123456Z", "opened": "2026-01-31T12:00:00.000001Z",
		          "node": "n", "boot_id": None, "version": "0.1.0",
		          "id": "left-pod/" + "0" * 32, "severity": "critical", "count": 1,
		          "pod": {"uid": "0" * 32, "namespace": None, "name": None}, "opened_ns": 1,
		          "what": "x", "why": "x", "todo": "x", "check": "x", "evidence": [seen],
		          "rule_url": "file:///left-pod.md"}
		closed = dict(opened, phase="closed", check=None, evidence=[])
		blind = dict(opened, rule="blind", id="blind", pod=None, check=None,
		             evidence=[dict(seen, subject=None)])
		asked = dict(seen, namespace={"inum": 1, "id": None, "kind": "user"},
		             capability="CAP_SYS_ADMIN")
		check = dict(opened, rule="host-capability", id="host-capability/" + "0" * 32,
		             severity="notice", evidence=[asked])
		for line in opened, closed, blind, check, *(dict(opened, phase=phase)
		                for phase in ("repeated", "reopened", "regraded")):
		    assert valid(line), line
		    assert not valid(dict(line, extra=1)), "open"
		    for name in line:
		        assert not valid({k: line[k] for k in line if k != name}), name
		assert valid(dict(opened, time=None, node=None))
		for change in ({"evidence": []}, {"pod": None}, {"rule": "x"}, {"what": "\n"}, {"count": 0},
		               {"time": "2026-01-31T12:00:00Z"}, {"node": 1}):
		    assert not valid(dict(opened, **change)), change
		assert not valid(dict(closed, evidence=[seen]))
	PY
}

check "the rules are read from the code" at_least 13 rule
check "the severities are" at_least 5 severity
check "the verdicts are" at_least 7 verdict
check "the hooks are" at_least 8 hook
check "where they are attached is" at_least 9 place
check "doctor's checks are" at_least 17 check
check "those of --node are" at_least 7 node_check
check "the reasons for not judging are" at_least 8 reason

for command in $commands; do
	check "the manual page has the options of $command, and no other" options_agree "$command"
done
for command in $commands; do
	case $command in import | check-config | help | explain) continue ;; esac # they have none
	check "its synopsis has those of $command" man_first_options "$command"
done

check "docs/rules.md has each rule with its severity, and no other" same "$dir/rules" page_rules
check "and why each matters, and what to do" same "$dir/advice" page_advice
check "README has each rule, and no other" same "$dir/rule" readme_rules
check "the manual page has each rule with its severity, and no other" man_severities
check "watch's schema has each rule, and no other" same "$dir/rule" \
	schema_enum $watch 'schema["$defs"]["rule"]["enum"]'
check "scan's has each that the manual page does not say only watch has" scan_rules_schema
check "docs/rules.md says likewise which rules are only watch's" scan_rules_page

check "docs/usage.md has each verdict, and no other" same "$dir/verdict" page_verdicts
check "the manual page has each verdict, and no other" same "$dir/verdict" man_verdicts
check "the schema has each verdict, and no other" same "$dir/verdict" \
	schema_enum $scan 'schema["$defs"]["pod"]["properties"]["verdict"]["enum"]'
check "its summary counts each" same "$dir/verdict" \
	schema_enum $scan 'schema["properties"]["summary"]["properties"]["verdicts"]["properties"]'

check "watch's schema counts each" same "$dir/verdict" \
	schema_enum $watch 'schema["$defs"]["verdicts"]["properties"]'

check "docs/rules.md names each severity" each severity word_in_rules
check "the manual page names each severity" each severity in_man
check "the schema has each severity, and no other" same "$dir/severity" \
	schema_enum $scan 'schema["$defs"]["severity"]["enum"]'

check "docs/rules and nsvigil-rules(7) have each rule, as the program and the golden captures have it" \
	python3 docs/rule_pages.py "$nsvigil" --check
check "README, docs/install.md and the manual page say what docs/supported.tsv says" python3 docs/supported.py --check
check "the manual page has each check of doctor, and no other" same "$dir/check" man_checks
check "the schema has each check of doctor, and no other" same "$dir/check" \
	schema_enum $doctor 'schema["$defs"]["own"]["properties"]["checks"]["items"]["properties"]["name"]["enum"]'
check "the manual page has each check of doctor --node, and no other" same "$dir/node_check" \
	man_node_checks
check "the schema has each check of doctor --node, and no other" same "$dir/node_check" \
	schema_enum $doctor 'schema["$defs"]["node"]["properties"]["checks"]["items"]["properties"]["name"]["enum"]'

check "doctor prints no other check" doctor_checks
check "the manual page's table has each hook, and no other" same "$dir/hook" man_hooks
check "and each place, and no other" same "$dir/place" man_places

check "the keys are read from --help" at_least 14 key
check "each option of the commands that look is a key, and nothing else" same "$dir/key" keys
check "nsvigil.yaml(5) has each key, and no other" same "$dir/key" man_keys
check "so has the example" same "$dir/key" example_keys
check "the example is right, also with all that is commented out" example_is_right
check "so is the DaemonSet's" manifest_is_right
check "as it is, it changes nothing but that findings go to the local log" example_standards

# man_stub: a man(1) that knows the pages of docs/man, and says which one it was asked for.
mkdir "$dir/bin" "$dir/empty"
cat >"$dir/bin/man" <<-'END'
	#!/bin/sh
	find=
	[ "$1" != -w ] || { find=1; shift; }
	[ -s "docs/man/$2.$1" ] || exit 16
	[ -n "$find" ] || echo "page docs/man/$2.$1"
END
chmod +x "$dir/bin/man"
opens_page() {
	said=$(PATH=$dir/bin:$PATH "$nsvigil" help "$1")
	echo "$said"
	[ "$said" = "page $(page_of "$1")" ]
}
opens_topics() {
	for topic in rules.7 syslog.7; do
		[ "$(PATH=$dir/bin:$PATH "$nsvigil" help "${topic%.*}")" = "page $man/nsvigil-$topic" ] || return 1
	done
	[ "$(PATH=$dir/bin:$PATH "$nsvigil" help config)" = "page $man/nsvigil.yaml.5" ] &&
		[ "$(PATH=$dir/bin:$PATH "$nsvigil" help)" = "page $man/nsvigil.1" ]
}
# Without man(1), and without the page.
help_without_man() {
	PATH=$dir/empty "$nsvigil" help doctor >"$dir/fallback" && "$nsvigil" doctor --help | diff - "$dir/fallback" &&
		PATH=$dir/empty "$nsvigil" help >"$dir/fallback" && "$nsvigil" --help | diff - "$dir/fallback" &&
		(program=$(realpath "$nsvigil") && cd "$dir" && PATH=$dir/bin:$PATH "$program" help scan) >"$dir/fallback" &&
		"$nsvigil" scan --help | diff - "$dir/fallback"
}
help_of_nothing() {
	"$nsvigil" help no-such-thing 2>"$dir/refused" || [ $? = 2 ] && cat "$dir/refused" &&
		grep "there is no command 'no-such-thing'" "$dir/refused" &&
		! PATH=$dir/empty "$nsvigil" help rules
}
for command in $commands; do
	check "nsvigil help $command opens its page" opens_page "$command"
done
check "so it does for what is no command" opens_topics
check "without man(1), or without the page, it prints --help" help_without_man
check "it says that there is no such page" help_of_nothing

for command in $commands; do
	check "docs/usage.md, the manual page and --help have the same exit statuses of $command" \
		exit_same "$command"
done

metrics() {
	grep -ohE '"(nsvigil|process)_[a-z_]+"' user/sink/metrics.c | tr -d '"' | grep -vE '_(count|sum)$' | sort -u
}
man_metrics() {
	section $man/nsvigil-watch.8 METRICS | sed -n 's/^\.It Cm //p'
}
metrics >"$dir/metrics"
check "the manual page has each metric, and no other" same "$dir/metrics" man_metrics

capture_types() {
	sed -n '/^```types/,/^```$/p' docs/capture.md | sed '1d;$d'
}
types() {
	"$nsvigil" show --types | cut -d ' ' -f 1
}
"$nsvigil" show --types >"$dir/types"
check "docs/capture.md has each type of event with its fields" same "$dir/types" capture_types
types >"$dir/type"
check "show's schema has each type, and no other" same "$dir/type" \
	schema_enum docs/show.schema.json 'schema["oneOf"][1]["properties"]["type"]["enum"]'

check "the manual page's messages are the program's" diagnostics
check "it has each reason for not judging" each reason reason_in_man
check "README's sample finding is as the program says it" readme_finding
check "its scenarios are podlab's" readme_scenarios
check "its verdicts are the program's" readme_sample
check "CONTRIBUTING names each package that make deps installs" packages
check "README is short, and begins with what to type" readme_is_short
check "nsvigil takes each command in README, docs/ and the manual" commands_parse

for document in README.md CONTRIBUTING.md docs/architecture.md docs/install.md docs/usage.md docs/rules.md \
	docs/performance.md; do
	check "the paths in $document exist" paths $document
done
check "so do its functions, ours or the kernel's" functions
check "so do the targets of make" targets

check "watch's ready has the program's fields" watch_fields ready '' ready
check "so does finding" watch_fields finding 'uid|namespace|name' line
check "so does summary" watch_fields summary '' summary
check "so does alive" watch_fields alive '' alive
check "and what only the log has" dropped_fields
check "what watch's schema shares with scan's is the same" shared_definitions
check "watch's schema takes each kind of finding, and nothing else" watch_lines
for schema in $scan $watch $doctor; do
	check "$schema is well-formed, strict, and describes each field" well_formed "$schema"
done
check "doctor's output is as its schema says" doctor_valid "$dir/doctor.json"
check "so is that of --node" doctor_valid "$dir/node.json"
finish
