#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# doctor --node: what it says of file systems is what mount_setattr() answers to another program, and
# what it says of runtimes and subordinate IDs is true of trees that are made for it. Each step runs
# in a mount namespace of its own, so that what it mounts goes with it.
# shellcheck disable=SC2016 # what other shells expand
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh

nsvigil=$(realpath "$build/nsvigil")
idmap=$(realpath "$build/idmap")
pod=12345678-1234-1234-1234-123456789abc
chmod 755 "$dir"

# A node's root directory, in which scripts run.
root=$dir/root
pods=$root/var/lib/kubelet/pods
mkdir -p "$root/etc/kubernetes" "$root/bin" "$root/usr/bin" "$root/usr/sbin" "$pods/$pod/volumes"
cp "$(command -v busybox)" "$root/bin/sh"
echo "root:x:0:0:root:/root:/bin/sh" >"$root/etc/passwd"
echo "root:x:0:" >"$root/etc/group"

doctor() {
	"$nsvigil" doctor --node --root="$root" "$@"
}

# look OPTION...: keeps what doctor says, as JSON, and its exit status. It is as the schema says.
look() {
	status=0
	doctor --json "$@" >"$dir/node.json" 2>"$dir/errors" || status=$?
	python3 - docs/doctor.schema.json "$dir/node.json" <<-'PY'
		import json, jsonschema, sys
		jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
	PY
}

# row NAME ABOUT [TEXT]: the status of that row, the one whose texts have TEXT.
row() {
	python3 - "$dir/node.json" "$@" <<-'PY'
		import json, sys
		name, about, text = (sys.argv[2:] + [""])[:3]
		rows = [row for row in json.load(open(sys.argv[1]))["checks"]
		        if row["name"] == name and (row["about"] or "") == about]
		for row in rows:
		    if text in row["detail"] + (row["todo"] or ""):
		        print(row["status"])
		        break
		else:
		    print(*rows)
	PY
}

# is STATUS NAME ABOUT [TEXT]
is() {
	expected=$1
	shift
	found=$(row "$@")
	echo "$*: $found, expected $expected"
	[ "$found" = "$expected" ]
}

# says STATUS NAME ABOUT [TEXT]: likewise, after a look.
says() {
	look || return 1
	is "$@"
}

# runtime NAME SCRIPT: a program of that name, which does this when it is asked.
runtime() {
	printf '#!/bin/sh\n%s\n' "$2" >"$root/usr/bin/$1"
	chmod 755 "$root/usr/bin/$1"
}

# ask_early NAME SCRIPT: it is asked in a root of its own, and given up while the rest is tried.
ask_early() {
	runtime runc "$2"
	cp -a "$root" "$dir/$1"
	rm "$root/usr/bin/runc"
	"$nsvigil" doctor --node --root="$dir/$1" --json >"$dir/$1.json" 2>/dev/null &
	asked="$asked $!"
}
asked=
ask_early silent 'while :; do :; done'
ask_early endless 'while :; do echo yes; done'

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

process() {
	find "$cgroup2/podlab" -path "*-pod706f646c_6162_4000_8000_000001000000.slice/*" \
		-name cgroup.procs -exec cat {} + | head -1
}
cgroup2=$(findmnt -nlt cgroup2 -o TARGET | head -1)
lab_start plain
mkdir "$dir/volume"
if nsenter --target "$(process)" --mount --wd="$PWD" sh "$dir/mount" ext4 "$dir/volume" "$dir/image" \
	>"$dir/tried" 2>&1; then
	check "what only a pod has mounted cannot be tried" says unknown idmap ext4 "not mounted here"
	mount -o loop "$dir/image" "$dir/volume" 2>"$dir/tried" || :
else
	skip "what only a pod has mounted cannot be tried" "$(tail -n 1 "$dir/tried")"
fi
umount "$dir/volume" 2>/dev/null || :
lab_stop
rm -rf "$dir/image"

# Runtimes

