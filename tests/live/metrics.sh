#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil watch --metrics: what it answers over HTTP, and that a real Prometheus reads it and raises
# the alert for a violated pod. And what nsvigil health is answered on a socket, whatever goes on at the port.
# shellcheck disable=SC2016 # Perl's variables
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

prometheus=
trap 'lab_stop; watch_stop; prometheus_stop; rm -rf "$dir"' EXIT

port=$(free_port)

# ask PATH [METHOD]: prints the status and a colon, then the body.
ask() {
	python3 - "$port" "$@" <<-'PY'
		import http.client, sys
		connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
		connection.request(sys.argv[3] if len(sys.argv) > 3 else "GET", sys.argv[2])
		answer = connection.getresponse()
		print(answer.status, end=":\n")
		sys.stdout.write(answer.read().decode())
	PY
}
answers() {
	status=$1
	shift
	ask "$@" >"$dir/answer"
	cat "$dir/answer"
	[ "$(head -n 1 "$dir/answer")" = "$status:" ]
}

# metric SERIES VALUE: it has that value now.
metric() {
	ask /metrics >"$dir/metrics"
	grep -F -e "${1%%[{ ]*}" "$dir/metrics" || :
	grep -qxF -e "$1 $2" "$dir/metrics"
}
above_zero() {
	ask /metrics >"$dir/metrics"
	grep -F -e "$1" "$dir/metrics"
	awk -v name="$1" '$1 == name && $2 > 0 { found = 1 } END { exit !found }' "$dir/metrics"
}

# NsvigilRestarting counts how often it changes.
one_start() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		ask /metrics | grep '^process_start_time_seconds'
	done | sort | uniq -c | tee "$dir/starts"
	[ "$(awk '{ print $1 }' "$dir/starts")" = 16 ]
}

# reloaded KEY VALUE: with that key in its file, the metric has that value.
reloaded() {
	echo "$1 observe" >"$dir/config"
	kill -HUP "$watching"
	within 20 metric nsvigil_config_last_reload_successful "$2"
}

promtool_check() {
	ask /metrics | sed 1d >"$dir/metrics"
	[ -s "$dir/metrics" ] && promtool check metrics <"$dir/metrics"
}

# Nothing that a pod chose is in a label, and each series is there once.
bounded() {
	ask /metrics | sed '1d; /^#/d; s/ [^ ]*$//' >"$dir/series"
	[ "$(sort "$dir/series" | uniq -d | wc -l)" = 0 ] || return 1
	[ "$(wc -l <"$dir/series")" -lt 500 ] &&
		! grep -e podlab -e pod-uid -e '[0-9a-f]\{8\}-[0-9a-f]\{4\}-' "$dir/series"
}

# 2,000 clients that say a byte a second, and come again when they are sent away: who asks gets an answer,
# and watch has its files.
crowd() {
	python3 - "$port" "$watching" <<-'PY'
		import http.client, os, resource, socket, sys, threading, time
		port, pid = int(sys.argv[1]), int(sys.argv[2])
		resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
		slow, over = [None] * 2000, False
		def crowd():
		    while not over:
		        for i, s in enumerate(slow):
		            try:
		                if not s:
		                    s = slow[i] = socket.create_connection(("127.0.0.1", port), 5)
		                    s.setblocking(False)
		                    s.send(b"GET /metrics HTTP/1.1\r\nX: ")
		                s.send(b"x")
		            except OSError:
		                slow[i] = None
		thread = threading.Thread(target=crowd)
		thread.start()
		try:
		    while slow[-1] is None:
		        time.sleep(0.1)
		    for path in ["/healthz", "/readyz", "/metrics", "/healthz"] * 10:
		        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
		        connection.request("GET", path)
		        answer = connection.getresponse()
		        answer.read()
		        assert answer.status == 200, (path, answer.status)
		    n = len(os.listdir(f"/proc/{pid}/fd"))
		finally:
		    over = True
		    thread.join()
		print("open files of watch:", n)
		assert n < 192, n
	PY
}
# Clients that connect as fast as they can, some to ask for all and read nothing, and are gone at once: whoever asks on the
# socket gets an answer each time. Prints how many there were meanwhile.
storm() {
	python3 - "$port" "$build/nsvigil" "$dir/health" <<-'PY'
		import mmap, os, signal, socket, struct, subprocess, sys, time
		port, nsvigil, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
		texts = [b"GET /metrics HTTP/1.1\r\n\r\n", b"G", b"", b"G"]
		counts = memoryview(mmap.mmap(-1, 8 * len(texts))).cast("Q")
		def client(n):
		    while True:
		        s = socket.socket()
		        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		        try:
		            s.connect(("127.0.0.1", port))
		            s.send(texts[n])
		            counts[n] += 1
		        except OSError:
		            pass
		        s.close()
		clients = []
		for n in range(len(texts)):
		    pid = os.fork()
		    if not pid:
		        client(n)
		    clients.append(pid)
		# At least 50, and until each has connected: who finds the queue full tries again after a second.
		wrong, asked, begun = [], 0, time.monotonic()
		while asked < 50 or (not all(counts) and time.monotonic() - begun < 60):
		    more = ["--ready"] if asked % 2 else []
		    said = subprocess.run([nsvigil, "health", *more, path], capture_output=True, text=True)
		    if said.returncode or said.stdout != ("ready\n" if more else "healthy\n"):
		        wrong.append(said)
		    asked += 1
		for pid in clients:
		    os.kill(pid, signal.SIGKILL)
		print(sum(counts), "connections in the time of", asked, "answers")
		assert not wrong, wrong
		assert all(counts), list(counts)
	PY
}

