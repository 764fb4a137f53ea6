#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# doctor --node: what it says of file systems is what mount_setattr() answers to another program; and a node that is
# ready, with what doctor may see of it. Each step runs in a mount namespace of its own, so that what it mounts goes with it.
# tests/unit/node_files.sh has the rest.
# shellcheck disable=SC2016,SC2119 # what other shells expand; without arguments
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/inside.sh
. tests/node.sh

idmap=$(realpath "$build/idmap")

# File systems: each is mounted as a pod's volume. What another program hears when it idmaps a copy
# of it is what doctor has to say.

# make TYPE: mounts one at $point, or says why not and returns 1.
cat >"$dir/mount" <<'END'
type=$1 point=$2 image=$3
mkdir -p "$point"
case $type in
ext4 | xfs | btrfs)
	command -v "mkfs.$type" || exit 1
	truncate -s 320M "$image"
	case $type in ext4) option=-F ;; *) option=-f ;; esac
	"mkfs.$type" -q $option "$image" || exit 1
	mount -t "$type" -o loop "$image" "$point"
	;;
overlay)
	mkdir -p "$image/lower" && mount -t tmpfs overlay "$image" &&
		mkdir "$image/lower" "$image/upper" "$image/work" &&
		mount -t overlay -o "lowerdir=$image/lower,upperdir=$image/upper,workdir=$image/work" \
			overlay "$point"
	;;
*) mount -t "$type" "$type" "$point" ;;
esac
END

# In a mount namespace: the type, what idmap says of the mount, and doctor's document. The oracle's
# mount is at the same place.
cat >"$dir/try" <<'END'
set -eu
sh "$dir/mount" "$1" "$point" "$dir/image" >"$dir/tried" 2>&1 || exit 77
answer=$("$idmap" -m 700000000 "$point") || :
case $answer in
done) expected=ok ;;
"mount_setattr: Invalid argument") expected=problem ;;
*) echo "unexpected: $answer"; exit 1 ;;
esac
echo "$expected" >"$dir/expected"
"$nsvigil" doctor --node --root="$root" --json >"$dir/node.json" || :
END
export dir idmap nsvigil root
export point="$pods/$pod/volumes/volume with \\ in it"

# tmpfs has a row of its own, about a new one.
agrees() {
	is "$(cat "$dir/expected")" idmap "$1"
}

# try_type TYPE
try_type() {
	type=$1
	modprobe -q loop || :
	modprobe -q "$type" || :
	rm -rf "$dir/image"
	status=0
	unshare --mount sh "$dir/try" "$type" >"$dir/output" 2>&1 || status=$?
	case $status in
	0) check "$type: doctor says what mount_setattr answers" agrees "$type" ;;
	77) skip "$type: doctor says what mount_setattr answers" \
		"cannot be mounted here: $(tail -n 1 "$dir/tried")" ;;
	*) check "$type can be tried" sh -c "cat '$dir/output'; false" ;;
	esac
	rm -rf "$dir/image"
}

for type in ext4 xfs btrfs tmpfs overlay ramfs sysfs; do
	try_type "$type"
done

# NFS, from this kernel's server to its client.
cat >"$dir/nfs" <<'END'
set -eu
ip link set lo up
mkdir -p "$dir/export" "$point" /run/rpc_pipefs /var/lib/nfs/rpc_pipefs
mount -t tmpfs export "$dir/export"
mount -t tmpfs nfs /var/lib/nfs
mkdir -p /var/lib/nfs/v4recovery /var/lib/nfs/rpc_pipefs
touch /var/lib/nfs/etab /var/lib/nfs/rmtab
mount -t nfsd nfsd /proc/fs/nfsd
rpc.nfsd --no-nfs-version 3 --nfs-version 4 1
rpc.mountd --no-nfs-version 3 --nfs-version 4
exportfs -o rw,fsid=0,no_root_squash,insecure,no_subtree_check "127.0.0.1:$dir/export"
timeout 300 mount -t nfs4 -o vers=4.2 127.0.0.1:/ "$point"
"$idmap" -m 700000000 "$point" >"$dir/answer" || :
"$nsvigil" doctor --node --root="$root" --json >"$dir/node.json" || :
umount "$point"
rpc.nfsd 0
END
if ! command -v rpc.nfsd >/dev/null || ! modprobe -q nfsd || ! modprobe -q nfsv4; then
	skip "NFS is not supported" "untested: this machine has no NFS server or client"
