# SPDX-License-Identifier: BSD-2-Clause
#
# cost.py TIMES STARTED JSON: a table of what cost.sh measured, and the same as JSON.
import json, os, sys

times, order = {}, []
for line in open(sys.argv[1]):
    loop, where, beside, ns = line.split()
    row = times.setdefault((loop, where), {})
    row[beside] = min(float(ns), row.get(beside, float("inf")))
started = {key: float(value) for key, value in map(str.split, open(sys.argv[2]))}
name = os.uname()
cpu = [line.split(": ")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
counted = "nsvigil_icount" in open("/proc/cmdline").read()

rows = []
for (loop, where), row in times.items():
    empty, watch = row["empty"] - row["nothing"], row["watch"] - row["nothing"]
    rows.append({"loop": loop, "where": where, "nothing": row["nothing"], "empty": round(empty, 1),
                 "watch": round(watch, 1), "share": round(watch / row["nothing"], 4),
                 "times_empty": round(watch / empty, 2) if empty >= 20 else None})
with open(sys.argv[3], "w") as out:
    json.dump({"kernel": name.release, "cpu": cpu[0], "cpus": len(cpu), "hooks": os.environ.get("HOOKS", ""),
               "unit": "instructions" if counted else "ns", "rows": rows, "started": started}, out, indent=1)
    out.write("\n")

print(f"Linux {name.release}, {len(cpu)} x {cpu[0]}, hooks: {os.environ.get('HOOKS') or 'best'}; "
      + ("instructions" if counted else "nanoseconds, the fastest round"))
print()
print("| loop | where | alone | empty programs add | watch adds | of the whole | times empty |")
print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
for row in rows:
    ratio = "" if row["times_empty"] is None else f"{row['times_empty']:.2f}"
    print(f"| {row['loop']} | {row['where']} | {row['nothing']:,.1f} | {row['empty']:,.1f} | {row['watch']:,.1f} "
          f"| {row['share']:.1%} | {ratio} |")
print()
print(f"Start until ready: {started['start_ms'] / 1000:.2f} s of a processor; resident {started['VmRSS']:,.0f} KiB "
      f"(anonymous {started['RssAnon']:,.0f}, files {started['RssFile']:,.0f}, shared {started['RssShmem']:,.0f}), "
      f"at most {started['VmHWM']:,.0f} KiB")
