# SPDX-License-Identifier: BSD-2-Clause
"""client.py SOCKET FOLDER CGROUP: has a container runtime do what a kubelet does, over CRI. What protoc
made of cri.proto is beside it. FOLDER gets volumes and logs; pods are below that cgroup. Each line on standard
input is an expression, as pod(1) or container(1, "first"); its value is the answer, a line. Pods are
numbers; those from 100 on have no user namespace."""
import os
import sys
import time

import cri_pb2 as cri
import grpc

channel = grpc.insecure_channel("unix://" + sys.argv[1])
POD, CONTAINER, NODE = 0, 1, 2
sandboxes, configs, containers = {}, {}, {}


def call(method, request, answer):
    return channel.unary_unary(
        f"/runtime.v1.RuntimeService/{method}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=answer.FromString,
    )(request, timeout=600, wait_for_ready=True)


def mapping(n):
    return [cri.IDMapping(host_id=196608000 + n * 65536, container_id=0, length=65536)]


def namespaces(n, dropped=False):
    if n >= 100 or dropped:
        userns = cri.UserNamespace(mode=NODE)
    else:
        userns = cri.UserNamespace(mode=POD, uids=mapping(n), gids=mapping(n))
    return cri.NamespaceOption(network=POD, pid=CONTAINER, ipc=POD, userns_options=userns)


def pod(n):
    uid = f"22222222-2222-3333-4444-{n:012}"
    configs[n] = cri.PodSandboxConfig(
        metadata=cri.PodSandboxMetadata(name=f"pod-{n}", uid=uid, namespace="test"),
        hostname=f"pod-{n}",
        log_directory=f"{sys.argv[2]}/logs/{n}",
        linux=cri.LinuxPodSandboxConfig(
            cgroup_parent=f"{sys.argv[3]}/pod{uid}",
            security_context=cri.LinuxSandboxSecurityContext(namespace_options=namespaces(n)),
        ),
    )
    request = cri.RunPodSandboxRequest(config=configs[n])
    sandboxes[n] = call("RunPodSandbox", request, cri.RunPodSandboxResponse).pod_sandbox_id
    return sandboxes[n]


def container(n, name, volume=False, life="100000", wait=0, dropped=False):
    """It lives so many seconds, is started that long after it is made, and may not get the pod's user namespace."""
    mounts = []
    if volume:
        os.makedirs(f"{sys.argv[2]}/volume-{n}", mode=0o755, exist_ok=True)
        mounts = [cri.Mount(container_path="/data", host_path=f"{sys.argv[2]}/volume-{n}")]
        if n < 100:
            mounts[0].uidMappings.extend(mapping(n))
            mounts[0].gidMappings.extend(mapping(n))
    config = cri.ContainerConfig(
        metadata=cri.ContainerMetadata(name=name),
        image=cri.ImageSpec(image="localhost/box:1"),
        command=["/bin/sleep", life],
        mounts=mounts,
        log_path=f"{name}.log",
        linux=cri.LinuxContainerConfig(
            security_context=cri.LinuxContainerSecurityContext(
                namespace_options=namespaces(n, dropped)
            )
        ),
    )
    request = cri.CreateContainerRequest(
        pod_sandbox_id=sandboxes[n], config=config, sandbox_config=configs[n]
    )
    made = call("CreateContainer", request, cri.CreateContainerResponse).container_id
    containers[n, name] = made
    time.sleep(wait)
    call("StartContainer", cri.ContainerRequest(container_id=made), cri.Nothing)
    return made


def execute(n, name, *command):
    request = cri.ExecSyncRequest(container_id=containers[n, name], cmd=command)
    result = call("ExecSync", request, cri.ExecSyncResponse)
    return f"{result.exit_code} {result.stdout.decode().strip()}"


def end(n, name):
    made = containers.pop((n, name))
    call("StopContainer", cri.ContainerRequest(container_id=made, timeout=0), cri.Nothing)
    call("RemoveContainer", cri.ContainerRequest(container_id=made), cri.Nothing)


def end_pod(n):
    made = sandboxes.pop(n)
    call("StopPodSandbox", cri.PodSandboxRequest(pod_sandbox_id=made), cri.Nothing)
    call("RemovePodSandbox", cri.PodSandboxRequest(pod_sandbox_id=made), cri.Nothing)


for line in sys.stdin:
    try:
        print(eval(line), flush=True)
    except grpc.RpcError as error:
        print("error: " + " ".join(error.details().split()), flush=True)
