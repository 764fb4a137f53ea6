// SPDX-License-Identifier: BSD-2-Clause
/* Programs that do nothing, on the hooks that watch has: what no watch could cost less than. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define EMPTY(section, name)                                                                       \
	SEC(section)                                                                               \
	int name(void *ctx)                                                                        \
	{                                                                                          \
		(void)ctx;                                                                         \
		return 0;                                                                          \
	}

EMPTY("tp_btf/task_newtask", on_new_task)
EMPTY("tp_btf/sched_process_exec", on_exec)
EMPTY("tp_btf/sched_process_exit", on_exit)
EMPTY("tp_btf/cgroup_attach_task", on_attach)
EMPTY("tp_btf/cgroup_mkdir", on_mkdir)
EMPTY("tp_btf/cgroup_rmdir", on_rmdir)
EMPTY("fentry/commit_creds", on_commit_creds)
EMPTY("fentry/switch_task_namespaces", on_switch_namespaces)
EMPTY("fexit/cap_capable", on_cap_checked)
EMPTY("tp_btf/cap_capable", on_cap_capable)
