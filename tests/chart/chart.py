#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""chart.py render CHART VALUES: prints the chart's manifests, with values over its own, by the helm that HELM names. Values
that the schema does not take are an error.

chart.py strict MANIFEST...: each object has only the fields that Kubernetes' own description of its
API knows, of the type that it says, and all that it requires (python3-kubernetes is made of it).

chart.py same MANIFEST RENDERED: the second is the first, but for its namespace object, and that it
has the checksum by which pods are replaced.

chart.py equal ONE OTHER: both have the same objects.

chart.py config MANIFEST: prints the configuration file in it.
"""
import os
import re
import subprocess
import sys

import yaml


def load(path):
    return yaml.safe_load(open(path))


def objects(path):
    return [each for each in yaml.safe_load_all(open(path)) if each]


def render(chart, values):
    """By the helm that HELM names; the image has to be somewhere."""
    subprocess.run([os.environ["HELM"], "template", "nsvigil", chart, "--namespace", "nsvigil", "--values",
                    f"{chart}/ci/default-values.yaml", "--values", values], check=True)


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
         "ConfigMap": "V1ConfigMap", "DaemonSet": "V1DaemonSet",
         "ResourceQuota": "V1ResourceQuota", "NetworkPolicy": "V1NetworkPolicy"}
# Not Kubernetes' own; tests/lint/manifests.sh looks at it.
CUSTOM = {"PodMonitor", "PrometheusRule", "SecurityContextConstraints"}


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
    # Those labels that Helm has besides do not count, nor comments in the file.
    for kind in ("ServiceAccount", "ConfigMap"):
        found[kind]["metadata"].pop("labels", None)
    for each in (found["DaemonSet"], found["DaemonSet"]["spec"]["template"]):
        for label in ("app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart"):
            each["metadata"]["labels"].pop(label, None)
    data = found["ConfigMap"]["data"]
    data["nsvigil.yaml"] = yaml.safe_load(data["nsvigil.yaml"])
    return found


def same(manifest, rendered):
    ours, theirs = by_kind(manifest), by_kind(rendered)
    assert list(theirs["DaemonSet"]["spec"]["template"]["metadata"].pop("annotations")) == [
        "checksum/config"]
    assert ours == theirs, "the chart with its own values is another one"


def equal(one, other):
    def by_name(path):
        return sorted(objects(path), key=lambda each: (each["kind"], each["metadata"]["name"]))
    assert by_name(one) == by_name(other), "they differ"


def config(manifest):
    [found] = [each for each in objects(manifest) if each["kind"] == "ConfigMap"]
    print(found["data"]["nsvigil.yaml"])


{"render": render, "strict": strict_files, "same": same, "equal": equal, "config": config}[sys.argv[1]](*sys.argv[2:])
