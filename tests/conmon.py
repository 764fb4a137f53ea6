# SPDX-License-Identifier: BSD-2-Clause
"""conmon.py FD COMMAND...: starts conmon as CRI-O does: it is put into the cgroup whose cgroup.procs that is, and
only then told to go on. Waits until it says what has become of the container, and fails with what it says."""
import json
import os
import subprocess
import sys

go, tell = os.pipe()
hear, say = os.pipe()
conmon = subprocess.Popen(sys.argv[2:], pass_fds=[go, say],
                          env={**os.environ, "_OCI_STARTPIPE": str(go), "_OCI_SYNCPIPE": str(say)})
os.close(say)
os.write(int(sys.argv[1]), str(conmon.pid).encode())
os.write(tell, b"\0")
said = json.loads(next((line for line in os.fdopen(hear) if line.strip()), '{"pid": -1}'))
print(said)
if said.get("pid", 0) < 0 or "message" in said:
    sys.exit(1)
sys.exit(conmon.wait())
