#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A static pod whose manifest asks for a user namespace, and that has none: whatever is done to the manifest that
# does not change what is in it changes nothing, and what it said of a pod that runs stays.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh
. tests/lab.sh
. tests/watching.sh
. tests/inside.sh

root=podlab
uid=0f1e2d3c4b5a69788796a5b4c3d2e1f0
files=$dir/node
manifest=$files/etc/kubernetes/manifests/kube-apiserver.yaml
container=$cgroup2/$root/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod$uid.slice/cri-containerd-$(printf %064d 6).scope

write() {
	printf 'kind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system}\nspec: {hostUsers: %s}\n' "$1"
}
# says VERDICT RULES: what a scan says of the pod.
says() {
	"$build/nsvigil" scan --root "$files" --node-name n1 --json >"$dir/scan" 2>"$dir/scan_errors" || :
	python3 - "$dir/scan" $uid >"$dir/says" <<-'EOP'
		import json, sys
		for pod in json.load(open(sys.argv[1]))["pods"]:
		    if pod["uid"] == sys.argv[2]:
		        print(pod["verdict"], ",".join(f["rule"] for f in pod["findings"]))
	EOP
	cat "$dir/says" "$dir/scan_errors"
	[ "$(cat "$dir/says")" = "$1 $2" ]
}
broken() {
	says violated declared-mismatch,host-userns
}
# open_still: watch has told of the mismatch, and not that it is over.
open_still() {
	sleep 2
	grep '"rule":"declared-mismatch"' "$dir/watch" >"$dir/told" || return 1
	! grep -v '"phase":"opened"' "$dir/told"
}
told() {
	rounds=50
	until grep "$1" "$dir/watch_errors"; do
		rounds=$((rounds - 1))
		[ "$rounds" -gt 0 ] || return 1
		sleep 0.1
	done
}

lab_start plain || exit 1
mkdir -p "$(dirname "$manifest")" "$files/run/containerd" "$files/var/log/pods" "$files/var/lib/kubelet/pods/$uid" "$container"
write false >"$manifest"
echo "kind: KubeletConfiguration" >"$files/var/lib/kubelet/config.yaml"
sleep 0.1
mkdir "$files/var/log/pods/kube-system_kube-apiserver-n1_$uid"
cat >"$dir/start" <<'END'
echo 0 >"$1/cgroup.procs"
exec unshare --mount --pid --fork sh -c 'mount -t tmpfs tmpfs /mnt && cp "$(command -v sleep)" /mnt/app && exec /mnt/app 1000'
END
sh "$dir/start" "$container" </dev/null >/dev/null 2>&1 9>&- &
sleep 1

check "the pod is not what its manifest says" broken
sleep 0.1
chmod 600 "$manifest"
check "after chmod 600, as CIS 1.1.1 has it" broken
chown 1000:1000 "$manifest"
check "after chown" broken
check "of that nothing is to be said" sh -c "! [ -s '$dir/scan_errors' ]"

watch_or_skip --root "$files" --node-name n1 --json
check "watch sees it" open_still
chmod 644 "$manifest"
touch "$manifest"
check "after chmod and touch" open_still
write false >"$manifest.new"
mv "$manifest.new" "$manifest"
check "after an editor has written the same anew" open_still
write true >"$manifest"
sleep 1
write false >"$manifest"
check "after it was another for a moment" open_still
check "which was said" told "has changed since the pod began"
rm "$manifest"
check "after it was removed" open_still
check "which was said, too" told "was removed: what it said holds until the pod is gone"
check_replay

write false >"$manifest"
check "of one that is newer than the pod nothing is taken" says host host-userns
check "and that is said" grep -q "was written after the pod began" "$dir/scan_errors"
lab_stop
finish
