#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""podman.py MANIFEST [--without CAPABILITY] [--seccomp TYPE] [--node DIR]
[--args ARG...]: what podman run has to be told to run
the container as the DaemonSet says, an argument a line; but for that capability, or with that
seccomp profile or these arguments instead of its own. DIR has the node's files, but what the kernel
says.

podman.py --capabilities MANIFEST: those that it adds, a line each.
podman.py --probes MANIFEST: NAME PORT PATH of each probe.

A field that this does not know is an error: what the kubelet would do must not be left out."""
import argparse
import sys
import yaml


def known(what, where, *fields):
    unknown = set(what) - set(fields)
    if unknown:
        sys.exit(f"{where}: podman.py does not know {sorted(unknown)}")


def daemonset(path):
    found = [d for d in yaml.safe_load_all(open(path)) if d["kind"] == "DaemonSet"]
    assert len(found) == 1
    return found[0]["spec"]["template"]["spec"]


def security(context, without):
    known(context, "securityContext", "runAsUser", "runAsGroup", "privileged",
          "allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities", "seccompProfile")
    known(context["capabilities"], "capabilities", "drop", "add")
    yield f"--user={context['runAsUser']}:{context['runAsGroup']}"
    if context["privileged"]:
        yield "--privileged"
    if not context["allowPrivilegeEscalation"]:
        yield "--security-opt=no-new-privileges"
    if context["readOnlyRootFilesystem"]:
        yield "--read-only"
        yield "--read-only-tmpfs=false"
    for name in context["capabilities"]["drop"]:
        yield f"--cap-drop={name}"
    for name in context["capabilities"]["add"]:
        if name != without:
            yield f"--cap-add={name}"
    known(context["seccompProfile"], "seccompProfile", "type")
    yield {"Unconfined": "--security-opt=seccomp=unconfined",
           "RuntimeDefault": "--security-opt=seccomp=/usr/share/containers/seccomp.json"}[
               context["seccompProfile"]["type"]]


def mounts(pod, container, node):
    volumes = {v["name"]: v for v in pod["volumes"]}
    for mount in container["volumeMounts"]:
        known(mount, "volumeMounts", "name", "mountPath", "readOnly", "mountPropagation")
        volume = volumes.pop(mount["name"])
        known(volume, "volumes", "name", "hostPath")
        mode = "ro" if mount.get("readOnly") else "rw"
        slave = {"None": "rprivate", "HostToContainer": "rslave"}[
            mount.get("mountPropagation", "None")]
        path = volume["hostPath"]["path"]
        if node and not path.startswith("/sys/"):
            path = node + path
        yield f"--volume={path}:{mount['mountPath']}:{mode},rbind,{slave}"
    assert not volumes, f"not mounted: {list(volumes)}"


def arguments(pod, without, node, args):
    known(pod, "spec", "serviceAccountName", "automountServiceAccountToken", "enableServiceLinks",
          "priorityClassName", "tolerations", "nodeSelector", "hostPID",
          "terminationGracePeriodSeconds", "containers", "volumes")
    [container] = pod["containers"]
    known(container, "container", "name", "image", "imagePullPolicy", "args", "ports",
          "securityContext", "resources", "startupProbe", "readinessProbe", "livenessProbe",
          "volumeMounts")
    if pod["hostPID"]:
        yield "--pid=host"
    # Without hostNetwork, a network namespace of its own; without hostUsers, the node's users.
    yield "--network=none"
    yield "--userns=host"
    yield from security(container["securityContext"], without)
    yield from mounts(pod, container, node)
    known(container["resources"]["limits"], "limits", "memory")
    yield f"--memory={container['resources']['limits']['memory'].replace('Mi', 'm')}"
    yield container["image"]
    yield from args or container["args"]


def probes(pod):
    [container] = pod["containers"]
    ports = {p["name"]: p["containerPort"] for p in container["ports"]}
    for name in "startupProbe", "readinessProbe", "livenessProbe":
        get = container[name]["httpGet"]
        yield f"{name} {ports[get['port']]} {get['path']}"


parser = argparse.ArgumentParser()
parser.add_argument("manifest")
parser.add_argument("--capabilities", action="store_true")
parser.add_argument("--probes", action="store_true")
parser.add_argument("--without")
parser.add_argument("--seccomp")
parser.add_argument("--node")
parser.add_argument("--args", nargs=argparse.REMAINDER)
options = parser.parse_args()
spec = daemonset(options.manifest)
if options.seccomp:
    spec["containers"][0]["securityContext"]["seccompProfile"]["type"] = options.seccomp
if options.probes:
    lines = probes(spec)
elif options.capabilities:
    lines = spec["containers"][0]["securityContext"]["capabilities"]["add"]
else:
    lines = arguments(spec, options.without, options.node, options.args)
for line in lines:
    print(line)
