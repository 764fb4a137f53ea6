#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What watch adds to a container's life as a kubelet's node has it: create, start, an exec, delete, by each runtime that
# there is, in a pod with a user namespace. TURNS of them alone and beside watch, in turn (four times each). In a guest
# whose clock counts instructions (guest.sh) what watch itself does meanwhile is part of it: there is one processor.
# Prints Markdown; JSON goes to $BUILD/bench/, or to KEPT. In no test is a time.
set -eu

cd "$(dirname "$0")/../.."
. tests/lab.sh
. tests/watching.sh
runtime=runc
. tests/runtime.sh
. tests/bench/kept.sh

turns=${TURNS:-10}
[ -z "$counted" ] || turns=${TURNS:-3}
: >"$dir/times"
: >"$dir/without"

cat >"$dir/lives.py" <<'END'
import subprocess, sys, time
turns, bundle, what, command = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]


def call(*arguments):
    begun = time.monotonic_ns()
    with open(f"{bundle}/said", "w+") as said:  # no pipe: a container keeps what its creator had open
        status = subprocess.call([*command, *arguments], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        took = time.monotonic_ns() - begun
        said.seek(0)
        if status:
            sys.exit(f"{arguments[0]}: {said.read().strip()}")
    return took


for _ in range(turns):
    took = {"create": call("create", "-b", bundle, "life"), "start": call("start", "life")}
    for _ in range(100):  # only then may it be entered
        if open(f"{bundle}/started").read():
            break
        time.sleep(0.01)
    took |= {"exec": call("exec", "life", "/bin/true"), "delete": call("delete", "--force", "life")}
    open(f"{bundle}/started", "w").close()
    for step, ns in took.items():
        print(step, what, ns)
END

# lives WHAT: by the runtime; of one that does not run here the reason.
lives() {
	mkdir -p "$cgroup2$besteffort"
	# shellcheck disable=SC2046 # words
	on_node python3 "$dir/lives.py" "$turns" "$dir/life" "$1" $(oci_words) 2>"$dir/lives_said" >"$dir/lives" || {
		echo "$runtime: $(tail -n 1 "$dir/lives_said")" >>"$dir/without"
		return 1
	}
	sed "s/^/$runtime /" "$dir/lives" >>"$dir/times"
}
oci_words() {
	case $runtime in
	*crun) echo "$runtime" --cgroup-manager=cgroupfs --root "$state" ;;
	*) echo "$runtime" --root "$state" ;;
	esac
}

node_begin
for runtime in runc crun; do
	if ! on_node sh -c "command -v $runtime" >"$dir/which"; then
		echo "$runtime: it is not here" >>"$dir/without"
		continue
	fi
	container life 1 1 'spec["process"]["args"] = ["/bin/sh", "-c", "echo y >/started; exec sleep 1000"]; spec["root"]["readonly"] = False'
	: >"$dir/life/rootfs/started"
	chown "$(first_of 1)" "$dir/life/rootfs/started"
	ln -sf rootfs/started "$dir/life/started"
	for _ in 1 2 3 4; do
		lives alone || break
		watch_start --json
		lives watch
		watch_stop
	done
	rm -rf "$dir/life"
done
keep start "$dir/times" "$dir/without"
