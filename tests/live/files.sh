#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What files of the node say, against what a real runtime does: runc is told to make no user
# namespace after its configuration was written with one, or a static pod's manifest asked for one.
# And names that appear while watch runs.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/bundle.sh

command -v runc >/dev/null || skip_all "there is no runc"
cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)
[ -n "$cgroup2" ] || skip_all "no cgroup2 is mounted"
volume=
trap 'lab_stop; watch_stop; clean; [ -z "$volume" ] || umount "$volume" 2>/dev/null || :; unmap; rm -rf "$dir"' EXIT

root=podlab-files
id=$(printf %064d 7)
uid=33333333-2222-3333-4444-000000000000
cgroup=/$root/kubepods/besteffort/pod$uid/$id
first=196608000
files=$dir/node
config=$files/run/containerd/io.containerd.runtime.v2.task/k8s.io/$id/config.json

# What the kubelet and containerd write before the runtime is called.
declare_pod() {
	mkdir -p "$(dirname "$config")" "$files/var/lib/kubelet/pods/$uid"
	python3 - "$dir/$1/config.json" "$config" "$uid" <<-'EOP'
		import json, sys
		spec = json.load(open(sys.argv[1]))
		spec["annotations"] = {
		    "io.kubernetes.cri.container-type": "container",
		    "io.kubernetes.cri.sandbox-uid": sys.argv[3],
		    "io.kubernetes.cri.container-name": "app",
		}
		json.dump(spec, open(sys.argv[2], "w"))
	EOP
	map="[{\"hostId\":$first,\"containerId\":0,\"length\":65536}]"
	printf '{"uidMappings":%s,"gidMappings":%s}' "$map" "$map" \
		>"$files/var/lib/kubelet/pods/$uid/userns"
}

# The runtime's own configuration, without the user namespace.
forget_userns() {
	python3 - "$dir/$1/config.json" <<-'EOP'
		import json, sys
		spec = json.load(open(sys.argv[1]))
		linux = spec["linux"]
		linux["namespaces"] = [n for n in linux["namespaces"] if n["type"] != "user"]
		del linux["uidMappings"], linux["gidMappings"]
		json.dump(spec, open(sys.argv[1], "w"))
	EOP
}

cat >"$dir/run" <<'EOP'
set -eu
umount -l /sys/fs/cgroup || :
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$3/kubepods/besteffort"
runc --root "$1/state" run -d --no-pivot -b "$1/$2" "$2" </dev/null >/dev/null
EOP
run() {
	unshare --mount sh "$dir/run" "$dir" "$1" "$root" 9>&-
}
end() {
	runc --root "$dir/state" delete -f "$1"
	clean
}

# found RULE [PART]: watch has an open finding, and it says that.
found() {
	watch_open | grep -qx "$1 $uid" && grep "\"rule\":\"$1\"" "$dir/watch" | grep -qF "${2:-}"
}
silent() {
	! watch_open | grep .
}

