#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/syslog/feed.c, which writes to collectors as watch does, and a real rsyslogd: certificates that are refused, a
# collector that resets connections, and one that is killed amidst 10,000 findings.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/collecting.sh

feeding=
trap 'feed_stop; collecting_end; rm -rf "$dir"' EXIT
feed=$(realpath "$build")/feed

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
certificates || { cat "$dir/openssl"; exit 1; }
test_refused
test_reset
test_killed
finish
