#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# deploy/daemonset.yaml and the chart: as Kubernetes describes its API, one like the other, and with
# no privilege that is not spelled out. Needs no cluster.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chart=deploy/chart
nsvigil=${BUILD:-build}/nsvigil
# Debian's: another one in PATH does not have Debian's packages.
python=/usr/bin/python3

render() {
	printf '%s\n' "$2" >"$dir/values.yaml"
	$python tests/chart/chart.py render $chart "$dir/values.yaml" >"$dir/$1.yaml" 2>"$dir/err" ||
		{ cat "$dir/err"; return 1; }
}
refused() {
	! render refused "$1" || return 1
	cat "$dir/err"
	grep -qi 'schema\|valid\|not allowed\|unexpected' "$dir/err"
}
strict() {
	$python tests/chart/chart.py strict "$@"
}
# A manifest with a fault in it is not taken.
fault() {
	sed "$1" deploy/daemonset.yaml >"$dir/fault.yaml"
	! cmp deploy/daemonset.yaml "$dir/fault.yaml" && ! strict "$dir/fault.yaml"
}

# least EXPRESSION: true of the DaemonSet's pod and its container.
least() {
	$python - deploy/daemonset.yaml "$1" <<-'PY'
		import sys, yaml
		[each] = [d for d in yaml.safe_load_all(open(sys.argv[1])) if d["kind"] == "DaemonSet"]
		pod = each["spec"]["template"]["spec"]
		[container] = pod["containers"]
		context = container["securityContext"]
		assert eval("(" + sys.argv[2] + ")"), sys.argv[2]
	PY
}

