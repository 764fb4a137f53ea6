# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that do something inside a pod of podlab's: source it after lab.sh.

dir=${dir:?} build=${build:?} # lab.sh
cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)
chmod 711 "$dir"
mkdir -m 1777 "$dir/shared" # where any pod can write

# pod_uid SCENARIO: of its first pod. podlab numbers pods in the order of its list.
pod_uid() {
	printf '706f646c-6162-4000-8000-%06x000000\n' \
		"$("$build/podlab" list | awk -v name="$1" '$1 == name { print NR }')"
}

# pod_cgroup SCENARIO: that of its first container; pod_pid: the oldest process in it.
pod_cgroup() {
	find "$cgroup2/podlab" -type d -path "*pod$(pod_uid "$1" | tr - '?')*/*" | sort | head -n 1
}
pod_pid() {
	by_age "$(pod_cgroup "$1")" | head -n 1
}

# by_age CGROUP: its processes, the oldest first. That has not the lowest number where these have begun again.
by_age() {
	# starttime of proc_pid_stat(5)
	sed 's,.*,/proc/&/stat,' "$1/cgroup.procs" | xargs -r cat 2>/dev/null |
		sed -E 's/^([0-9]+) .*\) (\S+ ){19}([0-9]+) .*/\3 \1/' | sort -k 1,1n -k 2,2n | cut -d ' ' -f 2
}

# enter CGROUP OPTION... COMMAND...: as a runtime's exec: into the container's cgroup, and with
# nsenter's options into its namespaces, and in a session of its own, which is as nice as what is in it (sched(7), autogroup).
cat >"$dir/enter" <<'END'
{ nice >/proc/self/autogroup; } 2>&-
echo 0 >"$1/cgroup.procs"
shift
exec nsenter "$@"
END
enter() {
	setsid -w sh "$dir/enter" "$@"
}

# container NAME UNSHARE-OPTION... COMMAND...: a container of a new pod with hostUsers: true that is
# in all of the node's namespaces but those that unshare's options make.
cat >"$dir/container" <<'END'
echo 0 >"$1/cgroup.procs"
shift
exec unshare "$@"
END
container() {
	hand=$cgroup2/podlab/kubepods/besteffort/pod44444444-2222-3333-4444-555555555555/$1
	mkdir -p "$hand"
	shift
	sh "$dir/container" "$hand" "$@"
}

. tests/puppet.sh
. tests/calls.sh
