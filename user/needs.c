// SPDX-License-Identifier: BSD-2-Clause
#include "needs.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "config/file.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "sink/tls.h"
#include "source/cgroups.h"
#include "source/nodefiles/metadata.h"

/*
 * File descriptors that it must have: some 70 are maps, programs and links, 120 where the kernel preempts them; a walk,
 * captures and outputs take more.
 */
#define FILES_MIN 256

/* Where Debian has whom the system trusts, beside what OpenSSL says. */
static const char *const trusted[] = {"/etc/ssl", "/usr/lib/ssl", "/usr/share/ca-certificates",
				      "/usr/local/share/ca-certificates"};

static void take_path(void *ctx, int root, const char *path)
{
	files_allow(ctx, root, path, false);
}

/* What this process itself was given: from where it is, and through any link. */
static void need(struct confined_files *files, int root, const char *path, bool writes)
{
	AUTO_FREE char *real = realpath(path, NULL);

	if (real)
		files_allow(files, root, real, writes);
}

/* At each handshake, in a directory with links to elsewhere; bundles were read already. */
static void need_trusted(int root, struct confined_files *files)
{
	AUTO_FREE char *dirs = xstrdup(tls_trusted_dirs());
	char *rest = NULL;

	for (size_t i = 0; i < sizeof(trusted) / sizeof(*trusted); i++)
		files_allow(files, root, trusted[i], false);
	for (char *dir = strtok_r(dirs, ":", &rest); dir; dir = strtok_r(NULL, ":", &rest))
		need(files, root, dir, false);
}

/* A name is looked up at each connection, by what /etc says then. */
static void need_collectors(const struct options *opts, int root, struct confined_files *files)
{
	for (size_t i = 0; i < opts->syslog.n; i++) {
		const struct collector_address *address = &opts->syslog.v[i];

		files_allow(files, root, "/etc", false);
		files_allow(files, root, "/run/systemd/resolve", false);
		files_allow_port(files, (uint16_t)atoi(address->port));
		if (address->transport == TRANSPORT_TLS && !opts->syslog_ca)
			need_trusted(root, files);
	}
}

/* It may be replaced where it is, and where a link says that it is: in a ConfigMap's volume by another link. */
static void need_config(struct confined_files *files, int root, const char *path)
{
	AUTO_FREE char *real = realpath(path, NULL), *copy = xstrdup(path);

	need(files, root, dirname(copy), false);
	if (real)
		files_allow_beside(files, root, real);
}

static bool is_abstract(const char *address)
{
	return address && *address == '@';
}

struct confined_files needs_files(const struct options *opts, const struct snapshot *snapshot)
{
	struct confined_files files = {.abstract = is_abstract(getenv("NOTIFY_SOCKET"))};
	AUTO_FD root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	metadata_each_path(snapshot->metadata, take_path, &files);
	files_allow(&files, root, cgroups_path(snapshot->cgroups), false);
	files_allow(&files, root, "/sys/fs/cgroup", false); /* hierarchies of v1, too */
	files_allow(&files, root, "/proc", false);
	need_config(&files, root, opts->config ?: CONFIG_PATH);
	if (opts->capture_dir)
		need(&files, root, opts->capture_dir, true);
	need_collectors(opts, root, &files);
	return files;
}

int needs_descriptors(struct problem *problem)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= FILES_MIN)
		return 0;
	limit.rlim_cur = FILES_MIN;
	if (limit.rlim_max >= FILES_MIN && !setrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	return problem_set(
		problem, -EMFILE,
		"needs %d file descriptors, but may have only %llu; raise the limit of open files "
		"(ulimit -n, LimitNOFILE=)",
		FILES_MIN, (unsigned long long)limit.rlim_max);
}
