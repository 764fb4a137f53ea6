/* SPDX-License-Identifier: BSD-2-Clause */
/* What container runtimes answer to --version. */
#ifndef NSVIGIL_DOCTOR_VERSION_H
#define NSVIGIL_DOCTOR_VERSION_H

#include <stdbool.h>

struct version {
	unsigned major, minor;
	char text[48]; /* as the program has it; printable, cut if need be */
};

/*
 * Looks for the first line "NAME ANYTHING VERSION ...", as runc, crun, CRI-O ("NAME version 1.2.3")
 * and containerd ("NAME github.com/... v1.2.3 ...") have it. Returns 0 or -EINVAL.
 */
int version_parse(const char *text, const char *name, struct version *out);

bool version_is_at_least(const struct version *version, unsigned major, unsigned minor);

#endif
