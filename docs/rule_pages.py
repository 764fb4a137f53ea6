# SPDX-License-Identifier: BSD-2-Clause
"""rule_pages.py NSVIGIL [--check]: writes docs/rules/RULE.md of what `nsvigil show --rules` says, with an example from the golden
captures. With --check it writes nothing, and fails if a page is another one, or there is one too many."""
import glob
import json
import os
import subprocess
import sys

HEAD = "<!-- Made by docs/rule_pages.py (make enums). -->\n"
SEVERITY = {"policy": "by the pod's policy: critical, notice or no finding"}


def example(rule):
    """The first finding of the rule that opens in a golden capture: its evidence and its command."""
    for path in sorted(glob.glob(f"tests/golden/*/{rule}.jsonl")):
        for line in open(path):
            said = json.loads(line)
            if said["type"] == "finding" and said["rule"] == rule and said["phase"] == "opened":
                pod = said["pod"]
                name = f"pod {pod['namespace']}/{pod['name']}" if pod and pod["name"] else "pod " + pod["uid"] if pod else "node"
                lines = [f"{said['severity']} {rule} {name}"] + ["    " + one["text"] for one in said["evidence"]]
                return lines + (["    $ " + said["check"]] if said["check"] else [])
    sys.exit(f"no golden capture has {rule}")


def sentence(text):
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def page(rule):
    severity = SEVERITY.get(rule["severity"], rule["severity"].replace("policy", "by the pod's policy"))
    parts = [f"# {rule['name']}", HEAD.strip(), f"Severity: {severity}.",
             "## What the kernel shows", sentence(rule["what"]),
             "## Why it matters", rule["why"],
             "## Example", "```\n" + "\n".join(example(rule["name"])) + "\n```",
             "## What to do", rule["todo"],
             "## What looks like it and is not", rule["alike"]]
    if rule["attack"]:
        number = rule["attack"].split()[0]
        url = "https://attack.mitre.org/techniques/" + number.replace(".", "/") + "/"
        parts += ["## MITRE ATT&CK", f"[{rule['attack']}]({url})"]
    if rule["control"]:
        parts += ["## Asked for by", "\n".join("- " + one for one in rule["control"].split("; "))]
    return "\n\n".join(parts) + "\n"


rules = json.loads(subprocess.check_output([sys.argv[1], "show", "--rules"]))["rules"]
pages = {f"docs/rules/{rule['name']}.md": page(rule) for rule in rules}
wrong = sorted(set(glob.glob("docs/rules/*")) - pages.keys())
for path, text in pages.items():
    if os.path.exists(path) and open(path).read() == text:
        continue
    wrong.append(path)
    if "--check" not in sys.argv:
        os.makedirs("docs/rules", exist_ok=True)
        open(path, "w").write(text)
        print(path)
if "--check" in sys.argv and wrong:
    sys.exit("make enums writes: " + " ".join(wrong))
