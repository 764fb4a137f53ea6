#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nsvigil watch --syslog with a real rsyslogd and a real systemd-journald. Both run, beside nsvigil,
# in a mount namespace with a /run and a /dev/log of its own: those of the machine stay as they are.
# What is in the log is compared with what watch --json printed.
# shellcheck disable=SC2016 # rsyslog's $
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)
keeper=
daemon=
trap 'daemon_stop CONT; lab_stop; watch_stop; [ -z "$keeper" ] || kill "$keeper"; rm -rf "$dir"' EXIT

# ---- the place where they run ----

cat >"$dir/place" <<'EOF'
set -e
mkdir "$1/dev"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs /dev
for node in null zero full random urandom tty; do
	touch /dev/$node
	mount --bind "$1/dev/$node" /dev/$node
done
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journald.conf.d /run/systemd/journal
# It must not touch the kernel's audit and log.
printf '[Journal]\nStorage=volatile\nAudit=\nReadKMsg=no\nForwardToSyslog=no\nRateLimitBurst=0\n' \
	>/run/systemd/journald.conf.d/test.conf
touch "$1/placed"
exec sleep infinity
EOF

place_start() {
	unshare --mount --propagation private sh "$dir/place" "$dir" 9>&- &
	keeper=$!
	within 5 test -e "$dir/placed"
}

in_place() {
	nsenter --target "$keeper" --mount "$@"
}

# daemon_start SOCKET COMMAND...: returns when it listens there.
daemon_start() {
	socket=$1
	shift
	nsenter --target "$keeper" --mount "$@" >>"$dir/daemon" 2>&1 9>&- &
	daemon=$!
	within 10 in_place test -S "$socket" || { cat "$dir/daemon"; return 1; }
}

# daemon_stop SIGNAL...
daemon_stop() {
	[ -n "$daemon" ] || return 0
	for signal; do
		kill -s "$signal" "$daemon" 2>/dev/null || :
	done
	kill "$daemon" 2>/dev/null || :
	wait "$daemon" || :
	daemon=
}

# watch_start runs nsvigil in $build, podlab is outside.
mkdir "$dir/bin"
cat >"$dir/bin/nsvigil" <<EOF
#!/bin/sh
exec nsenter --target "\$(cat "$dir/keeper")" --mount "$(realpath "$build")/nsvigil" "\$@"
EOF
chmod +x "$dir/bin/nsvigil"
ln -s "$(realpath "$build")/podlab" "$dir/bin/podlab"
build=$dir/bin

# ---- rsyslog ----

# As Debian has it, but for the files. The line that the manual page has makes the document.
cat >"$dir/rsyslog.conf" <<EOF
global(workDirectory="$dir" maxMessageSize="8k")
module(load="imuxsock")
set \$.parsed = parse_json(field(\$msg, " @cee:", 2), "\\\$!nsvigil");
template(name="line" type="string"
	string="{\"facility\":\"%syslogfacility-text%\",\"severity\":\"%syslogseverity-text%\",\"tag\":\"%app-name%\",\"pid\":\"%procid%\",\"document\":%\$!nsvigil%}\n")
if \$programname == "nsvigil" then {
	action(type="omfile" file="$dir/records" template="line")
	action(type="omfile" file="$dir/raw" template="RSYSLOG_TraditionalFileFormat")
}
EOF

rsyslog_start() {
	in_place rm -f /dev/log
	daemon_start /dev/log rsyslogd -n -f "$dir/rsyslog.conf" -i "$dir/rsyslog.pid"
}

# What was printed, as it is in the log, where lists are cut.
cat >"$dir/printed.py" <<'EOF'
import json
def cut(value):
    if isinstance(value, list):
        return [cut(member) for member in value[:16]]
    if isinstance(value, dict):
        return {key: cut(member) for key, member in value.items()}
    return value
def documents(path):
    return [cut(json.loads(line)) for line in open(path) if line.endswith("\n")]
EOF
export PYTHONPATH="$dir" PYTHONDONTWRITEBYTECODE=1

# What is in the log is what was printed: each document once, in order.
same_documents() {
	python3 - "$dir/watch" "$dir/records" <<-'EOF'
		import json, printed, sys
		printed = printed.documents(sys.argv[1])
		logged = [json.loads(l) for l in open(sys.argv[2])]
		documents = [r["document"] for r in logged]
		for i, (one, other) in enumerate(zip(printed, documents)):
		    if one != other:
		        sys.exit(f"{i}: printed {one}, logged {other}")
		if len(printed) != len(documents):
		    sys.exit(f"{len(printed)} printed, {len(documents)} logged")
		severities = {"critical": "crit", "error": "err", "warning": "warning",
		              "notice": "notice", "info": "info"}
		for record in logged:
		    expected = severities[record["document"].get("severity", "info")]
		    if record["severity"] != expected or record["facility"] != "daemon":
		        sys.exit(f"{record['facility']}.{record['severity']}: {record}")
	EOF
}

