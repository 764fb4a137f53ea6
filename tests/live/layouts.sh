#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A pod whose user namespace the runtime ignored, on nodes whose files are elsewhere: scan, doctor and watch find what the kubelet
# allotted or the manifest asks for where the distribution has it, or say what they did not find; then the pod was allotted
# nothing that is known, and not none. (tests/unit/test_places.c lays the distributions' nodes out.)
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

root=podlab
static=0123456789abcdef0123456789abcdef
plain=aaaaaaaa-0000-4000-8000-000000000000
slices=$cgroup2/$root/kubepods.slice/kubepods-burstable.slice
config='kind: KubeletConfiguration
apiVersion: kubelet.config.k8s.io/v1beta1'

# container UID N: one that is in the node's user namespace.
cat >"$dir/start" <<'END'
echo 0 >"$1/cgroup.procs"
exec unshare --mount --pid --fork sh -c 'mount -t tmpfs tmpfs /mnt && cp "$(command -v sleep)" /mnt/app && exec /mnt/app 1000'
END
container() {
	cgroup=$slices/kubepods-burstable-pod$(echo "$1" | tr - _).slice/cri-containerd-$(printf %064d 0 | tr 0 "$2").scope
	mkdir -p "$cgroup"
	sh "$dir/start" "$cgroup" </dev/null >/dev/null 2>&1 9>&- &
}

# node NAME: an empty one.
node() {
	files=$dir/$1
	mkdir -p "$files/etc" "$files/proc/1" "$files/run/containerd"
	echo root:x:0:0::/root:/bin/sh >"$files/etc/passwd"
}
write() {
	mkdir -p "$(dirname "$files$1")"
	printf '%s\n' "$2" >"$files$1"
}
# Static pods' manifests are older than their pods' logs.
manifest() {
	write "$1" 'kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec: {hostUsers: false}'
	sleep 0.1
}
# pods KUBELET LOGS: both of them.
pods() {
	mkdir -p "$files$1/pods/$static" "$files$1/pods/$plain" "$files$2/kube-system_etcd-n1_$static" \
		"$files$2/shop_web_$plain"
}
allotted() {
	write "$1/pods/$plain/userns" '{"uidMappings":[{"hostId":626982912,"containerId":0,"length":65536}],"gidMappings":[{"hostId":626982912,"containerId":0,"length":65536}]}'
}
runs() {
	pid=$1
	shift
	mkdir -p "$files/proc/$pid"
	printf '%s\0' "$@" >"$files/proc/$pid/cmdline"
}

# scan: its lines of each pod: name, what it was allotted, and which rules it breaks; and where files are.
scan() {
	"$build/nsvigil" scan --root "$files" --node-name n1 --json >"$dir/scan" 2>"$dir/scan_errors" || :
	python3 - docs/scan.schema.json "$dir/scan" >"$dir/pods" <<-'EOP'
		import json, jsonschema, sys
		scan = json.load(open(sys.argv[2]))
		jsonschema.validate(scan, json.load(open(sys.argv[1])))
		for pod in scan["pods"]:
		    if pod["uid"][:4] in ("0123", "aaaa", "my-s"):
		        print(pod["name"] or pod["uid"][:4], pod["allotted"], ",".join(f["rule"] for f in pod["findings"]))
		for one in scan["files"]:
		    print(one["what"], one["state"], one["path"])
	EOP
	cat "$dir/pods" "$dir/scan_errors"
}
# finds TEXT...: each is in what it says.
has() {
	for word; do
		grep -qF -e "$word" "$dir/pods" "$dir/scan_errors" || { echo "not there: $word"; cat "$dir/pods" "$dir/scan_errors"; return 1; }
	done
}
finds() {
	scan
	has "$@"
}
# silent: of files nothing had to be said.
silent() {
	! [ -s "$dir/scan_errors" ]
}

lab_start plain || exit 1
container $static 2
container $plain 1
container my-static-pod 3
sleep 1
broken='declared-mismatch,host-userns'

node k0s
pods /var/lib/k0s/kubelet /var/log/pods
allotted /var/lib/k0s/kubelet
check "k0s: its kubelet's directory is found" finds "web kubelet $broken" \
	"the kubelet's directory found /var/lib/k0s/kubelet"
rm -rf "$files/var/lib/k0s"
check "without it, what was allotted is unknown" finds "web unknown host-userns"
check "and that is said" has "the kubelet's directory was not found in $files (looked for: /var/lib/kubelet, /var/lib/k0s/kubelet"

