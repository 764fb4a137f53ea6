#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Numbers of system calls, of each processor: those by which BPF programs know a call, and those that tests make, are
# those of the headers for programs.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

# same PROCESSOR HEADER ENTRY: what bpf/ says of that entry.
same() {
	python3 - "$@" <<-'END'
		import re, sys
		processor, header, entry = sys.argv[1:]
		numbers = dict(re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(?:\(__NR_Linux \+ |\(__NR_SYSCALL_BASE ?\+ ?)?(\d+)\)?$",
		    open(header).read(), re.M))
		numbers = {name: int(number) for name, number in numbers.items()}
		# Newer than these headers are.
		numbers.setdefault("open_tree_attr", 467)
		text = open(f"bpf/arch_{processor}.h").read()
		said = {}
		if entry == "64":
		    said = {name.lower(): int(number) for name, number in re.findall(r"^\tSYS_(\w+) = (\d+),", text, re.M)}
		else:
		    body = text.split(f"long call_of_{entry}(long nr)")[1].split("\n}\n")[0]
		    for cases, name in re.findall(r"((?:\tcase \d+:(?: /\*.*\*/)?\n)+)\t\treturn SYS_(\w+);", body):
		        for number in re.findall(r"case (\d+):(?!.*umount\(2\))", cases):
		            said[name.lower()] = int(number)
		for cases, names in re.findall(r"case (\d+(?: \.\.\. \d+)?):\s*/\* ([\w, ]+) \*/",
		                               text.split(f"changes_by_{entry}(long nr)")[-1].split("\n}\n")[0]):
		    first, _, last = cases.partition(" ... ")
		    for number, name in zip(range(int(first), int(last or first) + 1), names.split(", ")):
		        said[name] = number
		assert len(said) > 15 or entry == "x32", said
		wrong = {name: (number, numbers.get(name)) for name, number in said.items() if numbers.get(name) != number}
		assert not wrong, wrong
		if entry == "64":
		    rows = [line.split() for line in open("tests/calls") if line[0] != "#"]
		    column = rows[0].index({"x86": "x86_64", "arm64": "aarch64"}[processor])
		    wrong = [row for row in rows[1:] if numbers[row[0]] != int(row[column])]
		    assert not wrong, wrong
	END
}

# compare WHAT PROCESSOR ENTRY HEADER...: with the first header that there is.
compare() {
	what=$1 processor=$2 entry=$3
	shift 3
	for header; do
		[ ! -e "$header" ] || { check "$what" same "$processor" "$header" "$entry"; return; }
	done
	skip "$what" "there is no $header: make ARCH=arm64 brings it"
}

compare "x86-64" x86 64 /usr/include/x86_64-linux-gnu/asm/unistd_64.h
compare "x86, 32 bits" x86 32 /usr/include/x86_64-linux-gnu/asm/unistd_32.h
compare "arm64" arm64 64 /usr/include/asm-generic/unistd.h
compare "arm64, 32 bits" arm64 32 /usr/arm-linux-gnueabihf/include/asm/unistd-eabi.h
finish
