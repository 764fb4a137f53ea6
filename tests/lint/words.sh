#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Words and patterns that must not come back into what people read: the manual, the documents, --help and messages. It
# finds only what a pattern finds: a change of text also needs a reader.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# sentences FILE...: file, colon, and a sentence, one a line; without code, mdoc's requests and Markdown's tables. From
# sources, what is in quotes.
sentences() {
	python3 - "$@" <<-'PY'
		import re, sys
		for path in sys.argv[1:]:
		    text = open(path).read()
		    if path.endswith(".c"):
		        text = re.sub(r"(?s)/\*.*?\*/", "", text)
		        found = re.findall(r'"(?:[^"\\\n]|\\.)*"(?:\s+"(?:[^"\\\n]|\\.)*")*', text)
		        text = "\n\n".join(re.sub(r'"\s*"', "", literal)[1:-1].replace("\\v", " ") for literal in found if " " in literal)
		    if path.endswith((".1", ".5", ".7", ".8")):
		        text = re.sub(r"(?ms)^\.Bd.*?^\.Ed$", "", text)
		        text = re.sub(r"(?m)^\.(?:It|Sh|Ss|Pp|Bl|El|D1|Dl|\\\").*$", "\n\n", text)
		        text = re.sub(r"(?m)^\.(?:\w\w) ?(.*)$", r"\1", text)
		    elif path.endswith(".md"):
		        text = re.sub(r"(?ms)^```.*?^```$", "", text)
		        text = re.sub(r"(?m)^(?:#.*|\|.*)$", "\n\n", text)
		    for paragraph in re.split(r"\n\s*\n|\n(?=- |\d+\. )", text):
		        for sentence in re.split(r"(?<=[.!?:]) +(?=[A-Z`*])", " ".join(paragraph.split())):
		            print(path + ": " + sentence.lstrip("-* 0123456789."))
	PY
}

documents="README.md CONTRIBUTING.md docs/*.md docs/man/*"
# shellcheck disable=SC2086 # patterns of names
sentences $documents >"$dir/sentences"
# Comments of what administrators edit, and what the program says.
grep -H '^ *#' deploy/*.yaml deploy/chart/values.yaml | sed 's/^\([^:]*\): *#/\1:/' >>"$dir/sentences"
# shellcheck disable=SC2046 # no file here has a space in its name
sentences $(find user -name '*.c') >>"$dir/sentences"

# none PATTERN: no sentence has it.
none() {
	! grep -nE -- "$1" "$dir/sentences"
}
# A sentence does not begin so: the reader has to wait for what it is about.
begins() {
	none "^[^:]*: (Of|Who|Whose|Whom|What is) "
}

enough() {
	wc -l <"$dir/sentences"
	[ "$(wc -l <"$dir/sentences")" -gt 2000 ]
}

check "sentences are found" enough
check "none begins with Of, Who, Whose or What is" begins
while IFS='	' read -r pattern instead; do
	check "not \"$pattern\", but $instead" none "$pattern"
done <<-'END'
	\b(is|are) no (JSON|YAML|regular|number|list|manifest|text)\b	is not
	may not be looked at	cannot inspect ..., and which capability is missing
	observed 1 times	seen once
	holds? instead	overrides
	\b(is|are) to be seen\b	is visible
	nobody's promise	nothing guarantees
	\btomorrow\b	later
	for who (reads|wants|looks|installs)	for people who
	[Ww]ho (broke|asks|has|made|makes) the	the process that
	born of	a child or descendant of
	\bmeddled with\b	interfered with
	is (not )?told of	knows
	as it should be	correct
	all stays as it was	the old configuration stays in effect
	whether it is at work	whether it is running
	takes effect so	takes effect at once
	on its own account	itself
	may be given again	may be given more than once
	must be right	must be correct
END
finish
