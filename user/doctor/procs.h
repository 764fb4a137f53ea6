/* SPDX-License-Identifier: BSD-2-Clause */
/* The processes in /proc, and which are in pods. */
#ifndef NSVIGIL_DOCTOR_PROCS_H
#define NSVIGIL_DOCTOR_PROCS_H

#include <stdbool.h>
#include <sys/types.h>

struct proc {
	pid_t pid;
	int dir;     /* /proc/PID */
	bool in_pod; /* its cgroup is a pod's, or below one */
};

/* Calls visit() for each. Returns how many there were, or -errno. */
int procs_each(void (*visit)(const struct proc *proc, void *ctx), void *ctx);

/* Whether one of the cgroups in the text of /proc/PID/cgroup is a pod's. Changes the text. */
bool procs_is_pod(char *cgroups);

/* Which namespace of that kind the process is in: its inode; 0 if that may not be seen, or it is gone. */
ino_t procs_ns(const struct proc *proc, const char *kind);

/* Whether it is there, and what it is may not be seen. */
bool procs_is_hidden(const struct proc *proc);

#endif
