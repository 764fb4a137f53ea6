#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What receivers make of messages, as tests/syslog/feed.c writes them: rsyslog and syslog-ng with each framing, and the patterns
# that fluent-bit, fluentd and Logstash have for RFC 5424. In the messages is a name with all that would end a field early.
# Needs no privilege but to fetch syslog-ng.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh

feed=$(realpath "$build/feed")
daemons=
stop() {
	for daemon in $daemons; do
		kill "$daemon" 2>/dev/null || :
	done
	rm -rf "$dir"
}
trap stop EXIT

# free: ports that nobody has.
free() {
	python3 -c '
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*[each.getsockname()[1] for each in sockets])' "$1"
}
listens() {
	[ "$(ss -Htln "( sport = :$1 )" | wc -l)" -ge 1 ]
}
# lines FILE N: so many are in it.
lines() {
	[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}
# right FILE: three messages, each with its name, type, rule, name of the process, and sentence.
right() {
	cat "$1"
	[ "$(wc -l <"$1")" = 3 ] &&
		[ "$(grep -c "^nsvigil|finding|left-pod|readlink '/proc/12/x%c3%a9%5d \[y%22'|critical left-pod" "$1")" = 3 ]
}

# shellcheck disable=SC2046 # words
set -- $(free 4)
if command -v rsyslogd >/dev/null; then
	cat >"$dir/rsyslog.conf" <<-END
		global(workDirectory="$dir" maxMessageSize="16k")
		module(load="imtcp")
		module(load="mmpstrucdata")
		template(name="line" type="string" string="%app-name%|%msgid%|%\$!rfc5424-sd!nsvigil@32473!rule%|%\$!rfc5424-sd!nsvigil@32473!check%|%msg%\\n")
	END
	for each in octets lines; do
		cat >>"$dir/rsyslog.conf" <<-END
			ruleset(name="$each" queue.type="Direct") {
				action(type="mmpstrucdata")
				action(type="omfile" file="$dir/rsyslog-$each" template="line")
			}
		END
	done
	cat >>"$dir/rsyslog.conf" <<-END
		input(type="imtcp" port="$1" address="127.0.0.1" ruleset="octets")
		input(type="imtcp" port="$2" address="127.0.0.1" ruleset="lines" supportOctetCountedFraming="off")
	END
	rsyslogd -n -f "$dir/rsyslog.conf" -i "$dir/rsyslog.pid" >"$dir/rsyslogd" 2>&1 9>&- &
	daemons="$daemons $!"
	within 20 listens "$2" || cat "$dir/rsyslogd"
	timeout 30 "$feed" 3 0 "" "" "tcp://127.0.0.1:$1" "tcp://127.0.0.1:$2?framing=newline" >"$dir/fed" 2>&1 || cat "$dir/fed"
	for each in octets lines; do
		within 10 lines "$dir/rsyslog-$each" 3 || :
		check "rsyslog, $each" right "$dir/rsyslog-$each"
	done
else
	skip "rsyslog" "there is none"
fi

if start=$(tests/syslog/syslog-ng.sh "${CACHE:-/var/cache/nsvigil-vm}/syslog-ng" 2>"$dir/fetched"); then
	# shellcheck disable=SC2016 # syslog-ng's own
	template='template("$PROGRAM|$MSGID|${.SDATA.nsvigil@32473.rule}|${.SDATA.nsvigil@32473.check}|$MESSAGE\n")'
	cat >"$dir/syslog-ng.conf" <<-END
		@version: 3.38
		options { keep-hostname(yes); };
		source lines { network(ip("127.0.0.1") port($3) transport("tcp") flags(syslog-protocol)); };
		source octets { syslog(ip("127.0.0.1") port($4) transport("tcp")); };
		log { source(lines); destination { file("$dir/syslog-ng-lines" $template); }; };
		log { source(octets); destination { file("$dir/syslog-ng-octets" $template); }; };
	END
	# shellcheck disable=SC2086 # words
	$start --foreground --stderr --cfgfile="$dir/syslog-ng.conf" --persist-file="$dir/persist" --pidfile="$dir/pid" \
		--control="$dir/control" >"$dir/syslog-ng" 2>&1 9>&- &
	daemons="$daemons $!"
	within 20 listens "$4" || cat "$dir/syslog-ng"
	timeout 30 "$feed" 3 0 "" "" "tcp://127.0.0.1:$4" "tcp://127.0.0.1:$3?framing=newline" >"$dir/fed" 2>&1 || cat "$dir/fed"
	for each in octets lines; do
		within 10 lines "$dir/syslog-ng-$each" 3 || cat "$dir/syslog-ng"
		check "syslog-ng, $each" right "$dir/syslog-ng-$each"
	done
else
	skip "syslog-ng" "it cannot be had: $(tail -n 1 "$dir/fetched")"
fi

# The patterns: fluent-bit's parser syslog-rfc5424, as it is and as it was; fluentd's; Logstash's grok SYSLOG5424LINE.
cat >"$dir/patterns.py" <<'END'
import re, socket, subprocess, sys
FLUENT_BIT = re.compile(r'^\<(?P<pri>[0-9]{1,5})\>1 (?P<time>[^ ]+) (?P<host>[^ ]+) (?P<ident>[^ ]+) (?P<pid>[-0-9]+) (?P<msgid>[^ ]+) (?P<extradata>(\[(.*?)\]|-)) (?P<message>.+)$')
FLUENT_BIT_OLD = re.compile(r'^\<(?P<pri>[0-9]{1,5})\>1 (?P<time>[^ ]+) (?P<host>[^ ]+) (?P<ident>[^ ]+) (?P<pid>[-0-9]+) (?P<msgid>[^ ]+) (?P<extradata>(\[(.*)\]|-)) (?P<message>.+)$')
FLUENTD = re.compile(r'\A<[0-9]{1,3}>[1-9]\d{0,2} (?P<time>[^ ]+) (?P<host>[!-~]{1,255}) (?P<ident>[!-~]{1,48}) (?P<pid>[!-~]{1,128}) (?P<msgid>[!-~]{1,32}) (?P<extradata>(?:\-|(?:\[.*?(?<!\\)\])+))(?: (?P<message>.+))?\Z', re.S)
GROK = re.compile(r'<\d+>\d+ +(?:\S+|-) +(?:[\w.:-]+|-) +(-|[!-~]+) +(-|[!-~]+) +(?P<msgid>-|[!-~]+) +(?:(?P<extradata>\[.*?\]+)|-|) +(?P<message>.*)')
# RFC 5424 itself, of which the parsers of Telegraf and Loki (go-syslog) and Vector (syslog_loose) are made.
NAME = r'[!#-<>-\\^-~]{1,32}'
PARAM = rf'{NAME}="(?:[^"\\\]]|\\["\\\]])*"'
RFC5424 = re.compile(r'<(?:1?[0-9]{1,2})>1 (?:-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))'
                     r' (?:-|[!-~]{1,255}) (?:-|[!-~]{1,48}) (?:-|[!-~]{1,128}) (?P<msgid>-|[!-~]{1,32})'
                     rf' (?P<extradata>-|(?:\[{NAME}(?: {PARAM})*\])+)(?: (?P<message>.*))?\Z')
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
receiver.settimeout(20)
subprocess.run(["timeout", "30", sys.argv[1], "1", "0", "", "", f"udp://127.0.0.1:{receiver.getsockname()[1]}"], check=True)
message = receiver.recv(65536).decode("ascii")
print(message)
for name, pattern in (("fluent-bit", FLUENT_BIT), ("fluent-bit 1.x", FLUENT_BIT_OLD), ("fluentd", FLUENTD), ("grok", GROK), ("RFC 5424", RFC5424)):
    found = pattern.match(message)
    assert found, name
    assert found["message"].startswith("critical left-pod"), (name, found["message"])
    assert found["extradata"].endswith("]") and 'check="' in found["extradata"], (name, found["extradata"])
    assert found["msgid"] == "finding", name
END
check "fluent-bit's, fluentd's and Logstash's patterns, and RFC 5424" python3 "$dir/patterns.py" "$feed"
for each in fluent-bit fluentd logstash telegraf vector; do
	skip "$each itself" "Debian has no package of it"
done
finish
