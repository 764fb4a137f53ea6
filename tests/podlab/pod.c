// SPDX-License-Identifier: BSD-2-Clause
#include "pod.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"
#include "workload.h"

static const struct {
	const char *name;
	int flag;
} ns_kinds[NS_KINDS] = {
	[NS_NET] = {"net", CLONE_NEWNET},
	[NS_IPC] = {"ipc", CLONE_NEWIPC},
	[NS_UTS] = {"uts", CLONE_NEWUTS},
	[NS_USER] = {"user", CLONE_NEWUSER},
};

void namespaces_close(struct namespaces *ns)
{
	int k;

	for (k = 0; k < NS_KINDS; k++)
		close_fd(&ns->fd[k]);
}

static int namespaces_join(const struct namespaces *ns)
{
	int k;

	for (k = 0; k < NS_KINDS; k++)
		if (ns->fd[k] >= 0 && setns(ns->fd[k], ns_kinds[k].flag))
			return fail("setns(%s)", ns_kinds[k].name);
	return 0;
}

/* A child in a cgroup, whose standard output and error podlab can read. */
static pid_t spawn(const struct lab *lab, const char *cgroup, int *output)
{
	CLEANUP_CLOSE int directory = open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int ends[2];
	pid_t pid;

	if (directory < 0)
		return fail("open(%s)", cgroup);
	if (pipe2(ends, O_CLOEXEC))
		return fail("pipe2()");
	pid = fork_with(0, directory);
	if (pid < 0)
		pid = fail("clone3(%s)", cgroup);
	if (pid == 0) {
		close(lab->guardian.lifeline);
		if (redirect_to_null(STDIN_FILENO) || dup2(ends[1], STDOUT_FILENO) < 0 ||
		    dup2(ends[1], STDERR_FILENO) < 0)
			_exit(EXIT_FAILURE);
	}
	close(ends[1]);
	if (pid > 0)
		*output = ends[0];
	else
		close(ends[0]);
	return pid;
}

/* Passes on what the child, or one that has its output from it, says instead of being ready. */
static int await_ready(int output)
{
	char said[512];
	size_t len = 0;
	ssize_t n;

	do {
		n = read(output, said + len, sizeof(said) - 1 - len);
		len += n > 0 ? n : 0;
		said[len] = '\0';
	} while (n > 0 && !strchr(said, '\n'));
	if (!strcmp(said, READY))
		return 0;
	if (len == 0)
		return complain("a process ended before it was ready");
	said[strcspn(said, "\n")] = '\0';
	dprintf(STDERR_FILENO, "%s\n", said);
	return -EIO;
}

