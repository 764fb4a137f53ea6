#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""values.py [--write]: the table of values in the chart's README.md, made of its schema and its own values. With --write it is
written, else an error if it is another."""
import json
import os
import sys

import yaml

CHART = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/chart")
BEGIN, END = "<!-- values: tests/chart/values.py --write -->\n", "<!-- end -->\n"


def kind(schema):
    if "$ref" in schema:
        return {"text": "text", "texts": "map of texts", "path": "absolute path", "folder": "absolute path, or empty", "quantities": "map of quantities"}[
            schema["$ref"].rsplit("/", 1)[1]]
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    if schema.get("type") == "array":
        return "list" + (f" of {kind(schema['items'])}" if schema["items"].get("type") != "object" else "")
    if isinstance(schema["type"], list):
        return "map, or null"
    return {"string": "text", "boolean": "true or false", "integer": "number", "object": "map"}[schema["type"]]


def rows(schema, values, path):
    for key, each in schema["properties"].items():
        value = values.get(key) if isinstance(values, dict) else None
        if key == "global":
            continue
        if each.get("properties") and path + key not in ("config", "affinity", "seLinuxOptions", "resources"):
            yield from rows(each, value, f"{path}{key}.")
        else:
            yield f"| `{path}{key}` | {kind(each)} | {'' if value is None else f'`{json.dumps(value)}`'} |"


schema, values = json.load(open(f"{CHART}/values.schema.json")), yaml.safe_load(open(f"{CHART}/values.yaml"))
table = "\n".join(["| value | what it takes | by default |", "| --- | --- | --- |", *rows(schema, values, "")]) + "\n"
path = f"{CHART}/README.md"
text = open(path).read()
before, after = text[:text.index(BEGIN) + len(BEGIN)], text[text.index(END):]
made = before + table + after
if sys.argv[1:] == ["--write"]:
    open(path, "w").write(made)
elif made != text:
    sys.exit("README.md of the chart has another table: tests/chart/values.py --write")
