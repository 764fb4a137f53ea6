#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil watch --syslog=URL with a real rsyslogd as the collector, over UDP, TCP and TLS: what it
# got is what watch --json printed. Then tests/syslog/feed.c, which writes to collectors as watch
# does: certificates that are refused, and a collector that is killed amidst 10,000 findings.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/collecting.sh

feeding=
trap 'lab_stop; watch_stop; feed_stop; collecting_end; rm -rf "$dir"' EXIT

# watch_start runs nsvigil in $build, podlab is outside.
feed=$(realpath "$build")/feed
mkdir "$dir/bin"
cat >"$dir/bin/nsvigil" <<END
#!/bin/sh
exec nsenter --target "\$(cat "$dir/keeper")" --net --mount "$(realpath "$build")/nsvigil" "\$@"
END
chmod +x "$dir/bin/nsvigil"
ln -s "$(realpath "$build")/podlab" "$dir/bin/podlab"
build=$dir/bin

# ---- what watch sends ----

cat >"$dir/records.py" <<'END'
import json, re, sys

def lines(path):
    return [json.loads(line) for line in open(path) if line.endswith("\n")]

# The parameters that a document makes, by the words of the manual page.
def params(name, value, out):
    if name in ("what", "why", "todo", "text"):
        return out
    if isinstance(value, dict) and name != "rules_partly":
        for key, member in value.items():
            parent = "" if name in ("", "evidence") else name + "_"
            params(re.sub("[^a-z0-9-]", "_", parent + key), member, out)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        params(name, value[0], out)
    elif isinstance(value, (list, dict)):
        if value or isinstance(value, dict):
            out[name] = ",".join(value)
    elif value is not None:
        out[name] = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(out.get(name), str):
        out[name] = encoded(out[name])
    return out

# In a parameter what is special, or was escaped, is %HH.
def encoded(text):
    text = re.sub(r'%(?![0-9a-f]{2})|["\]]', lambda c: "%%%02x" % ord(c[0]), text)
    return re.sub(r"\\x([0-9a-f]{2})", r"%\1", text)

# RFC 5424, by its own grammar: rsyslog is lenient.
HEADER = re.compile(r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) nsvigil "
                    r"(\d+) ([a-z]{1,32}) ")
ELEMENT = re.compile(r'\[([!#-<>-\\^-~]{1,32})((?: [!#-<>-\\^-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\]')
PARAM = re.compile(r' ([^=]+)="((?:[^"\\\]]|\\["\\\]])*)"')

def parse(raw):
    header = HEADER.match(raw)
    assert header, raw
    at, elements = header.end(), {}
    while raw[at] == "[":
        element = ELEMENT.match(raw, at)
        assert element and element[1] not in elements, raw[at:]
        elements[element[1]] = dict(PARAM.findall(element[2]))
        # Receivers go by patterns that end at the first of these.
        assert not re.search(r"[\\\]]", element[2]), element[2]
        at = element.end()
    assert raw[at] == " " and raw.isascii(), raw[at:]
    return header.groups(), elements, raw[at + 1:]
END
export PYTHONPATH="$dir" PYTHONDONTWRITEBYTECODE=1

