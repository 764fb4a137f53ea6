// SPDX-License-Identifier: BSD-2-Clause
#include "lab.h"

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "util.h"

/* The inode number of the initial one, include/linux/proc_ns.h. */
#define PROC_USER_INIT_INO 0xEFFFFFFDU

/* Only there root holds the host IDs that pods' maps reach. */
static bool in_initial_userns(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == PROC_USER_INIT_INO;
}

static int has_user_namespaces(void)
{
	pid_t pid = fork_with(CLONE_NEWUSER, -1);

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return fail("clone3(CLONE_NEWUSER)");
	waitpid(pid, NULL, 0);
	return 0;
}

/* Looks only. */
static int is_possible(struct lab *lab)
{
	if (geteuid() != 0 || !in_initial_userns())
		return complain("needs root in the initial user namespace");
	if (cgroup2_find(lab->cgroup2, sizeof(lab->cgroup2)))
		return complain("no cgroup2 is mounted");
	return has_user_namespaces();
}

static int make_directory(const char *path)
{
	int err = guardian_note(path);

	if (!err && mkdir(path, 0755))
		err = fail("mkdir(%s)", path);
	return err;
}

static int copy_self(const char *to)
{
	CLEANUP_CLOSE int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CLEANUP_CLOSE int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t n;

	if (in < 0)
		return fail("open(/proc/self/exe)");
	if (out < 0)
		return fail("open(%s)", to);
	do
		n = sendfile(out, in, NULL, 1 << 20);
	while (n > 0);
	return n < 0 ? fail("sendfile(%s)", to) : 0;
}

static int make_workload(struct lab *lab)
{
	char directory[64];
	uint64_t random;
	int err;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return fail("getrandom()");
	/* not mkdtemp(): the name is noted before there is anything to remove */
	format(directory, sizeof(directory), "/tmp/podlab-%016jx", (uintmax_t)random);
	format(lab->workload, sizeof(lab->workload), "%s/%s", directory, WORKLOAD_NAME);
	err = make_directory(directory);
	return err ? err : copy_self(lab->workload);
}

int lab_open(struct lab *lab)
{
	char root[PATH_MAX];

	umask(022);
	if (is_possible(lab))
		return EXIT_SKIPPED;
	format(root, sizeof(root), "%s%s", lab->cgroup2, LAB_ROOT);
	format(lab->outside, sizeof(lab->outside), "%s/outside", root);
	if (guardian_start(&lab->guardian, lab->cgroup2, root))
		return EXIT_FAILURE;
	if (make_path(lab->outside)) {
		lab_close(lab);
		return EXIT_SKIPPED;
	}
	if (make_workload(lab)) {
		lab_close(lab);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int lab_close(struct lab *lab)
{
	return guardian_end(&lab->guardian) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int lab_name_pod(const char *name, const char *uid)
{
	char path[PATH_MAX];
	int err = access(POD_LOGS, F_OK) ? make_directory(POD_LOGS) : 0;

	if (err)
		return err;
	format(path, sizeof(path), "%s/%s%s_%s", POD_LOGS, POD_LOGS_PREFIX, name, uid);
	return mkdir(path, 0755) ? fail("mkdir(%s)", path) : 0;
}
