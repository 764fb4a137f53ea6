#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Each alternative of the hook table, forced: when an attack is seen that needs its event, and whether
# doctor says so. What the alternatives do not show alike is stated here, and nowhere else tested:
#
#   once    at once
#   check   at the next capability check of the process
#   exec    at its next exec
#   partly  a check that may be a mere probe is counted and no finding
#   maker   an idmapped mount, and who made it
#   mount   the mount alone: from Linux 6.15 on, by statmount(2)
#   never
# shellcheck disable=SC2016 # Perl's variables
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

# line PATTERN [N]: the number of the N-th line with it, of what watch said; else it fails.
line() {
	grep -n "$1" "$dir/watch" | sed -n "${2:-1}s/:.*//p" | grep .
}
left_pod='"phase":"\(opened\|repeated\|reopened\)",.*"rule":"left-pod"'
# left N: likewise of the N-th that has left the pod since $left_before was set.
left() {
	line "$left_pod" $((left_before + $1))
}
left_before() {
	left_before=$(grep -c "$left_pod" "$dir/watch" || :)
}
# before PATTERN N: it was said before the N-th witness left the pod.
before() {
	within 30 left "$2" >"$dir/left" || return 2
	at=$(line "$1") && [ "$at" -lt "$(left "$2")" ]
}

# A walk shows a change, too: one that comes between a change and its witnesses says nothing of hooks, and the round is
# made again. walks: how many watch has made; settle: none has come for half a second, walks_before are those.
walks() {
	busybox wget -qO- "http://127.0.0.1:$port/metrics" | sed -n 's/^nsvigil_walks_total //p' | grep .
}
settle() {
	walks_before=$(walks) && sleep 0.5 && [ "$(walks)" = "$walks_before" ]
}

# change EXPRESSION PATTERN: a container's process that is root of the node does it; sets seen, and walked.
change() {
	puppet_start "$(pod_cgroup plain)" --target="$(pod_pid plain)" --mount --net --ipc --uts \
		--cgroup "our_user=/proc/$(pod_pid plain)/ns/user" "root=$cgroup2/cgroup.procs" \
		"their_net=/proc/$(pod_pid cgroupfs)/ns/net"
	seen=never
	left_before
	{
		tell "call_witnesses(2)" && within 30 settle && tell "$1 or report()" && tell "report()"
	} >"$dir/answers" || return 1
	if before "$2" 1; then
		seen=once
	elif before "$2" 2; then # each answer ends with a check
		seen=check
	fi
	[ "$(walks)" = "$walks_before" ] || walked=yes
	if [ "$seen" = never ]; then
		echo "os.execvp('cat', ['cat'])" >&8
		! within 20 line "$2" >"$dir/line" || seen="exec"
	fi
	cat "$dir/answers"
	puppet_end
	grep -c None "$dir/answers" | grep -qx 3
}
see_credentials() {
	change "setns(our_user)" '"phase":"opened",.*"rule":"unmapped-identity"'
}
see_namespaces() {
	change "setns(their_net)" "\"phase\":\"opened\",\"id\":\"foreign-namespace/$(pod_uid plain)/net\""
}

# Root of the node in a pod asks for CAP_SYS_ADMIN where the kernel also probes it (swapoff), and then
# for CAP_SYS_CHROOT, which it never probes.
see_capabilities() {
	said="\"phase\":\"\(opened\|repeated\|reopened\)\",\"id\":\"host-capability/$(pod_uid host)\",.*\"capability\""
	in_host perl -e 'syscall($ARGV[0], $x = "x"); syscall($ARGV[1], $r = "/")' "$(call swapoff)" "$(call chroot)" || return 1
	pid=$(pod_pid plain)
	inside=$(pod_cgroup plain)
	left_before
	echo "$pid" >"$cgroup2/cgroup.procs"
	within 30 left 1 || return 1
	echo "$pid" >"$inside/cgroup.procs" # where podlab will end it
	seen=never
	! line "$said:\"CAP_SYS_CHROOT\"" || seen=partly
	! line "$said:\"CAP_SYS_ADMIN\"" || seen=once
}
in_host() {
	enter "$(pod_cgroup host)" --target="$(pod_pid host)" --mount --net --ipc --uts --pid --cgroup \
		"$@" 9>&-
}

# Two walks after it was made, at the latest: one when a container appears, one when watch ends.
see_idmaps() {
	plain=$(pod_pid plain)
	nsenter --target "$plain" --mount mount -t tmpfs point "$dir/shared" || return 1
	"$build/idmap" "$mappable" -u "$(pod_pid cgroupfs)" -p "$plain" -a "$dir/shared" 9>&- || return 1
	walks=0
	while [ "$walks" -lt 3 ]; do
		walks=$((walks + 1))
		mkdir "$(dirname "$(pod_cgroup plain)")/more$walks" || return 1
		sleep 1
	done
	rmdir "$(dirname "$(pod_cgroup plain)")"/more?
	watch_stop
	seen=never
	! line '"rule":"idmap-mismatch"' || seen=mount
	! line '"rule":"idmap-mismatch".* by process ' || seen=maker
}

# What doctor says of when it is seen, in the words of this test.
claim() {
	case $alternative,$blind in
	none,*statmount*) if grep -q '"detail": "statmount(2)"' "$dir/doctor.json"; then echo mount; else echo never; fi ;;
	*,) echo once ;;
	*"without a system call for it"*) echo once ;;
	*"capability check is seen"*) echo never ;;
	*"next one, exec or walk"*) echo check ;;
	*"next exec or walk"*) echo exec ;;
	*"only a probe"*) echo partly ;;
	*"absolute path"*) echo maker ;;
	*) echo "$blind" ;;
	esac
}