# What the chart makes of its values is what holds.
configures() {
	$python tests/chart/chart.py config "$dir/config.yaml" >"$dir/nsvigil.yaml"
	cat "$dir/nsvigil.yaml"
	"$nsvigil" check-config "$dir/nsvigil.yaml" >"$dir/holds" || return 1
	for line in 'policy: require' 'min-host-id: 1000000' 'full: true' '  - "\*/cilium-\*=net"' \
		'  - tls://logs.example.org' 'syslog-ca: /etc/nsvigil/ca.pem' 'attest: 1h30m' 'heartbeat: 300'; do
		grep -x -e "$line" "$dir/holds" || { cat "$dir/holds"; return 1; }
	done
}
kustomized() {
	"$kube/kubectl" kustomize deploy >"$dir/kustomized.yaml" &&
		$python tests/chart/chart.py equal deploy/daemonset.yaml "$dir/kustomized.yaml"
}
# Each command in the documents has a subcommand and options that kubectl and helm have: --help takes no others.
documented() {
	$python tests/commands.py "$1" README.md docs/*.md deploy/chart/README.md docs/man/* | sort -u >"$dir/commands"
	[ -s "$dir/commands" ] || return 1
	while IFS= read -r command; do
		set -f
		# shellcheck disable=SC2086 # words
		set -- ${command%% -- *}
		set +f
		program=$1
		shift
		PATH=$PWD/deploy:$PATH "$kube/$program" "$@" --help </dev/null >"$dir/help" 2>&1 || { echo "$command"; cat "$dir/help"; return 1; }
	done <"$dir/commands"
}
unplaced() {
	! "$HELM" template nsvigil $chart 2>"$dir/err" && cat "$dir/err" && grep -q repository "$dir/err"
}
checksum() {
	grep -o 'checksum/config: .*' "$dir/$1.yaml"
}
another_checksum() {
	checksum defaults && checksum config && [ "$(checksum defaults)" != "$(checksum config)" ] &&
		[ "$(checksum defaults)" = "$(checksum other)" ]
}
has() {
	grep -qF -e "$2" "$dir/$1.yaml" || { cat "$dir/$1.yaml"; return 1; }
}
dashboard() {
	$python - "$dir/other.yaml" <<-'PY'
		import json, sys, yaml
		[found] = [d for d in yaml.safe_load_all(open(sys.argv[1])) if d and d["metadata"]["name"].endswith("-dashboard")]
		assert found["metadata"]["labels"]["grafana_dashboard"] == "1" and found["metadata"]["labels"]["folder"] == "x"
		assert json.loads(found["data"]["nsvigil.json"]) == json.load(open("deploy/grafana-dashboard.json"))
	PY
}
monitored() {
	$python - "$dir/other.yaml" <<-'PY'
		import re, sys, yaml
		found = {d["kind"]: d for d in yaml.safe_load_all(open(sys.argv[1])) if d}
		monitor, pod = found["PodMonitor"]["spec"], found["DaemonSet"]["spec"]["template"]
		for key, value in monitor["selector"]["matchLabels"].items():
		    assert pod["metadata"]["labels"][key] == value
		[port] = pod["spec"]["containers"][0]["ports"]
		[endpoint] = monitor["podMetricsEndpoints"]
		assert (endpoint["port"], endpoint["interval"]) == (port["name"], "10s")
		relabelled = {each["targetLabel"]: each for each in endpoint["relabelings"]}
		assert relabelled["instance"]["sourceLabels"] == ["__meta_kubernetes_pod_node_name"]
		assert found["PodMonitor"]["metadata"]["labels"]["release"] == "prometheus"
		# As the alerts look for it.
		jobs = set(re.findall('job=~"([^"]*)"', open("deploy/prometheus-rules.yaml").read()))
		assert jobs and all(re.fullmatch(job, relabelled["job"]["replacement"]) for job in jobs), jobs
	PY
}
ruled() {
	$python - "$dir/alerts.yaml" <<-'PY'
		import sys, yaml
		[rule] = [d for d in yaml.safe_load_all(open(sys.argv[1])) if d and d["kind"] == "PrometheusRule"]
		assert rule["spec"] == yaml.safe_load(open("deploy/prometheus-rules.yaml")), rule["spec"]
		assert len(rule["spec"]["groups"][0]["rules"]) > 10
	PY
}
left_out() {
	$python - "$dir/alerts.yaml" "$dir/other.yaml" <<-'PY'
		import sys, yaml
		def alerts(path):
		    [rule] = [d for d in yaml.safe_load_all(open(path)) if d and d["kind"] == "PrometheusRule"]
		    return [each["alert"] for group in rule["spec"]["groups"] for each in group["rules"]]
		whole, less = map(alerts, sys.argv[1:])
		whole.remove("NsvigilSlow")
		assert whole == less, less
	PY
}
promtool_takes() {
	$python - "$dir/alerts.yaml" >"$dir/rules.yaml" <<-'PY'
		import sys, yaml
		[rule] = [d for d in yaml.safe_load_all(open(sys.argv[1])) if d and d["kind"] == "PrometheusRule"]
		print(yaml.safe_dump(rule["spec"]))
	PY
	! command -v promtool || promtool check rules "$dir/rules.yaml"
}
# Each value of the chart, but what the schema says of "config", is in ci/all-values.yaml, and is another one there.
others() {
	$python - $chart <<-'PY'
		import sys, yaml
		own, other = (yaml.safe_load(open(f"{sys.argv[1]}/{name}.yaml")) for name in ("values", "ci/all-values"))
		def same(own, other, path):
		    for key, value in own.items():
		        if isinstance(value, dict) and value and isinstance(other.get(key), dict):
		            yield from same(value, other[key], f"{path}{key}.")
		        elif value == other.get(key, value):
		            yield path + key
		left = set(same(own, other, ""))
		# An image has a tag or a digest; the rest is the same where another would be none.
		assert left <= {"image.digest", "config", "serviceAccount.create", "resources.requests",
		                "nodeSelector.kubernetes.io/os"}, left
	PY
}
labelled() {
	for name; do
		$python - "$dir/$name.yaml" <<-'PY' || return 1
			import sys, yaml
			for each in filter(None, yaml.safe_load_all(open(sys.argv[1]))):
			    labels = each["metadata"]["labels"]
			    for key in ("name", "instance", "version", "managed-by"):
			        assert labels[f"app.kubernetes.io/{key}"], each["kind"]
			    assert labels["helm.sh/chart"].startswith("nsvigil-"), each["kind"]
		PY
	done
}
# As krew installs one: a program of that name in PATH.
plugin() {
	mkdir "$dir/plugins" && ln -s "$(realpath "$nsvigil")" "$dir/plugins/kubectl-nsvigil" || return 1
	PATH=$dir/plugins:$PATH "$kube/kubectl" plugin list && PATH=$dir/plugins:$PATH "$kube/kubectl" nsvigil --version &&
		PATH=$dir/plugins:$PATH "$kube/kubectl" nsvigil replay --json tests/golden/6.12/left-pod.nsvcap
}

check "no privilege but two capabilities" least 'context["capabilities"] == {
	"drop": ["ALL"], "add": ["BPF", "PERFMON"]} and context["privileged"] is False and
	context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"] is True'
check "of the node's namespaces only that of processes" least 'pod["hostPID"] and not {
	"hostNetwork", "hostIPC", "hostUsers"} & set(pod)'
check "each mount is read-only but its own memory, and what is the node's below /host" least 'all(
	m["readOnly"] is True and (m["name"] == "config" or m["mountPath"].startswith("/host/"))
	for m in container["volumeMounts"] if m["name"] != "run") and [
	v["emptyDir"] for v in pod["volumes"] if v["name"] == "run"] == [
	{"medium": "Memory", "sizeLimit": "1Mi"}]'
# shellcheck disable=SC2016 # Kubernetes' $
check "it answers HTTP at the pod's own address alone" least '"--metrics=[$(POD_IP)]:9464" in
	container["args"] and {"name": "POD_IP", "valueFrom": {"fieldRef":
	{"fieldPath": "status.podIP"}}} in container["env"]'
check "no probe asks at the port, and each waits longer than nsvigil health" least 'all(
	"--health-socket=" + container[p]["exec"]["command"][-1] in container["args"] and
	container[p]["timeoutSeconds"] > 5 for p in ("startupProbe", "readinessProbe", "livenessProbe"))'
check "none has the runtime's socket, or the node's root" least 'not {"/", "/run", "/run/containerd",
	"/var", "/var/run"} & {v["hostPath"]["path"] for v in pod["volumes"] if "hostPath" in v}'
# shellcheck disable=SC2016 # Kubernetes' $
check "collectors are told the node's name" least '{"name": "NODE_NAME", "valueFrom": {"fieldRef":
	{"fieldPath": "spec.nodeName"}}} in container["env"] and
	"--syslog-hostname=$(NODE_NAME)" in container["args"]'
check "no token of the API server" least 'pod["automountServiceAccountToken"] is False'
check "it is on each node" least 'pod["tolerations"] == [{"operator": "Exists"}]'

if $python -c 'import kubernetes' 2>/dev/null; then
	check "the manifest is as Kubernetes' API says" strict deploy/daemonset.yaml
	check "a field that there is not" fault 's/hostPID:/hostPids:/'
	check "a type that is another one" fault 's/runAsUser: 0/runAsUser: "0"/'
	check "a field that is missing" fault '/mountPath: .host.sys/d'
else
	skip "the manifest is as Kubernetes' API says" "there is no python3-kubernetes"
fi

kube=${CACHE:-/var/cache/nsvigil-vm}/kube/bin
HELM=$kube/helm
export HELM
if tests/chart/kube.sh "$kube" 2>"$dir/fetched"; then
	for values in "$chart"/ci/*-values.yaml; do
		check "helm lint --strict, $(basename "$values")" "$HELM" lint --strict --values "$values" $chart
	done
	check "helm package" "$HELM" package --destination "$dir" $chart
	check "kubectl kustomize" kustomized
	check "kubectl takes each command in the documents" documented kubectl
	check "so does helm" documented helm
	check "without an image's place the chart is refused" unplaced
	if [ -x "$nsvigil" ]; then
		check "the schema of config is as nsvigil takes it" $python tests/chart/schema.py "$nsvigil"
		check "kubectl runs it as a plugin" plugin
	else
		skip "the schema of config is as nsvigil takes it" "there is no $nsvigil: make"
	fi
	check "its README has the table of values" $python tests/chart/values.py
	check "the chart renders" render defaults '{}'
	check "with its own values it is deploy/daemonset.yaml" \
		$python tests/chart/chart.py same deploy/daemonset.yaml "$dir/defaults.yaml"
	check "a configuration" render config 'config: {policy: require, min-host-id: 1000000, full: true,
 allow-join: ["*/cilium-*=net"], syslog: ["tls://logs.example.org"], syslog-ca: /etc/nsvigil/ca.pem,
 attest: 1h30m, heartbeat: 300}'
	if [ -x "$nsvigil" ]; then
		check "is one as nsvigil takes it" configures
	else
		skip "is one as nsvigil takes it" "there is no $nsvigil: make"
	fi
	for size in 1K 1024M 1T; do
		check "captures of $size" render refused "captures: {enabled: true, size: $size}"
	done
	check "less of the node's files" render less 'declared: {kubelet: "", manifests: "", runtime: []}