# Each printed document, once and in order: its fields, as rsyslog understood them, and numbered.
same_fields() {
	python3 - "$dir/watch" "$dir/$1" "$watching" <<-'END'
		import records, sys
		printed, got = records.lines(sys.argv[1]), records.lines(sys.argv[2])
		if len(printed) != len(got):
		    sys.exit(f"{len(printed)} printed, {len(got)} received")
		priorities = {"critical": 26, "error": 27, "warning": 28, "notice": 29, "info": 30}
		cut = 0
		for n, (document, message) in enumerate(zip(printed, got), 1):
		    header, elements, text = records.parse(message["rawmsg"])
		    priority = priorities[document.get("severity", "info")]
		    assert header == (str(priority), message["timestamp"], message["hostname"],
		                      sys.argv[3], document["type"]), header
		    assert message["hostname"] == __import__("socket").gethostname()
		    data = message["data"]["rfc5424-sd"]
		    assert data["meta"] == {"sequenceid": str(n)}, data["meta"]
		    assert elements["meta"] == {"sequenceId": str(n)}
		    fields, expected = data["nsvigil@4242"], records.params("", document, {})
		    # What was still dropped at the end, the message could not know.
		    if document["type"] == "summary":
		        assert int(expected["syslog_dropped"]) >= int(fields["syslog_dropped"])
		        expected["syslog_dropped"] = fields["syslog_dropped"]
		    assert fields == elements["nsvigil@4242"], (fields, elements)
		    if fields.pop("cut", None):
		        cut += 1
		        assert sys.argv[2].endswith("udp") and len(message["rawmsg"].encode()) > 900
		        assert fields.items() <= expected.items(), (fields, expected)
		        assert {"type", "id", "rule", "severity", "pod_uid"} & expected.keys() <= fields.keys()
		    elif fields != expected:
		        sys.exit(f"expected {expected}, received {fields}")
		    if document["type"] == "finding":
		        assert text.startswith(f'{document["severity"]} {document["rule"]} '), text
		    assert len(message["rawmsg"].encode()) <= 1180 or not sys.argv[2].endswith("udp")
		print(f"# {sys.argv[2][-3:]}: {len(got)} messages, {cut} of them cut")
	END
}
printed() {
	grep -q -e "$1" "$dir/watch"
}
said() {
	grep -e "$1" "$dir/watch_errors"
}
metric() {
	in_place python3 -c '
import sys, urllib.request
text = urllib.request.urlopen("http://127.0.0.1:9464/metrics", timeout=10).read().decode()
sys.exit(sys.argv[1] not in text.splitlines())' "$1"
}
opened_ids() {
	python3 -c '
import records, sys
print(sorted({d["id"] for d in records.lines(sys.argv[1]) if d["type"] == "finding"}))' "$dir/watch"
}

test_watch() {
	lab_start plain host unmapped-group overlapping-extents
	watch_start --json --metrics=9464 --syslog-enterprise=4242 --syslog-repeat=0 --heartbeat=0 \
		--syslog-ca="$dir/ca.crt" --syslog-cert="$dir/client.crt" --syslog-key="$dir/client.key" \
		--syslog=udp://collector.test --syslog=tcp://collector.test --syslog=tls://collector.test \
		--syslog=tcp://127.0.0.1:1 --syslog=tcp://unknown.test
	check "findings open" within 20 printed '"unmapped-identity"'
	opened_ids >"$dir/ids"
	for each in udp tcp tls; do
		check "$each: each document is there, with all its fields" within 20 same_fields $each
	done
	check "a collector that is not there is named" within 20 \
		said 'syslog to tcp://127.0.0.1:1: Connection refused; records wait'
	check "metrics know each collector" \
		metric 'nsvigil_sink_connected{sink="tls://collector.test:6514"} 1'
	check "and one that is not there" metric 'nsvigil_sink_connected{sink="tcp://127.0.0.1:1"} 0'
	check "and one whose name is not found" \
		metric 'nsvigil_sink_sent_records_total{sink="tcp://unknown.test:601"} 0'
	lab_stop
	check "findings close" within 20 printed '"closed",.*"unmapped-identity"'
	pid=$watching
	watch_stop
	watching=$pid
	for each in udp tcp tls; do
		check "$each: to the summary" within 5 same_fields $each
		same_fields $each
	done
	watching=
	check "the summary has what was not sent" printed '"summary",.*"syslog_dropped":[1-9]'

	lab_start plain host unmapped-group overlapping-extents
	watch_start --json --syslog=udp://collector.test --syslog-hostname=worker-1.example.test --heartbeat=1
	check "after a restart findings have the same ids" within 20 same_ids
	check "a node can have another name there" within 20 \
		grep '"hostname": *"worker-1.example.test"' "$dir/udp"
	check "it is told that watch is at work" within 20 alive
	lab_stop
	watch_stop

	printf '%s\n' 'syslog: tls://collector.test' "syslog-ca: $dir/nothing" >"$dir/config.yaml"
	check "what the file says of collectors holds" fails_by_file
	watch_start --json --config="$dir/config.yaml" --no-syslog
	check "the command line can say that there are none" printed '"ready"'
	watch_stop
}
# Three messages, as watch sees the node, and none of them printed.
alive() {
	python3 - "$dir/udp" "$dir/watch" <<-'END'
		import records, sys
		got = [records.parse(m["rawmsg"]) for m in records.lines(sys.argv[1])]
		alive = [(header, elements["nsvigil@32473"], text) for header, elements, text in got
		         if header[4] == "alive"]
		assert len(alive) >= 3, len(alive)
		for header, fields, text in alive:
		    print(header, fields, text)
		    assert header[0] == "30" and fields["type"] == "alive", (header, fields)
		    assert fields["every"] == "1" and fields["lost"] == "0", fields
		    assert fields["verdicts_host"] == "1" and int(fields["open"]) > 0, fields
		    assert text.startswith(f"watching since {fields['since']}: "), text
		assert not [d for d in records.lines(sys.argv[2]) if d["type"] == "alive"]
	END
}
fails_by_file() {
	! watch_start --json --config="$dir/config.yaml" && said 'syslog-ca'
}
same_ids() {
	opened_ids | cmp - "$dir/ids"
}

