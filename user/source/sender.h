/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has sent a signal, as far as it is still there to be asked. */
#ifndef NSVIGIL_SOURCE_SENDER_H
#define NSVIGIL_SOURCE_SENDER_H

#include <nsvigil/event.h>
#include <sys/types.h>

struct sender {
	pid_t pid; /* 0: the kernel, as for a terminal's ^C, or one that this PID namespace does not show */
	uid_t uid;		     /* as this process' user namespace sees it */
	char comm[NSV_COMM_LEN + 1]; /* raw; empty: it is gone */
	char pod[NSV_POD_UID_LEN];   /* whose cgroup it is in; empty: in none */
};

void sender_look(pid_t pid, uid_t uid, struct sender *out);

#endif
