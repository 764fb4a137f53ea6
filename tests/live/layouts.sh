#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A pod whose user namespace the runtime ignored, on nodes whose files are elsewhere: scan finds what the kubelet allotted or
# the manifest asks for where the distribution has it, or says what it did not find; then the pod was allotted nothing that
# is known, and not none. (tests/unit/test_places.c has more distributions.)
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

root=podlab
static=0f1e2d3c4b5a69788796a5b4c3d2e1f0
plain=5e4f3a2b-1c0d-4e9f-8a7b-6c5d4e3f2a1b
slices=$cgroup2/$root/kubepods.slice/kubepods-burstable.slice
config='kind: KubeletConfiguration
apiVersion: kubelet.config.k8s.io/v1beta1'

# container UID N: one that is in the node's user namespace.
cat >"$dir/start" <<'END'
echo 0 >"$1/cgroup.procs"
exec unshare --mount --pid --fork sh -c 'mount -t tmpfs tmpfs /mnt && cp "$(command -v sleep)" /mnt/app && exec /mnt/app 1000'
END
container() {
	cgroup=$slices/kubepods-burstable-pod$(echo "$1" | tr - _).slice/cri-containerd-$(printf "%064d" "$2").scope
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
		    if pod["uid"][:4] in ("0f1e", "5e4f"):
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
container $static 6
container $plain 7
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
	check "and that is said" has "1 static pods have no manifest that was found, kube-system/etcd-n1 among them"
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
	"which is of the same pod, and the kubelet reads both"

# An attestation says so, too: what was not compared is not shown.
attested() {
	python3 - "$dir/watch" $static <<-'EOP'
		import json, sys
		last = [each for each in map(json.loads, open(sys.argv[1]))
		        if each["type"] == "attestation" and each["pod"]["uid"] == sys.argv[2]][-1]
		print(last["rules"])
		assert "declared-mismatch" in last["rules"]["not_applied"]["file_not_found"]
	EOP
}
rm -r "$files/etc/kubernetes"
watch_or_skip --root "$files" --node-name n1 --json
watch_stop
check "watch attests that it was not compared" attested
check "and has said why" grep -q "1 static pods have no manifest that was found" "$dir/watch_errors"
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
lab_stop
finish
