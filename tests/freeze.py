# SPDX-License-Identifier: BSD-2-Clause
"""freeze.py FILE CGROUP COMMAND...: as soon as the command has put a process into the cgroup, freezes it
for two seconds, and writes to the file what is in it then."""
import subprocess
import sys
import time

cgroup = sys.argv[2]
command = subprocess.Popen(sys.argv[3:])
found = None
while not found and command.poll() is None:
    try:
        found = open(cgroup + "/cgroup.procs").read()
    except OSError:
        pass
if found:
    with open(cgroup + "/cgroup.freeze", "w") as switch, open(sys.argv[1], "a") as seen:
        switch.write("1")
        switch.flush()
        time.sleep(2)
        try:
            for pid in open(cgroup + "/cgroup.procs").read().split():
                seen.write(open(f"/proc/{pid}/comm").read())
            switch.write("0")
        except OSError:
            pass
sys.exit(command.wait())
