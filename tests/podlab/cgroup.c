// SPDX-License-Identifier: BSD-2-Clause
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

/* How long processes may take to die: 10 seconds. */
#define REMOVE_ROUNDS 1000
#define ROUND_NS 10000000

int cgroup2_find(char *path, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	const struct mntent *mount;
	int err = -ENOENT;

	if (!mounts)
		return err;
	while (err && (mount = getmntent(mounts)))
		if (!strcmp(mount->mnt_type, "cgroup2")) {
			format(path, size, "%s", mount->mnt_dir);
			err = 0;
		}
	endmntent(mounts);
	return err;
}

/*
 * Before Linux 5.14 there is no cgroup.kill; and that passes over a process whose main thread is over, since it sends
 * its signal to that alone (kernel/cgroup/cgroup.c, __cgroup_kill(); kernel/signal.c, complete_signal()).
 */
static void kill_each(const char *path)
{
	char procs[PATH_MAX], line[32];
	FILE *file;
	pid_t pid;

	format(procs, sizeof(procs), "%s/cgroup.procs", path);
	file = fopen(procs, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		pid = (pid_t)strtol(line, NULL, 10);
		if (pid > 0) /* 0 is one that this PID namespace cannot name */
			kill(pid, SIGKILL);
	}
	fclose(file);
}

static void kill_all(const char *path)
{
	char file[PATH_MAX];
	CLEANUP_CLOSE int fd = -1;

	format(file, sizeof(file), "%s/cgroup.kill", path);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "1", 1) < 0)
		fail("write(%s)", file);
	kill_each(path);
}

/* What is still busy is killed, and goes in the next round. */
static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (type == FTW_DP && rmdir(path) && errno == EBUSY)
		kill_all(path);
	return 0;
}

int cgroup_remove(const char *path)
{
	const struct timespec pause = {.tv_nsec = ROUND_NS};
	int round;

	for (round = 0; round < REMOVE_ROUNDS; round++) {
		nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
		if (access(path, F_OK) && errno == ENOENT)
			return 0;
		nanosleep(&pause, NULL);
	}
	errno = EBUSY;
	return fail("cannot remove %s", path);
}
