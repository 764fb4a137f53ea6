#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What Kubernetes' blog says that user namespaces cost, tried here without nsvigil: a container's start (TURNS of each
# kind, in turn, by each runtime that there is), and the kernel's memory (NAMESPACES of them). In no test is a time.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/bundle.sh

cat >"$dir/starts.py" <<'END'
import statistics, subprocess, sys, time
runtime, turns, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
took = {"node": [], "own": []}
tried = subprocess.run([runtime, "--root", folder + "/state", "run", "--bundle", folder + "/own", "tried"],
                       capture_output=True, text=True, stdin=subprocess.DEVNULL)
if tried.returncode:
    print(f"| {runtime} | not measured, it does not run here: {tried.stderr.strip().splitlines()[0]} | | | | |")
    sys.exit()
for turn in range(turns):
    for kind in took:
        begun = time.monotonic()
        subprocess.run([runtime, "--root", folder + "/state", "run", "--bundle", f"{folder}/{kind}", f"{kind}{turn}"],
                       check=True, stdin=subprocess.DEVNULL)
        took[kind].append((time.monotonic() - begun) * 1000)
node, own = (statistics.median(took[kind]) for kind in took)
paired = statistics.median(b - a for a, b in zip(took["node"], took["own"]))
print(f"| {runtime} | {node:.1f} | {own:.1f} | {paired:+.1f} | {min(took['node']):.1f} | {min(took['own']):.1f} |")
END

cat >"$dir/memory.py" <<'END'
import ctypes, os, resource, sys
n = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
resource.setrlimit(resource.RLIMIT_NOFILE, (n + 100, n + 100))


def kernel():
    wanted = {"Slab", "Percpu", "VmallocUsed"}
    return sum(int(line.split()[1]) for line in open("/proc/meminfo") if line.split(":")[0] in wanted)


def namespace(i):
    go, let_go = os.pipe()
    made, tell = os.pipe()
    child = os.fork()
    if not child:
        failed = libc.unshare(0x10000000)
        os.write(tell, b"x" if not failed else b"")
        os.close(let_go)
        os.read(go, 1)
        os._exit(0)
    os.close(tell)
    if not os.read(made, 1):
        sys.exit("no more user namespaces are allowed here")
    for kind in "uid", "gid":
        with open(f"/proc/{child}/{kind}_map", "w") as out:
            out.write(f"0 {i << 16 & 0x7fff0000 | 0x10000} 65536\n")
    fd = os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
    for each in go, let_go, made:
        os.close(each)
    os.waitpid(child, 0)
    return fd


before = kernel()
held = [namespace(i) for i in range(n)]
after = kernel()
for fd in held:
    os.close(fd)
print(f"{n} user namespaces with maps, each held by a descriptor: {(after - before) / n:.2f} KiB of kernel memory each")
END

echo "| runtime | a start, median, ms | with a user namespace | median of the differences | fastest | fastest with one |"
echo "| --- | ---: | ---: | ---: | ---: | ---: |"
for runtime in runc crun; do
	if ! command -v "$runtime" >/dev/null; then
		echo "| $runtime | not measured: it is not here | | | | |"
		continue
	fi
	bundle node /nsvigil-bench 0 'spec["process"]["args"] = ["/bin/true"]'
	bundle own /nsvigil-bench 1000000000 'spec["process"]["args"] = ["/bin/true"]'
	chmod 711 "$dir"
	python3 "$dir/starts.py" "$runtime" "${TURNS:-100}" "$dir"
done
echo
python3 "$dir/memory.py" "${NAMESPACES:-5000}"
