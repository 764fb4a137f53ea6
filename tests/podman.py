#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""podman.py MANIFEST [--without CAPABILITY] [--seccomp TYPE] [--node DIR] [--volumes DIR]
[--args ARG...]: what podman run has to be told to run
the container as the DaemonSet says, an argument a line; but for that capability, or with that
seccomp profile or these arguments instead of its own. The node's DIR has its files, but what the
kernel says. The other one gets what ConfigMaps are, as the kubelet writes them.

podman.py --write MANIFEST --volumes DIR: only that, as the kubelet does when one is changed.
podman.py --capabilities MANIFEST: those that it adds, a line each.
podman.py --probes MANIFEST: NAME COMMAND... of each probe.

A field that this does not know is an error: what the kubelet would do must not be left out."""
import argparse
import os
import sys
import tempfile
import yaml

# What the fields are; the container has no network but its own loopback.
FIELDS = {"spec.nodeName": "worker-1", "status.podIP": "127.0.0.1"}


def known(what, where, *fields):
    unknown = set(what) - set(fields)
    if unknown:
        sys.exit(f"{where}: podman.py does not know {sorted(unknown)}")


def objects(path, kind):
    return [d for d in yaml.safe_load_all(open(path)) if d["kind"] == kind]


def daemonset(path):
    [found] = objects(path, "DaemonSet")
    return found["spec"]["template"]["spec"]


# Files are links by way of ..data, which is replaced at once.
def write_volume(folder, files):
    os.makedirs(folder, exist_ok=True)
    data = tempfile.mkdtemp(prefix="..", dir=folder)
    os.chmod(data, 0o755)
    for name, text in files.items():
        with open(f"{data}/{name}", "w") as file:
            file.write(text)
        if not os.path.lexists(f"{folder}/{name}"):
            os.symlink(f"..data/{name}", f"{folder}/{name}")
    os.symlink(os.path.basename(data), f"{folder}/..new")
    os.rename(f"{folder}/..new", f"{folder}/..data")


def projected(volume, manifest):
    files = {}
    known(volume["projected"], "projected", "sources")
    for source in volume["projected"]["sources"]:
        known(source, "sources", "configMap", "secret")
        if "secret" in source:
            assert source["secret"]["optional"], "there is none"
            continue
        known(source["configMap"], "configMap", "name")
        [found] = [c for c in objects(manifest, "ConfigMap")
                   if c["metadata"]["name"] == source["configMap"]["name"]]
        files.update(found["data"])
    return files


def write_volumes(pod, options):
    for volume in pod["volumes"]:
        if "emptyDir" in volume:
            os.makedirs(f"{options.volumes}/{volume['name']}", exist_ok=True)
            os.chmod(f"{options.volumes}/{volume['name']}", 0o777)
        if "projected" in volume:
            write_volume(f"{options.volumes}/{volume['name']}", projected(volume, options.manifest))


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


def mounts(pod, container, options):
    volumes = {v["name"]: v for v in pod["volumes"]}
    for mount in container["volumeMounts"]:
        known(mount, "volumeMounts", "name", "mountPath", "readOnly", "mountPropagation")
        volume = volumes.pop(mount["name"])
        known(volume, "volumes", "name", "hostPath", "projected", "emptyDir")
        mode = "ro" if mount.get("readOnly") else "rw"
        slave = {"None": "rprivate", "HostToContainer": "rslave"}[
            mount.get("mountPropagation", "None")]
        if "emptyDir" in volume:
            known(volume["emptyDir"], "emptyDir", "medium", "sizeLimit")
        if "projected" in volume or "emptyDir" in volume:
            path = f"{options.volumes}/{volume['name']}"
        else:
            path = volume["hostPath"]["path"]
            if options.node and not path.startswith("/sys/"):
                path = options.node + path
        yield f"--volume={path}:{mount['mountPath']}:{mode},rbind,{slave}"
    assert not volumes, f"not mounted: {list(volumes)}"


def environment(container):
    for variable in container["env"]:
        known(variable, "env", "name", "valueFrom")
        known(variable["valueFrom"], "valueFrom", "fieldRef")
        yield variable["name"], FIELDS[variable["valueFrom"]["fieldRef"]["fieldPath"]]


# "$(NAME)" in an argument is the variable.
def expanded(container):
    for argument in container["args"]:
        for name, value in environment(container):
            argument = argument.replace(f"$({name})", value)
        assert "$(" not in argument, argument
        yield argument


def arguments(pod, options):
    known(pod, "spec", "serviceAccountName", "automountServiceAccountToken", "enableServiceLinks",
          "priorityClassName", "tolerations", "nodeSelector", "hostPID",
          "terminationGracePeriodSeconds", "containers", "volumes")
    [container] = pod["containers"]
    known(container, "container", "name", "image", "imagePullPolicy", "args", "ports",
          "env", "securityContext", "resources", "startupProbe", "readinessProbe", "livenessProbe",
          "volumeMounts")
    if pod["hostPID"]:
        yield "--pid=host"
    # Without hostNetwork, a network namespace of its own; without hostUsers, the node's users.
    yield "--network=none"
    yield "--userns=host"
    yield from security(container["securityContext"], options.without)
    yield from mounts(pod, container, options)
    for name, value in environment(container):
        yield f"--env={name}={value}"
    known(container["resources"]["limits"], "limits", "memory")
    yield f"--memory={container['resources']['limits']['memory'].replace('Mi', 'm')}"
    yield container["image"]
    yield from options.args or expanded(container)


def probes(pod):
    [container] = pod["containers"]
    for name in "startupProbe", "readinessProbe", "livenessProbe":
        known(container[name], name, "exec", "periodSeconds", "timeoutSeconds", "failureThreshold")
        yield f"{name} {' '.join(container[name]['exec']['command'])}"


parser = argparse.ArgumentParser()
parser.add_argument("manifest")
parser.add_argument("--capabilities", action="store_true")
parser.add_argument("--probes", action="store_true")
parser.add_argument("--write", action="store_true")
parser.add_argument("--without")
parser.add_argument("--seccomp")
parser.add_argument("--node")
parser.add_argument("--volumes")
parser.add_argument("--args", nargs=argparse.REMAINDER)
options = parser.parse_args()
spec = daemonset(options.manifest)
if options.seccomp:
    spec["containers"][0]["securityContext"]["seccompProfile"]["type"] = options.seccomp
if options.volumes:
    write_volumes(spec, options)
if options.write:
    lines = []
elif options.probes:
    lines = probes(spec)
elif options.capabilities:
    lines = spec["containers"][0]["securityContext"]["capabilities"]["add"]
else:
    lines = arguments(spec, options)
for line in lines:
    print(line)