# watch_round EVENT=ALTERNATIVE:WHEN...: a watch by all of these, and each attack; what was seen of it is in
# $dir/seen.EVENT, after its status. Sets walked.
watch_round() {
	walked=
	# shellcheck disable=SC2046 # a list of words
	watch_start --json --metrics="127.0.0.1:$port" $(options "$@") || return 1
	lab_start plain cgroupfs host || return 1
	for event in $(printf '%s\n' "$@" | cut -d = -f 1); do
		seen=
		status=0
		"see_$event" >"$dir/said.$event" 2>&1 || status=$?
		echo "$status $seen" >"$dir/seen.$event"
	done
	watch_stop
	lab_stop
}
options() {
	printf -- '--hooks %s\n' "$@" | sed 's/:.*//'
}

# is_seen EVENT ALTERNATIVE WHEN: its attack was seen then, and doctor says the same.
is_seen() {
	event=$1 alternative=$2 when=$3
	cat "$dir/round" "$dir/said.$event"
	blind=$(blind "$event")
	rules=${blind##* (}
	echo "doctor: $(hook "$event"), $blind"
	[ "$(hook "$event")" = "$alternative" ] && [ "$(claim)" = "$when" ] || return 1
	case $event,$rules in
	*,"") ;;
	credentials,*unmapped-identity*) ;;
	namespaces,foreign-namespace*) ;;
	capabilities,host-capability*) ;;
	idmaps,idmap-mismatch*) ;;
	*) return 1 ;;
	esac
	echo "its status, and when it was seen: $(cat "$dir/seen.$event")"
	[ "$(cat "$dir/seen.$event")" = "0 $when" ]
}

# try EVENT=ALTERNATIVE:WHEN...: at most one of each event. What does not load here is skipped, and the others
# are tried together: none shows another event's change, but one of credentials and namespaces the other's, so that
# both are forced.
try() {
	status=0
	# shellcheck disable=SC2046 # a list of words
	ask_doctor $(options "$@") 2>"$dir/refused" || status=$?
	if [ "$status" = 3 ]; then
		loading=
		for each; do
			loads "$each" && loading="$loading $each"
		done
		[ -n "$loading" ] || return 0
		# shellcheck disable=SC2086 # a list of words
		set -- $loading
		# shellcheck disable=SC2046 # likewise
		ask_doctor $(options "$@")
	fi
	rm -f "$dir"/seen.* "$dir"/said.*
	for round in 1 2 3 4 5; do
		watch_round "$@" >"$dir/round" 2>&1 || echo "its status is $?" >>"$dir/round"
		[ -n "$walked" ] || break
		echo "# round $round: a walk came in between"
	done
	for each; do
		at=${each%:*} when=${each##*:}
		event=${at%%=*} alternative=${at#*=}
		check "$at shows it: $when" is_seen "$event" "$alternative" "$when"
		[ -z "$tap_passed" ] || record seen "$(printf '%s\t%s\t%s' "$event" "$alternative" "$when")"
	done
}
loads() {
	at=${1%:*}
	status=0
	ask_doctor --hooks "$at" 2>"$dir/refused" || status=$?
	[ "$status" = 3 ] || return 0
	check "watch, too, says in one line that $at does not load" refused "$at"
	skip "$at shows it: ${1##*:}" "$(sed 's/.*does not load here/it does not load here/' "$dir/refused")"
	record seen "$(printf '%s\t%s\t%s' "${at%%=*}" "${at#*=}" "$(sed 's/.*here: //' "$dir/refused")")"
	return 1
}
refused() {
	status=0
	"$build/nsvigil" watch --hooks "$1" >"$dir/out" 2>"$dir/err" || status=$?
	cat "$dir/out" "$dir/err"
	[ "$status" = 3 ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" = 1 ] &&
		grep -qF -e "--hooks $1 does not load here: " "$dir/err"
}

[ -z "${HOOKS:-}" ] || skip_all "it forces each alternative by itself, not $HOOKS"
port=$(free_port)
watch_or_skip --json
watch_stop

without=never
"$build/nsvigil" doctor >"$dir/doctor" || [ $? = 1 ]
! grep -q '^ok *mount maps' "$dir/doctor" || without=mount

status=0
find_mappable || status=$?
by_function=idmaps=$(at_mount_setattr):maker
by_check=idmaps=tp_btf/cap_capable:maker
by_exit=idmaps=tp_btf/sys_exit:maker
by_none=idmaps=none:$without
if [ "$status" = 77 ]; then
	skip "idmaps" "this kernel idmaps neither tmpfs nor ext4: $(cat "$dir/idmap")"
	by_function='' by_check='' by_exit='' by_none=
fi

# shellcheck disable=SC2086 # or no word
{
	try credentials=fentry/commit_creds:once namespaces=fentry/switch_task_namespaces:once \
		capabilities=fexit/cap_capable:once $by_function
	try credentials=tp_btf/cap_capable:check namespaces=tp_btf/cap_capable:check \
		capabilities=tp_btf/cap_capable:partly $by_check
	try credentials=tp_btf/sys_exit:once namespaces=tp_btf/sys_exit:once $by_exit
	try credentials=none:exec namespaces=none:exec capabilities=none:never $by_none
}
finish
