# SPDX-License-Identifier: BSD-2-Clause
"""What tests/chaos/chaos.sh does to a node, and what it counts.

    chaos.py flood SECONDS WORKERS KIND... [DIR POD]
        In a pod: as much of these kinds as so many processes of each can do, for so long; at last says how much.
        The directory is a cgroup that it may use, and the pod another one.
    chaos.py commit DIR CGROUP PID VICTIM'S-PID VICTIM'S-CGROUP ELSEWHERE COUNT SECONDS
        From outside: breaks rules as the pod of that cgroup and process, evenly over that time. Prints a line
        each: when, in nanoseconds since boot, the rule and its part, the kind, and the name of who did it.
    chaos.py stay
        In the pod: one process of that name stays, which nothing in the pod started.
    chaos.py keep FILE STAMPS
        Adds standard input to the file, and when each line came, in nanoseconds since boot, to the other.
    chaos.py report WHEN COMMITTED FILE STAMPS POD
        Whether watch, in that file, has said all that was committed, or that some was lost, and said nothing of
        other pods; and how much.
    chaos.py kills COUNT DIR COMMAND...
        Starts that watch so often, ends it by SIGKILL at some moment, and looks at what is left and comes back.
    chaos.py unmake CGROUP
        Removes it with all that is below."""
import ctypes
import errno
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
user, mnt, net, ipc, uts = 0x10000000, 0x20000, 0x40000000, 0x8000000, 0x4000000
CLONE_INTO_CGROUP, CLONE_VM, CLONE_VFORK, PR_SET_NAME = 0x200000000, 0x100, 0x4000, 15


def number(call):
    """That a system call has on this machine's processor."""
    rows = [line.split() for line in open(os.path.dirname(os.path.abspath(__file__)) + "/calls") if line[0] != "#"]
    return int(next(row for row in rows if row[0] == call)[rows[0].index(os.uname().machine)])


SYS_clone3, SYS_settimeofday = map(number, ["clone3", "settimeofday"])


def call(function, *args):
    result = function(*args)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def now():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def set_name(name):
    libc.prctl(PR_SET_NAME, name, 0, 0, 0)


def ask_for_capability():
    """Without trampolines a change is seen then."""
    libc.sethostname(None, ctypes.c_size_t(-1))


# The floods. Each is one round of it, and returns how often it has done it.


def in_child(function):
    child = os.fork()
    if not child:
        try:
            function()
        finally:
            os._exit(0)
    return child


def flood_forks():
    """Nobody waits for them. They share their memory, so that most of the time they take is not that of copying it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    stack = ctypes.create_string_buffer(65536)
    top = ctypes.c_void_p(ctypes.addressof(stack) + 65000 & ~15)
    exits = ctypes.cast(libc._exit, ctypes.c_void_p)
    for _ in range(100):
        call(libc.clone, exits, top, CLONE_VM | CLONE_VFORK | signal.SIGCHLD, None)
    return 100


def flood_unshares():
    for kinds in (user, user | net, user | mnt | ipc | uts):
        os.waitpid(in_child(lambda: libc.unshare(kinds)), 0)
    return 3


def flood_execs():
    """By names that runtimes have, and hostile ones."""
    for name in ("runc:[2:INIT]", "conmon", "\n\033[31m\"\\", "nsvigil"):
        os.waitpid(os.posix_spawn("/bin/true", [name], {}), 0)
        set_name(name.encode())
    return 4


def flood_checks():
    """One's own, and now and then one that the node refuses."""
    for _ in range(200):
        ask_for_capability()
    libc.syscall(SYS_settimeofday, ctypes.create_string_buffer(16), None)
    return 201


def flood_cgroups():
    """In each other until no path is long enough, and with the name of another pod; a process goes there."""
    own = f"{flood_cgroups.top}/{os.getpid()}"
    os.mkdir(own)
    fds, names = [os.open(own, os.O_RDONLY)], []
    for depth in range(17):
        names.append("pod" + flood_cgroups.other if depth == 1 else "%0255d" % depth)
        os.mkdir(names[-1], dir_fd=fds[-1])
        fds.append(os.open(names[-1], os.O_RDONLY, dir_fd=fds[-1]))
        if depth in (1, 9, 16):
            os.waitpid(in_child(lambda: move_below(fds[-1])), 0)
    for depth in reversed(range(17)):
        os.close(fds[depth + 1])
        os.rmdir(names[depth], dir_fd=fds[depth])
    os.close(fds[0])
    os.rmdir(own)
    return 18


