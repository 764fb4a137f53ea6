# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that run an OCI runtime, runc or $runtime: source it after lab.sh.

dir=${dir:?} # lab.sh

# bundle NAME CGROUP FIRST [PYTHON]: a container in that cgroup; if FIRST is not 0, with a user
# namespace that maps 65536 host IDs from it. Its image is busybox. It is made in $dir/NAME. The
# Python changes spec; bundle is its folder, and ids the map.
bundle() {
	mkdir -p "$dir/$1/rootfs/bin" "$dir/$1/rootfs/proc" "$dir/$1/rootfs/dev" "$dir/$1/rootfs/sys"
	cp "$(command -v busybox)" "$dir/$1/rootfs/bin/busybox"
	for tool in cat id sh sleep true; do
		ln -sf busybox "$dir/$1/rootfs/bin/$tool"
	done
	rm -f "$dir/$1/config.json"
	(cd "$dir/$1" && ${in_root:-} "${runtime:-runc}" spec --bundle "$dir/$1")
	python3 - "$dir/$1" "$2" "$3" "${4:-}" <<-'EOP'
		import json, sys
		bundle, cgroup, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
		spec = json.load(open(bundle + "/config.json"))
		spec["process"].update(terminal=False, args=["/bin/sleep", "1000"], rlimits=[])
		spec["linux"].update(cgroupsPath=cgroup, resources={})
		spec["linux"].pop("seccomp", None)
		ids = [{"containerID": 0, "hostID": first, "size": 65536}]
		if first:
		    spec["linux"]["namespaces"].append({"type": "user"})
		    spec["linux"].update(uidMappings=ids, gidMappings=ids)
		exec(sys.argv[4])
		json.dump(spec, open(bundle + "/config.json", "w"))
	EOP
	[ "$3" = 0 ] || chown -R "$3:$3" "$dir/$1/rootfs"
}
