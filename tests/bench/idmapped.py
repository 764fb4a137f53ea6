# SPDX-License-Identifier: BSD-2-Clause
#
# idmapped.py TIMES WITHOUT JSON: a table of what idmapped.sh measured, and the same as JSON.
import sys
from machine import UNIT, fastest, headline, keep, machine, reasons, say_not_measured

times = fastest(sys.argv[1])
without = reasons(sys.argv[2])
of = machine()
rows = [{"type": type, "call": call, **row, "share": round(row["mapped"] / row["plain"] - 1, 4)}
        for (call, type), row in times.items()]
keep(sys.argv[3], of, rows=rows, not_measured=without)

print(headline(of))
print()
print(f"| file system | | {UNIT} | idmapped | |")
print("| --- | --- | ---: | ---: | ---: |")
for row in rows:
    print(f"| {row['type']} | {row['call']} | {row['plain']:,.1f} | {row['mapped']:,.1f} | {row['share']:+.2%} |")
say_not_measured(without)
