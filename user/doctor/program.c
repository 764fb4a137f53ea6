// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor/child.h"
#include "lib/cleanup.h"
#include "source/nodefiles/files.h"

#define NOBODY 65534
#define PATIENCE_S 20
#define ARGS_MAX 4

/* As shells have it: could not be run. What is before the newline is the reason. */
#define EXIT_NOT_RUN 126
#define NOT_RUN "nsvigil could not run it: "

struct call {
	const struct program *program;
	const char *const *args;
};

int program_find(const char *root, const char *path, struct stat *stat)
{
	AUTO_FD at = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD fd = at < 0 ? -errno : files_find(at, path);

	if (fd < 0)
		return fd;
	return fstat(fd, stat) ? -errno : TAKE_FD(fd);
}

bool program_is_roots(const struct stat *stat)
{
	return S_ISREG(stat->st_mode) && !stat->st_uid && !(stat->st_mode & (S_IWGRP | S_IWOTH));
}

static int not_run(const char *step)
{
	dprintf(STDOUT_FILENO, NOT_RUN "%s: %s\n", step, strerror(errno));
	return EXIT_NOT_RUN;
}

static bool is_our_root(const char *root)
{
	struct stat ours, its;

	return !stat("/", &ours) && !stat(root, &its) && ours.st_dev == its.st_dev &&
	       ours.st_ino == its.st_ino;
}

/* Root becomes nobody, which takes all capabilities; anybody else stays what they are. */
static int drop_privileges(void)
{
	const struct rlimit no_core = {};

	setrlimit(RLIMIT_CORE, &no_core);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return not_run("prctl");
	if (!geteuid() && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
			   setresuid(NOBODY, NOBODY, NOBODY)))
		return not_run("becoming nobody (needs CAP_SETUID and CAP_SETGID)");
	return 0;
}

static int work(const void *ctx)
{
	const struct call *call = ctx;
	const struct program *program = call->program;
	char *const env[] = {(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
			     (char *)"LC_ALL=C", NULL};
	char *argv[ARGS_MAX + 2] = {(char *)program->path};

	for (size_t i = 0; i < ARGS_MAX && call->args[i]; i++)
		argv[i + 1] = (char *)call->args[i];
	if (!is_our_root(program->root) && chroot(program->root))
		return not_run("chroot (needs CAP_SYS_CHROOT)");
	if (chdir("/"))
		return not_run("chdir");
	if (drop_privileges())
		return EXIT_NOT_RUN;
	if (program->fd >= 0)
		syscall(SYS_execveat, program->fd, "", argv, env, AT_EMPTY_PATH);
	else
		execve(program->path, argv, env);
	return not_run("exec");
}

int program_ask(const struct program *program, const char *const args[], char *out, size_t size)
{
	int ret = child_run(work, &(struct call){program, args}, PATIENCE_S, out, size);

	if (ret != EXIT_NOT_RUN || strncmp(out, NOT_RUN, strlen(NOT_RUN)) != 0)
		return ret;
	memmove(out, out + strlen(NOT_RUN), strlen(out + strlen(NOT_RUN)) + 1);
	return -ENOEXEC;
}
