# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that show what is caught here: source it after lab.sh. What a test that passed has shown
# is a line in the file that RESULTS names, if it is set; tests/vm/table.py makes docs/kernels.md of them:
# the kernel, how it was looked at, what was shown, and of what; with tabs between.
#
# HOOKS: a word each for nsvigil's --hooks, for all that is run here ("credentials=none idmaps=none").

build=${build:?} dir=${dir:?} # lab.sh

forced=
for each in ${HOOKS:-}; do
	forced="$forced --hooks $each"
done

# ask_doctor OPTION...: as nsvigil is run here, and with these; each event has one --hooks at most. It loads all
# programs, which takes long where all code is interpreted: what it said is kept in DOCTORS, a folder for
# this kernel (or $dir).
# shellcheck disable=SC2120,SC2086 # hooks.sh has some; a list of words
ask_doctor() {
	of_doctor=${DOCTORS:-$dir}/$(printf '%s\n' "$build" $forced "$@" | sort | tr -c 'a-z0-9_=' .)
	if [ ! -e "$of_doctor" ]; then
		"$build/nsvigil" doctor --json $forced "$@" >"$of_doctor.$$" || [ $? = 1 ] || return 3
		mv "$of_doctor.$$" "$of_doctor"
	fi
	cp "$of_doctor" "$dir/doctor.json"
	python3 - "$dir/doctor.json" >"$dir/hooks" <<-'EOF'
		import json, sys
		rows = {row["name"]: row for row in json.load(open(sys.argv[1]))["checks"]}
		names = {"credentials": "credentials", "namespaces": "namespaces",
		         "capabilities": "capability checks", "idmaps": "idmapped mounts"}
		for event, name in names.items():
		    row = rows["hook " + name]
		    print(event, row["detail"].split(";")[0], row["todo"] or "", sep="\t")
	EOF
}
# hook EVENT: its alternative; blind EVENT: what is not seen by it. As doctor said it.
hook() {
	sed -n "s/^$1\t\([^\t]*\)\t.*/\1/p" "$dir/hooks"
}
blind() {
	sed -n "s/^$1\t[^\t]*\t//p" "$dir/hooks"
}

# record WHAT TEXT...: a line each.
record() {
	[ -n "${RESULTS:-}" ] || return 0
	what=$1
	shift
	for text; do
		printf '%s\t%s\t%s\t%s\n' "$(uname -r)" "$looked_by" "$what" "$text" >>"$RESULTS"
	done
}

# By what all is looked at in this script: "scan", or the alternatives of hooks.
looked_by=scan
watched() {
	# shellcheck disable=SC2119 # none
	ask_doctor
	looked_by=$(cut -f 2 "$dir/hooks" | paste -s -d ' ')
	while IFS= read -r line; do
		record hook "$line"
	done <"$dir/hooks"
}

# catches "RULE..." NAME COMMAND...: a check; if it passes, watch or scan has caught these.
catches() {
	rules=$1
	shift
	check "$@"
	# shellcheck disable=SC2086 # a list of words
	[ -z "$tap_passed" ] || record caught $rules
}