def move_below(fd):
    os.write(os.open("cgroup.procs", os.O_WRONLY, dir_fd=fd), b"0")


def flood_groups():
    return crowd(10, lambda: os.setgroups(range(1000, 1064)))


def flood_maps():
    lines = "".join(f"{i} {2 * i} 1\n" for i in range(340)).encode()

    def write(pid):
        for kind in "uid_map", "gid_map":
            fd = os.open(f"/proc/{pid}/{kind}", os.O_WRONLY)
            os.write(fd, lines)
            os.close(fd)

    return crowd(10, lambda: call(libc.unshare, user), write)


def crowd(count, begin, go_on=lambda pid: None):
    """So many at once, for a moment."""
    done, begun = os.pipe(), os.pipe()

    def stay():
        begin()
        os.close(done[1])
        os.write(begun[1], b"x")
        os.read(done[0], 1)

    children = []
    try:
        for _ in range(count):
            children.append(in_child(stay))
            os.read(begun[0], 1)
            go_on(children[-1])
        time.sleep(0.1)
    finally:
        for fd in done + begun:
            os.close(fd)
        for child in children:
            os.waitpid(child, 0)
    return count


def flood(seconds, workers, *kinds):
    """No more than 100 processes of this pod's at once, whatever they make."""
    resource.setrlimit(resource.RLIMIT_NPROC, (100, 100))
    until = time.monotonic() + float(seconds)
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
    signal.alarm(int(seconds) + 10)
    kinds, rest = [each for each in kinds if each.isalpha()], [each for each in kinds if not each.isalpha()]
    if rest:
        flood_cgroups.top, flood_cgroups.other = rest
    told = os.pipe()

    def work(kind):
        count = 0
        while time.monotonic() < until:
            try:
                count += globals()["flood_" + kind]()
            except OSError as error:  # of processes there are not as many as it wants
                if error.errno != errno.EAGAIN:
                    raise
                time.sleep(0.01)
        os.write(told[1], f"{kind} {count}\n".encode())

    print("begins", flush=True)
    for kind in kinds * int(workers):
        in_child(lambda: work(kind))
    os.close(told[1])
    counts = dict.fromkeys(kinds, 0)
    for line in os.fdopen(told[0]):
        counts[line.split()[0]] += int(line.split()[1])
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))


# Who breaks rules.


def move(fd):
    os.write(fd, b"0")


def born_in(fd):
    args = (ctypes.c_uint64 * 11)()
    args[0], args[4], args[10] = CLONE_INTO_CGROUP, signal.SIGCHLD, fd
    child = call(libc.syscall, SYS_clone3, args, 88)
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def agent(*fds):
    """In the pod: does what each line says, as a process of that name; answers when it began."""
    files = {name: int(fd) for name, fd in (each.split("=") for each in fds)}
    done = os.pipe()

    def does(function, name):
        set_name(name.encode())
        began = now()
        function()
        ask_for_capability()
        return began

    while True:
        line = sys.stdin.readline()
        if not line:
            break
        what, where, name = line.split()
        if what == "join":
            began = does(lambda: call(libc.setns, files["their_" + where], 0), name)
            call(libc.setns, files["our_" + where], 0)
        else:
            function = {"move": move, "born": born_in, "setns": lambda fd: call(libc.setns, fd, 0)}[what]
            os.waitpid(in_child(lambda: os.write(done[1], b"%020d" % does(lambda: function(files[where]), name))), 0)
            began = int(os.read(done[0], 20))
        print(began, flush=True)


