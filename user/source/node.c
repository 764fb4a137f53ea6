// SPDX-License-Identifier: BSD-2-Clause
#include "source/node.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "lib/cleanup.h"
#include "lib/clock.h"

#define PROC_PID_INIT_INO 0xEFFFFFFCU /* include/linux/proc_ns.h */
#define USERNS_LEVELS 34	      /* create_user_ns() refuses a level above 32 */

static int read_boot_id(__u8 id[16], struct problem *problem)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	AUTO_FILE file = fopen(path, "re");
	char text[37];
	size_t at = 0;

	if (!file || !fgets(text, sizeof(text), file))
		return problem_set(problem, -EIO, "cannot read %s: %s; mount /proc", path,
				   strerror(errno));
	for (int i = 0; i < 16; i++) {
		unsigned byte;

		if (text[at] == '-')
			at++;
		if (sscanf(text + at, "%2x", &byte) != 1)
			return problem_set(problem, -EIO, "%s has no UUID: \"%s\"", path, text);
		id[i] = (__u8)byte;
		at += 2;
	}
	return 0;
}

int node_push(struct stream *stream, pid_t pid, const char *called, struct problem *problem)
{
	struct nsv_node node = {};
	struct utsname name;
	int err = node_push_time(stream);

	if (err)
		return err;
	stream_event(&node.h, NSV_NODE, sizeof(node));
	err = read_boot_id(node.boot_id, problem);
	if (err)
		return err;
	if (uname(&name))
		return problem_set(problem, -errno, "uname: %s", strerror(errno));
	snprintf(node.release, sizeof(node.release), "%s", name.release);
	snprintf(node.name, sizeof(node.name), "%s", called);
	node.node_pid = (__u32)pid;
	return stream_push(stream, &node.h);
}

int node_push_time(struct stream *stream)
{
	struct nsv_tick tick = {};

	stream_event(&tick.h, NSV_TICK, sizeof(tick));
	tick.wall_ns = now_wall_ns();
	return stream_push(stream, &tick.h);
}

int node_userns_level(pid_t pid, struct problem *problem)
{
	char path[64];
	int fd, level;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return problem_set(problem, -errno,
				   "cannot open %s: %s; the node's process must exist, and reading "
				   "it needs root with CAP_SYS_PTRACE",
				   path, strerror(errno));
	for (level = 0; level < USERNS_LEVELS; level++) {
		int parent = ioctl(fd, NS_GET_PARENT);

		close(fd);
		if (parent < 0) /* EPERM: above it is nothing that we may see, or nothing */
			return level;
		fd = parent;
	}
	close(fd);
	return level;
}

uid_t node_root_user(pid_t pid)
{
	unsigned first, host;
	uid_t root = 0;
	AUTO_FILE file = NULL;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%u %u %*u", &first, &host) == 2)
		if (!first)
			root = host;
	return root;
}

bool node_shares_pids(pid_t pid)
{
	struct stat own, its;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	return !stat("/proc/self/ns/pid", &own) && !stat(path, &its) && own.st_ino == its.st_ino;
}

bool node_is_initial_pid_ns(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino == PROC_PID_INIT_INO;
}
