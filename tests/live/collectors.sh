#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil watch --syslog=URL with a real rsyslogd as the collector, over UDP, TCP and TLS: what it
# got is what watch --json printed. What collectors do otherwise is in tests/unit/feed.sh.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/collecting.sh

trap 'lab_stop; watch_stop; collecting_end; rm -rf "$dir"' EXIT

# watch_start runs nsvigil in $build, podlab is outside.
mkdir "$dir/bin"
cat >"$dir/bin/nsvigil" <<END
#!/bin/sh
exec nsenter --target "\$(cat "$dir/keeper")" --net --mount "$(realpath "$build")/nsvigil" "\$@"
END
chmod +x "$dir/bin/nsvigil"
ln -s "$(realpath "$build")/podlab" "$dir/bin/podlab"
build=$dir/bin

# ---- what watch sends ----

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
		said 'syslog to tcp://127.0.0.1:1: Connection refused; up to 1024 records wait'
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

# ---- ----

[ "$(id -u)" = 0 ] || skip_all "this needs root"
command -v rsyslogd >/dev/null || skip_all "there is no rsyslogd"
place_start >"$dir/why" || skip_all "no namespaces: $(cat "$dir/why")"
echo "$keeper" >"$dir/keeper"
certificates || { cat "$dir/openssl"; exit 1; }
# shellcheck disable=SC2119 # the usual certificate
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
