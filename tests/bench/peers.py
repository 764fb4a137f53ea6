# SPDX-License-Identifier: BSD-2-Clause
#
# peers.py TIMES WITHOUT JSON: a table of what peers.sh measured, and the same as JSON.
import sys
from machine import fastest, headline, keep, machine, reasons, say_not_measured

times = fastest(sys.argv[1])
without = reasons(sys.argv[2])
of = machine()
rows = []
for (_, where), row in times.items():
    added = {beside: round(ns - row["nothing"], 1) for beside, ns in row.items() if beside != "nothing"}
    rows += [{"where": where, "beside": beside, "adds": adds, "times_empty": round(adds / added["empty"], 2),
              "times_watch": round(adds / added["watch"], 2)} for beside, adds in added.items()]
keep(sys.argv[3], of, rows=rows, not_measured=without)

print(headline(of))
print()
print("| a capability check | beside | adds | times an empty program | times watch |")
print("| --- | --- | ---: | ---: | ---: |")
for row in rows:
    print(f"| {row['where']} | {row['beside']} | {row['adds']:,.1f} | {row['times_empty']:.2f} "
          f"| {row['times_watch']:.2f} |")
say_not_measured(without)
