# SPDX-License-Identifier: BSD-2-Clause
"""What an attacker runs in a container.

    puppet.py CGROUP NSENTER-OPTION... [NAME=PATH]...
    puppet.py -- COMMAND... -- [NAME=PATH]...

As a runtime's exec it goes to the cgroup and, with nsenter's options, into namespaces; or the command
is a real runtime's exec, which passes descriptors on. The files are open there, from 3 on, as if
somebody had forgotten to close them. Then each line on standard input is an
expression that it evaluates, and answers on standard output: its value, or the error's name. It
knows the descriptors by their names.

Calls go to the kernel directly: glibc would make all threads change their IDs together. After each
comes one capability check, which is when a kernel without trampolines shows what has changed."""
import ctypes
import errno
import os
import queue
import sys
import threading

libc = ctypes.CDLL(None, use_errno=True)
user, mnt, net, ipc, uts, pid = 0x10000000, 0x20000, 0x40000000, 0x8000000, 0x4000000, 0x20000000


def call(function, *args):
    if function(*args) < 0:
        raise OSError(ctypes.get_errno(), "")


def setns(fd, kind=0):
    call(libc.setns, fd, kind)


def unshare(kinds):
    call(libc.unshare, kinds)


def take_ids(n):
    """Of this thread alone."""
    call(libc.syscall, SYS_setgroups, 0, None)
    call(libc.syscall, SYS_setresgid, n, n, n)
    call(libc.syscall, SYS_setresuid, n, n, n)


def take_uid(n):
    """The effective one, of this thread alone."""
    call(libc.syscall, SYS_setresuid, -1, n, -1)


def move(fd):
    """To the cgroup whose cgroup.procs the descriptor is."""
    os.write(fd, b"0")


def become_child():
    """The parent ends when the child does."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        os._exit(0)


def become_orphan():
    if os.fork():
        os._exit(0)


def parent_does(function, *args):
    """The child goes on as the one that is talked to; the parent does it, and ends when that does."""
    done, told = os.pipe()
    child = os.fork()
    if child:
        answer(lambda: function(*args), told)
        os.waitpid(child, 0)
        os._exit(0)
    os.close(told)
    return os.read(done, 100).decode().strip()


def answer(function, fd):
    try:
        said = str(function())
    except OSError as error:
        said = errno.errorcode[error.errno]
    libc.sethostname(None, ctypes.c_size_t(-1))
    os.write(fd, (said + "\n").encode())


witnesses = []


def call_witnesses(n):
    """Other processes of the container, as it is now, that wait for report()."""
    for _ in range(n):
        mine, its = os.pipe(), os.pipe()
        if os.fork():
            witnesses.append((its[1], mine[0]))
            continue
        os.close(its[1])
        os.read(its[0], 1)
        move(root)
        os.write(mine[1], b"x")
        os.read(its[0], 1)
        os._exit(0)


def report():
    """One of them leaves the pod's cgroup, which every kernel's hooks tell at once. There is no
    capability check in it, nor of who calls."""
    go, done = witnesses.pop(0)
    os.write(go, b"x")
    os.read(done, 1)


class Thread:
    """Evaluates in a thread that stays."""

    def __init__(self):
        self.todo, self.done = queue.Queue(), queue.Queue()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            self.done.put(self.todo.get()())

    def does(self, function, *args):
        def it():
            function(*args)
            libc.sethostname(None, ctypes.c_size_t(-1))

        self.todo.put(it)
        return self.done.get()


def leak(files):
    leaks = []
    for fd, each in enumerate(files, 3):
        name, path = each.split("=", 1)
        opened = os.open(path, os.O_WRONLY if path.endswith("cgroup.procs") else os.O_RDONLY)
        os.dup2(opened, fd)
        os.set_inheritable(fd, True)
        leaks.append(f"{name}={fd}")
    return leaks


def numbers():
    """Those that system calls have on this machine's processor, as SYS_NAME."""
    rows = [line.split() for line in open(os.path.dirname(os.path.abspath(__file__)) + "/calls") if line[0] != "#"]
    return [f"SYS_{row[0]}={row[rows[0].index(os.uname().machine)]}" for row in rows[1:]]


def go_in(cgroup, *rest):
    source = open(__file__).read()
    if cgroup == "--":
        end = rest.index("--")
        command, files = rest[:end], rest[end + 1 :]
    else:
        with open(cgroup + "/cgroup.procs", "w") as procs:
            procs.write("0")
        command = ["nsenter", *(each for each in rest if each[0] == "-")]
        files = [each for each in rest if each[0] != "-"]
    os.execvp(command[0], [*command, "/usr/bin/python3", "-ISc", source, *numbers(), *leak(files)])


if "__file__" in globals():
    go_in(*sys.argv[1:])
for each in sys.argv[1:]:
    globals()[each.split("=")[0]] = int(each.split("=")[1])
while True:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)  # no buffer that a child would have, too
        if not byte:
            os._exit(0)
        line += byte
    answer(lambda: eval(line.decode()), 1)