# logged COUNT PATTERN: as many lines for people have it.
logged() {
	[ "$(grep -c -e "$2" "$dir/raw")" = "$1" ] || { cat "$dir/raw"; return 1; }
}
logged_at_least() {
	[ "$(grep -c -e "$2" "$dir/raw")" -ge "$1" ] || { cat "$dir/raw"; return 1; }
}
not_printed() {
	[ -s "$dir/watch" ] && ! printed "$1"
}
printed() {
	grep -q -e "$1" "$dir/watch"
}

# A container whose processes join the node's network namespace, one after the other, until it is
# told to stop: two records each time.
cat >"$dir/container" <<'EOF'
echo $$ >"$1/cgroup.procs"
exec unshare --mount --net sh -c '
	while [ -e "$0/joining" ]; do
		nsenter --target "$1" --net true
	done' "$2" "$3"
EOF
container_start() {
	container=$cgroup2/podlab/kubepods/besteffort/pod11111111-2222-3333-4444-555555555555/container
	mkdir -p "$container"
	touch "$dir/joining"
	sh "$dir/container" "$container" "$dir" $$ 9>&- &
}
joined() {
	[ "$(grep -c '"rule":"foreign-namespace"' "$dir/watch")" -ge "$1" ]
}

# What was not logged is what the log says was dropped, and what the summary says.
drops_add_up() {
	python3 - "$dir/watch" "$dir/records" <<-'EOF'
		import json, printed, sys
		printed = printed.documents(sys.argv[1])
		logged = [json.loads(l)["document"] for l in open(sys.argv[2])]
		said = [d["dropped"] for d in logged if d["type"] == "dropped"]
		kept = [d for d in logged if d["type"] != "dropped"]
		print(f"# {len(printed)} printed, {len(kept)} logged, dropped: {said}")
		assert len(said) == 1 and said[0] > 0
		assert len(printed) == len(kept) + said[0]
		assert printed[-1]["type"] == kept[-1]["type"] == "summary"
		assert printed[-1] == kept[-1] and printed[-1]["syslog_dropped"] == said[0]
		rest = iter(printed)
		assert all(d in rest for d in kept), "not in order"
	EOF
}

valid_documents() {
	python3 - docs/watch.schema.json "$dir/records" <<-'EOF'
		import json, jsonschema, sys
		schema = json.load(open(sys.argv[1]))
		valid = jsonschema.validators.validator_for(schema)(schema)
		for line in open(sys.argv[2]):
		    valid.validate(json.loads(line)["document"])
	EOF
}

# Each field of the journal is in the manual page, whole or after the part that some share.
documented() {
	python3 - docs/man/nsvigil-syslog.7 "$dir/journal" <<-'EOF'
		import json, re, sys
		page = re.sub(r"\\\n", "", open(sys.argv[1]).read())
		section = page.split("\n.Ss Journal\n")[1].split("\n.Ss ")[0]
		names, prefix = set(), ""
		for line in section.splitlines():
		    words = re.findall(r"[A-Z][A-Z_]+", line) if "Ev" in line else []
		    if line.startswith(".It"):
		        prefix = ""
		    names |= {prefix + word for word in words}
		    if line.startswith(".It") and words and words[0].endswith("_"):
		        prefix = words[0]
		subject = "NSVIGIL_EVIDENCE_SUBJECT_"
		names |= {n.replace("SUBJECT", "OTHER") for n in names if n.startswith(subject)}
		fields = {name for line in open(sys.argv[2]) for name in json.loads(line)
		          if name.startswith("NSVIGIL_")}
		assert len(fields) > 30, len(fields)
		alike = "NSVIGIL_VERDICTS_", "NSVIGIL_HOOKS_", "NSVIGIL_RULES_PARTLY_", "NSVIGIL_RULES_NOT_APPLIED_"
		missing = {f for f in fields if f not in names and not f.startswith(alike)}
		assert not missing, missing
	EOF
}

test_rsyslog() {
	: >"$dir/records"
	: >"$dir/raw"
	rsyslog_start
	lab_start plain host unmapped-group overlapping-extents
	watch_start --json --syslog --syslog-repeat=0
	check "rsyslog: findings open" within 10 printed '"unmapped-identity"'
	check "rsyslog: each record has the document that was printed" within 10 same_documents
	check "rsyslog: one line for people" logged 1 \
		"nsvigil\[$watching\]: critical unmapped-identity pod podlab/unmapped-group: "
	check "rsyslog: a hostile name is escaped" logged 1 \
		': critical unmapped-identity .*\\x0a.* @cee:{'
	check "rsyslog: a line is a record" logged "$(wc -l <"$dir/records")" ' nsvigil\[.* @cee:{'

	daemon_stop
	lab_stop
	check "rsyslogd is gone: watch goes on" within 10 printed '"closed",.*"host-userns"'
	rsyslog_start
	check "rsyslogd is there again: all comes" within 10 same_documents

	kill -STOP "$daemon"
	lab_start plain
	container_start
	check "rsyslogd is stopped: watch goes on" within 300 joined 2000
	rm "$dir/joining"
	kill -CONT "$daemon"
	check "it goes on: the log knows how many records are missing" within 20 \
		logged 1 ' [0-9]* records were dropped: .* @cee:{'
	lab_stop
	watch_stop
	check "rsyslog: what is missing adds up" within 5 drops_add_up
	tail -n 1 "$dir/within"
	watch_start --json --syslog --heartbeat=1
	check "rsyslog: it is told that watch is at work" within 20 logged_at_least 3 \
		"nsvigil\\[$watching\\]: watching since [0-9TZ:-]*: 0 pods; 0 open findings, .* @cee:{\"type\":\"alive\","
	watch_stop
	check "that is printed for nobody" not_printed '"alive"'
	check "rsyslog: each document is as the schema says" valid_documents
	daemon_stop
}