elif ! unshare --mount sh -x "$dir/nfs" >"$dir/output" 2>&1; then
	skip "NFS is not supported" "untested, cannot be set up: $(tail -n 1 "$dir/output")"
else
	check "mount_setattr does not idmap NFS" grep -qx 'mount_setattr: Invalid argument' "$dir/answer"
	check "NFS is not supported" is problem idmap nfs4 "not supported"
fi

# A volume that only a pod has mounted, and one of a file system that is mounted here, too.

lab_start plain
mkdir "$dir/volume"
if nsenter --target "$(pod_pid plain)" --mount --wd="$PWD" sh "$dir/mount" ext4 "$dir/volume" "$dir/image" \
	>"$dir/tried" 2>&1; then
	check "what only a pod has mounted cannot be tried" says unknown idmap ext4 "not mounted here"
	mount -o loop "$dir/image" "$dir/volume" 2>"$dir/tried" || :
else
	skip "what only a pod has mounted cannot be tried" "$(tail -n 1 "$dir/tried")"
fi
umount "$dir/volume" 2>/dev/null || :
lab_stop
rm -rf "$dir/image"

# All together

runtime containerd 'echo containerd github.com/containerd/containerd/v2 v2.0.1 8fc6'
runtime runc 'echo runc version 1.2.0'
mkdir -p "$root/var/log/pods" "$root/run/containerd"
configure
ids ''
look || :
ready=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["ready"])' "$dir/node.json")
exits() {
	code=0
	doctor >"$dir/node" 2>"$dir/errors" || code=$?
	cat "$dir/node" "$dir/errors"
	[ "$code" = "$1" ]
}
answers() {
	cat "$dir/node.json"
	[ "$ready" = "$1" ] && [ "$status" = "$2" ]
}
# The file systems are this machine's, and what is said of them was compared above.
able() {
	python3 - "$dir/node.json" <<-'PY'
		import json, sys
		sys.exit(any(row["status"] != "ok" for row in json.load(open(sys.argv[1]))["checks"]
		             if row["name"] in ("idmap", "overlay")))
	PY
}
if able; then
	check "a node that is ready" answers True 0
	check "says so by its exit status" exits 0
else
	check "a node whose kernel or file systems are not" answers False 1
	check "says so by its exit status" exits 1
fi

unprivileged() {
	! setpriv --reuid 65534 --clear-groups --inh-caps=-all \
		"$nsvigil" doctor --node --root="$root" "$@"
}
no_guess() {
	unprivileged --json >"$dir/node.json" 2>"$dir/errors" || return 1
	is unknown idmap tmpfs "CAP_SYS_ADMIN" && is unknown overlay "" "CAP_SYS_ADMIN" &&
		is unknown "user namespaces" "" "CAP_SYS_ADMIN" &&
		is unknown processes "" "CAP_SYS_PTRACE" && ! grep '"ok".*idmap' "$dir/node.json" &&
		[ "$(wc -l <"$dir/errors")" = 1 ] && grep 'could not look' "$dir/errors"
}
check "without privileges it says that it could not look" no_guess

# The capabilities that the Job has are enough.
as_job() {
	caps=$(sed -n 's/^ *add: \[\(.*\)\]$/\1/p' deploy/doctor-job.yaml | tr -d ' ' |
		tr 'A-Z,' 'a-z\n' | sed 's/^/+/' | paste -sd ,)
	[ -n "$caps" ] || return 1
	setpriv --bounding-set="-all,$caps" "$nsvigil" doctor --node --root="$root" | same_rows job
	doctor | same_rows node
	[ -s "$dir/job" ] && diff "$dir/job" "$dir/node"
}
# How many processes there are changes.
same_rows() {
	sed 's/[0-9]* are seen$/are seen/' >"$dir/$1"
}
check "the Job's capabilities are enough" as_job

check "the node itself, whatever it is" sh -c '
	"$nsvigil" doctor --node >"$dir/node"; [ $? != 2 ] && grep -q "^[a-z]* *user namespaces" "$dir/node"'
finish
