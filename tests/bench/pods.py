# SPDX-License-Identifier: BSD-2-Clause
#
# pods.py N: makes N isolated pods of one process each, in the kubelet's cgroup layout, says "ready", and removes them
# when its standard input ends.
import ctypes, os, signal, sys, time

n = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
CLONES = 0x00020000 | 0x08000000 | 0x04000000 | 0x20000000 | 0x10000000  # NEWNS, IPC, UTS, PID, USER
cgroup2 = next(line.split()[1] for line in open("/proc/self/mounts") if line.split()[2] == "cgroup2")
made, tasks = [], []


def make(path):
    if not os.path.isdir(path):
        os.mkdir(path)
        made.append(path)
    return path


def container(procs, go):
    """The first process of a container: in its cgroup and namespaces, as root of them."""
    os.write(procs, b"0")
    os.read(go, 1)
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    os.execv("/bin/sleep", ["sleep", "infinity"])


def pod(i, above):
    uid = f"00000000-aaaa-bbbb-cccc-{i:012}"
    cgroup = make(make(f"{above}/pod{uid}") + f"/{i:064x}")
    procs = os.open(f"{cgroup}/cgroup.procs", os.O_WRONLY)
    go, let_go = os.pipe()
    told, tell = os.pipe()
    maker = os.fork()
    if not maker:
        if libc.unshare(CLONES):
            os._exit(1)
        child = os.fork()
        if not child:
            container(procs, go)
        os.write(tell, str(child).encode())
        os._exit(0)
    os.waitpid(maker, 0)
    os.close(tell)
    task = int(os.read(told, 16))
    for kind in "uid", "gid":
        with open(f"/proc/{task}/{kind}_map", "w") as out:
            out.write(f"0 {(i + 1000) << 16} 65536\n")
    tasks.append(task)
    os.write(let_go, b"x")
    for fd in procs, go, let_go, told:
        os.close(fd)


try:
    above = make(make(f"{cgroup2}/kubepods") + "/besteffort")
    for i in range(n):
        pod(i, above)
    print("ready", flush=True)
    sys.stdin.read()
finally:
    for task in tasks:
        os.kill(task, signal.SIGKILL)
    # A cgroup is busy until its process is gone, which others may keep waiting.
    for path in reversed(made):
        for _ in range(3000):
            try:
                os.rmdir(path)
                break
            except OSError:
                time.sleep(0.01)
        else:
            print(f"pods.py: {path} stays", file=sys.stderr)
