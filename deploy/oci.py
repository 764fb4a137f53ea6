# SPDX-License-Identifier: BSD-2-Clause
"""oci.py FILE NAME VERSION TIME ARCH=FOLDER...: an image for each of these processors, in one index, as an OCI archive.

An image is its folder, as one layer, and nothing else: nothing is fetched, and nothing runs. What is written follows
from the folders and the arguments alone. The formats: github.com/opencontainers/image-spec."""
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
import time

TYPE = "application/vnd.oci.image."
blobs = {}


def tar_of(entries, when):
    """entries: name, and its bytes; None for a directory; or the path of a program."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content, mode in sorted(entries):
            info = tarfile.TarInfo(name)
            info.mtime, info.mode = when, mode
            if content is None:
                info.type = tarfile.DIRTYPE
            else:
                info.size = len(content)
            archive.addfile(info, None if content is None else io.BytesIO(content))
    return out.getvalue()


def files_below(folder):
    for top, folders, files in os.walk(folder):
        for name in folders:
            yield os.path.relpath(os.path.join(top, name), folder), None, 0o755
        for name in files:
            path = os.path.join(top, name)
            with open(path, "rb") as file:
                yield os.path.relpath(path, folder), file.read(), 0o755 if os.access(path, os.X_OK) else 0o644


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def blob(kind, content, **more):
    """Keeps it, and returns its descriptor."""
    if not isinstance(content, bytes):
        content = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    blobs[digest(content)] = content
    return {"mediaType": TYPE + kind, "digest": digest(content), "size": len(content), **more}


def image(arch, folder, version, when):
    layer = tar_of(files_below(folder), when)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
    labels = {"org.opencontainers.image.version": version,
              "org.opencontainers.image.licenses": "BSD-2-Clause AND GPL-2.0-only"}
    # Kubernetes gives capabilities to root only. What root may here is in deploy/daemonset.yaml.
    config = blob("config.v1+json", {
        "architecture": arch, "os": "linux", "created": created,
        "config": {"User": "0:0", "Env": ["PATH=/usr/local/sbin"], "Entrypoint": ["/usr/local/sbin/nsvigil"],
                   "Cmd": ["watch", "--json"], "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": created}]})
    packed = blob("layer.v1.tar+gzip", gzip.compress(layer, 9, mtime=0))
    print(f"{arch}: {packed['size'] / 1e6:.1f} MB to pull, {len(layer) / 1e6:.1f} MB unpacked,",
          f"of which {os.path.getsize(folder + '/usr/local/sbin/nsvigil') / 1e6:.1f} MB the program")
    return blob("manifest.v1+json", {
        "schemaVersion": 2, "mediaType": TYPE + "manifest.v1+json", "config": config, "layers": [packed]},
        platform={"architecture": arch, "os": "linux"})


def main(file, name, version, when, *images):
    when = int(when)
    index = {"schemaVersion": 2, "mediaType": TYPE + "index.v1+json",
             "manifests": [image(*each.split("=", 1), version, when) for each in images]}
    top = {"schemaVersion": 2, "manifests": [
        blob("index.v1+json", index, annotations={"org.opencontainers.image.ref.name": f"{name}:{version}"})]}
    entries = [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}', 0o644), ("index.json", json.dumps(top).encode(), 0o644),
               ("blobs", None, 0o755), ("blobs/sha256", None, 0o755)]
    entries += [("blobs/" + key.replace(":", "/"), content, 0o644) for key, content in blobs.items()]
    with open(file, "wb") as out:
        out.write(tar_of(entries, when))
    print(f"{file}: {name}:{version}, {os.path.getsize(file) / 1e6:.1f} MB")


main(*sys.argv[1:])