# health STATUS LINE OPTION...: nsvigil health says so.
health() {
	expected=$1 line=$2 status=0
	shift 2
	"$build/nsvigil" health "$@" >"$dir/said" 2>&1 || status=$?
	cat "$dir/said"
	[ "$status" = "$expected" ] && [ "$(wc -l <"$dir/said")" = 1 ] && grep -qx "$line" "$dir/said"
}
# Who is stopped takes connections; who asks waits no longer than it says.
stopped() {
	kill -STOP "$watching"
	stopped=yes
	health 3 "nsvigil health: nothing answers at $dir/health: Connection timed out" "$dir/health" || stopped=
	kill -CONT "$watching"
	[ "$stopped" ]
}
# Another user, with no capability, cannot ask.
only_owner() {
	chmod 711 "$dir"
	stat -c '%A %U' "$dir/health"
	! setpriv --reuid 65534 --clear-groups "$build/nsvigil" health "$dir/health" >"$dir/said" 2>&1 || return 1
	cat "$dir/said"
	grep 'Permission denied' "$dir/said"
}
second_watch() {
	status=0
	"$build/nsvigil" watch --health-socket="$dir/health" >"$dir/out" 2>"$dir/err" || status=$?
	cat "$dir/err"
	[ "$status" = 3 ] && [ "$(cat "$dir/err")" = "nsvigil watch: another watch answers at $dir/health" ]
}

# said WORDS STATUS: these bytes as a request, and what is answered.
said() {
	python3 - "$port" "$1" <<-'PY' | head -n 1 | grep -F "HTTP/1.1 $2 "
		import socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
		s.sendall(eval('b"' + sys.argv[2] + '"'))
		s.shutdown(socket.SHUT_WR)
		sys.stdout.write(s.makefile("rb").read().decode())
	PY
}

refuses() {
	status=0
	"$build/nsvigil" watch --metrics="$1" >"$dir/out" 2>"$dir/err" || status=$?
	cat "$dir/err"
	[ "$status" = "$2" ] && [ "$(wc -l <"$dir/err")" = 1 ]
}

# ---- a real Prometheus ----

prometheus_start() {
	web=$(free_port)
	cat >"$dir/prometheus.yaml" <<-EOF
		global: {scrape_interval: 1s, evaluation_interval: 1s}
		rule_files: [$(realpath deploy/prometheus-rules.yaml)]
		scrape_configs:
		  - job_name: nsvigil
		    static_configs: [{targets: ["127.0.0.1:$port"]}]
	EOF
	prometheus --config.file="$dir/prometheus.yaml" --storage.tsdb.path="$dir/tsdb" \
		--web.listen-address="127.0.0.1:$web" >"$dir/prometheus" 2>&1 9>&- &
	prometheus=$!
}
prometheus_stop() {
	[ -n "$prometheus" ] || return 0
	kill "$prometheus" 2>/dev/null || :
	wait "$prometheus" || :
	prometheus=
}
# query EXPRESSION VALUE
query() {
	python3 - "$web" "$@" <<-'PY'
		import json, sys, urllib.parse, urllib.request
		url = "http://127.0.0.1:%s/api/v1/query?query=%s" % (
		    sys.argv[1], urllib.parse.quote(sys.argv[2]))
		result = json.load(urllib.request.urlopen(url, timeout=10))["data"]["result"]
		print(result)
		sys.exit([r["value"][1] for r in result] != [sys.argv[3]])
	PY
}
fires() {
	query "count(ALERTS{alertname=\"$1\",alertstate=\"firing\"})" 1
}
silent() {
	! fires "$1"
}

# ---- ----

for wrong in '' 0 65536 x 127.0.0.1 127.0.0.1: 127.0.0.1:0 localhost:9464 ::1:9464 1.2.3.4:5:6; do
	check "'$wrong' is no address" refuses "$wrong" 2
done

check "nothing answers on a socket that does not exist" health 3 ".*nothing answers at $dir/health: No such file.*" "$dir/health"
check "which socket?" health 2 ".*which SOCKET?.*"
check "one is enough" health 2 ".*takes one SOCKET, and no 'b'.*" a b

