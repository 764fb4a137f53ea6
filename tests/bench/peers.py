# SPDX-License-Identifier: BSD-2-Clause
#
# peers.py TIMES WITHOUT JSON: a table of what peers.sh measured, and the same as JSON.
import json, sys
from machine import fastest, headline, machine

times = fastest(sys.argv[1])
without = sorted(set(open(sys.argv[2]).read().splitlines()))
of = machine()
rows = []
for (_, where), row in times.items():
    added = {beside: round(ns - row["nothing"], 1) for beside, ns in row.items() if beside != "nothing"}
    rows += [{"where": where, "beside": beside, "adds": adds, "times_empty": round(adds / added["empty"], 2),
              "times_watch": round(adds / added["watch"], 2)} for beside, adds in added.items()]
with open(sys.argv[3], "w") as out:
    json.dump(of | {"rows": rows, "not_measured": without}, out, indent=1)
    out.write("\n")

print(headline(of))
print()
print("| a capability check | beside | adds | times an empty program | times watch |")
print("| --- | --- | ---: | ---: | ---: |")
for row in rows:
    print(f"| {row['where']} | {row['beside']} | {row['adds']:,.1f} | {row['times_empty']:.2f} "
          f"| {row['times_watch']:.2f} |")
for line in without:
    print(f"\nNot measured: {line}")
