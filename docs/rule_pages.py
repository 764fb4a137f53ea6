# SPDX-License-Identifier: BSD-2-Clause
"""rule_pages.py NSVIGIL [--check]: writes docs/rules/RULE.md of what `nsvigil show --rules` says, with an example from the golden
captures; and the sections of docs/man/nsvigil-rules.7 between the two lines that say "rule_pages.py". With --check it writes
nothing, and fails if a page is another one, or there is one too many."""
import glob
import json
import os
import re
import subprocess
import sys
import textwrap

HEAD = "<!-- Made by docs/rule_pages.py (make enums). -->\n"
MANUAL = "docs/man/nsvigil-rules.7"
SEVERITY = {"policy": "by the pod's policy: critical, notice or no finding"}


def example(rule):
    """The first finding of the rule that opens in a golden capture."""
    for path in sorted(glob.glob(f"tests/golden/*/{rule}.jsonl")):
        for line in open(path):
            said = json.loads(line)
            if said["type"] == "finding" and said["rule"] == rule and said["phase"] == "opened":
                return said
    sys.exit(f"no golden capture has {rule}")


def sentence(text):
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def example_lines(rule):
    said = example(rule)
    pod = said["pod"]
    name = f"pod {pod['namespace']}/{pod['name']}" if pod and pod["name"] else "pod " + pod["uid"] if pod else "node"
    lines = [f"{said['severity']} {rule} {name}"] + ["    " + one["text"] for one in said["evidence"]]
    return lines + (["    $ " + said["check"]] if said["check"] else [])


def page(rule):
    severity = SEVERITY.get(rule["severity"], rule["severity"].replace("policy", "by the pod's policy"))
    only = f" Only `{rule['only']}` sees it." if rule["only"] else ""
    # Between paragraphs, and around a list, is an empty line.
    detail = re.sub(r"^(?!- )(.*)\n", r"\1\n\n", rule["detail"] or "", flags=re.M)
    detail = re.sub(r"^(- .*)\n(?!- )", r"\1\n\n", detail, flags=re.M)
    parts = [f"# {rule['name']}", HEAD.strip(), f"Severity: {severity}.{only}",
             "## What the kernel shows", sentence(rule["what"])]
    if detail:
        parts += ["## In detail", detail]
    parts += ["## Why it matters", rule["why"],
              "## Example", "```\n" + "\n".join(example_lines(rule["name"])) + "\n```",
              "## What to do", rule["todo"],
              "## What looks like it and is not", rule["alike"]]
    if rule["attack"]:
        number = rule["attack"].split()[0]
        url = "https://attack.mitre.org/techniques/" + number.replace(".", "/") + "/"
        parts += ["## MITRE ATT&CK", f"[{rule['attack']}]({url})"]
    if rule["control"]:
        parts += ["## Asked for by", "\n".join("- " + one for one in rule["control"].split("; "))]
    return "\n\n".join(parts) + "\n"


def escaped(text):
    text = text.replace("\\", "\\e").replace('"', "\\(dq")
    return "\\&" + text if text[0] in ".'" else text


def mdoc(text, names):
    """Its sentences, with macros for what they name: pages, options, files, settings, rules, commands."""
    macros = {
        "Xr": r"[a-z-]+\(\d\)",
        "Fl": r"--[a-z-]+(?:=[A-Za-z/=]*\w)?",
        "Pa": r"/[\w./<>-]*\w|pods/UID/userns|config\.json",
        "Ql": r"host[A-Z]\w*: (?:true|false)|userNamespaces\.\w+|podPidsLimit",
        "Va": r"kernel\.\w+",
        "Cm": "|".join(sorted(names, key=len, reverse=True)) + "|watch|scan",
        "Nm": "nsvigil",
    }
    token = re.compile(r"(?:(?<=\s)|^)(\(?)(?:" + "|".join(f"(?P<{name}>{what})" for name, what in macros.items()) +
                       r")([.,;:)]*)(?=\s|$)")
    lines = []
    for line in re.split(r"(?<=[.:;]) (?=[A-Z])", text):
        at = 0
        for match in token.finditer(line):
            lines += textwrap.wrap(line[at:match.start()].strip(), 79, break_on_hyphens=False)
            at = match.end()
            name, said = next((name, said) for name, said in match.groupdict().items() if said)
            if name == "Xr":
                said = said[:-1].replace("(", " ")
            elif name == "Fl":
                said = re.sub("=(.*)", lambda match: f" Ns = Ns {'Ar' if match[1][0].isupper() else 'Cm'} {match[1]}", said[1:])
            lines.append(" ".join(filter(None, ["." + name, match[1], said, *match[match.lastindex]])))
        lines += textwrap.wrap(line[at:].strip(), 79, break_on_hyphens=False)
    return [line if line[0] == "." and line[1:3] in macros else escaped(line) for line in lines]


def mdoc_detail(detail, names):
    """Paragraphs, and lists of items."""
    lines, in_list = [], False
    for one in detail.split("\n"):
        item = one.startswith("- ")
        if in_list and not item:
            lines.append(".El")
        if item and not in_list:
            lines.append(".Bl -bullet -compact")
        lines += [".It" if item else ".Pp", *mdoc(one[2:] if item else one, names)]
        in_list = item
    return lines + ([".El"] if in_list else [])


def section(rule, names):
    severity = re.sub("policy$", "by policy", rule["severity"])
    lines = [f".Ss {rule['name']}", ".Em Severity :",
             severity + (": critical, notice or no finding." if rule["severity"] == "policy" else ".")]
    if rule["only"]:
        lines += [".br", ".Em Only of :", f".Cm {rule['only']} ."]
    lines += [".Pp", *mdoc(sentence(rule["what"]), names)]
    if rule["detail"]:
        lines += mdoc_detail(rule["detail"], names)
    for head, text in ("Why it matters", rule["why"]), ("What to do", rule["todo"]), \
            ("What looks like it and is not", rule["alike"]), ("MITRE ATT&CK", rule["attack"]), ("Asked for by", rule["control"]):
        if text:
            lines += [".Pp", f".Em {head} :", *mdoc(text.rstrip(".") + ".", names)]
    evidence = example(rule["name"])["evidence"][0]["text"]
    return lines + [".Bd -ragged -offset indent", *map(escaped, textwrap.wrap(evidence, 79, break_on_hyphens=False,
                                                                              break_long_words=False)), ".Ed"]


def manual(rules):
    names = [rule["name"] for rule in rules]
    lines = open(MANUAL).read().split("\n")
    first, last = [i for i, line in enumerate(lines) if "/rule_pages.py" in line]
    made = [line for rule in rules for line in section(rule, names)]
    return "\n".join(lines[:first + 1] + made + lines[last:])


rules = json.loads(subprocess.check_output([sys.argv[1], "show", "--rules"]))["rules"]
pages = {f"docs/rules/{rule['name']}.md": page(rule) for rule in rules}
wrong = sorted(set(glob.glob("docs/rules/*")) - pages.keys())
pages[MANUAL] = manual(rules)
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
