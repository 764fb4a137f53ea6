/* SPDX-License-Identifier: BSD-2-Clause */
/* Which hooks the kernel takes. */
#ifndef NSVIGIL_SOURCE_BPF_ATTACHABLE_H
#define NSVIGIL_SOURCE_BPF_ATTACHABLE_H

struct btf;

/*
 * Whether a program can be attached there, as its section says (NULL: nowhere) is tried with an empty one: most of a load is
 * verification. `btf`: the kernel's. Returns 0 or -errno.
 */
int attachable(const struct btf *btf, const char *section);

/* What such an error means. */
const char *attachable_why(int err);

#endif
