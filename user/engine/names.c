// SPDX-License-Identifier: BSD-2-Clause
/* Names of what the engine says. */
#include "engine/engine.h"

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"info", "notice", "warning", "error", "critical"};

	return names[severity];
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[VERDICTS] = {"isolated", "host",	      "mixed", "violated",
						    "starting", "not judged", "empty", "sandboxed"};

	return names[verdict];
}

const char *allotted_name(enum allotted allotted)
{
	static const char *const names[] = {"unknown", "none", "kubelet", "runtime", "manifest"};

	return names[allotted];
}

const char *place_kind_name(uint32_t kind)
{
	static const char *const names[] = {
		[NSV_PLACE_CONFIG] = "the kubelet's configuration",
		[NSV_PLACE_KUBELET] = "the kubelet's directory",
		[NSV_PLACE_LOGS] = "pods' logs",
		[NSV_PLACE_MANIFESTS] = "static pods' manifests",
		[NSV_PLACE_RUNTIME] = "the runtime's state",
	};

	return names[kind];
}

const char *place_how_name(uint32_t how)
{
	static const char *const names[] = {
		[NSV_PLACE_GIVEN] = "given",
		[NSV_PLACE_PROCESS] = "by the kubelet's command line",
		[NSV_PLACE_CONFIGURED] = "by the kubelet's configuration",
		[NSV_PLACE_USUAL] = "where it usually is",
	};

	return names[how];
}

const char *place_state_name(uint32_t state)
{
	static const char *const names[] = {
		[NSV_PLACE_FOUND] = "found",
		[NSV_PLACE_MISSING] = "missing",
		[NSV_PLACE_UNUSABLE] = "unusable",
	};

	return names[state];
}

const char *observed_name(enum observed observed)
{
	static const char *const names[] = {"unknown", "node", "own", "mixed"};

	return names[observed];
}

const char *phase_name(enum finding_phase phase)
{
	static const char *const names[FINDING_PHASES] = {"opened", "repeated", "closed",
							  "reopened", "regraded"};

	return names[phase];
}

const char *attest_cause_name(enum attest_cause cause)
{
	static const char *const names[ATTEST_CAUSES] = {"period", "pod ended", "watch ended",
							 "policy changed"};

	return names[cause];
}

const char *attest_result_name(enum attest_result result)
{
	static const char *const names[ATTEST_RESULTS] = {"shown", "shown in part", "broken",
							  "not shown"};

	return names[result];
}

const char *applied_name(enum applied applied)
{
	static const char *const names[APPLIED_KINDS] = {
		"applied", "sandboxed", "empty", "starting", "not judged", "file not found"};

	return names[applied];
}

const char *gap_cause_name(enum gap_cause cause)
{
	static const char *const names[GAP_CAUSES] = {"events lost", "not judged", "sandboxed",
						      "not printed"};

	return names[cause];
}

const char *hook_name(enum nsv_hook hook)
{
	static const char *const names[NSV_HOOKS_MAX] = {"tasks", "credentials", "namespaces",
							 "capabilities", "idmaps"};

	return names[hook];
}

const char *how_name(enum nsv_how how)
{
	static const char *const names[] = {"unknown", "never", "later", "at once", "partly"};

	return names[how];
}

const char *cause_name(enum nsv_cause cause)
{
	static const char *const names[] = {"",		  "walk",	"exec",
					    "fork",	  "attach",	"credentials",
					    "namespaces", "capability", "exit"};

	return names[cause];
}

const char *ns_kind_name(enum nsv_ns_kind kind)
{
	static const char *const names[NSV_NS_KINDS] = {"user", "mnt", "pid",	 "net",
							"ipc",	"uts", "cgroup", "time"};

	return names[kind];
}

/* include/uapi/linux/capability.h, by number */
static const char *const names[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

const char *capability_name(unsigned number)
{
	return number < sizeof(names) / sizeof(*names) ? names[number] : NULL;
}