# What a watch that was killed left is replaced.
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$dir/health"
check "nobody answers on one that nobody has" health 3 '.*: Connection refused' "$dir/health"
touch "$dir/config"
watch_or_skip --json --metrics="[127.0.0.1]:$port" --config "$dir/config" --health-socket="$dir/health"

check "on the socket it is healthy" health 0 healthy "$dir/health"
check "and ready" health 0 ready --ready "$dir/health"
check "another user cannot ask" only_owner
check "another watch does not take the socket" second_watch
check "nobody answers while it is stopped" stopped
check "then it does again" within 20 health 0 healthy "$dir/health"

check "another one finds the port taken, and says so" refuses "$port" 3
check "it is healthy" answers 200 /healthz
check "it is ready" answers 200 /readyz
check "there is nothing else" answers 404 /
check "nothing can be sent" answers 405 /metrics POST
check "a query is not looked at" answers 200 "/healthz?verbose"
check "an older version is answered" said 'GET /healthz HTTP/1.0\r\n\r\n' 200
check "what is no request is refused" said 'hello\r\n\r\n' 400
check "nor is one without a version" said 'GET /healthz\r\n\r\n' 400
check "nor a longer one than any needs" said 'GET /healthz HTTP/1.1\r\n"+b"x"*9000+b"' 431
check "HEAD has no body" said 'HEAD /metrics HTTP/1.1\r\n\r\n' 200
check "only this machine can ask" sh -c "ss -Hltn 'sport = :$port' | grep -F '127.0.0.1:$port '"
check "no pod is violated yet" metric 'nsvigil_pods{verdict="violated"}' 0

if command -v prometheus >/dev/null; then
	prometheus_start
	check "Prometheus reads it" within 30 query 'up' 1
	check "no alert fires" silent NsvigilPodViolated
else
	skip "Prometheus" "there is no prometheus"
fi

lab_start plain host unmapped-group
check "pods by verdict: violated" within 10 metric 'nsvigil_pods{verdict="violated"}' 1
check "isolated" metric 'nsvigil_pods{verdict="isolated"}' 1
check "host" metric 'nsvigil_pods{verdict="host"}' 1
check "findings that are open" metric \
	'nsvigil_findings_open{rule="unmapped-identity",severity="critical"}' 1
check "that opened" metric 'nsvigil_findings_total{rule="host-userns",phase="opened"}' 1
check "that were critical" metric 'nsvigil_critical_findings_total{rule="unmapped-identity"}' 1
check "that were not" metric 'nsvigil_critical_findings_total{rule="host-userns"}' 0
check "events" above_zero 'nsvigil_events_total{type="identity"}'
check "walks" above_zero nsvigil_walks_total
check "the ring was in use" above_zero 'nsvigil_ring_peak_bytes{ring="events"}'
# swapoff of what there is not: it asks in earnest.
enter "$(pod_cgroup host)" --target="$(pod_pid host)" --mount --pid --cgroup \
	perl -e 'syscall($ARGV[0], $x = "x")' "$(call swapoff)" 9>&-
check "capability checks that were granted" within 10 above_zero \
	'nsvigil_capability_checks_total{capability="CAP_SYS_ADMIN",result="granted"}'
check "the time from the kernel to the alert" above_zero nsvigil_alert_latency_seconds_count
check "its own processor time" above_zero process_cpu_seconds_total
check "its own memory" above_zero process_resident_memory_bytes
check "its start is the same each time" one_start
check "its configuration holds" metric nsvigil_config_last_reload_successful 1
check "not any more with a wrong file" reloaded polcy: 0
check "but again with a right one" reloaded policy: 1
check "series are bounded, and each is there once" bounded
if command -v promtool >/dev/null; then
	check "promtool check metrics" promtool_check
else
	skip "promtool check metrics" "there is no promtool"
fi
if [ -n "$prometheus" ]; then
	check "Prometheus fires: NsvigilPodViolated" within 30 fires NsvigilPodViolated
	check "and NsvigilCriticalFinding" within 30 fires NsvigilCriticalFinding
	check "it answers each expression of the dashboard" within 30 python3 tests/report/dashboard.py "$web"
fi

lab_stop
check "the findings close" within 15 metric \
	'nsvigil_findings_total{rule="unmapped-identity",phase="closed"}' 1
check "none is open" metric 'nsvigil_findings_open{rule="unmapped-identity",severity="critical"}' 0
if [ -n "$prometheus" ]; then
	check "the alert is over" within 30 silent NsvigilPodViolated
	prometheus_stop
fi

check "2,000 slow clients keep nobody from an answer" crowd
check "after it there is an answer again" within 30 answers 200 /healthz
check "a storm of connections keeps nobody from an answer on the socket" storm
echo "# $tap_output"
check "nor from one at the port, once it is over" within 30 answers 200 /healthz
watch_stop
check "watch ended as it should" sh -c "tail -n 1 '$dir/watch' | grep '\"type\":\"summary\"'"
finish
