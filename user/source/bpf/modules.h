/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules' BTF, which only CAP_SYS_ADMIN may list. */
#ifndef NSVIGIL_SOURCE_BPF_MODULES_H
#define NSVIGIL_SOURCE_BPF_MODULES_H

struct bpf_object;

/* What this kernel does not have itself, such as functions of a newer one, is not there for the object. Before its load. */
void modules_leave_out(struct bpf_object *object);

#endif
