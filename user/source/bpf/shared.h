/* SPDX-License-Identifier: BSD-2-Clause */
/* What both sides keep in maps has one layout: that of the programs, by their BTF, is this program's. */
#ifndef NSVIGIL_SOURCE_BPF_SHARED_H
#define NSVIGIL_SOURCE_BPF_SHARED_H

#include "lib/problem.h"

struct btf;

/* Of those structs of nsvigil/kept.h that it has. Returns 0, or -EINVAL with a problem that says which is another. */
int shared_check(const struct btf *btf, struct problem *problem);

#endif