# A name that is in the capture, and in no walk.
noticed() {
	"$build/nsvigil" show --json "$dir"/capture/*.nsvcap 2>/dev/null >"$dir/events" || :
	awk -v name="\"name\":\"$1\"" '
		/^{"type":"walk"/ { walking = /"begin"/ }
		/^{"type":"pod_name"/ && index($0, name) && !walking { found = 1 }
		END { exit !found }' "$dir/events"
}

mkdir -p "$files/var/log/pods"
chmod 755 "$dir"
bundle honest "$cgroup" "$first"
bundle liar "$cgroup" "$first"
if ! run honest >"$dir/try" 2>&1; then
	skip_all "runc does not run here: $(tail -1 "$dir/try")"
fi
end honest
declare_pod honest
watch_or_skip --json --root "$files"

mkdir "$files/var/log/pods/shop_later-1_$uid"
check "a name that appears is noticed, and no walk is waited for" within 60 noticed later-1

run honest
check "who runs as declared is isolated" within 60 sh -c \
	"'$build/nsvigil' scan --root '$files' --json | grep -A40 '$uid' | grep '\"verdict\": \"isolated\"'"
check "and nothing is found" silent
"$build/nsvigil" scan --root "$files" --output json >"$dir/scan" || :
check "its container has a name" grep -A1 '"container_names"' "$dir/scan"
check "which is the one that the runtime was given" grep -q '"app"' "$dir/scan"
end honest

forget_userns liar
run liar
catches declared-mismatch "a container without the declared user namespace is found" within 60 found declared-mismatch \
	"the runtime's configuration has host UIDs $first-196673535"
check "against what the kubelet allotted" found declared-mismatch \
	"the kubelet allotted host UIDs $first-196673535"
status=0
"$build/nsvigil" scan --root "$files" >"$dir/scan" || status=$?
check "a scan finds it, too" grep -q '^declared-mismatch' "$dir/scan"
check "its exit status says so" test "$status" = 1
end liar

# runc 1.1 does not know of idmaps of mounts, and mounts without a word.
mount_volume() {
	mkdir -p "$volume"
	mount -t tmpfs volume "$volume"
	python3 - "$dir/$1/config.json" "$config" "$volume" <<-'EOP'
		import json, sys
		for path in sys.argv[1:3]:
		    spec = json.load(open(path))
		    spec["mounts"].append({
		        "destination": "/data", "type": "bind", "source": sys.argv[3],
		        "options": ["rbind", "rw"],
		        "uidMappings": spec["linux"]["uidMappings"],
		        "gidMappings": spec["linux"]["gidMappings"],
		    })
		    json.dump(spec, open(path, "w"))
	EOP
}
volume=$files/var/lib/kubelet/pods/$uid/volumes/kubernetes.io~empty-dir/data
bundle volume "$cgroup" "$first"
declare_pod volume
mount_volume volume
run volume
case $(runc --version | head -1) in
"runc version 1.1."*)
	catches volume-not-idmapped "a volume whose idmap the runtime ignored is found" within 60 found \
		volume-not-idmapped "which the runtime was told to idmap"
	;;
*) skip "a volume whose idmap the runtime ignored is found" "this runc makes idmaps" ;;
esac
end volume
umount "$volume"
check "it closes when the pod is gone" within 90 silent

# Two volumes for which an idmap was asked: one that is really idmapped with the pod's map, then
# one beside it that is not.
bundle volumes "$cgroup" "$first"
declare_pod volumes
mkdir "$dir/volumes/rootfs/data" "$dir/volumes/rootfs/plain"
python3 - "$config" "$files/var/lib/kubelet/pods/$uid/volumes" <<-'EOP'
	import json, sys
	spec = json.load(open(sys.argv[1]))
	for name in ("data", "plain"):
	    spec["mounts"].append({
	        "destination": "/" + name, "type": "bind", "options": ["rbind", "rw"],
	        "source": f"{sys.argv[2]}/kubernetes.io~empty-dir/{name}",
	        "uidMappings": spec["linux"]["uidMappings"],
	        "gidMappings": spec["linux"]["gidMappings"],
	    })
	json.dump(spec, open(sys.argv[1], "w"))
EOP

# volumes_are MAPPED/ALL: as scan shows them, of an isolated pod.
volumes_are() {
	"$build/nsvigil" scan --root "$files" >"$dir/scan" || :
	grep -E "^shop +later-1 +kubelet +own +$first-196673535 +$1 +isolated$" "$dir/scan"
}

run volumes
pid=$(head -1 "$cgroup2$cgroup/cgroup.procs")
status=0
find_mappable || status=$?
if [ "$status" = 77 ]; then
	skip "idmapped volumes" "this kernel idmaps neither tmpfs nor ext4: $(cat "$dir/idmap")"
else
	"$build/idmap" "$mappable" -u "$pid" -p "$pid" -a /data >"$dir/idmap" 9>&-
	check "the kernel idmaps a volume" grep -q ' /data .*idmapped' "/proc/$pid/mountinfo"
	check "a scan counts it" within 60 volumes_are 1/1
	check "nothing is found by it" sh -c "! grep -E '^(volume-not-idmapped|idmap-mismatch)' '$dir/scan'"
	check "nor by watch" silent
	nsenter --target "$pid" --mount /bin/busybox mount -t tmpfs plain /plain
	map_elsewhere || :
	catches volume-not-idmapped "one without an idmap beside it is found" within 60 found volume-not-idmapped "/plain"
	check "and only that one" sh -c "! grep '\"rule\":\"volume-not-idmapped\"' '$dir/watch' | tail -1 | grep '/data'"
	check "a scan counts both" within 60 volumes_are 1/2
fi
end volumes
check "it closes when the pod is gone, too" within 90 silent

# A static pod, of which nothing but the manifest tells what was asked for.
uid=0123456789abcdef0123456789abcdef
cgroup=/$root/kubepods/besteffort/pod$uid/$id
manifest=/etc/kubernetes/manifests/static.yaml
host=$(uname -n | tr '[:upper:]' '[:lower:]')
logs=$files/var/log/pods/shop_static-${host}_$uid
bundle static_honest "$cgroup" "$first"
bundle static_liar "$cgroup" "$first"
forget_userns static_liar
mkdir -p "$files/etc/kubernetes/manifests"
cat >"$files$manifest" <<-'EOF'
	apiVersion: v1
	kind: Pod
	metadata: {name: static, namespace: shop}
	spec:
	  hostUsers: false
	  containers:
	  - name: app
EOF
mkdir "$logs"

# row_of_static WORDS: how scan shows it.
row_of_static() {
	"$build/nsvigil" scan --root "$files" >"$dir/scan" 2>&1 || :
	grep -E "^shop +static-$host +$1" "$dir/scan"
}
no_mismatch() {
	! watch_open | grep declared-mismatch
}
# After a walk and more: what a pod was made of is not what the file has now.
still_mismatched() {
	map_elsewhere || :
	sleep 2
	! no_mismatch
}

if [ "$(stat -c %W "$logs")" = 0 ]; then
	skip "manifests of static pods" "this file system does not tell when a directory was made"
else
	run static_honest
	check "a static pod that runs as its manifest asks is isolated" within 60 \
		row_of_static "manifest +own .* isolated$"
	check "and nothing is found" silent
	end static_honest

	run static_liar
	check "a static pod on the node, against its manifest, is found" within 60 found \
		declared-mismatch "the static pod's manifest asks for a user namespace ($manifest)"
	check "a scan finds it, too" row_of_static "manifest +node .* violated$"
	echo "  hostNetwork: true" >>"$files$manifest"
	check "what its manifest asked for stays when the file is changed" still_mismatched
	end static_liar
fi
check_replay
finish
