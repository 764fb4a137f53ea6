# SPDX-License-Identifier: BSD-2-Clause
"""commands.py PROGRAM FILE...: the commands in documents, one a line: "nsvigil scan --json". PROGRAM is nsvigil, make,
kubectl or helm. Of Markdown those in code, of manual pages those in literal text; up to a pipe, a redirection or a
comment."""
import re
import sys


def code(path):
    text = open(path).read().replace("\\\n", " ")
    if path.endswith(".md"):
        blocks = re.findall(r"(?ms)^```\n(.*?)^```$", text) + re.findall(r"(?m)^    (.*)$", text)
        text = re.sub(r"(?ms)^```.*?^```$", "", text)
        return [line for block in blocks for line in block.split("\n")] + \
            [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]
    blocks = re.findall(r"(?ms)^\.Bd -literal.*?\n(.*?)^\.Ed$", text)
    lines = [line for block in blocks for line in block.split("\n")]
    return lines + re.findall(r"(?m)^\.(?:Dl|Ql|Ic) (.*)$", text)


def commands(program, path):
    for line in code(path):
        line = re.sub(r"^(?:[#$] )?(?:sudo )?(?:env )?(?:[A-Z_]+=\S* )*", "", line.strip())
        line = re.sub(r"^(?:build/static/|build/|/usr/local/sbin/)", "", line)
        if re.match(re.escape(program) + r" [a-z-]", line):
            line = re.split(r" *(?:\||>|<|  #| && |;)", line)[0]
            yield re.sub(r" [.,:;)]+$", "", line.strip())


for path in sys.argv[2:]:
    for command in commands(sys.argv[1], path):
        print(command)
