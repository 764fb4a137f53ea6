#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""chart.py render CHART [VALUES]: prints the chart's manifests, with values over its own; by helm if
it is there, else by tests/chart/render.go. Values that the schema does not take are an error.

chart.py strict MANIFEST...: each object has only the fields that Kubernetes' own description of its
API knows, of the type that it says, and all that it requires (python3-kubernetes is made of it).

chart.py same MANIFEST RENDERED: the second is the first, but for its namespace object, and that it
has the checksum by which pods are replaced.

chart.py config MANIFEST: prints the configuration file in it.
"""
import json
import os
import re
import shutil
import subprocess
import sys

import jsonschema
import yaml


def load(path):
    return yaml.safe_load(open(path))


def objects(path):
    return [each for each in yaml.safe_load_all(open(path)) if each]


def merge(below, above):
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: merge(below.get(key), above[key]) for key in above}}


def by_template_engine(chart, values):
    schema = load(f"{chart}/values.schema.json")
    jsonschema.validators.validator_for(schema).check_schema(schema)
    values = merge(load(f"{chart}/values.yaml"), load(values) if values else {})
    jsonschema.validate(values, schema)
    about = load(f"{chart}/Chart.yaml")
    names = sorted(os.listdir(f"{chart}/templates"))
    request = {
        "templates": {name: open(f"{chart}/templates/{name}").read() for name in names},
        "data": {
            "Values": values,
            "Chart": {key[0].upper() + key[1:]: about[key] for key in about},
            "Release": {"Name": "nsvigil", "Namespace": "nsvigil"},
        },
    }
    here = os.path.dirname(os.path.abspath(__file__))
    # Debian's Go libraries are there.
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode",
                   "GOFLAGS": "", "GOCACHE": os.environ["GOCACHE"]}
    subprocess.run(["go", "run", f"{here}/render.go"], input=json.dumps(request), text=True,
                   check=True, env=environment)


def render(chart, values=None):
    if shutil.which("helm"):
        more = ["--values", values] if values else []
        subprocess.run(["helm", "template", "nsvigil", chart, "--namespace", "nsvigil", *more],
                       check=True)
    else:
        by_template_engine(chart, values)


# What OpenAPI calls by one word and Python's client by another.
PLAIN = {"str": str, "int": int, "bool": bool, "object": object, "float": (int, float),
         "datetime": str}


def strict(value, kind, where):
    import kubernetes.client.models as models
    if kind.startswith("list["):
        assert isinstance(value, list), f"{where}: a list?"
        for i, each in enumerate(value):
            strict(each, kind[5:-1], f"{where}[{i}]")
    elif kind.startswith("dict("):
        inner = re.fullmatch(r"dict\(str, (.*)\)", kind).group(1)
        assert isinstance(value, dict), f"{where}: a map?"
        for key in value:
            assert isinstance(key, str), f"{where}: {key}"
            strict(value[key], inner, f"{where}.{key}")
    elif kind in PLAIN:
        assert isinstance(value, PLAIN[kind]), f"{where}: {value!r} is no {kind}"
        assert kind == "bool" or not isinstance(value, bool), f"{where}: {value!r} is no {kind}"
    else:
        model = getattr(models, kind)
        fields = {model.attribute_map[name]: name for name in model.attribute_map}
        assert isinstance(value, dict), f"{where}: no {kind}"
        for key in value:
            assert key in fields, f"{where}: {kind} has no field {key}"
            strict(value[key], model.openapi_types[fields[key]], f"{where}.{key}")
        # It refuses what is required and not there.
        model(**{fields[key]: value[key] for key in value})


KINDS = {"Namespace": "V1Namespace", "ServiceAccount": "V1ServiceAccount",
         "ConfigMap": "V1ConfigMap", "DaemonSet": "V1DaemonSet"}
# Not Kubernetes' own; tests/live/manifests.sh looks at it.
CUSTOM = {"PodMonitor"}


def strict_files(*paths):
    for path in paths:
        found = objects(path)
        assert found, f"{path}: nothing"
        for each in found:
            if each["kind"] not in CUSTOM:
                strict(each, KINDS[each["kind"]], each["kind"])
            print(f"{path}: {each['kind']} {each['metadata']['name']}")


def by_kind(path):
    found = {each["kind"]: each for each in objects(path) if each["kind"] != "Namespace"}
    # Comments in it do not count.
    data = found["ConfigMap"]["data"]
    data["nsvigil.yaml"] = yaml.safe_load(data["nsvigil.yaml"])
    return found


def same(manifest, rendered):
    ours, theirs = by_kind(manifest), by_kind(rendered)
    assert list(theirs["DaemonSet"]["spec"]["template"]["metadata"].pop("annotations")) == [
        "checksum/config"]
    assert ours == theirs, "the chart with its own values is another one"


def config(manifest):
    [found] = [each for each in objects(manifest) if each["kind"] == "ConfigMap"]
    print(found["data"]["nsvigil.yaml"])


{"render": render, "strict": strict_files, "same": same, "config": config}[sys.argv[1]](*sys.argv[2:])