static int write_extents(pid_t pid, const char *file, const struct extent *extents, size_t n)
{
	char path[64], text[EXTENTS_MAX * 36] = "";
	CLEANUP_CLOSE int fd = -1;
	size_t i, len = 0;

	for (i = 0; i < n; i++)
		len += sprintf(text + len, "%u %u %u\n", extents[i].first, extents[i].host,
			       extents[i].count);
	format(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return fail("open(%s)", path);
	/* the kernel takes one write, of less than a page */
	if (write(fd, text, len) != (ssize_t)len)
		return fail("write(%s, %zu extents, %zu bytes)", path, n, len);
	return 0;
}

static int namespaces_open(struct namespaces *ns, pid_t pid, int kinds)
{
	char path[64];
	int k;

	for (k = 0; k < NS_KINDS; k++) {
		if (!(kinds & ns_kinds[k].flag))
			continue;
		format(path, sizeof(path), "/proc/%d/ns/%s", pid, ns_kinds[k].name);
		ns->fd[k] = open(path, O_RDONLY | O_CLOEXEC);
		if (ns->fd[k] < 0)
			return fail("open(%s)", path);
	}
	return 0;
}

/* Makes the namespaces, and is there until podlab has them open and kills it. */
static int hold_namespaces(const struct sandbox *sandbox)
{
	int err;

	if (sandbox->owner && setresuid(-1, sandbox->owner, -1))
		return fail("setresuid(%u)", sandbox->owner);
	err = namespaces_join(&sandbox->join);
	if (err)
		return err;
	if (unshare(sandbox->new_ns))
		return fail("unshare(%#x)", sandbox->new_ns);
	err = say_ready();
	if (err)
		return err;
	for (;;)
		pause();
}

static int adopt_namespaces(const struct sandbox *sandbox, pid_t pid, struct namespaces *out)
{
	const struct idmap *map = sandbox->map;
	int kinds = sandbox->new_ns;
	int k, err;

	for (k = 0; k < NS_KINDS; k++)
		if (sandbox->join.fd[k] >= 0)
			kinds |= ns_kinds[k].flag;
	err = namespaces_open(out, pid, kinds);
	if (map) {
		err = err ? err : write_extents(pid, "uid_map", map->uids, map->n_uids);
		err = err ? err : write_extents(pid, "gid_map", map->gids, map->n_gids);
	}
	return err;
}

int namespaces_make(const struct lab *lab, const struct sandbox *sandbox, struct namespaces *out)
{
	CLEANUP_NAMESPACES struct namespaces made = NAMESPACES_NONE;
	CLEANUP_CLOSE int output = -1;
	pid_t pid = spawn(lab, lab->outside, &output);
	int err;

	if (pid < 0)
		return pid;
	if (pid == 0)
		_exit(hold_namespaces(sandbox) ? EXIT_FAILURE : EXIT_SUCCESS);
	err = await_ready(output);
	err = err ? err : adopt_namespaces(sandbox, pid, &made);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (!err) {
		*out = made;
		made = NAMESPACES_NONE;
	}
	return err;
}

/* What of the host a process has when it comes. */
static int take_host_identity(const struct process *process)
{
	if (setgroups(1, &process->host_group))
		return fail("setgroups(%u)", process->host_group);
	if (setresuid(process->host_uid, process->host_uid, process->host_uid))
		return fail("setresuid(%u)", process->host_uid);
	return 0;
}

static int take_identity(const struct process *process)
{
	if (!(process->keep & KEEP_GROUPS) && setgroups(0, NULL))
		return fail("setgroups()");
	if (process->keep & KEEP_IDS)
		return 0;
	if (setresgid(process->id, process->id, process->id))
		return fail("setresgid(%u)", process->id);
	if (setresuid(process->id, process->id, process->id))
		return fail("setresuid(%u)", process->id);
	return 0;
}

/* By path: the file has to be found on a mount of the mount namespace that the process is in. */
static int execute(const struct lab *lab, const struct process *process)
{
	const char *argv[3 + WORKLOAD_STEPS_MAX + 1] = {
		WORKLOAD_NAME,
		fail_subject(),
		process->comm ? process->comm : "",
	};
	size_t i;

	for (i = 0; process->steps && process->steps[i]; i++) {
		if (i == WORKLOAD_STEPS_MAX)
			return complain("more than %d steps", WORKLOAD_STEPS_MAX);
		argv[3 + i] = process->steps[i];
	}
	execv(lab->workload, (char *const *)argv);
	return fail("execv(%s)", lab->workload);
}

/* A runtime's way into a container. The child that is PID 1 there is podlab's, as runc does it. */
static int enter(const struct lab *lab, const struct process *process)
{
	pid_t pid = 0;
	int err = take_host_identity(process);

	err = err ? err : namespaces_join(&process->join);
	if (err)
		return err;
	if (unshare(process->new_ns))
		return fail("unshare(%#x)", process->new_ns);
	if (process->new_ns & CLONE_NEWPID)
		pid = fork_with(CLONE_PARENT, -1);
	if (pid < 0)
		return fail("clone3(CLONE_PARENT)");
	if (pid > 0)
		return 0;
	err = take_identity(process);
	return err ? err : execute(lab, process);
}

int process_start(const struct lab *lab, const struct process *process)
{
	CLEANUP_CLOSE int output = -1;
	pid_t pid = spawn(lab, process->cgroup, &output);
	int err;

	if (pid < 0)
		return pid;
	if (pid == 0)
		_exit(enter(lab, process) ? EXIT_FAILURE : EXIT_SUCCESS);
	err = await_ready(output);
	if (process->new_ns & CLONE_NEWPID) /* the one that went in only to make PID 1 */
		waitpid(pid, NULL, 0);
	return err;
}
