// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/hooktable.h"

#include "source/bpf/arch.h"

#define AT_NEXT_CHECK                                                                              \
	"a change that no capability check follows is seen at the next one, exec or walk"
#define AT_NEXT_EXEC "a change is seen at the next exec or walk"

#define NOT_BY_CALLS "a change without a system call for it, as an exploit makes one"

#define ONE(place) .alternatives = {{place, NSV_HOW_ONCE, NULL}}, .n = 1

const struct hook_row_info hook_table[EVENTS] = {
	[EVENT_NEW_TASK] = {"new task", ONE("tp_btf/task_newtask")},
	[EVENT_EXEC] = {"exec", ONE("tp_btf/sched_process_exec")},
	[EVENT_EXIT] = {"exit", ONE("tp_btf/sched_process_exit")},
	[EVENT_ATTACH] = {"cgroup attach", ONE("tp_btf/cgroup_attach_task")},
	[EVENT_MKDIR] = {"cgroup made", ONE("tp_btf/cgroup_mkdir")},
	[EVENT_RMDIR] = {"cgroup removed", ONE("tp_btf/cgroup_rmdir")},
	[EVENT_CREDENTIALS] = {"credentials",
			       "credentials",
			       NSV_HOOK_CREDENTIALS,
			       {{"fentry/commit_creds", NSV_HOW_ONCE, NULL},
				{HOOK_AT_CHECKS, NSV_HOW_LATER, AT_NEXT_CHECK},
				{NULL, NSV_HOW_NEVER, AT_NEXT_EXEC},
				{HOOK_AT_EXITS, NSV_HOW_PARTLY, NOT_BY_CALLS}},
			       3,
			       1},
	[EVENT_NAMESPACES] = {"namespaces",
			      "namespaces",
			      NSV_HOOK_NAMESPACES,
			      {{"fentry/switch_task_namespaces", NSV_HOW_ONCE, NULL},
			       {HOOK_AT_CHECKS, NSV_HOW_LATER, AT_NEXT_CHECK},
			       {NULL, NSV_HOW_NEVER, AT_NEXT_EXEC},
			       {HOOK_AT_EXITS, NSV_HOW_PARTLY, NOT_BY_CALLS}},
			      3,
			      1},
	[EVENT_CAPABILITIES] =
		{"capability checks",
		 "capabilities",
		 NSV_HOOK_CAPABILITIES,
		 {{"fexit/cap_capable", NSV_HOW_ONCE, NULL},
		  {HOOK_AT_CHECKS, NSV_HOW_PARTLY,
		   "the system call tells whether a check is only a probe; where it does not, the check "
		   "is counted and not judged"},
		  {NULL, NSV_HOW_NEVER, "no capability check is seen"}},
		 3,
		 0},
	[EVENT_IDMAPS] =
		{"idmapped mounts",
		 "idmaps",
		 NSV_HOOK_IDMAPS,
		 {{ARCH_ENTRY("mount_setattr"), NSV_HOW_ONCE,
		   "a mount that the call names by an absolute path, as below "
		   "/proc/self/fd"},
		  {HOOK_AT_CHECKS, NSV_HOW_LATER,
		   "it is seen at the next capability check, fork, exec or exit of the process that "
		   "made it, or never if it is unmounted before; a mount that the call names by an "
		   "absolute path"},
		  {NULL, NSV_HOW_NEVER,
		   "the makers of idmapped mounts; only what statmount(2) says about them is known, "
		   "from Linux 6.15 on"},
		  {HOOK_AT_EXITS, NSV_HOW_ONCE,
		   "a mount that the call names by an absolute path, as below "
		   "/proc/self/fd" ARCH_BLIND_AT_EXITS}},
		 3,
		 1},
};

bool hooks_any_forced(const struct hooks_forced *forced)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (forced->alternatives[i])
			return true;
	return false;
}
