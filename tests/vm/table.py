# SPDX-License-Identifier: BSD-2-Clause
"""table.py RESULTS...: docs/kernels.md, on standard output, of what tests have recorded.

Each line of a file of results (tests/results.sh) is a kernel, how it was looked at, what was shown, and of
what. The rules are those that nsvigil names in docs/watch.schema.json, in its order. "caught" is what a
passed test recorded, and nothing else; "partly" if doctor said there that the rule's hook is partly
blind."""
import json
import sys

EVENTS = ["credentials", "namespaces", "capabilities", "idmaps"]
WHEN = {
    "once": "at once",
    "check": "at the process' next capability check",
    "exec": "at its next exec, or by a walk",
    "partly": "where a check cannot be a mere probe",
    "maker": "with its maker",
    "mount": "the mount alone",
    "never": "not",
}
TRAMPOLINES, CHECKS, NONE, SCAN = "trampolines", "checks", "walks", "scan"
HOW = {
    SCAN: "one look, `nsvigil scan`",
    TRAMPOLINES: "watch, with `fentry/` and `fexit/` hooks",
    CHECKS: "watch, with `tp_btf/cap_capable` for all",
    NONE: "watch, with no hook for credentials, namespaces, capability checks and idmapped mounts",
}
# What no walk tells; hooks.sh says whether anything does without a hook.
ONLY_BY = {
    "idmap-mismatch": ("idmaps", "no idmapped mount is seen"),
    "host-capability": ("capabilities", "no capability check is seen"),
    "host-capability-stopped": ("capabilities", "no capability check is seen"),
}


def how(looked_by):
    kinds = {"scan" if place == "scan" else place.split("/")[0] for place in looked_by.split()}
    if kinds == {"scan"}:
        return SCAN
    return {"fexit": TRAMPOLINES, "fentry": TRAMPOLINES, "tp_btf": CHECKS, "none": NONE}[max(
        kinds, key=["none", "tp_btf", "fexit", "fentry"].index)]


def version(kernel):
    return [int(part) for part in kernel.split("-")[0].split("+")[0].split(".")]


def processor(kernel):
    """As Debian's kernels have it at their end; those of amd64 are shown without."""
    return "arm64" if kernel.endswith("arm64") else ""


def short(kernel):
    return " ".join([".".join(kernel.split(".")[:2]), processor(kernel)]).strip()


def read(lines):
    caught, blind, seen, impossible, unwatched = {}, {}, {}, {}, {}
    for line in sorted(set(lines)):
        kernel, looked_by, what, *rest = line.rstrip("\n").split("\t")
        column = kernel, how(looked_by)
        if what == "caught":
            caught.setdefault(column, set()).add(rest[0])
        elif what == "hook":
            text, _, rules = "".join(rest[2:]).partition(": ")[2].rpartition(" (")
            for rule in rules.rstrip(")").split(", "):
                if text:
                    blind.setdefault(column, {}).setdefault(rule, text)
        elif what == "seen":
            seen.setdefault((rest[0], rest[1]), {})[kernel] = rest[2]
        elif what == "impossible":
            impossible[column, rest[0]] = rest[1]
        elif what == "unwatched":
            unwatched[kernel] = rest[0].partition(": ")[2]
    return caught, blind, seen, impossible, unwatched


class Notes:
    """Numbers for texts, as they come."""

    def __init__(self):
        self.texts = []

    def lines(self):
        return [f"{i + 1}. {text}" for i, text in enumerate(self.texts)]

    def mark(self, text):
        if text not in self.texts:
            self.texts.append(text)
        return f"[{self.texts.index(text) + 1}]"


def row(cells):
    return "| " + " | ".join(cells) + " |"


def cell(rule, column, records, watch_only, notes):
    caught, blind, seen, impossible, _ = records
    if rule in caught.get(column, ()):
        why = blind.get(column, {}).get(rule)
        return "partly " + notes.mark(why) if why else "caught"
    if column[1] == SCAN and rule in watch_only:
        return "not possible " + notes.mark("a scan has no history: only watch sees it")
    event, never = ONLY_BY.get(rule, (None, None))
    without = seen.get((event, "none"), {}).get(column[0])
    if column[1] == NONE and without:
        return "not possible " + notes.mark(never) if without == "never" else "partly " + notes.mark(WHEN[without])
    why = impossible.get((column, rule))
    return "not possible " + notes.mark(why) if why else "not tested"


def shown(kernel, place, at, unwatched, notes):
    """When an alternative shows the attack on a kernel."""
    if kernel in unwatched:
        return "not possible " + notes.mark(unwatched[kernel])
    if kernel not in at:
        # A processor's own functions.
        here = processor(kernel) or "x64"
        return "-" if "__" in place and f"__{here}_" not in place else "not tested"
    return WHEN.get(at[kernel], f"does not load: {at[kernel]}")


def main(paths):
    lines = [line for path in paths for line in open(path) if line.strip() and line[0] != "#"]
    heads = sorted({line[2:].rstrip("\n") for path in paths for line in open(path) if line[0] == "#"})
    records = caught, _, seen, _, unwatched = read(lines)
    watch = json.load(open("docs/watch.schema.json"))["$defs"]["rule"]["enum"]
    scan = json.load(open("docs/scan.schema.json"))["$defs"]["rule"]["enum"]
    order = [SCAN, TRAMPOLINES, CHECKS, NONE]
    columns = sorted(caught, key=lambda each: (processor(each[0]), version(each[0]), order.index(each[1])))
    kernels = sorted({kernel for kernel, _ in columns}, key=lambda each: (processor(each), version(each)))
    notes = Notes()
    out = ["# What is caught where", "",
           "Made by `tests/vm/table.py` of what tests recorded on real kernels ([tests/vm/results.txt]"
           "(../tests/vm/results.txt)); not written by hand. CONTRIBUTING.md says how to make it anew.", ""]
    out += [f"- {head}" for head in heads] + [""]
    out += ["## Rules", "",
            "`caught`: a test broke the rule, and nsvigil said so. `partly`: likewise, but what the note says "
            "is not seen, or late. `not possible`: why is in the note. `not tested`: no test has broken it there.", ""]
    for kind in order:
        if any(kind == each for _, each in columns):
            out.append(f"- {kind}: {HOW[kind]}")
    out += [f"- {short(kernel)}: Linux {kernel}" for kernel in kernels] + [""]
    out += [row(["rule"] + [f"{short(kernel)} {kind}" for kernel, kind in columns]),
            row(["---"] * (len(columns) + 1))]
    out += [row([f"`{rule}`"] + [cell(rule, each, records, set(watch) - set(scan), notes)
                                 for each in columns]) for rule in watch] + [""]
    out += notes.lines() + [""]
    notes = Notes()
    out += ["## Hooks", "", "Each alternative of the hook table, forced with `--hooks`: when an attack that "
            "needs it is seen, as `tests/live/hooks.sh` found, and doctor said.", "",
            row(["event", "alternative"] + [short(kernel) for kernel in kernels]), row(["---"] * (len(kernels) + 2))]
    for event in EVENTS:
        for (its, place), at in sorted(seen.items(), key=lambda each: each[0][1] == "none"):
            if its == event:
                out.append(row([event, f"`{place}`"] + [shown(kernel, place, at, unwatched, notes) for kernel in kernels]))
    print("\n".join(out + ([""] + notes.lines() if notes.texts else [])))


main(sys.argv[1:])
