#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""dashboard.py: prints the expressions of the dashboard, with Grafana's variables as Grafana would have them.

dashboard.py PORT: asks the Prometheus at that port of the loopback for each, and fails if it does not take one, or has no
answer to one that is not about what there need not be."""
import json
import os
import sys
import urllib.parse
import urllib.request

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/grafana-dashboard.json")
expressions = [target["expr"].replace("$__rate_interval", "1m").replace("$job", ".*").replace("$instance", ".*")
               for panel in json.load(open(path))["panels"] for target in panel["targets"]]
if len(sys.argv) == 1:
    print("\n".join(expressions))
    sys.exit()
for expression in expressions:
    url = f"http://127.0.0.1:{sys.argv[1]}/api/v1/query?query={urllib.parse.quote(expression)}"
    answer = json.load(urllib.request.urlopen(url, timeout=10))
    n = len(answer["data"]["result"])
    print(n, expression)
    assert answer["status"] == "success"
    # What is not there now, and where nobody takes records.
    assert n or expression.endswith("> 0") or "_sink_" in expression, expression
