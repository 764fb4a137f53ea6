#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# deploy/kubectl-nsvigil: what it asks of kubectl, and what it makes of the answers. The kubectl is made up: its nodes answer, do
# not, hang or are not there, as the test says.
set -eu

cd "$(dirname "$0")/../.."
. tests/tap.sh

build=${BUILD:-build}
nsvigil=$(realpath "$build/nsvigil")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
plugin=$(realpath deploy/kubectl-nsvigil)
VERSION=$("$nsvigil" --version | sed 's/^nsvigil //')
export VERSION
python3 tests/report/fleet.py demo "$dir/demo"

# A line of what it was asked goes to $dir/asked. exec of a pod gives what is in $dir/pod/NAME.
mkdir "$dir/bin" "$dir/pod" "$dir/empty"
cat >"$dir/bin/kubectl" <<END
#!/bin/sh
dir=$dir nsvigil=$nsvigil
END
cat >>"$dir/bin/kubectl" <<'END'
printf '%s\n' "$*" >>"$dir/asked"
while :; do
	case $1 in
	--context=* | --as=*) shift ;;
	*) break ;;
	esac
done
case "$1 $2" in
'get pods')
	[ ! -e "$dir/refused" ] || { echo 'Error from server (Forbidden): pods is forbidden' >&2; exit 1; }
	cat "$dir/pods"
	exit
	;;
'get nodes')
	[ -e "$dir/nodes" ] || { echo 'Error from server (Forbidden): nodes is forbidden' >&2; exit 1; }
	cat "$dir/nodes"
	exit
	;;
esac
command=$1 log=log
shift
while [ $# -gt 0 ]; do
	case $1 in
	--namespace | --container) shift 2 ;;
	--stdin | --since=*) shift ;;
	--previous) log=before; shift ;;
	--) break ;;
	*) pod=$1; shift ;;
	esac
done
[ "$command $pod" != 'logs nsvigil-9-mute' ] || {
	echo 'Error from server (Forbidden): pods "nsvigil-9-mute" is forbidden' >&2
	exit 1
}
if [ "$command $log" = 'logs before' ] && [ ! -e "$dir/pod/$pod.before" ]; then
	echo "Error from server (BadRequest): previous terminated container \"nsvigil\" in pod \"$pod\" not found" >&2
	exit 1
fi
[ "$command" != logs ] || exec cat "$dir/pod/$pod.$log"
[ "$1 $2" = '-- /usr/local/sbin/nsvigil' ] || exit 9
shift 2
[ "$1" != report ] || exec "$nsvigil" "$@"
case $pod in
*-hangs) exec sleep 600 ;;
*-refuses)
	echo 'error: Internal error occurred: "connection" <refused>' >&2
	exit 1
	;;
*-old)
	printf 'nsvigil scan: --node-name is no option \033]0;x\a\n' >&2
	echo 'command terminated with exit code 2' >&2
	exit 2
	;;
esac
cat "$dir/pod/$pod.$1"
case $pod in
*-unsure)
	echo 'nsvigil doctor: cannot tell whether the node is ready: 1 of 2 checks could not look' >&2
	echo 'command terminated with exit code 3' >&2
	exit 3
	;;
esac
echo 'command terminated with exit code 1' >&2
exit 1
END
chmod +x "$dir/bin/kubectl"
for i in 1 2 3; do
	echo "worker-$i nsvigil-$i Running"
	cp "$dir/demo/worker-$i.json" "$dir/pod/nsvigil-$i.scan"
	cp "$dir/demo/worker-$i.log" "$dir/pod/nsvigil-$i.log"
	echo 'ok hooks' >"$dir/pod/nsvigil-$i.doctor"
done >"$dir/pods"
echo 'missing hooks: no BTF' >"$dir/pod/nsvigil-2.doctor"

# run STATUS ARGUMENT...: the plugin ends so; without another nsvigil than the one in the pods.
run() {
	wanted=$1 status=0
	shift
	: >"$dir/asked"
	PATH=$dir/bin:/usr/bin:/bin "$plugin" "$@" >"$dir/out" 2>"$dir/err" </dev/null || status=$?
	cat "$dir/out" "$dir/err"
	[ "$status" = "$wanted" ] || { echo "status $status"; return 1; }
}
says() {
	grep -e "$1" "$dir/err" || { cat "$dir/err"; return 1; }
}
asked() {
	grep -xF -e "$1" "$dir/asked" || { cat "$dir/asked"; return 1; }
}
prints() {
	grep -e "$1" "$dir/out"
}

