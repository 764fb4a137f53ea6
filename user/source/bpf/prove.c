// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/prove.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define NR_mount_setattr 442
#define ATTR_SIZE 32 /* MOUNT_ATTR_SIZE_VER0 */

/* By functions of several of the kernel's files: each may have a copy of its own. */
static unsigned change_credentials(void)
{
	unsigned n = 0;

	n += !prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	n += !syscall(SYS_setresgid, -1, -1, 1);
	n += !syscall(SYS_setresuid, -1, -1, 1);
	return n;
}

static unsigned change_namespaces(void)
{
	return !unshare(CLONE_NEWUTS) || !unshare(CLONE_NEWUSER | CLONE_NEWUTS);
}

/* Refused or not, it is checked; what refuses all such calls, a filter, refuses the first one, too. */
static unsigned ask(void)
{
	return prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) >= 0 &&
	       (!prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0) || errno == EPERM);
}

/* Nothing is named, nothing is there to be changed. Only what comes from the call itself proves it. */
static unsigned set_mount(void)
{
	char attr[ATTR_SIZE] = {0};

	return !syscall(NR_mount_setattr, -1, "", 0, attr, sizeof(attr)) || errno == EBADF;
}

/* Its status is what it did, two bits each. */
static _Noreturn void act(int go)
{
	unsigned status;
	char none;

	if (read(go, &none, 1) < 0)
		_exit(0);
	status = change_namespaces();
	status |= ask() << 2;
	status |= set_mount() << 4;
	status |= change_credentials() << 6;
	_exit((int)status);
}

int prove_fork(struct prover *out)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		close(fds[1]);
		act(fds[0]);
	}
	close(fds[0]);
	if (pid < 0) {
		int err = -errno;

		close(fds[1]);
		return err;
	}
	*out = (struct prover){.pid = pid, .go = fds[1]};
	return 0;
}

int prove_act(struct prover *prover, struct acts *out)
{
	int status;

	close(prover->go);
	while (waitpid(prover->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status))
		return -ECHILD;
	status = WEXITSTATUS(status);
	*out = (struct acts){
		.namespaces = status & 3,
		.checks = status >> 2 & 3,
		.idmaps = status >> 4 & 3,
		.credentials = status >> 6 & 3,
	};
	return 0;
}

/*
 * It is for the size of a buffer that goes with its socket. Filters of system calls let that through, and the check is
 * made from another file than cap_capable()'s, in which its code may be put where it is called (net/core/sock.c
 * sk_setsockopt(), SO_RCVBUFFORCE).
 */
int prove_ask(void)
{
	AUTO_FD fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int size = 4096;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return 0;
}
