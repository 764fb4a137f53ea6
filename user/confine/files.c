// SPDX-License-Identifier: BSD-2-Clause
#include "confine/files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/nodefiles/files.h"

/*
 * include/uapi/linux/landlock.h, of which the headers that nsvigil is built with may know less than the kernel
 * that it runs on. The numbers of calls are the same on every architecture.
 */
#define NR_landlock_create_ruleset 444
#define NR_landlock_add_rule 445
#define NR_landlock_restrict_self 446
#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT 2

#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_REG (UINT64_C(1) << 8)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0)
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

#define READS (FS_READ_FILE | FS_READ_DIR)
#define WRITES (READS | FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_REG)

struct ruleset_attr {
	__u64 fs, net, scoped;
};

struct path_attr {
	__u64 allowed;
	__s32 parent;
} __attribute__((packed));

struct port_attr {
	__u64 allowed, port;
};

/* What each version of the interface knows, from 1: the rights of files, of ports, and scopes. */
static const struct ruleset_attr versions[] = {
	{(1 << 13) - 1, 0, 0}, {(1 << 14) - 1, 0, 0}, {(1 << 15) - 1, 0, 0},
	{(1 << 15) - 1, 3, 0}, {(1 << 16) - 1, 3, 0}, {(1 << 16) - 1, 3, 3},
};

#define VERSIONS ((long)(sizeof(versions) / sizeof(*versions)))

/* Opens what is there, or the nearest directory above. Sets whether it is a file. Returns -1 if there is nothing. */
static int find_nearest(int root, const char *given, bool *is_file)
{
	AUTO_FREE char *copy = xstrdup(given);

	for (char *path = copy;; path = dirname(path)) {
		AUTO_FD fd = files_find(root, path);
		struct stat st;

		if (fd >= 0 && !fstat(fd, &st)) {
			*is_file = !S_ISDIR(st.st_mode);
			return TAKE_FD(fd);
		}
		if (!strcmp(path, "/"))
			return -1;
	}
}

void files_allow(struct confined_files *files, int root, const char *path, bool writes)
{
	struct confined_path its = {.writes = writes};

	its.fd = find_nearest(root, path, &its.is_file);
	if (its.fd < 0)
		return;
	xgrow(files->paths, files->n_paths, &files->cap_paths);
	files->paths[files->n_paths++] = its;
}

void files_allow_beside(struct confined_files *files, int root, const char *path)
{
	AUTO_FREE char *copy = xstrdup(path);

	files_allow(files, root, dirname(copy), false);
}

void files_allow_port(struct confined_files *files, uint16_t port)
{
	xgrow(files->ports, files->n_ports, &files->cap_ports);
	files->ports[files->n_ports++] = port;
}

void confined_files_free(struct confined_files *files)
{
	for (size_t i = 0; i < files->n_paths; i++)
		close(files->paths[i].fd);
	free(files->paths);
	free(files->ports);
	*files = (struct confined_files){};
}

static int add_rules(int ruleset, const struct confined_files *files,
		     const struct ruleset_attr *all)
{
	for (size_t i = 0; i < files->n_paths; i++) {
		const struct confined_path *its = &files->paths[i];
		const struct path_attr rule = {
			.allowed = its->is_file ? FS_READ_FILE :
				   its->writes	? WRITES :
						  READS,
			.parent = its->fd,
		};

		if (syscall(NR_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0))
			return -errno;
	}
	for (size_t i = 0; all->net && i < files->n_ports; i++) {
		const struct port_attr rule = {.allowed = NET_CONNECT_TCP, .port = files->ports[i]};

		if (syscall(NR_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0))
			return -errno;
	}
	return 0;
}

int files_confine(struct confined_files *files)
{
	long version = syscall(NR_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	struct ruleset_attr all;
	AUTO_FD ruleset = -1;
	int err;

	if (version < 1)
		return -EOPNOTSUPP;
	all = versions[(version < VERSIONS ? version : VERSIONS) - 1];
	if (files->abstract)
		all.scoped &= ~SCOPE_ABSTRACT_UNIX_SOCKET;
	/* Fields that an older kernel does not know have to be zero, and are. */
	ruleset = (int)syscall(NR_landlock_create_ruleset, &all, sizeof(all), 0);
	if (ruleset < 0)
		return -errno;
	err = add_rules(ruleset, files, &all);
	if (err)
		return err;
	if (syscall(NR_landlock_restrict_self, ruleset, 0))
		return -errno;
	files->hold = true;
	return 0;
}
