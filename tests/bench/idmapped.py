# SPDX-License-Identifier: BSD-2-Clause
#
# idmapped.py TIMES WITHOUT JSON: a table of what idmapped.sh measured, and the same as JSON.
import json, sys
from machine import UNIT, fastest, headline, machine

times = fastest(sys.argv[1])
without = sorted(set(open(sys.argv[2]).read().splitlines()))
of = machine()
rows = [{"type": type, "call": call, **row, "share": round(row["mapped"] / row["plain"] - 1, 4)}
        for (call, type), row in times.items()]
with open(sys.argv[3], "w") as out:
    json.dump(of | {"rows": rows, "not_measured": without}, out, indent=1)
    out.write("\n")

print(headline(of))
print()
print(f"| file system | | {UNIT} | idmapped | |")
print("| --- | --- | ---: | ---: | ---: |")
for row in rows:
    print(f"| {row['type']} | {row['call']} | {row['plain']:,.1f} | {row['mapped']:,.1f} | {row['share']:+.2%} |")
for line in without:
    print(f"\nNot measured: {line}")
