# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2317,SC2034 # who sources it calls and uses what is here
#
# For scripts that run real containers beside a watch: source it after watching.sh, with $runtime, an
# OCI runtime. What is started and executed is counted, in files, because check runs in a subshell.

dir=${dir:?} build=${build:?} runtime=${runtime:?} # lab.sh; who sources this
. tests/bundle.sh

starts=${STARTS:-10}
cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -n 1)
root=nsvigil-test
besteffort=/$root/kubepods/besteffort
holder=
in_root=
state=$dir/state
: >"$dir/started"
: >"$dir/executed"
: >"$dir/hosts"
chmod 755 "$dir"
trap 'runtime_end; lab_stop; watch_stop; rm -rf "$dir"' EXIT

runtime_end() {
	clean
	node_end
	umount -l "$dir"/*/rootfs "$dir"/*/volume "$dir/overlay" 2>/dev/null || :
}

# node_private [FOLDER]: from now on runtimes are in a mount namespace of their own, with cgroup2 alone
# where they look for it; and in another root, if one is given.
node_private() {
	cat >"$dir/holder" <<-'END'
		set -eu
		at=${3:+$1/other}
		if [ -n "$at" ]; then
			mkdir -p "$at"
			mount --bind "$3" "$at"
			for part in proc sys dev; do
				mount --rbind "/$part" "$at/$part"
			done
			mount -t tmpfs none "$at/tmp"
			mount -t tmpfs none "$at/run"
			mkdir -p "$at$1"
			mount --bind "$1" "$at$1"
		fi
		umount -l "$at/sys/fs/cgroup" || :
		mount -t cgroup2 none "$at/sys/fs/cgroup"
		if [ -n "$at" ]; then
			# In a chroot the kernel makes no user namespace.
			mkdir "$at/run/before"
			cd "$at"
			pivot_root . run/before
			exec chroot . sh -c 'umount -l /run/before; echo ready >"$1"; exec sleep 100000' - "$2"
		fi
		echo ready >"$2"
		exec sleep 100000
	END
	mkfifo "$dir/holds"
	unshare --mount sh "$dir/holder" "$dir" "$dir/holds" "${1:-}" 9>&- >"$dir/holder_said" 2>&1 &
	holder=$!
	read -r _ <"$dir/holds"
	rm "$dir/holds"
	in_root="nsenter --target=$holder --mount --root --wd"
	state=$dir/state_private
}
# node_begin: so it is where the runtimes are those of another root, or would not find cgroup2 alone.
node_begin() {
	if [ -n "${ROOT_OF_RUNTIME:-}" ] || [ "$(findmnt -no FSTYPE /sys/fs/cgroup)" != cgroup2 ]; then
		node_private "${ROOT_OF_RUNTIME:-}"
	fi
}
node_end() {
	[ -z "$holder" ] || kill "$holder" || :
	holder=
	in_root=
	state=$dir/state
}

# on_node COMMAND...: where runtimes run.
on_node() {
	# shellcheck disable=SC2086 # words
	$in_root "$@" 9>&-
}

# oci ARGUMENT...: the runtime as the node has it.
oci() {
	# shellcheck disable=SC2086 # words
	case $runtime in
	*crun) $in_root "$runtime" --cgroup-manager=cgroupfs --root "$state" "$@" ;;
	*) $in_root "$runtime" --root "$state" "$@" ;;
	esac 9>&-
}

# The runtime's name and version.
version() {
	on_node "$runtime" --version | awk 'NR == 1 { print $1, $3 }'
}

# pod_uid N, cgroup_of POD CONTAINER: as numbers. The latter is a runtime's cgroupsPath.
pod_uid() {
	printf '22222222-2222-3333-4444-%012d\n' "$1"
}
cgroup_of() {
	echo "$besteffort/pod$(pod_uid "$1")/$(printf %064d "$2")"
}
first_of() {
	echo $((196608000 + $1 * 65536))
}

# container NAME POD N [PYTHON]: in pod POD, that has a user namespace of its own; its Nth.
# container_host: in one that has none.
container() {
	bundle "$1" "$(cgroup_of "$2" "$3")" "$(first_of "$2")" "${4:-}"
}
container_host() {
	pod_uid "$2" >>"$dir/hosts"
	bundle "$1" "$(cgroup_of "$2" "$3")" 0 "${4:-}"
}

