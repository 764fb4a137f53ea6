# SPDX-License-Identifier: BSD-2-Clause
#
# For benchmarks: on what it was measured, and what is counted.
import json, os

COUNTED = "nsvigil_icount" in open("/proc/cmdline").read()
UNIT = "instructions" if COUNTED else "ns"


def machine():
    """As members of a JSON object."""
    cpus = [line.split(": ")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return {"kernel": os.uname().release, "cpu": cpus[0] if cpus else os.uname().machine, "cpus": os.cpu_count(),
            "hooks": os.environ.get("HOOKS", ""), "unit": UNIT}


def headline(of):
    return (f"Linux {of['kernel']}, {of['cpus']} x {of['cpu']}, hooks: {of['hooks'] or 'best'}; "
            + ("instructions" if COUNTED else "nanoseconds, the fastest round"))


def reasons(path):
    """What could not be measured, and why: each once."""
    return sorted(set(open(path).read().splitlines()))


def keep(path, of, **members):
    """As JSON, with what machine() has said."""
    with open(path, "w") as out:
        json.dump(of | members, out, indent=1)
        out.write("\n")


def say_not_measured(without):
    for line in without:
        print(f"\nNot measured: {line}")


def fastest(path):
    """{(loop, where): {beside: the least}} of lines "LOOP WHERE BESIDE NANOSECONDS"."""
    times = {}
    for line in open(path):
        loop, where, beside, ns = line.split()
        row = times.setdefault((loop, where), {})
        row[beside] = min(float(ns), row.get(beside, float("inf")))
    return times
