# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that need nsvigil watch at work: source it after lab.sh. It writes to $dir/watch. HOOKS is
# as in tests/results.sh.

watching=
dir=${dir:?} build=${build:?} # lab.sh
trap 'lab_stop; watch_stop; unmap; rm -rf "$dir"' EXIT
. tests/results.sh

# watch_start OPTION...: returns when it is ready, or with its status. It also writes captures. $launcher is a
# list of words that come before it: what becomes it in the end.
launcher=
watch_start() {
	: >"$dir/watch"
	rm -rf "$dir/capture"
	mkdir "$dir/capture"
	# shellcheck disable=SC2086 # a list of words
	$launcher "$build/nsvigil" watch --capture "$dir/capture" --capture-size 64K --capture-files 10000 $forced \
		"$@" >"$dir/watch" 2>"$dir/watch_errors" 9>&- &
	watching=$!
	while ! grep -q 'ready\|^[^ ]* watching ' "$dir/watch"; do
		if ! kill -0 "$watching" 2>/dev/null; then
			status=0
			wait "$watching" || status=$?
			watching=
			cat "$dir/watch_errors" >&2
			return "$status"
		fi
		sleep 0.1
	done
	[ -z "${RESULTS:-}" ] || [ "$looked_by" != scan ] || watched
}

# watch_or_skip OPTION...: likewise; where it cannot watch, all of the script is skipped, unless WATCHES says that it
# can.
watch_or_skip() {
	status=0
	watch_start "$@" || status=$?
	if [ "$status" = 3 ] && [ -z "${WATCHES:-}" ]; then
		record unwatched "$(head -n 1 "$dir/watch_errors")"
		skip_all "$(cat "$dir/watch_errors")"
	fi
	[ "$status" = 0 ] || exit 1
}

# map_elsewhere: makes an idmapped mount, in no pod; soon after it a walk comes, which sees what is no event,
# as an unmount. Its status is 77 where the kernel does not idmap $mappable, and $dir/idmap says so.
map_elsewhere() {
	"$build/idmap" "$mappable" -m 700000000 >"$dir/idmap" 2>&1 9>&-
}

# after_walk COMMAND...: runs it when a walk has come.
after_walk() {
	map_elsewhere || :
	sleep 2
	"$@"
}

# $mappable: what idmap(1) makes an idmapped mount of: -t, a tmpfs, or for find_mappable, where the kernel idmaps
# none (before Linux 6.3), an ext4 file system of its own. Its status is 77 where that cannot be had, too.
mappable=-t
find_mappable() {
	map_elsewhere && return
	[ $? = 77 ] || return 1
	truncate -s 16M "$dir/ext4" && mkfs.ext4 -q "$dir/ext4" || return 1
	at=$(mktemp -d)
	if ! mount -o loop "$dir/ext4" "$at" 2>"$dir/idmap"; then
		rmdir "$at"
		return 77
	fi
	chmod 755 "$at"
	mappable=$at
	map_elsewhere
}
unmap() {
	[ "$mappable" = -t ] || ! umount -l "$mappable" || rmdir "$mappable"
}

# needs EVENT...: ends a script that asks for more than walks and execs show of these.
needs() {
	# shellcheck disable=SC2119 # none
	ask_doctor
	for event; do
		[ "$(hook "$event")" != none ] || skip_all "$event: $(blind "$event"); hooks.sh tests that"
	done
}

# free_port: one of TCP that nobody listens at on this machine, for --metrics.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

watch_stop() {
	[ -n "$watching" ] || return 0
	kill "$watching" 2>/dev/null || :
	wait "$watching" || :
	watching=
}

# check_replay: ends watch --json; its captures give the findings that it gave, byte for byte, all
# of them as one stream and each one alone. With KEPT they are kept there.
check_replay() {
	watch_stop
	[ -z "${KEPT:-}" ] || keep_capture
	check "its captures replay to the same findings" replays
}
keep_capture() {
	into=$(mktemp -d "$KEPT/$(basename "$0" .sh)-XXXXXX")
	cp "$dir"/capture/*.nsvcap "$dir/watch" "$into"
}
replays() {
	grep '^{"type":"\(finding\|attestation\)"' "$dir/watch" >"$dir/live" || :
	"$build/nsvigil" replay --json "$dir"/capture/*.nsvcap >"$dir/replayed" &&
		cmp "$dir/live" "$dir/replayed" || return 1
	for file in "$dir"/capture/*.nsvcap; do
		"$build/nsvigil" replay --json "$file" || return 1
	done | cmp "$dir/live" - || return 1
	[ -s "$dir/live" ]
}

# valid_lines: each document of watch --json is as its schema says.
valid_lines() {
	python3 - docs/watch.schema.json "$dir/watch" <<-'EOF'
		import json, jsonschema, sys
		schema = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
		for line in open(sys.argv[2]):
		    schema.validate(json.loads(line))
	EOF
}

# lossless: watch says of no loss, but of what a pod's budget leaves out.
lossless() {
	! grep '"rule":"blind",.*"pod":null' "$dir/watch"
}

# What is open now, of watch --json, sorted: a rule and a pod's uid a line; watch_open_ids: a
# finding's id and severity. Not what was found of capability checks, which come with all else.
watch_open() {
	watch_open_as rules
}
watch_open_ids() {
	watch_open_as ids
}
# This is asked for again and again; where all code is interpreted Python takes seconds to start. No string
# has a double quote in it.
watch_open_as() {
	awk -F '"' -v form="$1" '
		/^[{]"type":"finding",.*[}]$/ && $34 !~ /^host-capability/ {
			is_open[$30] = $26 != "closed"
			said[$30] = form == "ids" ? $30 " " $38 : $34 " " ($41 == ":{" ? $44 : "node")
		}
		END {
			for (id in said)
				if (is_open[id])
					print said[id]
		}' "$dir/watch" | sort
}

# same_as_scan [FILE]: what watch --json said that is open is what a scan finds, in one form: rules, pods and
# evidence, no counts or times.
same_as_scan() {
	"$build/nsvigil" scan --json >"$dir/scan.json" || :
	python3 - "${1:-$dir/watch}" "$dir/scan.json" <<-'END'
		import json, sys
		def form(finding, pod):
		    evidence = sorted(json.dumps(one, sort_keys=True) for one in finding["evidence"])
		    return finding["rule"], finding["severity"], pod["uid"], pod["name"], evidence
		found = {}
		for line in open(sys.argv[1]):
		    event = json.loads(line)
		    if event["type"] != "finding" or event["rule"].startswith("host-capability"):
		        continue
		    if event["phase"] == "closed":
		        del found[event["id"]]
		    else:
		        found[event["id"]] = form(event, event["pod"] or {"uid": None, "name": None})
		scan = [form(finding, pod) for pod in json.load(open(sys.argv[2]))["pods"]
		        for finding in pod["findings"]]
		live = sorted(found.values())
		for only, here, there in ("watch", live, scan), ("scan", scan, live):
		    for finding in here:
		        if finding not in there:
		            print("only of", only, finding)
		print(len(live), "findings")
		sys.exit(sorted(scan) != live or not live)
	END
}