# ---- what is refused ----

# feed_start COUNT RESEND CA CERT URL...
feed_start() {
	count=$1 resend=$2 ca=$3
	shift 3
	: >"$dir/tcp"
	: >"$dir/tls"
	nsenter --target "$keeper" --net --mount "$feed" "$count" "$resend" "$dir/$ca.crt" "$@" \
		>"$dir/counts" 2>"$dir/errors" 9>&- &
	feeding=$!
}
feed_stop() {
	[ -z "$feeding" ] || kill "$feeding" 2>/dev/null || :
	feeding=
}

# refused CERTIFICATE CA CLIENT PATTERN: the collector gets nothing, and it is said why.
refused() {
	collector_start "$1"
	feed_start 100000 0 "$2" "$3" tls://collector.test
	within 20 grep "$4" "$dir/errors" || :
	feed_stop
	collector_stop TERM
	cat "$dir/errors"
	grep -q "$4" "$dir/errors" && [ ! -s "$dir/tls" ]
}

test_refused() {
	own=$dir/client.pem
	check "TLS: a certificate of another CA is refused" refused server stranger "$own" \
		"certificate is refused: self-signed certificate in certificate chain"
	check "TLS: one with another name is refused" refused other ca "$own" \
		"certificate is refused: hostname mismatch"
	check "TLS: one with its name in the subject alone is refused" refused nameless ca "$own" \
		"certificate is refused: hostname mismatch"
	check "TLS: one that has expired is refused" refused expired ca "$own" \
		"certificate is refused: certificate has expired"
	check "TLS: without a certificate of its own the collector refuses" refused server ca "" \
		"tlsv13 alert certificate required\|Connection reset by peer\|Broken pipe"
}

# ---- a collector that resets ----

# A collector that reads nothing for a while, and then ends and resets the connection, while the sender, a process
# that is given, does nothing: its next act is to write.
cat >"$dir/reset.py" <<'END'
import os, signal, socket, ssl, struct, sys, time
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
server.bind(("127.0.0.1", 6514))
server.listen()
for n in range(5):
    raw = server.accept()[0]
    connection = context.wrap_socket(raw, server_side=True)
    sender = int(open(sys.argv[2]).read())
    time.sleep(0.5)
    os.kill(sender, signal.SIGSTOP)
    raw = socket.socket(fileno=connection.detach())
    raw.shutdown(socket.SHUT_WR)
    time.sleep(0.1)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.close()
    time.sleep(0.1)
    os.kill(sender, signal.SIGCONT)
    print("reset", flush=True)
END
test_reset() {
	in_place python3 "$dir/reset.py" "$dir/server.pem" "$dir/sender" >"$dir/resets" 2>&1 9>&- &
	daemon=$!
	within 20 listens_for_tls || return 1
	feed_start 100000 10 ca "$dir/client.pem" tls://127.0.0.1
	echo "$feeding" >"$dir/sender"
	check "TLS: a collector resets the connection five times" within 120 reset_five_times
	collector_stop TERM
	collector_start
	check "and there is one again: it is written to" within 60 grep -q . "$dir/tls"
	check "all that time the sender was at work" kill -0 "$feeding"
	feed_stop
	collector_stop TERM
}
listens_for_tls() {
	in_place ss -Htln 'sport = :6514' | grep .
}
reset_five_times() {
	cat "$dir/resets"
	[ "$(grep -c reset "$dir/resets")" = 5 ]
}