# join NAME PID: the container is to be in the user namespace, and others, of that process, as the
# containers of a pod are in those of its sandbox.
join() {
	python3 - "$dir/$1/config.json" "$2" <<-'END'
		import json, sys
		spec = json.load(open(sys.argv[1]))
		files = {"user": "user", "network": "net", "ipc": "ipc", "uts": "uts"}
		for each in spec["linux"]["namespaces"]:
		    if each["type"] in files:
		        each["path"] = f"/proc/{sys.argv[2]}/ns/{files[each['type']]}"
		json.dump(spec, open(sys.argv[1], "w"))
	END
}

# What a container's first process is called before it runs the image's program.
runtime_names='^(runc|crun|exe$|[0-9]+$)'

# start NAME: runs it, detached; then it runs the image's program: before that nobody without CAP_SYS_PTRACE
# joins its namespaces, which an exec does. inside NAME [--OPTION=VALUE] COMMAND...: executes that in it. end NAME:
# removes it, running or not. pid_of NAME: of its first process.
start() {
	mkdir -p "$cgroup2$besteffort"
	oci run -d --pid-file "$dir/$1/pid" -b "$dir/$1" "$1" </dev/null >"$dir/$1/log" 2>&1 || {
		cat "$dir/$1/log"
		return 1
	}
	echo "$1" >>"$dir/started"
	within 30 runs_image "$(cat "$dir/$1/pid")"
}
runs_image() {
	! grep -qE "$runtime_names" "/proc/$1/comm" 2>"$dir/gone"
}
inside() {
	into=$1
	shift
	case $1 in
	--*)
		option=$1
		shift
		oci exec "$option" "$into" "$@" </dev/null || return 1
		;;
	*) oci exec "$into" "$@" </dev/null || return 1 ;;
	esac
	echo "$into" >>"$dir/executed"
}
end() {
	oci delete --force "$1"
}
pid_of() {
	oci state "$1" | grep -o '"pid": *[0-9]*' | grep -o '[0-9]*$'
}

# beyond_policy: all findings but those of pods without a user namespace that follow from that, what
# is told for information, losses, which lossless() judges, and $deserved, a rule that this runtime breaks.
deserved=
beyond_policy() {
	python3 - "$dir/watch" "$dir/hosts" "$deserved" <<-'END'
		import json, sys
		hosts = set(open(sys.argv[2]).read().split())
		for line in open(sys.argv[1]):
		    event = json.loads(line)
		    if event["type"] != "finding" or event["phase"] not in ("opened", "reopened"):
		        continue
		    pod = event["pod"]["uid"] if event["pod"] else "node"
		    if event["severity"] == "info" or event["rule"] == sys.argv[3] or (
		            event["rule"] == "blind" and not event["pod"]):
		        continue
		    if pod in hosts and event["rule"] in ("host-userns", "host-capability"):
		        continue
		    print(line, end="")
	END
}
silent() {
	beyond_policy >"$dir/beyond"
	[ ! -s "$dir/beyond" ] || {
		head -n 3 "$dir/beyond"
		return 1
	}
}

# verdict_is POD VERDICT: as a scan has it.
verdict_is() {
	"$build/nsvigil" scan --json >"$dir/scan.json" || :
	python3 - "$dir/scan.json" "$(pod_uid "$1")" "$2" <<-'END'
		import json, sys
		found = [pod for pod in json.load(open(sys.argv[1]))["pods"] if pod["uid"] == sys.argv[2]]
		assert [pod["verdict"] for pod in found] == [sys.argv[3]], found
	END
}

# counted: what ran and what came of it, once watch has ended; tests/run shows it. It goes to $KEPT, too.
counted() {
	set -- "$(version)" "$(wc -l <"$dir/started")" "$(wc -l <"$dir/executed")" "$(beyond_policy | wc -l)"
	lost=$(grep -c '"phase":"[^c][a-z]*","id":"blind"' "$dir/watch" || :)
	[ "$lost" = 0 ] && lost= || lost=", events lost $lost times"
	echo "# counted: $1 on Linux $(uname -r): $2 starts, $3 execs, $4 findings beyond policy$lost"
	[ -z "${KEPT:-}" ] || echo "$1	$(uname -r)	$(date -I)	$2	$3	$4" >>"$KEPT/runtimes.tsv"
}
