/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What watch gives up before it reads what others write: whoever took it over then could do with it no more than
 * it does itself. Capabilities, new privileges, being traced and dumped, system calls (seccomp), and files and
 * ports (Landlock). Threads inherit it, so it comes before the first one; nothing takes it back.
 */
#ifndef NSVIGIL_CONFINE_CONFINE_H
#define NSVIGIL_CONFINE_CONFINE_H

#include "confine/files.h"
#include "lib/problem.h"

/* How much of it: the values of --confine. */
enum confine_mode {
	CONFINE_YES,
	CONFINE_LOG, /* a system call that is not in the list is made, and logged by the kernel */
	CONFINE_NO,
};

/*
 * Restricts this process, which has no threads yet, to `files`. Returns 0, or -errno with a problem if the kernel
 * refuses what each kernel that watch runs on can do; that one has no Landlock is no error.
 */
int confine(enum confine_mode mode, struct confined_files *files, struct problem *problem);

#endif