# ---- a collector that is killed ----

both_have() {
	[ "$(wc -l <"$dir/tcp")" -ge "$1" ] && [ "$(wc -l <"$dir/tls")" -ge "$1" ]
}
# What the collector's kernel has, and the collector did not read.
unread() {
	in_place ss -Htn '( sport = :601 or sport = :6514 )' | awk -v least="$1" '
		$2 >= least { n++ } END { exit n < 2 }'
}
# collector_again: as after a crash. What was received by then is marked.
collector_again() {
	collector_stop KILL
	for each in tcp tls; do
		wc -l <"$dir/$each" >"$dir/$each.before"
	done
	collector_start
}
fed() {
	[ "$(wc -l <"$dir/counts")" = 2 ]
}

# adds_up COUNT RESEND: every finding is there but those that were written before what is sent again;
# sequenceId shows which. What came twice is the same.
adds_up() {
	for each in tcp tls; do
		python3 - "$dir/$each" "$(cat "$dir/$each.before")" "$@" <<-'END' || return 1
			import records, sys
			path, before, count, resend = sys.argv[1], *map(int, sys.argv[2:])
			got = [m["rawmsg"] for m in records.lines(path)]
			by_number = {}
			numbers = []
			for raw in got:
			    _, elements, _ = records.parse(raw)
			    number = int(elements["meta"]["sequenceId"])
			    numbers.append(number)
			    assert by_number.setdefault(number, raw) == raw, "another one with this number"
			    assert elements["nsvigil@32473"]["id"].endswith(f"-{number - 1:012}")
			missing = sorted(set(range(1, count + 1)) - by_number.keys())
			twice = len(numbers) - len(by_number)
			again = numbers[before]
			print(f"# {path[-3:]}: {count} findings, {resend} to be sent again: {before} received "
			      f"before it was killed, {twice} received twice, {len(missing)} missing")
			assert max(by_number) == count and again > 1 and twice <= resend
			assert missing == list(range(numbers[before - 1] + 1, again)), (missing, again)
			assert numbers[:before] == list(range(1, before + 1))
			assert numbers[before:] == list(range(again, count + 1))
		END
	done
}
added() {
	adds_up "$@" >"$dir/added" || { cat "$dir/added"; return 1; }
}
missing() {
	[ "$(grep -c "received twice, $1 missing" "$dir/added")" = 2 ]
}

test_killed() {
	collector_start
	feed_start 10000 1000 ca "$dir/client.pem" tcp://collector.test tls://127.0.0.1
	check "10,000 findings begin to come" within 120 both_have 3000
	collector_again
	check "the collector was killed and started: all is sent" within 120 fed
	check "in order, what comes twice is the same" added 10000 1000
	cat "$dir/added"
	sed 's/^/# /' "$dir/counts"
	check "none is missing" missing 0

	collector_stop TERM
	collector_start
	feed_start 10000 10 ca "$dir/client.pem" tcp://collector.test tls://127.0.0.1
	within 120 both_have 100
	kill -STOP "$daemon"
	check "a collector stops to read" within 120 unread 50000
	collector_again
	check "it was killed and started: all is sent" within 120 fed
	check "what is missing was written before what is sent again" added 10000 10
	cat "$dir/added"
	sed 's/^/# /' "$dir/counts"
	check "sequenceId shows that some are" missing "[1-9][0-9]*"
	collector_stop TERM
}

# ---- ----

[ "$(id -u)" = 0 ] || skip_all "this needs root"
command -v rsyslogd >/dev/null || skip_all "there is no rsyslogd"
place_start >"$dir/why" || skip_all "no namespaces: $(cat "$dir/why")"
echo "$keeper" >"$dir/keeper"
certificates || { cat "$dir/openssl"; exit 1; }
test_refused
test_reset
test_killed
collector_start
status=0
watch_start --json || status=$?
if [ "$status" = 3 ]; then
	skip "what watch sends" "$(cat "$dir/watch_errors")"
else
	[ "$status" = 0 ] || exit 1
	watch_stop
	for each in udp tcp tls; do
		: >"$dir/$each"
	done
	test_watch
fi
finish
