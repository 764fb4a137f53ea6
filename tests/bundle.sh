# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that run runc: source it after lab.sh.

dir=${dir:?} # lab.sh

# bundle NAME CGROUP FIRST: a container in that cgroup; if FIRST is not 0, with a user namespace that
# maps 65536 host IDs from it. Its image is busybox. It is made in $dir/NAME.
bundle() {
	mkdir -p "$dir/$1/rootfs/bin" "$dir/$1/rootfs/proc" "$dir/$1/rootfs/dev" "$dir/$1/rootfs/sys"
	cp "$(command -v busybox)" "$dir/$1/rootfs/bin/busybox"
	ln -s busybox "$dir/$1/rootfs/bin/sleep"
	ln -s busybox "$dir/$1/rootfs/bin/true"
	(cd "$dir/$1" && runc spec)
	python3 - "$dir/$1/config.json" "$2" "$3" <<-'EOF'
		import json, sys
		path, cgroup, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
		spec = json.load(open(path))
		spec["process"].update(terminal=False, args=["/bin/sleep", "1000"], rlimits=[])
		spec["linux"].update(cgroupsPath=cgroup, resources={})
		spec["linux"].pop("seccomp", None)
		if first:
		    ids = [{"containerID": 0, "hostID": first, "size": 65536}]
		    spec["linux"]["namespaces"].append({"type": "user"})
		    spec["linux"].update(uidMappings=ids, gidMappings=ids)
		json.dump(spec, open(path, "w"))
	EOF
	[ "$3" = 0 ] || chown -R "$3:$3" "$dir/$1/rootfs"
}
