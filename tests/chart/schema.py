#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""schema.py NSVIGIL [--write]: what of the chart's schema is about "config": a property a key that nsvigil watch takes, as
NSVIGIL itself says what each takes. With --write it is written into values.schema.json, else an error if it is another, or
if it takes a value that NSVIGIL does not, or the other way round."""
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

CHART = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/chart")
# What the chart gives, on the command line, and what is no option of watch's.
OURS = {"color", "health-socket", "json", "metrics", "node-name", "output", "root", "state", "syslog-hostname"}

# nsvigil.yaml(5): seconds, or numbers with units. How long it may be is not in a text's pattern.
DURATION = "^([0-9]+|([0-9]+[smhd])+)$"
SIZE = "^([1-9][0-9]{0,2}|10[01][0-9]|102[0-4])[KMGT]$"
# Both have to judge them alike.
SAMPLES = ["", "x", "true", True, "0", "7", "90", 90, 300, -1, "-1", "1.5", "30s", "5m", "1h30m", "1d", "1h30m10s", "1h30", "h",
           "5y", "1h 30m", "m5", "1K", "64M", "1G", "1T", "1024G", "1025M", "2000M", "9999T", "0M", "64m", "64MB", "M", "1.5G",
           "require", "daemon", "auto", "yes", "null", None, "~", [], {}]


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


def check(nsvigil, key, value):
    """What nsvigil says of a value that the key does not take, or nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(f"{key}: {json.dumps(value)}\n")
        file.flush()
        done = subprocess.run([nsvigil, "check-config", file.name], capture_output=True, text=True)
    assert bool(done.returncode) == bool(done.stderr), done
    return done.stderr


def takes(nsvigil, key):
    """What nsvigil says that the key takes, of a value that is none."""
    found = re.search(r" takes (.*), not ", check(nsvigil, key, "xx"))
    return found[1] if found else ""


def is_loose(schema):
    """Of a text, or a list of them, the schema says nothing more."""
    return schema.get("type") == "array" or schema == {"type": "string", "minLength": 1}


def disagreements(nsvigil, properties):
    for key, schema in properties.items():
        validator = jsonschema.Draft7Validator(schema)
        for value in SAMPLES if not is_loose(schema) else []:
            said = check(nsvigil, key, value)
            # A number in quotes is a number to nsvigil.
            if isinstance(value, str) and schema.get("type") in ("integer", "boolean"):
                continue
            if validator.is_valid(value) == bool(said):
                yield f"{key}: {json.dumps(value)}: the schema and nsvigil disagree: {said or 'it takes it'}"


def property_of(said, is_flag, is_list):
    if is_flag:
        return {"type": "boolean"}
    number = re.fullmatch(r"a number from (\d+) to (\d+)", said)
    if number:
        return {"type": "integer", "minimum": int(number[1]), "maximum": int(number[2])}
    duration = re.match(r"a duration from (\d+) to (\d+) seconds", said)
    if duration:
        return {"anyOf": [{"type": "integer", "minimum": int(duration[1]), "maximum": int(duration[2])},
                          {"type": "string", "pattern": DURATION}]}
    if re.fullmatch("a number up to 1024 and K, M, G or T", said):
        return {"type": "string", "pattern": SIZE}
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
# A value of its own becomes the same option.
size = made["properties"]["capture-size"]
captures = schema["properties"]["captures"]["properties"]
if sys.argv[2:] == ["--write"]:
    schema["properties"]["config"] = made
    captures["size"] = size
    with open(path, "w") as file:
        file.write(json.dumps(schema, indent=2) + "\n")
elif schema["properties"]["config"] != made or captures["size"] != size:
    sys.exit("values.schema.json has another config: tests/chart/schema.py NSVIGIL --write")
wrong = list(disagreements(sys.argv[1], made["properties"]))
if wrong:
    sys.exit("\n".join(wrong))
