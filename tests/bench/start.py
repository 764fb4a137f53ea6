# SPDX-License-Identifier: BSD-2-Clause
#
# start.py TIMES WITHOUT JSON: a table of what start.sh measured, and the same as JSON.
import statistics, sys
from machine import COUNTED, headline, keep, machine, reasons, say_not_measured

times = {}
for line in open(sys.argv[1]):
    runtime, step, beside, ns = line.split()
    times.setdefault((runtime, step), {}).setdefault(beside, []).append(int(ns))
without = reasons(sys.argv[2])
for runtime in dict.fromkeys(runtime for runtime, _ in times):
    steps = [row for (of, _), row in times.items() if of == runtime]
    times[runtime, "all"] = {beside: [sum(each) for each in zip(*(row[beside] for row in steps))] for beside in steps[0]}
of = machine()
rows = []
for (runtime, step), row in sorted(times.items(), key=lambda item: item[0][0]):
    middle, least = ({beside: how(ns) for beside, ns in row.items()} for how in (statistics.median, min))
    rows.append({"runtime": runtime, "step": step, "alone": middle["alone"], "watch": middle["watch"],
                 "share": round(middle["watch"] / middle["alone"] - 1, 4), "fastest_alone": least["alone"],
                 "share_of_fastest": round(least["watch"] / least["alone"] - 1, 4), "times": len(row["alone"])})
keep(sys.argv[3], of, rows=rows, not_measured=without)

unit = "million instructions" if COUNTED else "ms"
print(headline(of).replace(", the fastest round", ""))
print()
print(f"| runtime | step | alone, median, {unit} | beside watch | | fastest alone | fastest beside watch |")
print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
for row in rows:
    print(f"| {row['runtime']} | {row['step']} | {row['alone'] / 1e6:.2f} | {row['watch'] / 1e6:.2f} | {row['share']:+.1%} "
          f"| {row['fastest_alone'] / 1e6:.2f} | {row['share_of_fastest']:+.1%} |")
say_not_measured(without)
