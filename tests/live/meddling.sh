#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What root can do to a watch's programs and maps by bpf(2), and whether it is told. Nothing of it ends watch but what
# only loading anew repairs: then it says so.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh

# all KIND: the ids of what watch has open of it.
all() {
	sed -n "s/^$1_id:[[:space:]]*//p" "/proc/$watching/fdinfo/"* | sort -un
}
# id KIND NAME: of its program or map that is called so.
id() {
	for each in $(all "$1"); do
		if bpftool "$1" show id "$each" --json | grep -qE "\"name\":\"$2\""; then
			echo "$each"
			return
		fi
	done
	return 1
}
said() {
	grep "\"rule\":\"blind\",.*$1" "$dir/watch"
}
# A pod that is new makes watch walk.
walk() {
	mkdir -p "$root/kubepods/pod44444444-2222-3333-4444-$(printf '%012d' "$1")"
}
alive() {
	kill -0 "$watching"
}

# Links of these kinds have no such operation: kernel/bpf/syscall.c, link_detach().
no_detach() {
	all link >"$dir/links"
	while read -r link; do
		if bpftool link detach id "$link"; then
			return 1
		fi
	done <"$dir/links"
	[ -s "$dir/links" ] && alive
}

# keys_of MAP: one a line, of which there is some.
keys_of() {
	map=$(id map "$1")
	bpftool map dump id "$map" --json | python3 -c '
import json, sys
for each in json.load(sys.stdin):
    print(*(byte[2:] for byte in each["key"]))' >"$dir/keys"
	[ -s "$dir/keys" ]
}
# take_out MAP: all that is in it.
take_out() {
	keys_of "$1" || return 1
	while read -r key; do
		# shellcheck disable=SC2086 # a list of bytes
		bpftool map delete id "$map" key hex $key
	done <"$dir/keys"
}
# One kind of checks is said to be counted where the table of counts has no place.
mislead() {
	keys_of capabilities || return 1
	read -r key <"$dir/keys"
	# shellcheck disable=SC2086 # a list of bytes
	bpftool map update id "$map" key hex $key value hex 1 0 0 0 0 0 0 0 ff ff ff 7f 0 0 0 0
}
scan_goes_on() {
	status=0
	"$build/nsvigil" scan --json >"$dir/scan.json" || status=$?
	[ "$status" -lt 2 ] || return 1
	counted_on
}
# It counts each five seconds, and with each walk.
counted_on() {
	walk 700
	sleep 6
	alive
}
pods_are_back() {
	walk "$1"
	said "removed from their table"
}
are_in() {
	number=$((${number:-100} + 1))
	pods_are_back "$number"
}

# set_root: the variable node_root is another one; of the bytes of all only its own are changed.
set_root() {
	map=$(id map 'watch_bp[a-z]*[.]bss')
	bpftool map lookup id "$map" key hex 0 0 0 0 --json >"$dir/bss"
	bpftool btf dump id "$(bpftool map show id "$map" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["btf_id"])')" \
		--json >"$dir/btf"
	python3 - "$dir/bss" "$dir/btf" >"$dir/value" <<-'END'
		import json, sys
		bss = json.load(open(sys.argv[1]))
		value = [byte[2:] for byte in bss["value"]]
		types = json.load(open(sys.argv[2]))["types"]
		ids = {each["id"]: each for each in types}
		section = next(each for each in types if each["kind"] == "DATASEC" and each["name"] == ".bss")
		at = next(each["offset"] for each in section["vars"] if ids[each["type_id"]]["name"] == "node_root")
		value[at] = "07"
		print(*value)
	END
	# shellcheck disable=SC2046 # a list of bytes
	bpftool map update id "$map" key hex 0 0 0 0 value hex $(cat "$dir/value")
}

freeze() {
	bpftool map freeze id "$(id map pods)" || return 1
	walk 900
	within 60 ended
	tail -n 3 "$dir/watch_errors"
	grep 'somebody interfered with the hooks: one of their maps is frozen' "$dir/watch_errors"
}
# Until somebody waits for it a process that has ended is there.
ended() {
	! grep -v '^State:.Z' "/proc/$watching/status" 2>/dev/null | grep -q '^State:'
}
# The kernel refuses it, or does nothing, or calls no program on a function any more.
no_functions() {
	echo "it is refused" >"$dir/switch"
	sysctl -w kernel.ftrace_enabled=0 || return 0
	echo "it does nothing" >"$dir/switch"
	walk 901
	sleep 15
	if ended; then
		said "not called" || return 1
		echo "no program on a function is called, which is told" >"$dir/switch"
	fi
	sysctl -w kernel.ftrace_enabled=1
}

command -v bpftool >/dev/null || skip_all "there is no bpftool"
watch_or_skip --json
lab_start plain
root=$(findmnt -nlt cgroup2 -o TARGET | head -1)/podlab
check "no link of a hook can be detached" no_detach
sleep 2 # a walk has seen them there
check "somebody makes a count of capability checks lead to nowhere" within 10 mislead
check "watch goes on, and so does a scan" scan_goes_on
check "somebody takes all counts of capability checks out" within 10 take_out capabilities
check "they are missing, and watch goes on" counted_on
check "somebody takes all pods out of their table" take_out pods
check "that is told" within 60 are_in
check "and watch goes on" alive
check "somebody changes a variable" set_root
# By a mount: a new pod is no sign any more, since what the variable says of the node is wrong.
check "that is told, too" within 60 after_walk said "their variables were changed"
check "and watch goes on" alive
if [ -e /proc/sys/kernel/ftrace_enabled ]; then
	check "that functions call no program is told, where root can have it so" no_functions
else
	skip "functions that call no program" "the kernel has no such switch"
fi
watch_stop
watch_start --json
check "a map that is frozen ends watch, which says so" freeze
status=0
wait "$watching" || status=$?
watching=
check "with 3" test "$status" = 3
check "and on its output" said "one of their maps is frozen"
lab_stop
echo "# counted: Linux $(uname -r): kernel.ftrace_enabled=0: $(cat "$dir/switch" || echo "not tried")"
finish
