# SPDX-License-Identifier: BSD-2-Clause
"""compdb.py <COMMANDS: what make would run, as entries of compile_commands.json."""
import json
import os
import re
import shlex
import sys

entries = {}
for line in sys.stdin:
    match = re.search(r"(?:^|\{ )((?:\S*/)?(?:cc|gcc|clang)(?:-\d+)? .*? -c -o \S+ (\S+\.c)\b)", line)
    if match:
        entries.setdefault(match[2], {"directory": os.getcwd(), "file": match[2], "arguments": shlex.split(match[1])})
json.dump(list(entries.values()), sys.stdout, indent=1)
