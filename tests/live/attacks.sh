#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Attacks from inside pods while watch looks on: after each, exactly the findings that it deserves
# are open, and none once it is undone. What the kernel refuses opens none.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

# open_is ID-AND-SEVERITY...: these findings are open, and no other.
open_is() {
	printf '%s\n' "$@" | sed '/^$/d' | sort >"$dir/expected"
	watch_open_ids | grep -vx "blind warning" >"$dir/open" || : # lossless() judges that, at the end
	diff "$dir/expected" "$dir/open"
}

# opens NAME EXPRESSION ID-AND-SEVERITY...: the puppet does it, and these findings are open then.
opens() {
	name=$1
	expression=$2
	shift 2
	catches "$(rules_of "$@")" "$name" does "$expression" "$@"
}
rules_of() {
	printf '%s\n' "$@" | sed 's,/.*,,' | sort -u
}
does() {
	answer=$(tell "$1") || return 1
	echo "$1: $answer"
	shift
	[ "$answer" = None ] && within 5 open_is "$@"
}

# names_in ID OTHER-POD'S-UID: what was said of the finding names that pod.
names_in() {
	grep "\"id\":\"$1\".*\"pod\":\"$2\"" "$dir/watch"
}

# refused EXPRESSION ERROR: the kernel does not do it.
refused() {
	answer=$(tell "$1") && echo "$1: $answer" && [ "$answer" = "$2" ]
}

watch_or_skip --json
needs credentials namespaces
lab_start plain cgroupfs

us=$(pod_uid plain)
them=$(pod_uid cgroupfs)
inside=$(pod_cgroup plain)
pid=$(pod_pid plain)
victim=$(pod_pid cgroupfs)
left="left-pod/$us critical"
stray="foreign-userns/$us critical"
unmapped="unmapped-identity/$us critical"
joined() {
	echo "foreign-namespace/$us/$1 critical"
}

mkdir "$cgroup2/podlab/elsewhere"
set -- "node=/proc/$$/ns/user" "our_user=/proc/$pid/ns/user" "their_user=/proc/$victim/ns/user" \
	"root=$cgroup2/cgroup.procs" "elsewhere=$cgroup2/podlab/elsewhere/cgroup.procs" \
	"theirs=$(pod_cgroup cgroupfs)/cgroup.procs" "ours=$inside/cgroup.procs"
for kind in mnt net ipc uts pid cgroup; do
	set -- "$@" "their_$kind=/proc/$victim/ns/$kind" "our_$kind=/proc/$pid/ns/$kind"
done

# In the pod's user namespace, as its root: the kernel itself refuses most.
puppet_start "$inside" --target="$pid" --all --setuid=0 --setgid=0 "$@"
check "an exec into a pod" open_is
for kind in user mnt net ipc uts pid cgroup; do
	check "the kernel refuses another pod's $kind namespace" refused "setns(their_$kind)" EPERM
done
check "the kernel refuses the node's user namespace" refused "setns(node)" EPERM
check "no finding of what was refused" open_is
opens "a user namespace and others below the pod's" \
	"parent_does(unshare, user | mnt | net | ipc | uts | pid) and None"
opens "it moves to the root cgroup" "move(root)" "$left"
opens "and back" "move(ours)"
opens "it moves to another cgroup" "move(elsewhere)" "$left"
opens "and to another pod's" "move(theirs)" "$left"
opens "and back to its own" "move(ours)"
opens "its parent leaves the pod" "parent_does(move, root) and None" "$left"
puppet_end
check "who left the pod is gone" within 5 open_is

puppet_start "$inside" --target="$pid" --all --setuid=0 --setgid=0 "$@"
opens "a child whose parent exits" "become_orphan()"
opens "is the pod's: it leaves it" "move(elsewhere)" "$left"
opens "its child is there, too, and its parent exits" "become_orphan()" "$left"
opens "it goes back" "move(ours)"
puppet_end

# A container's process that was not put into the pod's user and PID namespaces: root of the node.
puppet_start "$inside" --target="$pid" --mount --net --ipc --uts --cgroup "$@"
in_node_pid=$(joined pid)
catches foreign-userns "a process in the node's user and PID namespaces" within 5 open_is "$stray" "$in_node_pid"
for kind in mnt net ipc uts cgroup; do
	opens "it joins another pod's $kind namespace" "setns(their_$kind)" "$stray" "$in_node_pid" \
		"$(joined $kind)"
	opens "and its own" "setns(our_$kind)" "$stray" "$in_node_pid"
done
opens "its child joins another pod's user namespace" "become_child() or setns(their_user)" \
	"$stray" "$in_node_pid"
check "the finding names that pod" names_in "foreign-userns/$us" "$them"
puppet_end
puppet_start "$inside" --target="$pid" --mount --net --ipc --uts --cgroup "$@"
opens "it joins another pod's PID namespace: its child is in it" \
	"setns(their_pid) or become_child()" "$stray" "$in_node_pid"
check "that finding names the pod, too" names_in "foreign-namespace/$us/pid" "$them"
puppet_end
check "it is gone" within 5 open_is

# Host root in the pod's user namespace, and then only one of two threads.
puppet_start "$inside" --target="$pid" --mount --net --ipc --uts --cgroup "$@"
opens "host root joins the pod's user namespace" "setns(our_user)" "$in_node_pid" "$unmapped"
check "it makes a thread" tell "globals().update(thread=Thread())"
opens "of its two threads only one changes its IDs" "take_ids(0)" "$in_node_pid" "$unmapped"
opens "the other one changes one ID of three" "thread.does(take_uid, 5)" "$in_node_pid" "$unmapped"
opens "and then all of its IDs" "thread.does(take_ids, 0)" "$in_node_pid"
puppet_end
check "all is over" within 5 open_is

check "nothing was lost" lossless
lab_stop
check_replay
finish