# ---- journald ----

journald=/lib/systemd/systemd-journald

# Each printed document as fields, against what journalctl has.
same_fields() {
	in_place journalctl --directory /run/log/journal --output json --all \
		SYSLOG_IDENTIFIER=nsvigil >"$dir/journal" 2>"$dir/journalctl" || cat "$dir/journalctl"
	python3 - "$dir/watch" "$dir/journal" <<-'EOF'
		import json, printed, re, sys
		# A field may have several values; journald keeps each once.
		def flatten(name, value, out):
		    if isinstance(value, dict):
		        for key, member in value.items():
		            flatten(name + "_" + re.sub("[^A-Z0-9]", "_", key.upper()), member, out)
		    elif isinstance(value, list):
		        for member in value:
		            flatten(name, member, out)
		    elif value is not None:
		        text = f"{value:.2f}" if isinstance(value, float) else str(value)
		        text = text.lower() if isinstance(value, bool) else text
		        out.setdefault(name, set()).add(text)
		    return out
		printed = printed.documents(sys.argv[1])
		logged = [json.loads(l) for l in open(sys.argv[2])]
		if len(printed) != len(logged):
		    sys.exit(f"{len(printed)} printed, {len(logged)} logged")
		priorities = {"critical": "2", "error": "3", "warning": "4", "notice": "5", "info": "6"}
		for document, entry in zip(printed, logged):
		    own = {k: set(v) if isinstance(v, list) else {v} for k, v in entry.items()
		           if k.startswith("NSVIGIL_")}
		    if own != flatten("NSVIGIL", document, {}):
		        sys.exit(f"printed {document}, logged {entry}")
		    expected = priorities[document.get("severity", "info")]
		    if entry["PRIORITY"] != expected or entry["SYSLOG_FACILITY"] != "3":
		        sys.exit(f"priority: {entry}")
		    if document["type"] == "finding" and document["rule"] not in entry["MESSAGE"]:
		        sys.exit(f"message: {entry}")
	EOF
}
alive_in_journal() {
	in_place journalctl --directory /run/log/journal --output json --all SYSLOG_IDENTIFIER=nsvigil \
		>"$dir/journal" 2>"$dir/journalctl" || cat "$dir/journalctl"
	in_journal '"NSVIGIL_TYPE":"alive"' | grep '"NSVIGIL_EVERY":"1"'
}
in_journal() {
	grep -e "$1" "$dir/journal"
}

test_journald() {
	lab_start all
	# One that was killed was before it.
	watch_start --json --state="$dir/state"
	kill -KILL "$watching"
	wait "$watching" || :
	watch_start --json --syslog --syslog-repeat=0 --state="$dir/state"
	check "journald: how long nobody watched" within 10 printed '"unwatched":{"seconds":'
	check "journald: findings open" within 10 printed '"unmapped-identity"'
	check "journald: each document is there, with all its fields" within 10 same_fields
	check "journald: a sentence for people, a hostile name escaped" in_journal \
		'"MESSAGE":"critical unmapped-identity pod podlab/unmapped-group: .*\\\\x0a'
	lab_stop
	watch_stop
	check "journald: to the summary" within 5 same_fields
	watch_start --json --syslog --heartbeat=1
	check "journald: it is told that watch is at work" within 20 alive_in_journal
	watch_stop
	check "journald: the manual page has each field" documented
	check "journald: nothing is missing" in_journal '"NSVIGIL_SYSLOG_DROPPED":"0"'
	daemon_stop
}

# ---- ----

[ "$(id -u)" = 0 ] || skip_all "this needs root"
place_start || skip_all "no mount namespace: $(cat "$dir/within")"
echo "$keeper" >"$dir/keeper"
watch_or_skip --syslog
check "without a daemon it says so, and goes on" grep 'no log daemon listens at' "$dir/watch_errors"
watch_stop
check "and the summary says what is missing" grep '; 2 records not in the log; ' "$dir/watch"

if command -v rsyslogd >/dev/null; then
	test_rsyslog
else
	skip "rsyslog" "there is no rsyslogd"
fi
if ! [ -x $journald ]; then
	skip "journald" "there is no $journald"
elif ! daemon_start /run/systemd/journal/socket $journald; then
	skip "journald" "it does not run here: $(tail -1 "$dir/daemon")"
else
	test_journald
fi
finish
