// SPDX-License-Identifier: BSD-2-Clause
/*
 * idmap [OPTION]... SOURCE: makes a detached copy of the mount at SOURCE, an idmapped one with the
 * map of a user namespace, attaches it, and says "done"; or in one line what failed.
 *
 *	-u PID	whose user namespace (default: one's own)
 *	-m UID	likewise one that is made for it, with the map 0 UID N
 *	-n N	(default: 65536)
 *	-t	SOURCE is not copied: a new tmpfs
 *	-p PID	in whose mount namespace it is attached (default: one's own)
 *	-f FD	likewise a mount namespace that is open
 *	-a PATH	where; not given: it is not attached
 *	-x	by open_tree_attr(2), in one call
 *	-r	with all mounts below
 *	-b PATH	likewise, but only the one at that path in the copy is idmapped
 *	-3	calls by the 32-bit entry, int $0x80, where there are any that matter
 *	-s	then stays until standard input ends
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* include/uapi/linux/mount.h; the numbers are the same for each ABI */
#define NR_open_tree 428
#define NR_move_mount 429
#define NR_fsopen 430
#define NR_fsconfig 431
#define NR_fsmount 432
#define NR_mount_setattr 442
#define NR_open_tree_attr 467

#define OPEN_TREE_CLONE 1U
#define MOVE_MOUNT_F_EMPTY_PATH 4U
#define FSCONFIG_CMD_CREATE 6U
#define MOUNT_ATTR_IDMAP 0x00100000U
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

struct mount_attr_v0 {
	uint64_t set, clear, propagation, userns_fd;
};

struct options {
	const char *source, *at, *below;
	int userns_of, attach_in, attach_fd;
	unsigned map_to, map_length;
	bool tmpfs, tree_attr, compat, stay, recursive;
};

static _Noreturn void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(errno == ENOSYS || errno == EINVAL ? 77 : EXIT_FAILURE);
}

static int check(long ret, const char *what)
{
	if (ret < 0)
		die(what);
	return (int)ret;
}

#ifdef __x86_64__
#define BELOW_4G MAP_32BIT
#define HAS_BOTH true
#define NR_setns_32 346 /* arch/x86/entry/syscalls/syscall_32.tbl */

/* The 32-bit entry takes 32-bit pointers. */
static long call_32(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	if (ret < 0) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}
#else
#define BELOW_4G 0
#define HAS_BOTH (sizeof(long) == 4)
#define NR_setns_32 SYS_setns

/* As 32-bit code, which has no other. */
static long call_32(long nr, long a, long b, long c, long d, long e)
{
	return syscall(nr, a, b, c, d, e);
}

#endif

/* What both entries can point to. */
static struct low {
	struct mount_attr_v0 attr;
	char path[4096];
} * low;

static int open_ns(int pid, const char *kind)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kind);
	return check(open(path, O_RDONLY | O_CLOEXEC), path);
}

static void write_map(int pid, const char *kind, unsigned to, unsigned length)
{
	char path[64], text[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, kind);
	snprintf(text, sizeof(text), "0 %u %u", to, length);
	fd = check(open(path, O_WRONLY | O_CLOEXEC), path);
	check(write(fd, text, strlen(text)), path);
	close(fd);
}

/* As runtimes do: of a helper that is gone when its user namespace is open. */
static int make_userns(unsigned to, unsigned length)
{
	pid_t pid = (pid_t)check(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), "clone");
	int fd;

	if (!pid) {
		pause();
		_exit(0);
	}
	write_map(pid, "uid_map", to, length);
	write_map(pid, "gid_map", to, length);
	fd = open_ns(pid, "user");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return fd;
}

