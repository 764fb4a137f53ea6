/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of /proc/PID/mountinfo: proc_pid_mountinfo(5). */
#ifndef NSVIGIL_SOURCE_MOUNTINFO_H
#define NSVIGIL_SOURCE_MOUNTINFO_H

#include <stdbool.h>

/* The texts are parts of the line, and raw. */
struct mountinfo {
	unsigned id, parent, major, minor;
	const char *root, *point, *type;
	char *options; /* the mount's own, separated by commas */
};

/* Takes the line apart, in place. Returns false if it is none. */
bool mountinfo_parse(char *line, struct mountinfo *out);

#endif