check "help" run 0 --help
check "which command?" run 2
check "no command" run 2 watch
check "no option" run 2 scan --colour=red
check "no format" run 2 scan -o pdf
check "no number" run 2 scan --parallel=many
check "an option without a value" run 2 scan --context
check "no kubectl" sh -c "! PATH=$dir/empty:/usr/bin:/bin KUBECTL=kubectl-gone '$plugin' scan 2>&1"

check "scan" run 1 scan
check "is of all nodes" prints '^40 of 45 pods isolated on 3 nodes; 2 violated; worst: critical$'
check "it says nothing else" sh -c "! grep . '$dir/err'"
check "it asked for the pods" asked "get pods --namespace nsvigil --selector app.kubernetes.io/name=nsvigil --output jsonpath={range .items[*]}{.spec.nodeName} {.metadata.name} {.status.phase}{\"\\n\"}{end}"
check "and each for a scan" asked 'exec --namespace nsvigil --container nsvigil nsvigil-2 -- /usr/local/sbin/nsvigil scan --json --root=/host --node-name=worker-2'
check "one of them made the report" asked 'exec --stdin --namespace nsvigil --container nsvigil nsvigil-1 -- /usr/local/sbin/nsvigil report --output=table -'
check "one node after the other" run 1 scan --parallel=1
check "is the same" prints '^40 of 45 pods isolated on 3 nodes'
check "where kubectl is told where" run 1 --context=prod --as "a b" scan -n watchers -l app=x
check "it is told each time" asked '--context=prod --as=a b exec --stdin --namespace watchers --container nsvigil nsvigil-1 -- /usr/local/sbin/nsvigil report --output=table -'
check "CSV" run 1 scan -ocsv
check "has a line a pod and a node" sh -c "[ \$(wc -l <'$dir/out') = 49 ]"
check "one node only" run 1 scan --on worker-2
check "is one" prints '^12 of 15 pods isolated; '
check "one that there is not" run 3 scan --on worker-9
check "says so" says 'node worker-9 cannot be asked: it is not known'
check "JSON" run 0 scan -o json
as_json() {
	"$nsvigil" report -o csv "$dir/out" >"$dir/again" || :
	[ "$(wc -l <"$dir/again")" = 49 ]
}
check "is what report reads" as_json
check "report" run 1 report --output=html --since=1h
check "is a page with what was attested" prints 'worker-3.*99.92%\|99.92%'
check "it asked for logs" asked 'logs --namespace nsvigil --container nsvigil --since=1h nsvigil-3'
mv "$dir/pod/nsvigil-3.log" "$dir/pod/nsvigil-3.before"
: >"$dir/pod/nsvigil-3.log"
check "report, of a container that was begun again" run 1 report --output=html --since=1h
check "has what it had said before" prints 'worker-3.*99.92%\|99.92%'
mv "$dir/pod/nsvigil-3.before" "$dir/pod/nsvigil-3.log"
cp "$dir/pods" "$dir/pods.saved"
head -c 200 "$dir/demo/worker-2.log" >"$dir/pod/nsvigil-2.log"
check "a log that is cut in a line" run 4 report
check "leaves the scan behind it as it is" prints '^40 of 45 pods isolated on 3 nodes; 2 violated; worst: critical$'
check "and is named" says '1 document is not whole'
cp "$dir/demo/worker-2.log" "$dir/pod/nsvigil-2.log"
sed 's/worker-1/worker-9/g' "$dir/demo/worker-1.json" >"$dir/pod/nsvigil-9-mute.scan"
echo 'worker-9 nsvigil-9-mute Running' >>"$dir/pods"
check "a log that cannot be read" run 4 report -o html
check "is in the report" prints "the log of node worker-9 cannot be read: Error from server (Forbidden): pods &#39;nsvigil-9-mute&#39; is forbidden"
check "which says so once" sh -c "[ \$(grep -c 'log of node worker-9' '$dir/err') = 1 ]"
check "the node did answer" sh -c "! grep 'did not answer' '$dir/out' '$dir/err'"
check "as JSON" run 4 report -o json
check "it says so, too" says '^kubectl nsvigil: the log of node worker-9 cannot be read: Error from server'
check "a scan needs no log" run 0 scan --on worker-9
cp "$dir/pods.saved" "$dir/pods"
check "doctor" run 1 doctor
check "says what nodes say alike once" prints '^== worker-1 worker-3$'
check "and what one says alone" prints '^== worker-2$'
check "doctor --node" run 1 doctor --node
check "is asked so" asked 'exec --namespace nsvigil --container nsvigil nsvigil-1 -- /usr/local/sbin/nsvigil doctor --root=/host --node'
echo 'worker-9 nsvigil-9-unsure Running' >>"$dir/pods"
printf 'ok kernel\nunknown seccomp\n' >"$dir/pod/nsvigil-9-unsure.doctor"
check "a node that cannot tell whether it is ready" run 4 doctor --node
check "says what it could look at" prints '^ok kernel$'
check "and what it could not" prints '^unknown seccomp$'
check "it did answer" sh -c "! grep 'did not answer' '$dir/err'"
check "it says that it cannot tell" says 'node worker-9: nsvigil doctor: cannot tell whether the node is ready: 1 of 2 checks'
cp "$dir/demo/worker-1.json" "$dir/pod/nsvigil-9-unsure.scan"
check "that is no answer to a scan" run 3 scan --on worker-9
: >"$dir/pod/nsvigil-9-unsure.doctor"
check "nor is it one of doctor's without a row" run 3 doctor --node --on worker-9
cp "$dir/pods.saved" "$dir/pods"

