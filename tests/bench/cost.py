# SPDX-License-Identifier: BSD-2-Clause
#
# cost.py TIMES STARTED JSON: a table of what cost.sh measured, and the same as JSON.
import sys
from machine import fastest, headline, keep, machine

times, of = fastest(sys.argv[1]), machine()
started = {key: float(value) for key, value in map(str.split, open(sys.argv[2]))}

rows = []
for (loop, where), row in times.items():
    empty, watch = row["empty"] - row["nothing"], row["watch"] - row["nothing"]
    rows.append({"loop": loop, "where": where, "nothing": row["nothing"], "empty": round(empty, 1),
                 "watch": round(watch, 1), "share": round(watch / row["nothing"], 4),
                 "times_empty": round(watch / empty, 2) if empty >= 20 else None})
keep(sys.argv[3], of, rows=rows, started=started)

print(headline(of))
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
