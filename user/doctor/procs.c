// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/procs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "source/podpath.h"

bool procs_is_pod(char *cgroups)
{
	char uid[NSV_POD_UID_LEN];

	return podpath_in_pod(cgroups, uid);
}

static bool is_in_pod(int dir)
{
	int fd = openat(dir, "cgroup", O_RDONLY | O_CLOEXEC);
	AUTO_FILE file = fd < 0 ? NULL : fdopen(fd, "r");
	AUTO_FREE char *line = NULL;
	bool in_pod = false;
	size_t size = 0;

	if (!file && fd >= 0)
		close(fd);
	while (file && !in_pod && getline(&line, &size, file) > 0)
		in_pod = procs_is_pod(line);
	return in_pod;
}

int procs_each(void (*visit)(const struct proc *proc, void *ctx), void *ctx)
{
	AUTO_DIR all = opendir("/proc");
	struct dirent *entry;
	int n = 0;

	if (!all)
		return -errno;
	while ((entry = readdir(all))) {
		struct proc proc = {.pid = (pid_t)strtol(entry->d_name, NULL, 10)};

		if (proc.pid <= 0)
			continue;
		proc.dir = openat(dirfd(all), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (proc.dir < 0)
			continue;
		proc.in_pod = is_in_pod(proc.dir);
		visit(&proc, ctx);
		close(proc.dir);
		n++;
	}
	return n;
}

ino_t procs_ns(const struct proc *proc, const char *kind)
{
	char path[32] = "ns/";
	struct stat stat;

	strncat(path, kind, sizeof(path) - sizeof("ns/"));
	return fstatat(proc->dir, path, &stat, 0) ? 0 : stat.st_ino;
}

bool procs_is_hidden(const struct proc *proc)
{
	struct stat stat;

	return fstatat(proc->dir, "ns/user", &stat, 0) && (errno == EACCES || errno == EPERM);
}
