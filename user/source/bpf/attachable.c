// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/attachable.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"

/* include/linux/errno.h: what the kernel means by it is in no header for programs. */
#define ENOTSUPP 524

/* What a section's program is attached to: its type, and by which name BTF has it. */
static __s32 find_target(const struct btf *btf, const char *section, enum bpf_attach_type *type)
{
	const char *target = strchr(section, '/') + 1;
	char name[64];

	if (!strncmp(section, "tp_btf/", 7)) {
		*type = BPF_TRACE_RAW_TP;
		snprintf(name, sizeof(name), "btf_trace_%s", target);
		return btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	}
	*type = strncmp(section, "fexit/", 6) ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT;
	return btf__find_by_name_kind(btf, target, BTF_KIND_FUNC);
}

int attachable(const struct btf *btf, const char *section)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	AUTO_FD program = -1;
	AUTO_FD link = -1;
	__s32 target;

	if (!section)
		return 0;
	target = find_target(btf, section, &opts.expected_attach_type);
	if (target < 0)
		return target;
	opts.attach_btf_id = (__u32)target;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "nsvigil_try", "GPL", nothing, 2, &opts);
	if (program < 0)
		return program;
	link = bpf_raw_tracepoint_open(NULL, program);
	return link < 0 ? link : 0;
}

const char *attachable_why(int err)
{
	return err == -ENOTSUPP ? "this kernel has no trampolines; arm64 has them since Linux 6.4" :
				  strerror(-err);
}
