/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of the node, run to hear what they say: as nobody, without any privilege, with a time
 * limit. Only what root alone can have put there is run.
 */
#ifndef NSVIGIL_DOCTOR_PROGRAM_H
#define NSVIGIL_DOCTOR_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct program {
	const char *root; /* what is / to it: its libraries are there */
	const char *path; /* below that root */
	int fd;		  /* is run if not -1; the path is only its name then */
};

/*
 * The program at `path` below `root`: a descriptor (O_PATH) with what stat says, or -errno. A link
 * does not lead out of the root.
 */
int program_find(const char *root, const char *path, struct stat *stat);

/* Whether only root can have written it. */
bool program_is_roots(const struct stat *stat);

/*
 * Runs it with these arguments (argv[0] is the path; at most four, then NULL). Returns its exit
 * status, -ETIMEDOUT, or -errno if it could not be run; what it said is in out[0, size), raw.
 */
int program_ask(const struct program *program, const char *const args[], char *out, size_t size);

#endif