static int open_source(const struct options *opts)
{
	int context;

	if (!opts->tmpfs)
		return check(syscall(NR_open_tree, AT_FDCWD, opts->source,
				     OPEN_TREE_CLONE | O_CLOEXEC |
					     (opts->recursive ? AT_RECURSIVE : 0)),
			     "open_tree");
	context = check(syscall(NR_fsopen, "tmpfs", 0), "fsopen");
	check(syscall(NR_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "fsconfig");
	return check(syscall(NR_fsmount, context, 0, 0), "fsmount");
}

static int make_mount(const struct options *opts)
{
	const size_t size = sizeof(low->attr);
	int flags = AT_EMPTY_PATH, fd;

	if (opts->tree_attr) {
		snprintf(low->path, sizeof(low->path), "%s", opts->source);
		return check(opts->compat ? call_32(NR_open_tree_attr, AT_FDCWD, (long)low->path,
						    OPEN_TREE_CLONE, (long)&low->attr, (long)size) :
					    syscall(NR_open_tree_attr, AT_FDCWD, low->path,
						    OPEN_TREE_CLONE, &low->attr, size),
			     "open_tree_attr");
	}
	fd = open_source(opts);
	if (opts->below)
		snprintf(low->path, sizeof(low->path), "%s", opts->below);
	else if (opts->recursive)
		flags |= AT_RECURSIVE;
	check(opts->compat ? call_32(NR_mount_setattr, fd, (long)low->path, flags, (long)&low->attr,
				     (long)size) :
			     syscall(NR_mount_setattr, fd, low->path, flags, &low->attr, size),
	      "mount_setattr");
	return fd;
}

static void attach(const struct options *opts, int fd)
{
	if (opts->attach_in || opts->attach_fd) {
		int ns = opts->attach_fd ? opts->attach_fd : open_ns(opts->attach_in, "mnt");

		check(opts->compat ? call_32(NR_setns_32, ns, CLONE_NEWNS, 0, 0, 0) :
				     setns(ns, CLONE_NEWNS),
		      "setns");
	}
	check(syscall(NR_move_mount, fd, "", AT_FDCWD, opts->at, MOVE_MOUNT_F_EMPTY_PATH),
	      "move_mount");
}

static bool take_option(struct options *opts, int option)
{
	const unsigned long number = optarg ? strtoul(optarg, NULL, 10) : 0;

	switch (option) {
	case 'u':
		opts->userns_of = (int)number;
		return true;
	case 'm':
		opts->map_to = (unsigned)number;
		return true;
	case 'n':
		opts->map_length = (unsigned)number;
		return true;
	case 't':
		opts->tmpfs = true;
		return true;
	case 'p':
		opts->attach_in = (int)number;
		return true;
	case 'f':
		opts->attach_fd = (int)number;
		return true;
	case 'a':
		opts->at = optarg;
		return true;
	case 'b':
		opts->below = optarg;
		opts->recursive = true;
		return true;
	case 'r':
		opts->recursive = true;
		return true;
	case 'x':
		opts->tree_attr = true;
		return true;
	case '3':
		opts->compat = true;
		return true;
	case 's':
		opts->stay = true;
		return true;
	default:
		return false;
	}
}

/* Where 64-bit code has no 32-bit entry: the same program, built as 32-bit code beside this one. */
static void become_32(char **argv)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("-32"));

	if (len < 0)
		die("/proc/self/exe");
	memcpy(path + len, "-32", sizeof("-32"));
	execv(path, argv);
	errno = errno == ENOEXEC ? ENOSYS : errno;
	die(path);
}

int main(int argc, char **argv)
{
	struct options opts = {.userns_of = getpid(), .map_length = 65536};
	int option, fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt(argc, argv, "u:m:n:tp:f:a:b:rx3s")) > 0)
		if (!take_option(&opts, option))
			return 2;
	if (opts.compat && !HAS_BOTH)
		become_32(argv);
	opts.source = argv[optind] ? argv[optind] : "/";
	low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | BELOW_4G, -1, 0);
	if (low == MAP_FAILED)
		die("mmap");
	low->attr.set = MOUNT_ATTR_IDMAP;
	low->attr.userns_fd = (uint64_t)(opts.map_to ? make_userns(opts.map_to, opts.map_length) :
						       open_ns(opts.userns_of, "user"));
	fd = make_mount(&opts);
	if (opts.at)
		attach(&opts, fd);
	puts("done");
	while (opts.stay && getchar() != EOF)
		;
	return 0;
}