cat >>"$dir/pods" <<END
worker-4 nsvigil-4-hangs Running
worker-5 nsvigil-5-refuses Running
worker-6 nsvigil-6-old Running
worker-7 nsvigil-7 Pending
worker-1 nsvigil-1-surge Pending
 nsvigil-8 Pending
END
printf 'worker-%s\n' 1 2 3 4 5 6 7 8 >"$dir/nodes"
check "nodes that do not answer" run 4 scan --timeout=3
check "the others are there" prints '^40 of 45 pods isolated on 3 nodes; .*; 5 nodes did not answer$'
check "one that hangs is named" says 'node worker-4 did not answer: no answer within 3 seconds'
check "one that cannot be reached" says "node worker-5 did not answer: error: Internal error occurred: 'connection' <refused>"
check "one that knows no better" says 'node worker-6 did not answer: nsvigil scan: --node-name is no option'
check "what it says is printable" sh -c "! LC_ALL=C grep '[^ -~]' '$dir/err'"
check "one whose pod does not run" says 'node worker-7 did not answer: its pod nsvigil-7 is Pending'
check "one that has none" says 'node worker-8 did not answer: no pod of nsvigil is there'
check "doctor names them, too" run 4 doctor --timeout=3
check "so" says 'node worker-4 did not answer: no answer within 3 seconds'
left_over() {
	! pgrep -f "sleep 600" >"$dir/left" || { cat "$dir/left"; return 1; }
}
check "what hung was ended" left_over
check "who may not list nodes is not told of them" sh -c "rm '$dir/nodes'"
check "but of the rest" run 4 scan --timeout=3
check "which is one less" prints '; 4 nodes did not answer$'

echo 'worker-4 nsvigil-4-refuses Running' >"$dir/pods"
check "if none answers" run 3 scan
check "it is named" says 'node worker-4 did not answer'
: >"$dir/pods"
check "if there is none" run 3 scan
check "it asks whether it is installed" says 'no pod of nsvigil runs in namespace nsvigil'
: >"$dir/refused"
check "who may not list pods" run 3 scan
check "reads why" says 'pods is forbidden'

# What krew takes, once make dist has filled it in.
manifest() {
	python3 - deploy/krew/nsvigil.yaml <<-'PY'
		import re, sys, yaml
		text = open(sys.argv[1]).read()
		assert set(re.findall("@([A-Z0-9]+)@", text)) == {"VERSION", "URI", "SHA256"}
		plugin = yaml.safe_load(text.replace("@VERSION@", "1.2.3").replace("@URI@", "https://example.org/x.tar.gz")
		                        .replace("@SHA256@", "0" * 64))
		assert plugin["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2" and plugin["kind"] == "Plugin"
		assert plugin["metadata"] == {"name": "nsvigil"}
		spec = plugin["spec"]
		assert re.fullmatch(r"v\d+\.\d+\.\d+", spec["version"])
		assert 0 < len(spec["shortDescription"]) <= 50 and not spec["shortDescription"].endswith(".")
		assert spec["description"] and set(spec) == {"version", "shortDescription", "description", "caveats", "platforms"}
		for platform in spec["platforms"]:
		    assert set(platform) == {"selector", "uri", "sha256", "files", "bin"}
		    assert platform["bin"] in {file["from"] for file in platform["files"]}
	PY
}
check "krew's manifest" manifest
finish