for agent in rke2 k3s; do
	node $agent
	manifest /var/lib/rancher/$agent/agent/pod-manifests/etcd.yaml
	pods /var/lib/kubelet /var/log/pods
	check "$agent: its manifests are found" finds "etcd-n1 manifest $broken" "web none host-userns"
	rm -rf "$files/var/lib/rancher"
	check "without them, what the static pod asks for is unknown" finds "etcd-n1 unknown host-userns" \
		"web none host-userns"
	check "and that is said" has "no manifest was found for 1 static pods, such as kube-system/etcd-n1"
done

node logs
write /var/lib/kubelet/config.yaml "$config
staticPodPath: /srv/etcd.yaml
podLogsDir: /data/log/pods"
manifest /srv/etcd.yaml
pods /var/lib/kubelet /data/log/pods
allotted /var/lib/kubelet
check "podLogsDir and staticPodPath, which is one file" finds "etcd-n1 manifest $broken" "web kubelet $broken"
check "there nothing had to be said" silent
beaten() {
	"$build/nsvigil" scan --root "$files" --pod-logs-dir=/nowhere -o wide >"$dir/wide" 2>&1 || :
	cat "$dir/wide"
	grep -x "  missing   pods' logs  *. /nowhere (given)" "$dir/wide"
}
check "an option beats them" beaten

node process
manifest /srv/m/etcd.yaml
pods /data/kubelet /var/log/pods
allotted /data/kubelet
check "what nobody can know" finds "etcd-n1 unknown" "web unknown"
runs 4711 /opt/kubelet --root-dir=/data/kubelet --pod-manifest-path /srv/m --hostname-override=n1
check "the kubelet's own command line tells" finds "etcd-n1 manifest $broken" "web kubelet $broken"
check "there nothing had to be said, either" silent

node named
manifest /etc/kubernetes/manifests/etcd.yaml
sed -i 's/metadata: {/metadata: {uid: my-static-pod, /' "$files/etc/kubernetes/manifests/etcd.yaml"
sleep 0.1
mkdir -p "$files/var/lib/kubelet/pods/my-static-pod" "$files/var/log/pods/kube-system_etcd-n1.example.org_my-static-pod"
check "a uid that a manifest names freely, on a node with its whole name" finds "etcd-n1.example.org manifest $broken"

node backup
manifest /etc/kubernetes/manifests/etcd.yaml
cp "$files/etc/kubernetes/manifests/etcd.yaml" "$files/etc/kubernetes/manifests/etcd.yaml.backup"
sleep 0.1
pods /var/lib/kubelet /var/log/pods
check "a backup that says the same" finds "etcd-n1 manifest $broken"
sed -i s/false/true/ "$files/etc/kubernetes/manifests/etcd.yaml.backup"
sleep 0.1
rm -r "$files/var/log/pods"
pods /var/lib/kubelet /var/log/pods
check "one that says something else: neither holds" finds "etcd-n1 unknown host-userns" \
	"which is for the same pod, and the kubelet reads both"