forget() {
	rm -f "$root"/usr/bin/* "$root"/usr/sbin/* "$root"/bin/runc
}

check "no runtime is to be seen" says unknown runtime "" "no containerd"
runtime containerd 'echo containerd github.com/containerd/containerd v1.7.20 8fc6'
check "an old containerd" says problem runtime "containerd /usr/bin/containerd" "1.7.20"
runtime containerd 'echo containerd github.com/containerd/containerd/v2 v2.0.1 8fc6'
check "a new containerd" says ok runtime "containerd /usr/bin/containerd" "2.0.1"
runtime crio 'echo crio version 1.24.6'
check "an old CRI-O beside it" says unknown runtime "crio /usr/bin/crio" "remove it"
rm "$root/usr/bin/crio"
runtime runc 'echo runc version 1.1.12'
check "an old runc" says problem runtime "runc /usr/bin/runc" "1.2 or later"
runtime runc '[ $# = 1 ] && [ "$1" = --version ] && [ -z "$HOME" ] && echo runc version 1.2.0'
check "it is asked for its version, with nothing in its environment" \
	says ok runtime "runc /usr/bin/runc"
runtime runc 'if ( : >/bin/runc ) 2>&-; then echo could write; else echo runc version 1.2.0; fi'
check "it is run without privileges" says ok runtime "runc /usr/bin/runc"
check "and has written nothing" [ ! -e "$root/bin/runc" ]
# late NAME: what doctor has said of that root.
late() {
	mv "$dir/$1.json" "$dir/node.json"
	is unknown runtime "runc /usr/bin/runc" "in time"
}
# shellcheck disable=SC2086 # a list of words
wait $asked || :
check "one that answers without end" late endless
check "one that does not answer" late silent
runtime runc 'printf "\033[2Jrunc\\n\"x\n"; exit 3'
check "one that answers something else" says unknown runtime "runc /usr/bin/runc" '\x1b[2Jrunc'
runtime runc 'echo runc version 1.2.0'
chmod 775 "$root/usr/bin/runc"
check "one that others can write is not run" says unknown runtime "runc /usr/bin/runc" "not run"
chmod 755 "$root/usr/bin/runc"
chown 65534 "$root/usr/bin/runc"
check "nor is one that is another's" says unknown runtime "runc /usr/bin/runc" "not run"
chown 0 "$root/usr/bin/runc"
printf '\177ELF garbage' >"$root/usr/sbin/crun"
chmod 755 "$root/usr/sbin/crun"
check "one that cannot be run" says unknown runtime "crun /usr/sbin/crun" "could not be run"
rm "$root/usr/sbin/crun"
ln -s /usr/bin/runc "$root/bin/runc"
check "one file by two names is one runtime" says ok runtime "runc /usr/bin/runc"
check "and the other name has no row" is "" runtime "runc /bin/runc"

# Of another machine's name, and its own libraries: the real ones.
real() {
	for program; do
		ldd "$(command -v "$program")" | grep -oE '/[^ ]+' | sort -u | while read -r library; do
			cp -L --parents "$library" "$root"
		done
		cp "$(command -v "$program")" "$root/usr/sbin/$program"
	done
}
forget
real runc crun
runc_version=$(runc --version | sed -n 's/^runc version //p')
crun_version=$(crun --version | sed -n 's/^crun version //p')
look || :
check "the real runc is asked" \
	sh -c '! [ "$1" = unknown ]' - "$(row runtime "runc /usr/sbin/runc" "$runc_version")"
check "the real crun is asked" \
	sh -c '! [ "$1" = unknown ]' - "$(row runtime "crun /usr/sbin/crun" "$crun_version")"
forget
runtime containerd 'echo containerd github.com/containerd/containerd/v2 v2.0.1 8fc6'
runtime runc 'echo runc version 1.2.0'

# The kubelet's configuration.

# configure LINE...: what it has besides its kind.
configure() {
	printf '%s\n' "kind: KubeletConfiguration" "$@" >"$root/var/lib/kubelet/config.yaml"
}
configured() {
	[ "$(row kubelet "" "$2")" = "$1" ]
}
look || :
check "no configuration of the kubelet: what it is told is unknown" configured unknown \
	"the kubelet's settings are unknown"
check "and so is whether the IDs suffice" is unknown "subordinate IDs" ""
look --max-pods=110 --ids-per-pod=65536 || :
check "unless it is given" configured ok "maxPods is 110 (given), idsPerPod 65536 (given)"
# What is read as a kubeconfig elsewhere.
printf '{"kind": "KubeletConfiguration", "maxPods": 250}' >"$root/etc/kubernetes/kubelet.conf"
look || :
check "one where a distribution has it" configured ok \
	"/etc/kubernetes/kubelet.conf (where it usually is): maxPods is 250 (as configured)"
configure "maxPods: 64"
look || :
check "two: which of them holds is unknown" configured unknown "/etc/kubernetes/kubelet.conf exists, too"
mkdir -p "$root/proc/77"
printf '%s\0' kubelet --config=/etc/kubernetes/kubelet.conf --max-pods=30 >"$root/proc/77/cmdline"
look || :
check "unless a kubelet runs, whose command line beats the file" configured ok \
	"/etc/kubernetes/kubelet.conf (by the kubelet's command line): maxPods is 30"
rm -r "$root/proc" "$root/etc/kubernetes"
files() {
	look
	is ok files "the kubelet's directory" "/var/lib/kubelet (where it usually is, kubeadm)" &&
		is unknown files "pods' logs" "not found: looked for /var/log/pods" &&
		is ok files "static pods' manifests" "not found" &&
		is unknown files "the runtime's state" "--runtime-dir"
}
check "where files are, or were looked for" files
mkdir -p "$root/var/log/pods" "$root/run/containerd"
configure "maxPods: 64" "userNamespaces: {idsPerPod: 131072}"
look || :
check "what it says holds" configured ok \
	"maxPods is 64 (as configured), idsPerPod 131072 (as configured)"
look --max-pods=100 --ids-per-pod=65536 || :
check "what the command line says holds instead" configured ok \
	"maxPods is 100 (given), idsPerPod 65536 (given)"
configure "userNamespaces: {idsPerPod: 1000}"
look || :
check "with what it says the kubelet will not start" configured problem "a multiple of 65536"
configure "maxPods: [many]"
look || :
check "what it says is not understood" configured unknown "its maxPods is not a text"
configure

# Subordinate IDs, by the real getsubids.

# ids TEXT [TEXT]: of /etc/subuid, and of /etc/subgid if it is another.
ids() {
	printf %b "$1" >"$root/etc/subuid"
	printf %b "${2-$1}" >"$root/etc/subgid"
}
subids() {
	status=$1
	shift
	says "$status" "subordinate IDs" "" "$@"
}

ids 'ann:100000:65536\n'
check "no user kubelet: any IDs, and others' are told" subids ok 'to "ann"'
ids ''
check "no user kubelet, and no others" subids ok "any IDs from 65536 on"
ids 'kubelet:131072:7208960\n'
check "a line for a user that does not exist" subids problem "there is no such user: the line is ignored"
echo "passwd: files sss" >"$root/etc/nsswitch.conf"
check "who may exist where nobody can be asked" subids unknown "there is no getent"
printf '#!/bin/sh\nexit 2\n' >"$root/usr/bin/getent"
chmod 755 "$root/usr/bin/getent"
check "the node's getent has none" subids problem "there is no such user"
printf '#!/bin/sh\necho kubelet:x:990:990::/:/sbin/nologin\n' >"$root/usr/bin/getent"
check "or has one" subids problem "no getsubids"
rm "$root/usr/bin/getent" "$root/etc/nsswitch.conf"
# has_ids FIRST LENGTH: a pod has them already.
has_ids() {
	printf '{"uidMappings":[{"hostId":%s,"containerId":0,"length":%s}],"gidMappings":[{"hostId":%s,"containerId":0,"length":%s}]}' \
		"$1" "$2" "$1" "$2" >"$pods/$pod/userns"
}
ids ''
has_ids 626982912 65536
check "a pod that has IDs, of all" subids ok "any IDs from 65536 on"
has_ids 626982912 131072
check "one that has twice as many" subids problem "1 of 1 pods have a number of IDs other than idsPerPod"
has_ids 626982913 65536
check "one whose IDs are not aligned" subids problem "do not begin at a multiple of idsPerPod"
echo nonsense >"$pods/$pod/userns"
check "one whose file is no such file" subids problem "cannot be read"
rm "$pods/$pod/userns"
echo "kubelet:x:990:990::/:/usr/sbin/nologin" >>"$root/etc/passwd"
echo "kubelet:x:990:" >>"$root/etc/group"
ids 'kubelet:65536:7208960\n'
check "a user kubelet and no getsubids" subids problem "install it"
if command -v getsubids >/dev/null; then
	real getsubids
	echo "passwd: files" >"$root/etc/nsswitch.conf"
	check "one range for 110 pods" subids ok "65536-7274495, for 110 pods"
	has_ids 131072 65536
	check "a pod that has IDs of it" subids ok "for 110 pods"
	has_ids 626982912 65536
	check "one that had others before: the kubelet will not start" subids problem \
		"1 of 1 pods have IDs out of the range, as pod $pod with 626982912-627048447: drain the node first"
	rm "$pods/$pod/userns"
	configure "maxPods: 111"
	check "and one more, by the kubelet's configuration" subids problem "too few IDs"
	configure "userNamespaces: {idsPerPod: 131072}"
	check "and twice as many for each, likewise" subids problem "begins below"
	configure
	ids '990:65536:7208960\n'
	check "likewise, by the user's number" subids ok "65536-7274495"
	ids ''
	check "none" subids problem "no range"
	ids 'kubelet:65536:7208960\nkubelet:72089600:65536\n'
	check "two" subids problem "2 ranges of UIDs"
	ids 'kubelet:65536:7208960\n' 'kubelet:131072:7208960\n'
	check "others of GIDs" subids problem "GIDs 131072:7208960"
	ids 'kubelet:100000:7208960\n'
	check "one that is not aligned" subids problem "does not begin at a multiple"
	ids 'kubelet:0:7208960\n'
	check "one that begins at 0" subids problem "below the IDs"
	ids 'kubelet:65536:65536\n'
	check "one with too little room" subids problem "too few IDs"
	ids 'ann:100000:65536\nkubelet:65536:7208960\n'
	check "one that is another's, too" subids problem "100000-165535"
	ids 'kubelet:65536:7208960\n'
	few() {
		look --max-pods=200 && is problem "subordinate IDs" "" "too few IDs" &&
			look --max-pods=55 --ids-per-pod=131072 &&
			is problem "subordinate IDs" "" "begins below" &&
			look --max-pods=55 && is ok "subordinate IDs" ""
	}
	check "more pods, or more IDs for each" few
else
	skip "one range for 110 pods" "this machine has no getsubids"
	rm "$root/etc/subuid" "$root/etc/subgid"
	sed -i /kubelet/d "$root/etc/passwd"
fi
rm "$root/etc/passwd"
check "a tree that is no node's" subids unknown "/etc/passwd"
echo "root:x:0:0:root:/root:/bin/sh" >"$root/etc/passwd"
ids ''

# All together

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

check "--root is an absolute path" sh -c '! "$nsvigil" doctor --node --root=x 2>"$dir/errors" &&
	grep -q "absolute path" "$dir/errors"'
check "--ids-per-pod is a multiple of 65536" sh -c \
	'! "$nsvigil" doctor --node --ids-per-pod=65537 2>"$dir/errors" && grep -q multiple "$dir/errors"'
check "the node itself, whatever it is" sh -c '
	"$nsvigil" doctor --node >"$dir/node"; [ $? != 2 ] && grep -q "^[a-z]* *user namespaces" "$dir/node"'
finish
