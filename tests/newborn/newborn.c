// SPDX-License-Identifier: BSD-2-Clause
/*
 * newborn SECONDS DIRECTORY: processes fork as often as they can in the cgroup that has this directory, while the node
 * is walked over and over. Prints "WALKS walks showed N of them, M elsewhere": in another cgroup, where none is.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/bpf/tasks.h"

/* More than there are processors on most machines that test: one is interrupted while it forks. */
#define FORKERS 4

/* So many live at once of each: the one that is being made is the last that a walk comes to. */
#define TOGETHER 8

#define NAME "newborn-child"

struct seen {
	uint64_t cgroup;
	unsigned long all, elsewhere;
};

static int take(void *ctx, const struct nsv_event *event)
{
	const struct nsv_identity *id = (const void *)event;
	struct seen *seen = ctx;

	if (event->type != NSV_IDENTITY || strcmp(id->comm, NAME))
		return 0;
	seen->all++;
	seen->elsewhere += id->cgroup != seen->cgroup;
	return 0;
}

/* They go with their parent, and at the latest by the clock. */
static int fork_on(const char *procs, unsigned seconds)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC);
	bool in = fd >= 0 && write(fd, "0", 1) == 1;

	if (!in || prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NAME, NAME))
		return 1;
	close(fd);
	alarm(seconds);
	for (;;) {
		for (int i = 0; i < TOGETHER; i++)
			if (!fork())
				_exit(usleep(1000));
		while (wait(NULL) > 0)
			;
	}
}

int main(int argc, char **argv)
{
	const unsigned seconds = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	struct problem problem = {};
	struct tasks *tasks;
	struct stat status;
	struct seen seen = {};
	struct stream stream = {.take = take, .ctx = &seen};
	unsigned long walks = 0;
	char procs[4096];
	uint64_t end;
	int err;

	if (!seconds || stat(argv[2], &status)) {
		fprintf(stderr, "newborn SECONDS DIRECTORY\n");
		return 2;
	}
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", argv[2]);
	for (int i = 0; i < FORKERS; i++)
		if (!fork())
			_exit(fork_on(procs, seconds + 60));
	seen.cgroup = status.st_ino;
	err = tasks_open(1, -1, false, NULL, &tasks, &problem);
	for (end = stream_now() + seconds * UINT64_C(1000000000); !err && stream_now() < end;
	     walks++)
		err = tasks_walk(tasks, NULL, 0, &stream, &problem);
	if (err) {
		fprintf(stderr, "newborn: %s\n", problem.text);
		return 1;
	}
	tasks_close(tasks);
	printf("%lu walks showed %lu of them, %lu elsewhere\n", walks, seen.all, seen.elsewhere);
	return 0;
}
