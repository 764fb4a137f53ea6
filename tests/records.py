# SPDX-License-Identifier: BSD-2-Clause
"""What collectors get of watch, and what watch prints: for test scripts."""
import json, re, sys

def lines(path):
    return [json.loads(line, parse_float=str) for line in open(path) if line.endswith("\n")]

# The parameters that a document makes, by the words of the manual page.
def params(name, value, out):
    if name in ("what", "why", "todo", "text"):
        return out
    if name == "rules_partly":
        value = [rule for group in value for rule in group["rules"]]
    if isinstance(value, dict):
        for key, member in value.items():
            parent = "" if name in ("", "evidence") else name + "_"
            params(re.sub("[^a-z0-9-]", "_", parent + key), member, out)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        params(name, value[0], out)
    elif isinstance(value, list):
        if value:
            out[name] = ",".join(value)
    elif value is not None:
        out[name] = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(out.get(name), str):
        out[name] = encoded(out[name])
    return out

# In a parameter what is special, or was escaped, is %HH.
def encoded(text):
    text = re.sub(r'%(?![0-9a-f]{2})|["\]]', lambda c: "%%%02x" % ord(c[0]), text)
    return re.sub(r"\\x([0-9a-f]{2})", r"%\1", text)

# RFC 5424, by its own grammar: rsyslog is lenient.
HEADER = re.compile(r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) nsvigil "
                    r"(\d+) ([a-z]{1,32}) ")
ELEMENT = re.compile(r'\[([!#-<>-\\^-~]{1,32})((?: [!#-<>-\\^-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\]')
PARAM = re.compile(r' ([^=]+)="((?:[^"\\\]]|\\["\\\]])*)"')

def parse(raw):
    header = HEADER.match(raw)
    assert header, raw
    at, elements = header.end(), {}
    while raw[at] == "[":
        element = ELEMENT.match(raw, at)
        assert element and element[1] not in elements, raw[at:]
        elements[element[1]] = dict(PARAM.findall(element[2]))
        # Receivers go by patterns that end at the first of these.
        assert not re.search(r"[\\\]]", element[2]), element[2]
        at = element.end()
    assert raw[at] == " " and raw.isascii(), raw[at:]
    return header.groups(), elements, raw[at + 1:]
