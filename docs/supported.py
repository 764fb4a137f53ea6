# SPDX-License-Identifier: BSD-2-Clause
"""supported.py [--check]: writes the table of what is supported, docs/supported.tsv, to where README,
docs/install.md and the manual page have it, between two lines that say "supported"; with --check it fails if another one is there."""
import sys

rows = [line.rstrip("\n").split("\t") for line in open("docs/supported.tsv") if line[0] != "#"]


def markdown():
    out = ["| " + " | ".join(row) + " |\n" for row in rows]
    return [out[0], "|" + " --- |" * len(rows[0]) + "\n", *out[1:]]


def mdoc():
    out = [".Bl -tag -width Ds\n"]
    for what, *cells in rows[1:]:
        out.append(f".It {what}\n")
        out.append(".br\n".join(f"{head}: {cell}.\n" for head, cell in zip(rows[0][1:], cells)))
    return [*out, ".El\n"]


wrong = []
for path, table in ("README.md", markdown()), ("docs/install.md", markdown()), ("docs/man/nsvigil.1", mdoc()):
    lines = open(path).readlines()
    first, last = [i for i, line in enumerate(lines) if "/supported.tsv" in line and not line.startswith("|")][:2]
    new = lines[:first + 1] + table + lines[last:]
    if "".join(new) != "".join(lines):
        wrong.append(path)
        if "--check" not in sys.argv:
            open(path, "w").writelines(new)
print("\n".join(wrong))
sys.exit("--check" in sys.argv and bool(wrong))
