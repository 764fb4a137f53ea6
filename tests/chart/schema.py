#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""schema.py NSVIGIL [--write]: what of the chart's schema is about "config": a property a key that nsvigil watch takes, as
NSVIGIL itself says what each takes. With --write it is written into values.schema.json, else an error if it is another."""
import json
import os
import re
import subprocess
import sys
import tempfile

CHART = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/chart")
# What the chart gives, on the command line, and what is no option of watch's.
OURS = {"color", "health-socket", "json", "metrics", "node-name", "output", "root", "state", "syslog-hostname"}


def keys(nsvigil):
    """Of watch, from its help; whether each is a list, a flag."""
    text = subprocess.run([nsvigil, "watch", "--help"], capture_output=True, text=True, check=True).stdout
    options = {}
    for line in text.splitlines():
        found = re.match(r" {2,6}(?:-\w, *)?--([a-z-]+)(\[?=\S*)?(?: {2,}(.*))?$", line)
        if found:
            name = found[1]
            options[name] = [bool(found[2]), found[3] or ""]
        elif options:
            options[name][1] += " " + line.strip()
    return options


def takes(nsvigil, key):
    """What nsvigil says that the key takes, of a value that is none."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(f"{key}: xx\n")
        file.flush()
        said = subprocess.run([nsvigil, "check-config", file.name], capture_output=True, text=True).stderr
    found = re.search(r" takes (.*), not ", said)
    return found[1] if found else ""


def property_of(said, is_flag, is_list):
    if is_flag:
        return {"type": "boolean"}
    number = re.fullmatch(r"a number from (\d+) to (\d+)", said)
    if number:
        return {"type": "integer", "minimum": int(number[1]), "maximum": int(number[2])}
    duration = re.match(r"a duration from (\d+) to (\d+) seconds", said)
    if duration:
        return {"anyOf": [{"type": "integer", "minimum": int(duration[1]), "maximum": int(duration[2])},
                          {"type": "string", "pattern": "^[0-9]+[smhd]?$"}]}
    if is_list:
        return {"type": "array", "items": {"type": "string", "minLength": 1}}
    words = re.fullmatch(r"[a-z0-9]+(?:, [a-z0-9]+)* or [a-z0-9]+", said)
    if words:
        return {"enum": re.split(", | or ", said)}
    return {"type": "string", "minLength": 1}


def config(nsvigil):
    properties = {}
    for key, (has_value, text) in sorted(keys(nsvigil).items()):
        if key in OURS or key in ("config", "help", "usage", "version"):
            continue
        properties[key] = property_of(takes(nsvigil, key), not has_value, "may be given " in text)
    return {
        "description": "nsvigil.yaml(5), but for what the chart itself gives. Made by schema.py.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


path = f"{CHART}/values.schema.json"
schema = json.load(open(path))
made = config(sys.argv[1])
assert len(made["properties"]) > 20, made
if sys.argv[2:] == ["--write"]:
    schema["properties"]["config"] = made
    with open(path, "w") as file:
        file.write(json.dumps(schema, indent=2) + "\n")
elif schema["properties"]["config"] != made:
    sys.exit("values.schema.json has another config: tests/chart/schema.py NSVIGIL --write")
