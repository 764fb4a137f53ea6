# SPDX-License-Identifier: BSD-2-Clause
"""sizes.py [--check]: writes into docs/supported.tsv the sizes that deploy/image.sh has printed, on standard input; with
--check it fails if there are others, by more than an update of Debian's libraries makes."""
import re
import sys

PATH = "docs/supported.tsv"
PRINTED = re.compile(r"^(\w+): ([\d.]+) MB to pull, ([\d.]+) MB unpacked, of which ([\d.]+) MB the program$", re.M)
PROGRAM, IMAGE = "size of the static program", "size of the image"


def numbers(text):
    return [float(number) for number in re.findall(r"\d+\.\d+", text)]


def main(check):
    sizes = {arch: (f"{program} MB", f"{pull} MB to pull, {unpacked} MB unpacked")
             for arch, pull, unpacked, program in PRINTED.findall(sys.stdin.read())}
    lines = open(PATH).read().splitlines()
    head = next(line for line in lines if line[0] != "#").split("\t")[1:]
    of = [next(each for arch, each in sizes.items() if arch in column) for column in head]
    new = {PROGRAM: [each[0] for each in of], IMAGE: [each[1] for each in of]}
    for i, line in enumerate(lines):
        what, *cells = line.split("\t")
        if what not in new:
            continue
        if check:
            print(what, cells, new[what])
            assert all(abs(a - b) <= 0.2 for a, b in zip(numbers(" ".join(cells)), numbers(" ".join(new[what])),
                                                         strict=True)), "make sizes"
        lines[i] = "\t".join([what, *new[what]])
    if not check:
        open(PATH, "w").write("\n".join(lines) + "\n")


main("--check" in sys.argv)
