#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""fleet.py DIR NODES PODS: makes up scans of so many nodes with so many pods each, a file a node. Of each hundredth node a pod
reaches another one's IDs; each has some on the node's user namespace.

fleet.py demo DIR: three nodes, scans and logs of watch, as a small cluster has them.

fleet.py ended DIR NODES PODS: logs of so many nodes on which so many pods each have ended, and none is there any more.

fleet.py history DIR: logs of pods that ended, each in another way.

fleet.py hostile DIR: scans and logs in which each text that somebody else chooses is one of a corpus of hostile ones.

What is made up is what docs/scan.schema.json and docs/watch.schema.json have (tests/unit/report.sh compares).
"""
import json
import os
import sys

VERDICTS = ("isolated", "host", "mixed", "violated", "starting", "not judged", "empty", "sandboxed")
HOOKS = ("capabilities", "credentials", "namespaces", "idmaps", "tasks")
SEVERITIES = ("info", "notice", "warning", "error", "critical")
BEGAN = 1796032800  # when the machines were booted: a time of day
POOL = (1048576, 65536 * 110)
OVERLAP = {
    "rule": "overlapping-ids", "severity": "critical", "what": "ranges of two pods' namespaces overlap",
    "why": "A process of one pod can hold the same host ID as a process of the other: they share files, signals and "
           "resource limits.",
    "todo": "Delete both pods, and look for a second kubelet or a runtime that assigns ranges itself."}
ON_NODE = {
    "rule": "host-userns", "severity": "notice", "what": "a process of the pod is in the node's user namespace",
    "why": "Root in the pod is root on the node.", "todo": "Set hostUsers: false in the pod's spec."}
LEFT = {
    "rule": "left-pod", "severity": "critical", "what": "a process of the pod was moved out of its cgroup",
    "why": "What is out of its pod's cgroup has none of its limits, and is taken for something else.",
    "todo": "Find out who moved it: only the node's root can."}
BLIND = {
    "rule": "blind", "severity": "warning", "what": "events were lost", "why": "What happened meanwhile is not shown.",
    "todo": "Look which pod makes processes without end."}

HOSTILE = [
    "<script>window.ran=1</script>", "\"><img src=x onerror=\"window.ran=2\">", "</title><script>window.ran=3</script>",
    "</style><script>window.ran=4</script>", "' onmouseover='window.ran=5", "</svg><script>window.ran=6</script>",
    "]]><script>window.ran=7</script>", "<!--", "--><script>window.ran=8</script>", "&lt;&#x3c;&", "javascript:window.ran=9",
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "\r\n=1", "a,b", "\"quoted\"", "a\nb", "a\r\nb: c",
    "- key: value", "{{ .x }}", "${jndi:x}", "---", "%s%n%d", "\x1b[31mred\x1b[0m", "\x07\x00after", "\u202eright to left",
    "\U0001f600 smile", "\u2028line", "x" * 9000, "../../etc/passwd", "$(touch /tmp/x)", "`id`", "\\x41", "\\", "'", "\"",
    "<a href=//example.com>", "<iframe src=https://example.com>", "<link rel=stylesheet href=https://example.com/x>",
    "url(https://example.com/x)", "null", "~", "!!python/object:x", "*alias", "&anchor", "#comment", "? ", "| ", "> ",
]


def escaped(text):
    """As nsvigil writes what is not its own."""
    return "".join(chr(b) if 0x20 <= b < 0x7f and b not in b'\\"' else f"\\x{b:02x}" for b in text.encode("utf-8", "surrogatepass"))


def uuid(*numbers):
    bits = 0
    for number in numbers:
        bits = (bits * 1000003 + number + 1) % (1 << 122)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def when(boot_s, fraction=0):
    import time
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(BEGAN + boot_s)) + f".{fraction:06d}Z"


def evidence(text, pod, inum, first, last):
    party = {"type": "userns", "pod": pod, "process": None, "user_namespace": {"inum": inum, "id": None}}
    return {"text": text, "subject": party, "other": None, "ids": {"first": first, "last": last, "kind": "uid"},
            "namespace": None, "mount": None, "capability": None}


def finding(rule, text, pod, inum=4026532000, first=0, last=0, count=1):
    return {**rule, "count": count, "check": "cat /proc/4711/uid_map" if pod else None,
            "rule_url": "file:///usr/share/doc/nsvigil/rules/" + rule["rule"] + ".md",
            "evidence": [evidence(text, pod, inum, first, last)]}


def make_pod(node, i, namespace, name, first=None, verdict="isolated", findings=()):
    own = first is not None
    extent = {"inside": 0, "host": first if own else 0, "length": 65536 if own else 4294967295}
    return {
        "uid": uuid(node, i), "namespace": namespace, "name": name, "qos": "Burstable", "runtime": "containerd",
        "handler": "io.containerd.runc.v2",
        "cgroup": {"id": 1000 + i, "path": f"/kubepods.slice/kubepods-pod{i}.slice"},
        "allotted": "kubelet" if own else "none", "observed": "own" if own else "node",
        "volumes": {"mapped": 1 if own else 0, "all": 1}, "verdict": verdict, "reason": None,
        "user_namespace": {"inum": 4026532000 + i if own else 4026531837, "id": None, "level": 1 if own else 0, "owner": 0,
                           "uid_map": [extent], "gid_map": [extent]},
        "host_uids": [{"first": first, "last": first + 65535}] if own else [{"first": 0, "last": 0}],
        "containers": 1, "container_names": ["main"],
        "processes": {"all": 3, "workload": 3, "entrant": 0, "unknown": 0}, "findings": list(findings), "checks": None}


def stamp(document, name, node, boot_s):
    """When and where it was: what each document has."""
    document["time"] = when(boot_s)
    document["boot_id"] = uuid(node, 77)
    document["version"] = document.get("version", VERSION)
    document["boot_ns"] = boot_s * 10**9
    return document


def make_scan(name, node, boot_s, pods, others=((0, 0), (33, 33), (1000, 1000), (65534, 65534), (100000, 165535)), not_selected=0):
    verdicts = {verdict: sum(pod["verdict"] == verdict for pod in pods) for verdict in VERDICTS}
    found = [each for pod in pods for each in pod["findings"]]
    worst = max((each["severity"] for each in found), key=SEVERITIES.index, default=None)
    return stamp({
        "schema": "nsvigil/scan/1", "version": VERSION, "ruleset": 11, "node": name, "kernel": "6.12.1",
        "user_namespace": {"inum": 4026531837, "id": None},
        "walks": 2, "policy": "observe", "files": [],
        "host_ids": {"pool": {"first": POOL[0], "last": POOL[0] + POOL[1] - 1},
                     "others": [{"first": first, "last": last} for first, last in others]},
        "summary": {"pods": len(pods), "not_selected": not_selected, "verdicts": verdicts, "findings": len(found), "worst": worst}, "pods": pods,
    }, name, node, boot_s)


def overlap(node, a, b, other):
    return finding(OVERLAP, f"user namespace {4026532000 + a} and user namespace {4026532000 + b} of pod {other} both reach "
                   f"host UIDs {POOL[0] + a * 65536} to {POOL[0] + a * 65536 + 65535}", uuid(node, a), 4026532000 + a,
                   POOL[0] + a * 65536, POOL[0] + a * 65536 + 65535)


def on_node(node, i):
    return finding(ON_NODE, f"process 4711 \"nginx\" is in the node's user namespace 4026531837", uuid(node, i))


def made_up_pods(node, n):
    pods = []
    for i in range(n):
        namespace, name = f"team-{(node + i) % 40}", f"web-{node:04d}-{i:03d}"
        if i % 11 == 10:
            pods.append(make_pod(node, i, namespace, name, None, "host", [on_node(node, i)]))
        elif node % 100 == 99 and i in (0, 1):
            other = f"{namespace}/web-{node:04d}-{1 - i:03d}"
            pods.append(make_pod(node, i, namespace, name, POOL[0], "violated", [overlap(node, 0, 1, other)]))
        else:
            pods.append(make_pod(node, i, namespace, name, POOL[0] + i * 65536))
    return pods


def write(path, *documents, lines=False):
    with open(path, "w") as out:
        for document in documents:
            print(json.dumps(document, separators=(",", ":")) if lines else json.dumps(document, indent=2), file=out)


def made_up(folder, nodes, pods):
    os.makedirs(folder, exist_ok=True)
    for node in range(nodes):
        name = f"node-{node:04d}"
        write(f"{folder}/{name}.json", make_scan(name, node, 7200, made_up_pods(node, pods)))


# ---- lines of watch ----

def line(kind, name, node, boot_s, **fields):
    return stamp({"type": kind, "node": name, **fields}, name, node, boot_s)


def the_pod(pod):
    return {key: pod[key] for key in ("uid", "namespace", "name")}


def ready(name, node, boot_s, pods):
    verdicts = {verdict: sum(pod["verdict"] == verdict for pod in pods) for verdict in VERDICTS}
    return line("ready", name, node, boot_s, schema="nsvigil/watch/1", version=VERSION, ruleset=11, pods=len(pods),
                verdicts=verdicts, unwatched=None)


def phase(name, node, boot_s, what, rule, pod, text, opened_s=None):
    found = finding(rule, text, pod["uid"] if pod else None) if what != "closed" else {
        **rule, "count": 1, "check": None, "rule_url": "file:///x.md", "evidence": []}
    return line("finding", name, node, boot_s, phase=what,
                id=rule["rule"] + (f"/{pod['uid']}" if pod else ""), pod=the_pod(pod) if pod else None,
                opened=when(opened_s or boot_s), opened_ns=(opened_s or boot_s) * 10**9, **found)


def attestation(name, node, pod, from_s, to_s, cause="period", gaps=(), broken=()):
    own = pod["observed"] == "own"
    uids = pod["host_uids"] if own else []
    result = "broken" if broken else "not shown" if not own else "shown in part" if gaps else "shown"
    rules = {"shown": ["shared-userns", "overlapping-ids"] if own and not broken else [],
             "partly": [{"lacks": ["tasks"], "rules": ["left-pod"]}] if gaps else [], "broken": list(broken),
             "not_applicable": [] if own else ["overlapping-ids"], "not_applied": {}}
    lost_s = sum(b - a for a, b, _ in gaps)
    return line(
        "attestation", name, node, to_s, cause=cause, pod=the_pod(pod), **{"from": when(from_s)}, to=when(to_s),
        from_ns=from_s * 10**9, to_ns=to_s * 10**9, result=result, verdict_at_end=pod["verdict"],
        coverage=(to_s - from_s - lost_s) * 10000 // (to_s - from_s) / 100,
        user_namespace={"inum": pod["user_namespace"]["inum"], "id": None}, uids=uids, gids=uids,
        gaps={"count": len(gaps), "ns": lost_s * 10**9,
              "first": [{"from": when(a), "to": when(b), "from_ns": a * 10**9, "to_ns": b * 10**9, "why": why}
                        for a, b, why in gaps]},
        hooks=dict.fromkeys(HOOKS, "at once"), rules=rules)


def demo(folder):
    os.makedirs(folder, exist_ok=True)
    names = [("shop", "cart"), ("shop", "checkout"), ("shop", "catalog"), ("shop", "search"), ("pay", "ledger"),
             ("pay", "gateway"), ("data", "postgres-0"), ("data", "redis-0"), ("web", "frontend"), ("web", "cdn"),
             ("ci", "runner-1"), ("ci", "runner-2"), ("monitoring", "prometheus-0"), ("monitoring", "grafana")]
    for node, name in enumerate(("worker-1", "worker-2", "worker-3")):
        pods = [make_pod(node, i, namespace, f"{each}-{node + 1}", POOL[0] + i * 65536)
                for i, (namespace, each) in enumerate(names)]
        pods.append(make_pod(node, 20, "kube-system", f"kube-proxy-{node + 1}", None, "host", [on_node(node, 20)]))
        log = [ready(name, node, 600, pods)]
        gaps = {}
        if node == 1:
            # A second runtime gave two pods one range; one was moved out of its cgroup, and one has an ID of the node's users.
            for a, b in ((4, 5), (5, 4)):
                pods[a] = make_pod(node, a, *names[a][:1], pods[a]["name"], POOL[0] + 4 * 65536, "violated",
                                   [overlap(node, 4, 5, f"pay/{pods[b]['name']}")])
            log.append(phase(name, node, 2400, "opened", OVERLAP, pods[4], overlap(node, 4, 5, f"pay/{pods[5]['name']}")["evidence"][0]["text"]))
            log.append(phase(name, node, 3000, "opened", LEFT, pods[10],
                             "process 4812 \"sh\" was moved from its pod's cgroup to /system.slice/cron.service by process "
                             "1200 \"bash\", in no pod"))
            log.append(phase(name, node, 3300, "closed", LEFT, pods[10], "", 3000))
        if node == 2:
            log.append(phase(name, node, 4200, "opened", BLIND, None, "212 events were lost, within 24 seconds"))
            log.append(phase(name, node, 4260, "closed", BLIND, None, "", 4200))
            gaps = {i: [(4200, 4224, "events lost")] for i in range(3)}
        for i, pod in enumerate(pods):
            begins = 600 + (i * 137) % 900
            broken = [each["rule"] for each in pod["findings"] if each["severity"] == "critical"]
            log.append(attestation(name, node, pod, begins, 3600, broken=broken))
            log.append(attestation(name, node, pod, 3600, 7200, gaps=gaps.get(i, ()), broken=broken))
        log.sort(key=lambda each: each["boot_ns"])
        others = ((0, 0), (33, 33), (1000, 1000), (65534, 65534), (100000, 165535))
        if node == 2:
            others += ((POOL[0] + 8 * 65536 + 1000, POOL[0] + 8 * 65536 + 9000),)
        write(f"{folder}/{name}.log", *log, lines=True)
        write(f"{folder}/{name}.json", make_scan(name, node, 7230, pods, others))


def ended(folder, nodes, pods):
    """Each pod lived for an hour, and was attested then. Of each hundredth node one was violated, and one has a finding."""
    os.makedirs(folder, exist_ok=True)
    for node in range(nodes):
        name, all_pods = f"node-{node:04d}", made_up_pods(node, pods)
        log = [ready(name, node, 600, [])]
        for i, pod in enumerate(all_pods):
            broken = [each["rule"] for each in pod["findings"] if each["severity"] == "critical"]
            for each in pod["findings"]:
                log.append(phase(name, node, 700 + i, "opened", {key: each[key] for key in OVERLAP}, pod, each["evidence"][0]["text"]))
            log.append(attestation(name, node, pod, 600 + i, 4200 + i, "pod ended", broken=broken))
            for each in pod["findings"]:
                log.append(phase(name, node, 4200 + i, "closed", {key: each[key] for key in OVERLAP}, pod, "", 700 + i))
        write(f"{folder}/{name}.log", *log, lines=True)


def history(folder):
    """NAME.log: what each has is in tests/unit/report.sh."""
    os.makedirs(folder, exist_ok=True)

    def pod(i, name, verdict="isolated"):
        return make_pod(0, i, "shop", name, POOL[0] + i * 65536, verdict)

    def violated(each, from_s):
        return [phase("worker-1", 0, from_s, "opened", LEFT, each, "a process was moved"),
                phase("worker-1", 0, from_s + 60, "closed", LEFT, each, "", from_s)]

    def joined(each, at_s, what, kind):
        made = phase("worker-1", 0, at_s, what, dict(LEFT, rule="foreign-namespace"), each, f"joined {kind}", 900)
        return {**made, "id": f"{made['id']}/{kind}"}

    def set_back(each, seconds):
        return {**each, "time": when(each["boot_ns"] // 10**9 - seconds)}

    def end(each, from_s, to_s, **more):
        return attestation("worker-1", 0, each, from_s, to_s, "pod ended", **more)

    web, again, was = pod(0, "web-0"), pod(1, "web-0"), pod(2, "batch-1")
    files = {
        # Of one name and of two uids: one has ended, and the other is there.
        "namesake": violated(web, 900) + [end(web, 600, 1200, broken=["left-pod"]), ready("worker-1", 0, 1210, [again]),
                                          attestation("worker-1", 0, again, 1201, 3600)],
        # It was violated in its first hour, and isolated in its last.
        "healed": [attestation("worker-1", 0, dict(was, verdict="violated"), 600, 3600, broken=["ids-in-use"]),
                   end(was, 3600, 7200)],
        # What was broken is in a file that is not there.
        "unsaid": [end(was, 600, 1200, broken=["left-pod"])],
        "unnamed": [{**end(was, 600, 1200), "result": "broken"}],
        # Before all are attested, a line counts three; one of them has ended since.
        "counted": [ready("worker-1", 0, 600, [web, pod(3, "api"), pod(4, "db")]), end(web, 590, 900)],
        # The machine was started again, and a static pod is there again.
        "static": [end(pod(5, "proxy"), 600, 1200)],
        # No walk saw it.
        "short": violated(pod(7, "short"), 700) + [attestation("worker-1", 0, again, 600, 3600, "watch ended")],
        # No walk saw it so far.
        "young": violated(pod(7, "young"), 700) + [attestation("worker-1", 0, again, 600, 3600)],
        # It ended while no watch ran.
        "unwatched": [attestation("worker-1", 0, was, 600, 3600, "watch ended"),
                      attestation("worker-1", 0, again, 600, 3600, "watch ended"),
                      attestation("worker-1", 0, again, 4000, 7200, "watch ended")],
        # Two watches at once.
        "twice": [attestation("worker-1", 0, web, 600, 3600), attestation("worker-1", 0, web, 1800, 5400, gaps=[(5000, 5060, "events lost")])],
        # A log that was rotated: names sort the newest one first.
        "rotated": [*violated(was, 2000)[1:], end(was, 600, 2400, broken=["left-pod"])],
        "rotated.1": violated(was, 2000)[:1],
        # It is in two namespaces that are not its own, and leaves one of them.
        "kinds": [joined(web, 900, "opened", "net"), joined(web, 901, "opened", "pid"), joined(web, 950, "closed", "pid"),
                  attestation("worker-1", 0, web, 600, 3600, broken=["foreign-namespace"])],
        # What was found after it was attested, and before it was gone.
        "late": [attestation("worker-1", 0, web, 600, 1200), phase("worker-1", 0, 1250, "opened", LEFT, web, "late")],
        # The same uid again: a static pod whose manifest was put back.
        "same": [end(web, 600, 1200), phase("worker-1", 0, 1300, "opened", LEFT, web, "a process was moved")],
        # The clock was set back by an hour between the second line and the third.
        "clock": [*violated(web, 900), set_back(phase("worker-1", 0, 1000, "reopened", LEFT, web, "again"), 3600)],
        # The clock was ahead by years until the machine was started again.
        "ahead": [{**each, "time": each["time"].replace("2026", "2030")} for each in
                  (ready("worker-1", 0, 600, [was]), phase("worker-1", 0, 700, "opened", BLIND, None, "lost"),
                   attestation("worker-1", 0, was, 600, 3600))] +
                 [{**each, "boot_id": uuid(0, 78)} for each in
                  (phase("worker-1", 0, 900, "opened", LEFT, web, "a process was moved"), attestation("worker-1", 0, web, 800, 1200))],
        # A finding about the node, and the machine goes on.
        "blind": [phase("worker-1", 0, 700, "opened", BLIND, None, "lost"),
                  phase("worker-1", 0, 760, "closed", BLIND, None, "", 700), ready("worker-1", 0, 3600, [web])],
        # The log says that it is broken after the second scan has said so.
        "broken": [phase("worker-1", 0, 1200, "opened", OVERLAP, web, "both reach host UIDs")],
    }
    for name, log in files.items():
        write(f"{folder}/{name}.log", *log, lines=True)
    # Of those in one namespace alone, of all, and once more of the former, where all is well again.
    broken = make_pod(0, 8, "shop", "db-0", POOL[0] + 8 * 65536, "violated", [overlap(0, 8, 9, "shop/api")])
    mended, far = pod(8, "db-0"), make_pod(0, 9, "pay", "ledger", POOL[0] + 9 * 65536, "violated", [overlap(0, 9, 8, "shop/db-0")])
    write(f"{folder}/part-1.json", make_scan("worker-1", 0, 600, [broken], not_selected=1))
    write(f"{folder}/whole.json", make_scan("worker-1", 0, 700, [broken, far]))
    write(f"{folder}/part-2.json", make_scan("worker-1", 0, 800, [mended], not_selected=1))
    write(f"{folder}/before.json", make_scan("worker-1", 0, 700, [web, pod(3, "api")]))
    write(f"{folder}/after.json", make_scan("worker-1", 0, 1300, [again, pod(6, "late")]))
    bad = make_pod(0, 0, "shop", "web-0", POOL[0], "violated", [overlap(0, 0, 1, "shop/other")])
    write(f"{folder}/broken-1.json", make_scan("worker-1", 0, 700, [bad]))
    write(f"{folder}/broken-2.json", make_scan("worker-1", 0, 1100, [bad]))
    write(f"{folder}/mended.json", make_scan("worker-1", 0, 1300, [web]))


def hostile(folder):
    """A pod and a node for each text. Some as nsvigil escapes them, some as they are: a file is written by anybody."""
    os.makedirs(folder, exist_ok=True)
    for kind in ("escaped", "raw"):
        pods, log = [], []
        for i, text in enumerate(HOSTILE):
            shown = escaped(text)[:250] if kind == "escaped" else text
            rule = dict(OVERLAP, rule=text, what=text, why=text, todo=text, rule_url=text) if kind == "raw" else OVERLAP
            pod = make_pod(500, i, shown, shown, POOL[0] + i // 2 * 65536, "violated",
                           [dict(finding(rule, shown, uuid(500, i)), check=shown)])
            if kind == "raw":
                pod["uid"] = f"{text} {i}"
            pods.append(pod)
            log.append(phase(shown if kind == "raw" else "hostile", 500, 3000 + i, "opened", LEFT, pod, shown))
            log.append(attestation(shown if kind == "raw" else "hostile", 500, pod, 600, 3600 + i,
                                   "pod ended" if i % 2 else "period", broken=[shown] if i % 3 else [],
                                   gaps=[(700, 800, shown)] if kind == "raw" else [(700, 800, "events lost")]))
        write(f"{folder}/{kind}.json", make_scan("hostile" if kind == "escaped" else HOSTILE[0], 500, 7200, pods))
        write(f"{folder}/{kind}.log", *log, lines=True)


VERSION = os.environ.get("VERSION", "0.1.0")
if __name__ == "__main__":
    if sys.argv[1] in ("demo", "hostile", "history"):
        {"demo": demo, "hostile": hostile, "history": history}[sys.argv[1]](sys.argv[2])
    elif sys.argv[1] == "ended":
        ended(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        made_up(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