def commit(folder, cgroup, pid, their_pid, their_cgroup, elsewhere, count, seconds):
    count, seconds = int(count), float(seconds)
    root = cgroup[: cgroup.index("/podlab/")]
    files = {
        "root": f"{root}/cgroup.procs",
        "elsewhere": f"{elsewhere}/cgroup.procs",
        "theirs": f"{their_cgroup}/cgroup.procs",
        "born": elsewhere,
        "our_user": f"/proc/{pid}/ns/user",
    }
    for kind in "net", "mnt", "ipc", "uts":
        files["their_" + kind] = f"/proc/{their_pid}/ns/{kind}"
        files["our_" + kind] = f"/proc/{pid}/ns/{kind}"
    fds = {name: os.open(path, os.O_WRONLY if path.endswith(".procs") else os.O_RDONLY) for name, path in files.items()}

    def start(*options):
        enter = 'echo 0 >"$1/cgroup.procs" && shift && exec nsenter "$@"'
        return subprocess.Popen(
            ["sh", "-c", enter, "-", cgroup, f"--target={pid}", *options, "/usr/bin/python3", "-IS", __file__, "agent",
             *(f"{name}={fd}" for name, fd in fds.items())],
            pass_fds=fds.values(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    inside = start("--all", "--setuid=0", "--setgid=0")
    outside = start("--mount", "--net", "--ipc", "--uts", "--cgroup", "--pid")

    def tell(who, *words):
        print(*words, file=who.stdin, flush=True)
        return int(who.stdout.readline())

    def run(name):
        """An exec that was not put into the pod's user namespace."""
        path = f"{folder}/{name}"
        os.symlink("/bin/true", path)
        told = os.pipe()
        child = os.fork()
        if not child:
            with open(cgroup + "/cgroup.procs", "w") as procs:
                procs.write("0")
            for kind in "net", "ipc", "uts", "mnt":
                call(libc.setns, fds["our_" + kind], 0)
            os.write(told[1], b"%020d" % now())
            os.execv(path, [name])
        os.waitpid(child, 0)
        began = int(os.read(told[0], 20))
        os.close(told[0])
        os.close(told[1])
        os.unlink(path)
        return began

    kinds = [
        ("left-pod", "root", lambda name: tell(inside, "move", "root", name)),
        ("left-pod", "elsewhere", lambda name: tell(inside, "move", "elsewhere", name)),
        ("left-pod", "theirs", lambda name: tell(inside, "move", "theirs", name)),
        ("left-pod", "born", lambda name: tell(outside, "born", "born", name)),
        *(("foreign-namespace", kind, lambda name, kind=kind: tell(outside, "join", kind, name))
          for kind in ("net", "mnt", "ipc", "uts")),
        ("foreign-userns", "exec", run),
        ("unmapped-identity", "setns", lambda name: tell(outside, "setns", "our_user", name)),
    ]
    first = time.monotonic()
    for n in range(count):
        rule, part, does = kinds[n % len(kinds)]
        time.sleep(max(0, first + seconds * n / count - time.monotonic()))
        name = f"v{os.getpid() % 10000}.{n}"
        print(does(name), rule, part, name, flush=True)
    for each in inside, outside:
        each.stdin.close()
        each.wait()


def stay():
    set_name(b"stays")
    if os.fork():
        os._exit(0)
    signal.pause()


# What watch says of it.


def keep(path, stamps):
    rest, log, times = b"", None, open(stamps, "a")
    while True:
        data = os.read(0, 1 << 20)
        at = now()
        if not data:
            break
        log = log or open(path, "ab")
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        log.write(b"".join(line + b"\n" for line in lines))
        log.flush()
        times.write(f"{at}\n" * len(lines))
        times.flush()


def quantiles(times):
    times = sorted(times)
    at = lambda share: times[min(len(times) - 1, int(len(times) * share))]
    return f"p50 {at(0.5):.3f} s, p99 {at(0.99):.3f} s, max {times[-1]:.3f} s" if times else "none"


def report(when, committed, path, stamps, pod):
    said, lost, blind, others = [], {}, 0, []
    for line, stamp in zip(open(path), open(stamps)):
        event = json.loads(line)
        if event["type"] != "finding" or event["phase"] == "closed":
            continue
        texts = " ".join(each["text"] for each in event["evidence"])
        uid = event["pod"] and event["pod"]["uid"]
        if event["rule"] == "blind":
            blind += uid in (None, pod)
            for count, what in re.findall(r"(\d+) ((?!ns)[a-z][a-z ]*[a-z])", texts):
                lost[what] = lost.get(what, 0) + int(count)
        elif uid == pod:
            said.append((event["rule"], texts, int(stamp)))
        elif event["rule"] != "host-capability-stopped":  # which a flood asks for
            others.append((event["rule"], uid, texts))
    kinds, late = {}, []
    for line in open(committed):
        at, rule, part, name = line.split()
        found = next((stamp for its, texts, stamp in said if its == rule and f'("{name}")' in texts), None)
        kinds.setdefault(f"{rule} by {part}", []).append(found is not None)
        if found:
            late.append((found - int(at)) / 1e9)
    n = sum(map(len, kinds.values()))
    print(f"# counted: {when}: {len(late)} of {n} violations reported, {quantiles(late)}")
    if n > 10 or len(late) < n:
        print("# counted:", ", ".join(f"{kind} {sum(found)} of {len(found)}" for kind, found in kinds.items()))
    losses = ", ".join(f"{count} {what}" for what, count in lost.items() if count) or "nothing"
    print(f"# counted: lost: {losses}; told {blind} times of the node or this pod")
    for other in others:
        print("of another:", *other)
    if len(late) < n and not blind:
        print("not all is reported, and no loss was told")
    return not n or bool(others) or (len(late) < n and not blind)


def form(finding, pod):
    evidence = sorted(json.dumps(one, sort_keys=True) for one in finding["evidence"])
    return finding["rule"], finding["severity"], pod["uid"], pod["name"], evidence


class Watch:
    """Its output is read by a thread; what is open is known."""

    def __init__(self, command, capture):
        os.mkdir(capture)
        self.capture, self.began, self.ready, self.open = capture, now(), None, {}
        self.process = subprocess.Popen([*command, "--capture", capture], stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            if not line.endswith(b"\n"):
                break
            event = json.loads(line)
            if event["type"] == "ready":
                self.ready = now()
            if event["type"] != "finding" or event["rule"].startswith("host-capability"):
                continue
            found = dict(self.open)
            found.pop(event["id"], None)
            if event["phase"] != "closed":
                found[event["id"]] = form(event, event["pod"] or {"uid": None, "name": None})
            self.open = found

    def whole(self, scan):
        return self.ready and sorted(self.open.values()) == scan

    def kill(self):
        """Whether it was still at work."""
        status = self.process.poll()
        self.process.kill()
        self.process.wait()
        self.reader.join()
        return status is None


def scan_now(nsvigil):
    said = subprocess.run([nsvigil, "scan", "--json"], stdout=subprocess.PIPE).stdout
    return sorted(form(finding, pod) for pod in json.loads(said)["pods"] for finding in pod["findings"])


def readable(nsvigil, capture):
    """Of files that were not closed exit status 4 is said, and nothing else is wrong."""
    files = sorted(os.path.join(capture, each) for each in os.listdir(capture))
    for command in (["replay", "--json"], ["show", "--json"]):
        each = files and subprocess.run([nsvigil, *command, *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if each and each.returncode not in (0, 4):
            print(f"{command[0]} of {len(files)} captures ends with {each.returncode}:", each.stderr.decode()[-500:])
            return False
    return True


def kills(count, folder, *command):
    nsvigil, patience, wrong = command[0], 60 * float(os.environ.get("PATIENCE", "1")), 0
    random.seed(seed := int(os.environ.get("CHAOS_SEED", now() % 10000)))
    readies, wholes, since_ready, early = [], [], [], 0
    scan = scan_now(nsvigil)
    for n in range(int(count)):
        watch = Watch(command, f"{folder}/kill.{n}")
        # Each fourth ends at some moment before it is whole, as far as is known of the others.
        usual = (wholes[-1] if wholes else 1) * random.random()
        is_early = n % 4 == 3
        while watch.process.poll() is None:
            since = (now() - watch.began) / 1e9
            if watch.whole(scan) or (is_early and since > usual) or since > patience:
                break
            time.sleep(0.002)
        if watch.whole(scan):
            readies.append((watch.ready - watch.began) / 1e9)
            wholes.append(since)
            since_ready.append((now() - watch.ready) / 1e9)
            time.sleep(random.random())
        elif is_early:
            early += 1
        else:
            wrong += 1
            scan = scan_now(nsvigil)
            print(f"start {n} is not whole after {since:.1f} s")
            for each in watch.open.values():
                each in scan or print("only of watch", each)
            for each in scan:
                each in watch.open.values() or print("only of scan", each)
        if not watch.kill():
            wrong += 1
            print(f"start {n} has ended by itself: {watch.process.returncode}")
        wrong += not readable(nsvigil, watch.capture)
    print(f"# counted: killed {count} times, {early} of them before it was whole (seed {seed}); {len(scan)} findings are open")
    print(f"# counted: from the start to ready: {quantiles(readies)}")
    print(f"# counted: from ready to whole: {quantiles(since_ready)}")
    return wrong > 0 or not scan


def unmake(top):
    """By descriptors: no path is long enough."""
    for _, folders, _, fd in os.fwalk(top, topdown=False):
        for each in folders:
            os.rmdir(each, dir_fd=fd)
    os.rmdir(top)


sys.exit(globals()[sys.argv[1]](*sys.argv[2:]))
