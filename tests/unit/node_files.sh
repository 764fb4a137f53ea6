#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# doctor --node: what it says of runtimes, the kubelet's configuration and subordinate IDs is true of trees that are made
# for it.
# shellcheck disable=SC2016 # what other shells expand
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

[ "$(id -u)" = 0 ] || skip_all "not root: files are given to others"
build=${BUILD:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. tests/node.sh
export dir nsvigil

# ask_early NAME SCRIPT: it is asked in a root of its own, and given up while the rest is tried.
ask_early() {
	runtime runc "$2"
	cp -a "$root" "$dir/$1"
	rm "$root/usr/bin/runc"
	"$nsvigil" doctor --node --root="$dir/$1" --json >"$dir/$1.json" 2>/dev/null &
	asked="$asked $!"
}
asked=
cp "$root/bin/sh" "$root/bin/sleep" # busybox
ask_early silent 'while :; do /bin/sleep 1; done'
ask_early endless 'while :; do echo yes; /bin/sleep 0.02; done'

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

check "--root is an absolute path" sh -c '! "$nsvigil" doctor --node --root=x 2>"$dir/errors" &&
	grep -q "absolute path" "$dir/errors"'
check "--ids-per-pod is a multiple of 65536" sh -c \
	'! "$nsvigil" doctor --node --ids-per-pod=65537 2>"$dir/errors" && grep -q multiple "$dir/errors"'

# late NAME: what doctor has said of that root.
late() {
	mv "$dir/$1.json" "$dir/node.json"
	is unknown runtime "runc /usr/bin/runc" "in time"
}
# shellcheck disable=SC2086 # a list of words
wait $asked || :
check "one that answers without end" late endless
check "one that does not answer" late silent
finish
