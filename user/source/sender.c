// SPDX-License-Identifier: BSD-2-Clause
#include "source/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "source/podpath.h"

static FILE *open_of(pid_t pid, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	return fopen(path, "re");
}

static void read_comm(struct sender *out)
{
	FILE *file = open_of(out->pid, "comm");
	size_t n;

	if (!file)
		return;
	n = fread(out->comm, 1, sizeof(out->comm) - 1, file);
	out->comm[n] = '\0';
	out->comm[strcspn(out->comm, "\n")] = '\0';
	fclose(file);
}

/* Lines as "0::/kubepods/burstable/pod<uid>/<id>". */
static void read_pod(struct sender *out)
{
	FILE *file = open_of(out->pid, "cgroup");
	AUTO_FREE char *line = NULL;
	size_t size = 0;

	while (file && !*out->pod && getline(&line, &size, file) > 0)
		podpath_in_pod(line, out->pod);
	if (file)
		fclose(file);
}

void sender_look(pid_t pid, uid_t uid, struct sender *out)
{
	*out = (struct sender){.pid = pid, .uid = uid};
	if (!pid)
		return;
	read_comm(out);
	read_pod(out);
}
