// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/child.h"
#include "lib/cleanup.h"

/* A block of IDs as the kubelet allots them, high enough for nobody to have it. */
#define MAP_FIRST 4293918720U
#define MAP_LENGTH 65536U

/* A server that is gone does not answer at all. */
#define PATIENCE_S 20

/*
 * The place to mount a scratch file system on, in a mount namespace of our own: a directory that is
 * there wherever this runs.
 */
#define SCRATCH "/proc"

struct attempt {
	int userns;
	const char *path;
	unsigned mount_id;
};

/* Of a child: names the step that failed, and has its errno as exit status. */
static int failed(const char *step)
{
	int err = errno;

	dprintf(STDOUT_FILENO, "%s", step);
	return err;
}

static int attempt_run(int (*work)(const void *ctx), const struct attempt *attempt,
		       struct idmap_step *step)
{
	int ret = child_run(work, attempt, PATIENCE_S, step->text, sizeof(step->text));

	return ret > 0 ? -ret : ret;
}

static int write_map(pid_t pid, const char *kind)
{
	char path[64], text[64];
	AUTO_FD fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, kind);
	snprintf(text, sizeof(text), "0 %u %u", MAP_FIRST, MAP_LENGTH);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int open_userns(pid_t pid, struct idmap_step *step)
{
	char path[64];
	int fd, err = write_map(pid, "uid_map");

	snprintf(step->text, sizeof(step->text), "writing its map");
	if (!err)
		err = write_map(pid, "gid_map");
	if (err)
		return err;
	snprintf(step->text, sizeof(step->text), "opening it");
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* As runtimes do: of a helper that is gone when its user namespace is open. */
int idmap_userns(struct idmap_step *step)
{
	pid_t pid;
	int fd;

	snprintf(step->text, sizeof(step->text), "clone(CLONE_NEWUSER)");
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	if (pid < 0)
		return -errno;
	fd = open_userns(pid, step);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return fd;
}

static int set_idmap(int mount, int userns)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP,
		.userns_fd = (__u64)userns,
	};

	return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attr, sizeof(attr));
}

static int clone_mount(int at, const char *path)
{
	return (int)syscall(SYS_open_tree, at, path,
			    OPEN_TREE_CLONE | O_CLOEXEC | (unsigned)(*path ? 0 : AT_EMPTY_PATH));
}

static int work_tmpfs(const void *ctx)
{
	const struct attempt *attempt = ctx;
	int context, mount;

	context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	if (context < 0)
		return failed("fsopen");
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return failed("fsconfig");
	mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return failed("fsmount");
	return set_idmap(mount, attempt->userns) ? failed("mount_setattr") : 0;
}

static int work_path(const void *ctx)
{
	const struct attempt *attempt = ctx;
	struct statx stat;
	int there, mount;

	there = open(attempt->path, O_PATH | O_CLOEXEC);
	if (there < 0)
		return failed("open");
	if (attempt->mount_id &&
	    (statx(there, "", AT_EMPTY_PATH, STATX_MNT_ID, &stat) ||
	     !(stat.stx_mask & STATX_MNT_ID) || stat.stx_mnt_id != attempt->mount_id)) {
		errno = ESTALE;
		return failed("statx");
	}
	mount = clone_mount(there, "");
	if (mount < 0)
		return failed("open_tree");
	return set_idmap(mount, attempt->userns) ? failed("mount_setattr") : 0;
}

/* A file of root's in the lower layer has to be the pod's root's in the overlay. */
static int check_owner(void)
{
	struct stat stat_of;

	if (stat("merged/file", &stat_of))
		return failed("stat");
	errno = ERANGE;
	return stat_of.st_uid == MAP_FIRST && stat_of.st_gid == MAP_FIRST ? 0 : failed("owner");
}

static int make_layers(void)
{
	int file;

	if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return failed("unshare");
	if (mount("scratch", SCRATCH, "tmpfs", 0, NULL) || chdir(SCRATCH))
		return failed("mount tmpfs");
	if (mkdir("lower", 0755) || mkdir("idmapped", 0755) || mkdir("other", 0755) ||
	    mkdir("merged", 0755))
		return failed("mkdir");
	file = open("lower/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (file < 0 || fchown(file, 0, 0))
		return failed("open");
	close(file);
	return 0;
}

static int work_overlay(const void *ctx)
{
	const struct attempt *attempt = ctx;
	int err = make_layers(), lower;

	if (err)
		return err;
	lower = clone_mount(AT_FDCWD, "lower");
	if (lower < 0)
		return failed("open_tree");
	if (set_idmap(lower, attempt->userns))
		return failed("mount_setattr");
	if (syscall(SYS_move_mount, lower, "", AT_FDCWD, "idmapped", MOVE_MOUNT_F_EMPTY_PATH))
		return failed("move_mount");
	/* A layer to write to would need CAP_DAC_OVERRIDE besides, and shows nothing more. */
	if (mount("overlay", "merged", "overlay", MS_RDONLY, "lowerdir=idmapped:other"))
		return failed("mount overlay");
	return check_owner();
}

int idmap_try_tmpfs(int userns, struct idmap_step *step)
{
	return attempt_run(work_tmpfs, &(struct attempt){.userns = userns}, step);
}

int idmap_try_path(int userns, const char *path, unsigned mount_id, struct idmap_step *step)
{
	return attempt_run(work_path,
			   &(struct attempt){.userns = userns, .path = path, .mount_id = mount_id},
			   step);
}

int idmap_try_overlay(int userns, struct idmap_step *step)
{
	return attempt_run(work_overlay, &(struct attempt){.userns = userns}, step);
}