priorityClassName: ""
seccompProfile: {type: RuntimeDefault}'
	check "are three mounts less" sh -c "[ \$(grep -c readOnly: '$dir/less.yaml') = 3 ]"
	check "all other values" render other "$(cat $chart/ci/all-values.yaml)"
	check "each value has another one there" others
	check "a PodMonitor is about the pods and their port" monitored
	check "the dashboard is the one that there is" dashboard
	check "a PrometheusRule is asked for" render alerts 'prometheusRule: {enabled: true}'
	check "it is deploy/prometheus-rules.yaml" ruled
	check "it has all but those that are named" left_out
	check "as Prometheus takes it" promtool_takes
	check "an image by its digest" render digest "image: {digest: \"sha256:$(printf %064d 1)\"}"
	check "is so" has digest "localhost/nsvigil@sha256:0000"
	for word in 'https://runbooks.example/nsvigil#nsvigildown' 'helm.sh/chart: nsvigil-' 'name: whole' 'serviceAccountName: mine' 'team: blue' spc_t --capture=/captures \
		--capture-size=1G --capture-files=4 /srv/captures runtime-1 'mountPath: /x' 'system:serviceaccount:nsvigil:mine' \
		example.com/nsvigil:1 'metrics=[::]:1234' 'containerPort: 1234' pull Always NoSchedule \
		'localhostProfile: profiles/nsvigil.json' 1Gi 'pods: "7"' /host/var/lib/k0s/kubelet/pods; do
		check "$word is in it" has other "$word"
	done
	check "each object has the labels that charts' have" labelled defaults other
	check "another configuration has another checksum, and nothing else has" another_checksum
	if $python -c 'import kubernetes' 2>/dev/null; then
		for rendered in defaults config less other alerts digest; do
			check "as Kubernetes' API says: $rendered" strict "$dir/$rendered.yaml"
		done
	fi
	for wrong in 'config: {polcy: require}' 'config: {policy: requir}' 'config: {attest: often}' 'config: {attest: 5y}' 'config: {attest: 1h30}' 'config: {syslog-ca: null}' \
		'config: {syslog: [null]}' 'config: {capture-size: 2000M}' 'config: {output: json}' 'config: {syslog: local}' \
		'image: {digest: "sha256:1"}' 'declared: {runtime: [run]}' 'declared: {runtime: [""]}' 'updateStrategy: {type: Now}' 'seLinuxOptions: {typ: x}' \
		'captures: {enabled: true, hostPath: x}' 'captures: {enabled: true, hostPath: ""}' 'captures: {size: "100"}' 'captures: {size: 0M}' \
		'captures: {size: 1025M}' 'captures: {size: 2000M}' 'captures: {size: 64}' 'networkPolicy: {enabled: maybe}' 'affinity: {nodes: {}}' \
		'serviceAccount: {create: "yes"}' 'extraVolumes: [{}]' 'resourceQuota: {pods: 5}' 'privileged: true' 'metrics: {port: 0}' 'metrics: {port: "x"}' 'config: {json: false}' \
		'config: {metrics: 1}' 'config: {node-name: a}' 'config: {severity: [{a: b}]}' 'config: x' 'declared: {runtime: "run"}' 'image: {pullPolicy: Maybe}' \
		'podMonitor: {interval: soon}' 'resources: {limit: {}}' 'prometheusRule: {enabled: true, without: [NsvigilSlo]}' \
		'prometheusRule: {without: "NsvigilSlow"}' 'prometheusRule: {namespace: x}' 'dashboard: {labels: []}'; do
		check "the schema of values refuses $wrong" refused "$wrong"
	done
else
	skip "the chart" "helm and kubectl cannot be had: $(tail -n 1 "$dir/fetched")"
fi
finish
