# SPDX-License-Identifier: BSD-2-Clause
"""image.py BUSYBOX FILE NAME...: writes an image of that program alone, under these names, as
`docker save` would. Its command sleeps, so it does for a pod's sandbox, too."""
import hashlib
import io
import json
import sys
import tarfile

files = tarfile.open(sys.argv[2], "w")


def add(archive, name, data, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    archive.addfile(entry, io.BytesIO(data))


layer = io.BytesIO()
with tarfile.open(fileobj=layer, mode="w") as inside:
    for name in ("bin", "data", "etc", "proc", "sys", "dev", "tmp"):
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        inside.addfile(entry)
    add(inside, "bin/busybox", open(sys.argv[1], "rb").read(), 0o755)
    for name in ("cat", "id", "sh", "sleep", "stat", "true"):
        entry = tarfile.TarInfo("bin/" + name)
        entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
        inside.addfile(entry)
layer = layer.getvalue()
config = json.dumps({
    "architecture": "amd64",
    "os": "linux",
    "config": {"Cmd": ["/bin/sleep", "100000"]},
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
}).encode()
config_name = hashlib.sha256(config).hexdigest() + ".json"
add(files, "layer.tar", layer)
add(files, config_name, config)
add(files, "manifest.json", json.dumps(
    [{"Config": config_name, "RepoTags": sys.argv[3:], "Layers": ["layer.tar"]}]).encode())
files.close()
