// SPDX-License-Identifier: BSD-2-Clause
/*
 * loop WHAT TIMES [PATH]: does it so many times, in ten rounds, and prints the nanoseconds that one took in
 * the fastest round.
 *
 *	getppid	a system call that no hook is on
 *	check	one that asks for a capability: sethostname("", -1) (kernel/sys.c)
 *	thread	the same in a thread that is not its process' first
 *	keepcaps	other credentials with the same IDs: prctl(2), PR_SET_KEEPCAPS
 *	setgroups	to none, as it has
 *	setresuid	to another saved ID each time
 *	setns	to the UTS namespace that it is in
 *	fork	fork, exit and wait
 *	vfork	the same with vfork
 *	clone	the same into a cgroup, whose directory is PATH
 *	exec	spawn, exec of this program, which then does nothing, exit and wait
 *	create	a file in the directory PATH, which is closed and removed
 *	stat	of the directory PATH
 *	read	4 KiB at a random place in the first 32 MiB of the file PATH
 *	write	likewise
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 10

static int at = -1; /* the UTS namespace, or a cgroup */

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void ask(void)
{
	syscall(SYS_sethostname, "", -1);
}

static void keep_caps(void)
{
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
}

static void set_same_groups(void)
{
	syscall(SYS_setgroups, 0, NULL);
}

static void change_uid(void)
{
	static uid_t uid;

	uid ^= 1;
	syscall(SYS_setresuid, -1, -1, uid);
}

static void join(void)
{
	setns(at, CLONE_NEWUTS);
}

static void end(pid_t child)
{
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
}

static void call_fork(void)
{
	end(fork());
}

static int leave(void *none)
{
	(void)none;
	_exit(0);
}

/* As vfork(2) does it, but for the stack. */
static void call_vfork(void)
{
	static char stack[16384] __attribute__((aligned(16)));

	waitpid(clone(leave, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL), NULL,
		0);
}

static void clone_into(void)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)at,
	};

	end((pid_t)syscall(SYS_clone3, &args, sizeof(args)));
}

static void execute(void)
{
	char name[] = "loop", *const argv[] = {name, NULL};
	pid_t child;

	if (!posix_spawn(&child, "/proc/self/exe", NULL, NULL, argv, environ))
		waitpid(child, NULL, 0);
}

static void create(void)
{
	close(openat(at, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	unlinkat(at, "file", 0);
}

static void call_stat(void)
{
	struct stat st;

	fstatat(at, ".", &st, 0);
}

#define BLOCK 4096
#define FILE_BLOCKS 8192

static char block[BLOCK];

/* The same places each time: by a linear congruence, all of whose numbers come before one comes again. */
static off_t place(void)
{
	static unsigned n;

	n = (n * 1029 + 7) % FILE_BLOCKS;
	return (off_t)n * BLOCK;
}

static void call_read(void)
{
	(void)!pread(at, block, BLOCK, place());
}

static void call_write(void)
{
	(void)!pwrite(at, block, BLOCK, place());
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static const struct what {
	const char *name;
	void (*does)(void);
} all[] = {
	{"getppid", call_getppid},
	{"check", ask},
	{"thread", ask},
	{"keepcaps", keep_caps},
	{"setgroups", set_same_groups},
	{"setresuid", change_uid},
	{"setns", join},
	{"fork", call_fork},
	{"vfork", call_vfork},
	{"clone", clone_into},
	{"exec", execute},
	{"create", create},
	{"stat", call_stat},
	{"read", call_read},
	{"write", call_write},
};

struct run {
	const struct what *what;
	unsigned long times;
};

static void *measure(void *arg)
{
	const struct run *run = arg;
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = now(), took;

		for (unsigned long i = 0; i < run->times; i++)
			run->what->does();
		took = now() - start;
		if (took < best)
			best = took;
	}
	printf("%.1f\n", (double)best / (double)run->times);
	return NULL;
}

int main(int argc, char **argv)
{
	struct run run = {all, argc > 2 ? strtoul(argv[2], NULL, 10) / ROUNDS : 0};
	const char *path = argc > 3 ? argv[3] : "/proc/self/ns/uts";
	pthread_t thread;

	if (argc == 1)
		return 0;
	while (run.what < all + sizeof(all) / sizeof(*all) && strcmp(argv[1], run.what->name))
		run.what++;
	if (!run.times || run.what == all + sizeof(all) / sizeof(*all))
		return 2;
	at = open(path, O_RDWR | O_CLOEXEC);
	if (at < 0)
		at = open(path, O_RDONLY | O_CLOEXEC);
	if (at < 0)
		return 1;
	if (strcmp(argv[1], "thread"))
		measure(&run);
	else if (pthread_create(&thread, NULL, measure, &run) || pthread_join(thread, NULL))
		return 1;
	return 0;
}
