// SPDX-License-Identifier: BSD-2-Clause
#include "workload.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

static const struct step {
	const char *name;
	int flags;
	bool child;
} steps[] = {
	{"unshare-user", CLONE_NEWUSER, false},
	{"child-user", CLONE_NEWUSER, true},
	{"child-user-pid-net", CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET, true},
};

/* As a runtime that mounts a volume without an idmap. */
static int mount_volume(void)
{
	return mount("volume", VOLUME_POINT, "tmpfs", 0, NULL) ? fail("mount(%s)", VOLUME_POINT) :
								 0;
}

static int write_file(const char *path, const char *text)
{
	CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return fail("open(%s)", path);
	if (write(fd, text, strlen(text)) < 0)
		return fail("write(%s)", path);
	return 0;
}

/* All that the kernel lets a process without privileges map: itself. */
static int map_self(uid_t uid, gid_t gid)
{
	char uids[64], gids[64];
	int err;

	format(uids, sizeof(uids), "0 %u 1", uid);
	format(gids, sizeof(gids), "0 %u 1", gid);
	err = write_file("/proc/self/uid_map", uids);
	err = err ? err : write_file("/proc/self/setgroups", "deny");
	return err ? err : write_file("/proc/self/gid_map", gids);
}

/* Lets go of podlab, which reads standard output and error until nobody has them any more. */
static _Noreturn void stay(void)
{
	if (redirect_to_null(STDOUT_FILENO) || redirect_to_null(STDERR_FILENO))
		_exit(EXIT_FAILURE);
	for (;;)
		pause();
}

/* Children in as many mount namespaces of their own. */
static int make_mount_namespaces(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork_with(CLONE_NEWNS, -1);

		if (pid < 0)
			return fail("clone3(CLONE_NEWNS)");
		if (!pid)
			stay();
	}
	return 0;
}

static void *stay_as_thread(void *leader)
{
	pthread_join(*(pthread_t *)leader, NULL);
	stay();
}

/* The thread that the process began with ends, as by pthread_exit(3), and the process does not. */
static _Noreturn void stay_without_leader(void)
{
	static pthread_t leader;
	pthread_t thread;

	leader = pthread_self();
	if (pthread_create(&thread, NULL, stay_as_thread, &leader))
		_exit(EXIT_FAILURE);
	for (;;)
		syscall(SYS_exit, 0);
}

static int take_step(const struct step *step)
{
	const uid_t uid = geteuid();
	const gid_t gid = getegid();
	pid_t pid;

	if (step->child) {
		pid = fork_with(step->flags, -1);
		if (pid < 0)
			return fail("%s: clone3()", step->name);
		if (pid > 0)
			stay();
	} else if (unshare(step->flags)) {
		return fail("%s: unshare()", step->name);
	}
	return map_self(uid, gid);
}

static const struct step *find_step(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		if (!strcmp(steps[i].name, name))
			return &steps[i];
	return NULL;
}

int workload_main(int argc, char **argv)
{
	const struct step *step;
	bool end_leader = false;
	int i, err;

	if (argc < 3)
		return EXIT_USAGE;
	fail_about(argv[1]);
	close_range(STDERR_FILENO + 1, ~0U, 0); /* what podlab's caller left open */
	if (*argv[2] && prctl(PR_SET_NAME, argv[2])) {
		fail("prctl(PR_SET_NAME)");
		return EXIT_FAILURE;
	}
	for (i = 3; i < argc; i++) {
		step = find_step(argv[i]);
		err = 0;
		if (step)
			err = take_step(step);
		else if (!strcmp(argv[i], "mount-volume"))
			err = mount_volume();
		else if (!strcmp(argv[i], "mount-namespaces"))
			err = make_mount_namespaces(20);
		else if (!strcmp(argv[i], "end-leader"))
			end_leader = true;
		else
			err = complain("no step is called %s", argv[i]);
		if (err)
			return EXIT_FAILURE;
	}
	if (say_ready())
		return EXIT_FAILURE;
	if (end_leader)
		stay_without_leader();
	stay();
}
