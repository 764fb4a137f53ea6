#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""sane.py FORMAT FILE: what a reader of that format makes of a report: it can read it, and no name in it is more than a name."""
import csv
import html.parser
import json
import os
import sys
import xml.etree.ElementTree

import jsonschema
import yaml

kind, path = sys.argv[1:]
text = open(path, "rb").read()
assert all(byte in b"\r\n\t" or 0x20 <= byte < 0x7f for byte in text), "not printable ASCII"
text = text.decode("ascii")


class Page(html.parser.HTMLParser):
    """Only these elements and attributes, each closed where it should be: a name that is one would be another."""
    ELEMENTS = set("html head meta title style body h1 h2 h3 p nav a div b ul li section span dl dt dd table thead tbody tr th td "
                   "br code svg rect circle line text footer".split())
    EMPTY = {"meta", "br", "line"}
    ATTRIBUTES = set("lang charset http-equiv content name id class href rel colspan viewbox role aria-label x y x1 x2 y1 y2 cx cy "
                     "r width height".split())

    def __init__(self):
        super().__init__()
        self.open, self.ids = [], set()

    def handle_starttag(self, tag, attrs):
        assert tag in self.ELEMENTS, tag
        for name, value in attrs:
            assert name in self.ATTRIBUTES, (tag, name)
            assert name != "href" or value.startswith(("#", "https://")), value
            assert name != "class" or all(c.isalnum() or c in " -" for c in value), value
            if name == "id":
                assert value not in self.ids
                self.ids.add(value)
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in self.EMPTY, tag
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


def page():
    reader = Page()
    reader.feed(text)
    reader.close()
    assert not reader.open, reader.open
    assert {"headline", "findings", "nodes", "pods", "attested", "maps", "timelines"} <= reader.ids
    assert "default-src 'none'" in text and "url(" not in text[:text.index("</style>")]


def table_of_cells():
    rows = list(csv.reader(text.splitlines(), strict=True))
    assert text.endswith("\r\n") and text.count("\r\n") == len(rows)
    for row in rows:
        assert len(row) == len(rows[0]), row
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row), row


def suites():
    root = xml.etree.ElementTree.fromstring(text)
    total = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        found = {"tests": len(cases), "failures": len(suite.findall("testcase/failure")),
                 "errors": len(suite.findall("testcase/error")), "skipped": len(suite.findall("testcase/skipped"))}
        for name in total:
            assert int(suite.get(name)) == found[name], (suite.attrib, found)
            total[name] += found[name]
    assert {name: int(root.get(name)) for name in total} == total, (root.attrib, total)


def reports():
    schema = json.load(open(os.path.dirname(__file__) + "/openreports.schema.json"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    # json.loads is faster by far; of a few both are asked whether they read the same.
    parts = text.split("---\n")[1:]
    names = set()
    assert parts
    for i, part in enumerate(parts):
        report = json.loads(part)
        if i % 97 == 0:
            assert yaml.safe_load(part) == report
        validator.validate(report)
        name = (report["kind"], report["metadata"].get("namespace"), report["metadata"]["name"])
        assert name not in names, name
        names.add(name)
        # kubectl apply keeps it in an annotation, as JSON without spaces.
        assert len(json.dumps(report, separators=(",", ":"))) < 250000
        for outcome, n in report["summary"].items():
            assert n == sum(result["result"] == outcome for result in report["results"]), name
    assert any(kind == "ClusterReport" for kind, _, _ in names)


{"html": page, "csv": table_of_cells, "junit": suites, "openreports": reports, "table": lambda: None}[kind]()
