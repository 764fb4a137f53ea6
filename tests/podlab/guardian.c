// SPDX-License-Identifier: BSD-2-Clause
#include "guardian.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "util.h"

/* The directories that were noted, a line each. */
#define RECORD "/run/podlab.record"

static int remove_file(const char *path)
{
	if (unlink(path) && errno != ENOENT)
		return fail("unlink(%s)", path);
	return 0;
}

/* One that others use by now is theirs. */
static int remove_directory(const char *path)
{
	if (rmdir(path) && errno != ENOENT && errno != ENOTEMPTY)
		return fail("rmdir(%s)", path);
	return 0;
}

static int remove_logs(void)
{
	const struct dirent *entry;
	DIR *logs = opendir(POD_LOGS);
	char path[PATH_MAX];
	int err = 0;

	if (!logs)
		return errno == ENOENT ? 0 : fail("opendir(%s)", POD_LOGS);
	while (!err && (entry = readdir(logs))) {
		if (strncmp(entry->d_name, POD_LOGS_PREFIX, strlen(POD_LOGS_PREFIX)))
			continue;
		format(path, sizeof(path), "%s/%s", POD_LOGS, entry->d_name);
		err = remove_directory(path);
	}
	closedir(logs);
	return err;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	if (!ftw->level) /* who looks at it from before the lab is there goes on to */
		return 0;
	return remove(path) ? fail("remove(%s)", path) : 0;
}

static int remove_files(void)
{
	if (access(LAB_FILES, F_OK))
		return 0;
	return nftw(LAB_FILES, remove_entry, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int remove_noted(const char *directory)
{
	char workload[2 * PATH_MAX];
	int err;

	format(workload, sizeof(workload), "%s/%s", directory, WORKLOAD_NAME);
	err = remove_file(workload);
	return err ? err : remove_directory(directory);
}

static int remove_recorded(void)
{
	FILE *record = fopen(RECORD, "re");
	char line[PATH_MAX];
	int err = 0;

	if (!record)
		return errno == ENOENT ? 0 : fail("open(%s)", RECORD);
	while (!err && fgets(line, sizeof(line), record)) {
		line[strcspn(line, "\n")] = '\0';
		err = remove_noted(line);
	}
	fclose(record);
	return err ? err : remove_file(RECORD);
}

static int remove_all(const struct guardian *guardian)
{
	int err = cgroup_remove(guardian->root);

	err = err ? err : remove_logs();
	err = err ? err : remove_files();
	return err ? err : remove_recorded();
}

/* On what two podlabs would share, even with different file systems: nothing has to be made. */
static int lock(const char *cgroup2)
{
	CLEANUP_CLOSE int fd = open(cgroup2, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail("open(%s)", cgroup2);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? complain("another podlab is at work") :
					      fail("flock(%s)", cgroup2);
	return take_fd(&fd);
}

static _Noreturn void stand_guard(const struct guardian *guardian, int lifeline)
{
	char byte = 0;

	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_NAME, "podlab-guardian");
	if (chdir("/") || redirect_to_null(STDIN_FILENO) || redirect_to_null(STDOUT_FILENO))
		_exit(EXIT_FAILURE);
	if (write(lifeline, &byte, 1) == 1) /* podlab waits for that */
		while (read(lifeline, &byte, 1) < 0 && errno == EINTR)
			;
	_exit(remove_all(guardian) ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int start(struct guardian *guardian)
{
	int ends[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return fail("socketpair()");
	guardian->pid = fork();
	if (guardian->pid == 0) {
		close(ends[1]);
		stand_guard(guardian, ends[0]);
	}
	close(ends[0]);
	guardian->lifeline = ends[1];
	if (guardian->pid > 0 && read(guardian->lifeline, &byte, 1) == 1)
		return 0;
	close_fd(&guardian->lifeline);
	return guardian->pid < 0 ? fail("fork()") : complain("the guardian did not start");
}

int guardian_start(struct guardian *guardian, const char *cgroup2, const char *root)
{
	int err;

	format(guardian->root, sizeof(guardian->root), "%s", root);
	guardian->lock = lock(cgroup2);
	if (guardian->lock < 0)
		return guardian->lock;
	err = remove_all(guardian);
	err = err ? err : start(guardian);
	if (err)
		close_fd(&guardian->lock);
	return err;
}

int guardian_note(const char *directory)
{
	CLEANUP_CLOSE int fd = open(RECORD, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail("open(%s)", RECORD);
	if (dprintf(fd, "%s\n", directory) < 0)
		return fail("write(%s)", RECORD);
	return 0;
}

int guardian_end(struct guardian *guardian)
{
	pid_t pid;
	int status;
	int err = 0;

	close_fd(&guardian->lifeline);
	do /* podlab is the parent of its pods' processes too */
		pid = wait(&status);
	while (pid > 0 && pid != guardian->pid);
	if (pid < 0 || status) /* killed, or it could not: another try */
		err = remove_all(guardian);
	close_fd(&guardian->lock);
	return err;
}
