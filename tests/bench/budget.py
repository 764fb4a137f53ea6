# SPDX-License-Identifier: BSD-2-Clause
#
# budget.py TABLE SERIES JSON: whether what cost.py measured keeps within the table, with a twentieth more. Exit status
# 77: the table is of another kernel of that series.
import json, sys

table, series, path = sys.argv[1:]
cost = json.load(open(path))
rows = {(row["loop"], row["where"]): row["watch"] for row in cost["rows"]}
rows["start", "watch"] = cost["started"]["start_ms"] * 1e6  # the clock counts an instruction as a nanosecond
budget = [line.split() for line in open(table) if line.startswith(series + " ")]
kernels = {kernel for _, kernel, _, _, _ in budget}
if kernels != {cost["kernel"]}:
    print(f"budget.txt is of Linux {', '.join(kernels)}, this is {cost['kernel']}")
    sys.exit(77)
over = 0
for _, _, loop, where, most in budget:
    is_over = rows[loop, where] > float(most) * 1.05
    over += is_over
    print(f"{loop} {where}: {rows[loop, where]:.0f} of {most} instructions{', too many' if is_over else ''}")
sys.exit(over > 0)
