# SPDX-License-Identifier: BSD-2-Clause
"""enums.py NSVIGIL: writes the names of the rules into the schemas, as `nsvigil show --rules` has them. Those that are
watch's alone are not in what a scan says."""
import json
import re
import subprocess
import sys

all_rules = json.loads(subprocess.check_output([sys.argv[1], "show", "--rules"]))["rules"]
rules = [rule["name"] for rule in all_rules]
of_watch = {rule["name"] for rule in all_rules if rule["only"] == "watch"}
for path, left_out in ("docs/scan.schema.json", of_watch), ("docs/watch.schema.json", set()):
    text = open(path).read()
    names = ",\n".join(f'        "{rule}"' for rule in rules if rule not in left_out)
    new, n = re.subn(r'("rule": \{\n      "description": [^\n]*\n      "enum": \[\n)[^\]]*?(\n      \])',
                     lambda match: match.group(1) + names + match.group(2), text)
    if n != 1:
        sys.exit(f"{path}: where are the rules?")
    if new != text:
        open(path, "w").write(new)
        print(path)