# An attestation says so, too: what was not compared is not shown.
# attested HOW UID RULE
attested() {
	python3 - "$dir/watch" "$@" <<-'EOP'
		import json, sys
		file, how, uid, rule = sys.argv[1:]
		last = [each for each in map(json.loads, open(file))
		        if each["type"] == "attestation" and each["pod"]["uid"] == uid][-1]
		print(last["rules"])
		rules = last["rules"]["not_applied"] if how == "file_not_found" else last["rules"]
		assert rule in rules[how]
	EOP
}
rm -r "$files/etc/kubernetes"
watch_or_skip --root "$files" --node-name n1 --json
watch_stop
check "watch attests that it was not compared" attested file_not_found $static declared-mismatch
check "and has said why" grep -q "no manifest was found for 1 static pods" "$dir/watch_errors"
once() {
	[ "$(grep -c "no manifest" "$dir/watch_errors")" = 1 ]
}
check "once" once
placed() {
	"$build/nsvigil" show --event=place "$dir"/capture/*.nsvcap >"$dir/places"
	cat "$dir/places"
	grep -q "static pods' manifests\|manifests.*missing" "$dir/places"
}
check "and captures have what was looked for" placed
check_replay

# ---- each distribution's node ----

# lay NAME: its files are below $files then.
lay() {
	files=$dir/laid
	rm -rf "$files"
	mkdir "$files"
	"$build/unit/test_places" --lay-out "$1" "$files" >"$dir/laid_out"
	read -r kubelet logs manifests runtime <"$dir/laid_out"
	asks="etcd-n1 manifest $broken"
	[ "$manifests" != - ] || asks="etcd-n1 unknown host-userns"
}
# A row for each place, with where it is.
doctor_finds() {
	# What else a node needs is not there.
	"$build/nsvigil" doctor --node --json --root "$files" >"$dir/doctor" 2>"$dir/doctor_errors" || :
	python3 - "$dir/doctor" "$kubelet" "$logs" "$manifests" "$runtime" <<-'EOP'
		import json, sys
		rows = {row["about"]: row for row in json.load(open(sys.argv[1]))["checks"] if row["name"] == "files"}
		for what, path in zip(("the kubelet's directory", "pods' logs", "static pods' manifests", "the runtime's state"), sys.argv[2:]):
		    row = rows[what]
		    print(row)
		    assert row["status"] == "ok" and (path == "-" or path + " (" in row["detail"].replace("/ (", " (")), path
	EOP
}
mismatch() {
	grep "\"phase\":\"opened\",\"id\":\"declared-mismatch/$1\"" "$dir/watch"
}
watch_finds() {
	within 10 mismatch $plain && { [ "$manifests" = - ] || within 10 mismatch $static; }
	grep -q "\"name\":\"web-0\"" "$dir/watch"
}
nothing_told() {
	! grep 'was not found\|cannot use' "$dir/watch_errors" || return 1
	[ "$manifests" = - ] || ! grep 'no manifest' "$dir/watch_errors"
}
# says_missing WHAT: with the option that would give it. One walk says all that is missing.
says_missing() {
	grep -e "$1" "$dir/watch_errors" || { map_elsewhere || :; within 2 grep -e "$1" "$dir/watch_errors"; }
}
taken_away() {
	for each in "$kubelet/pods" "$logs" "$runtime" "$manifests"; do
		[ "$each" = - ] || rm -rf "${files:?}$each"
	done
	# Where its configuration is, too, it stays.
	[ -e "$files$kubelet/config.yaml" ] || rm -rf "${files:?}$kubelet"
}

"$build/unit/test_places" --list >"$dir/distributions"
while IFS= read -r name <&3; do
	case $name in
	*,*) continue ;; # as one before, but no kubelet runs, or as it was
	esac
	lay "$name"
	check "$name: scan finds all" finds "web-0 kubelet $broken" "$asks"
	check "$name: so does doctor" doctor_finds
	watch_start --root "$files" --node-name n1 --json
	check "$name: so does watch" watch_finds
	check "$name: nothing had to be said" nothing_told
	taken_away
	check "$name: without the logs that is said" within 30 says_missing "directory of pods' logs was not found.*give --pod-logs-dir"
	check "$name: without the runtime's state, too" says_missing "state of a container runtime was not found.*give --runtime-dir"
	[ -e "$files$kubelet" ] ||
		check "$name: without the kubelet's, too" says_missing "kubelet's directory was not found.*give --kubelet-dir"
	watch_stop
	check "$name: what was seen is broken" attested broken $plain declared-mismatch
done 3<"$dir/distributions"

# ---- a kubelet that has its files elsewhere from now on ----

node again
pods /data/kubelet /var/log/pods
allotted /data/kubelet
runs 4711 /opt/kubelet --root-dir=/data/kubelet
again() {
	watch_start --root "$files" --node-name n1 --json "$@"
	check "a watch whose kubelet comes again with another directory ($*)" within 10 mismatch $plain
	rm -r "$files/proc/4711"
	pods /srv/kubelet /var/log/pods
	runs 4712 /opt/kubelet --root-dir=/srv/kubelet
}
unread="cannot use $files/srv/kubelet/pods: Permission denied: this process may read only what was there when it began; start it again"
# landlock_create_ruleset(), asked for the version of its interface.
if python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 1)'; then
	again --confine=yes
	check "says that it may not read that" within 30 says_missing "$unread"
	check "once" sh -c "[ \$(grep -c 'cannot use' '$dir/watch_errors') = 1 ]"
	watch_stop
	unusable() {
		"$build/nsvigil" show --event=place "$dir"/capture/*.nsvcap | grep "/srv/kubelet" | tee "$dir/places"
		grep -q unusable "$dir/places"
	}
	check "its captures have that" unusable
	rm -rf "$files/srv" "$files/proc/4712"
	runs 4711 /opt/kubelet --root-dir=/data/kubelet
else
	skip "a watch whose kubelet comes again with another directory" "this kernel has no Landlock"
fi
again --confine=no
found_again() {
	map_elsewhere || :
	sleep 1
	"$build/nsvigil" show --event=place "$dir"/capture/*.nsvcap | grep "found.*/srv/kubelet\|/srv/kubelet.*found"
}
check "finds it where it may read" within 30 found_again
check_replay
lab_stop
finish
