// SPDX-License-Identifier: BSD-2-Clause
/*
 * loop WHAT TIMES: does it so many times, in ten rounds, and prints the nanoseconds that one took in
 * the fastest round.
 *
 *	getppid	a system call that no hook is on
 *	check	one that asks for a capability: sethostname("", -1) (kernel/sys.c)
 *	exec	spawn, exec of this program, which then does nothing, exit and wait
 */
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 10

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void ask(void)
{
	syscall(SYS_sethostname, "", -1);
}

static void execute(void)
{
	char name[] = "loop", *const argv[] = {name, NULL};
	pid_t child;

	if (!posix_spawn(&child, "/proc/self/exe", NULL, NULL, argv, environ))
		waitpid(child, NULL, 0);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*does)(void);
	} loops[] = {{"getppid", call_getppid}, {"check", ask}, {"exec", execute}};
	unsigned long times = argc == 3 ? strtoul(argv[2], NULL, 10) / ROUNDS : 0;
	uint64_t best = UINT64_MAX;
	size_t which = 0;

	if (argc == 1)
		return 0;
	while (which < 3 && strcmp(argv[1], loops[which].name))
		which++;
	if (!times || which == 3)
		return 2;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = now(), took;

		for (unsigned long i = 0; i < times; i++)
			loops[which].does();
		took = now() - start;
		if (took < best)
			best = took;
	}
	printf("%llu\n", (unsigned long long)(best / times));
	return 0;
}
