#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A node in miniature: pods that are isolated, pods that are not, and one pod or two for each
# rule that a scan knows. Then attacks from inside a good one. Shows what nsvigil says of them, and
# compares it with what it should say: exit status 0 only if it said all of it.
set -eu

cd "$(dirname "$0")/.."
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

# What is asked is what the last lines say: how it ended, whatever that was.
caught=0
verdict() {
	status=$?
	lab_stop
	watch_stop
	unmap
	if [ "$status" = 0 ]; then
		printf '\nIt works here: %s findings in %s pods and %s attacks, all caught; none was false, none was missing.\n' \
			"$found" "$pods" "$caught"
		printf 'Try next:\n  sudo %s scan               the pods of this node\n' "$build/nsvigil"
		printf '  sudo %s doctor --node      whether it can run pods with hostUsers: false\n' "$build/nsvigil"
		printf '  %s explain left-pod        what a finding means\n' "$build/nsvigil"
	else
		[ ! -s "$dir/watch_errors" ] || tail -n 3 "$dir/watch_errors" >&2
		printf '\nIt does not work here: what is missing is above, after %s attacks that were caught.\n' "$caught" >&2
		printf 'What this kernel lets nsvigil see: sudo %s doctor\n' "$build/nsvigil" >&2
	fi
	rm -rf "$dir"
	exit "$status"
}
trap verdict EXIT

echo "Making pods with the kernel's own namespaces and cgroups (podlab):"
"$build/podlab" list | sed 's/^/  /'
mkdir -p "$node"
watch_start --policy observe --root "$node"
lab_start all

# What watch says of a finding goes on with why and what to do: here only what it is.
findings() {
	grep -cE '^[^ ]* (info|notice|warning|error|critical) ' "$dir/watch"
}
# All, if none comes in a second and a half: it walks once a second while there are new pods.
all_told() {
	before=$(findings) && sleep 1.5 && [ "$before" -ge 29 ] && [ "$(findings)" = "$before" ]
}
within 30 all_told
# show: what watch has said since it was shown last, without why and what to do.
shown=0
show() {
	from=$shown
	shown=$(wc -l <"$dir/watch")
	sed -n "$((from + 1)),${shown}p" "$dir/watch" |
		grep -A1 -E '^[^ ]+ (info|notice|warning|error|critical|watching) ' | grep -v '^--'
}
printf '\n$ nsvigil watch, which was there before the pods\n'
show

# attack WHAT EXPRESSION FINDING...: the puppet does it, and watch says these of its pod.
attack() {
	printf '\n# %s\n' "$1"
	[ -z "$2" ] || tell "$2" >/dev/null
	shift 2
	for finding; do
		within 15 said "$finding pod podlab/plain" || {
			echo "watch did not say: $finding" >&2
			return 1
		}
	done
	caught=$((caught + 1))
	show
}
said() {
	sed "1,${shown}d" "$dir/watch" | grep "^[^ ]* [a-z]* $1"
}

inside=$(pod_cgroup plain)
plain=$(pod_pid plain)
other=$(pod_pid containers)
set -- "root=$cgroup2/cgroup.procs" "ours=$inside/cgroup.procs" "our_net=/proc/$plain/ns/net" \
	"their_net=/proc/$other/ns/net" "our_user=/proc/$plain/ns/user" \
	"their_user=/proc/$other/ns/user"
printf '\nAttacks from inside podlab/plain:\n'
puppet_start "$inside" --target="$plain" --all --setuid=0 --setgid=0 "$@"
attack "A process moves to another cgroup, by a descriptor that was left open" "move(root)" left-pod
attack "and back" "move(ours)" "left-pod (closed)"
attack "Its root calls for a name of its own, which it may, and for the node's clock" \
	"libc.sethostname(b'x', 1), libc.clock_settime(0, bytes(16))" host-capability-stopped
puppet_end
puppet_start "$inside" --target="$plain" --mount --net --ipc --uts --pid --cgroup "$@"
attack "A container's process is not in the pod's user namespace" "" foreign-userns
attack "It joins another pod's network namespace" "setns(their_net)" foreign-namespace
attack "and its own" "setns(our_net)" "foreign-namespace (closed)"
attack "Its child joins another pod's user namespace" "become_child() or setns(their_user)" \
	"foreign-userns (again)"
puppet_end
attack "All of them are gone" "" "foreign-userns (closed)"
if map_elsewhere; then
	nsenter --target "$plain" --mount mount -t tmpfs volume /mnt
	"$build/idmap" -t -u "$other" -p "$plain" -a /mnt /mnt >"$dir/idmap"
	attack "A volume is mounted with another pod's map" "" idmap-mismatch
	nsenter --target "$plain" --mount umount -l /mnt /mnt
	map_elsewhere
	attack "and unmounted" "" "idmap-mismatch (closed)"
fi
watch_stop
printf '\n# Its summary, with the capability checks of podlab/plain\n'
sed -n '/^[^ ]* watched for/p; /^capability checks of pod podlab.plain$/,/^[^ ]/{/^ /p}' "$dir/watch" |
	grep -v ' first '

printf '\n$ nsvigil scan --root %s\n' "$node"
"$build/nsvigil" scan --root "$node" || [ $? = 1 ]

printf '\nEach pod as it should be judged, no finding missing and none too many:\n'
"$build/nsvigil" scan --root "$node" --json >"$dir/scan.json" || [ $? = 1 ]
"$build/podlab" verify all <"$dir/scan.json"
pods=$(grep -c '"verdict": ' "$dir/scan.json")
found=$(grep -c '"rule": ' "$dir/scan.json")
