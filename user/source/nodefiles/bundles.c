// SPDX-License-Identifier: BSD-2-Clause
/* Runtimes' bundles: containers' names, namespaces, volumes and first processes. */
#include "source/nodefiles/inner.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "source/nodefiles/declared.h"
#include "source/nodefiles/files.h"
#include "source/procstat.h"

/* How far the clocks of files and of processes may be apart. */
#define CLOCKS_NS UINT64_C(1000000000)

#define ID_LEN 64 /* digits of a container's id */

static bool is_container(const char *name)
{
	return strlen(name) == ID_LEN && name[strspn(name, "0123456789abcdef")] == '\0';
}

/* containerd's shim, by which it finds it again: the last part of its path. */
static char *read_shim(const struct metadata *metadata, const struct entry *entry)
{
	struct file_stamp any = {};
	char path[NAME_MAX + 64], *text = NULL, *name;
	size_t len;

	snprintf(path, sizeof(path), "%s/shim-binary-path", entry->key.name);
	if (files_read(metadata->directories[entry->key.directory].fd, path, false, &any, &text,
		       &len))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	name = strrchr(text, '/');
	if (name)
		memmove(text, name + 1, strlen(name));
	return text;
}

/* Whether the process was there before the file that names it: another one may have got its number. */
static bool is_the_one(uint32_t pid, const struct timespec *named)
{
	uint64_t started;

	return procstat_started_ns(pid, &started) && started <= since_boot(named) + CLOCKS_NS;
}

/* What is said of a container's first process may change without its configuration. */
static void look_at_pid(struct metadata *metadata, struct entry *entry, const char *file)
{
	struct nsv_bundle *bundle = entry->records.n ? (void *)entry->records.v[0] : NULL;
	uint32_t state = NSV_BUNDLE_NO_PID;
	AUTO_FREE char *text = NULL;
	char path[NAME_MAX + 64];
	size_t len;
	int err;

	if (!bundle || bundle->h.type != NSV_BUNDLE || metadata->opts->other_pids)
		return;
	snprintf(path, sizeof(path), "%s/%s", entry->key.name, file);
	err = files_read(metadata->directories[entry->key.directory].fd, path, false,
			 &entry->pid_stamp, &text, &len);
	if (!err)
		entry->pid = (uint32_t)strtoul(text, NULL, 10);
	else if (err < 0)
		entry->pid = 0;
	if (entry->pid)
		state = is_the_one(entry->pid, &entry->pid_stamp.mtime) ? NSV_BUNDLE_RUNS :
									  NSV_BUNDLE_OVER;
	entry->pushed &= bundle->state == state && bundle->pid == entry->pid;
	bundle->state = state;
	bundle->pid = entry->pid;
}

/*
 * Whether CRI-O's runtime of the container is one for virtual machines: it makes a FIFO for what the shim says
 * (internal/oci/runtime_vm.go, startRuntimeDaemon()), and that with conmon none.
 */
static bool has_log(const struct metadata *metadata, const struct entry *entry)
{
	char path[NAME_MAX + 64];
	struct stat st;

	snprintf(path, sizeof(path), "%s/userdata/log", entry->key.name);
	return !fstatat(metadata->directories[entry->key.directory].fd, path, &st,
			AT_SYMLINK_NOFOLLOW) &&
	       S_ISFIFO(st.st_mode);
}

static void look_at_config(struct metadata *metadata, struct entry *entry, const char *file,
			   enum nsv_runtime runtime)
{
	struct declared_at at = {.runtime = runtime, .id = entry->key.name, .is_vm = entry->is_vm};
	AUTO_FREE char *text = NULL;
	AUTO_FREE char *shim = NULL;
	struct problem problem = {};
	size_t len;

	if (!read_entry(metadata, entry, file, &text, &len))
		return;
	if (runtime == NSV_RUNTIME_CONTAINERD)
		shim = read_shim(metadata, entry);
	at.shim = shim;
	if (declared_config(text, len, &at, &entry->records, &problem))
		set_problem(entry, problem.text);
	finish_records(metadata, entry, file);
}

static void look_at_task(struct metadata *metadata, struct entry *entry)
{
	look_at_config(metadata, entry, "config.json", NSV_RUNTIME_CONTAINERD);
	look_at_pid(metadata, entry, "init.pid");
}

/* Its shim begins after its configuration was written: what that says is something else then. */
static void look_at_userdata(struct metadata *metadata, struct entry *entry)
{
	const bool is_vm = has_log(metadata, entry);

	if (is_vm != entry->is_vm)
		entry->stamp = (struct file_stamp){};
	entry->is_vm = is_vm;
	look_at_config(metadata, entry, "userdata/config.json", NSV_RUNTIME_CRIO);
	look_at_pid(metadata, entry, "userdata/pidfile");
}

const struct kind metadata_tasks = {
	.below = "/io.containerd.runtime.v2.task/k8s.io",
	.inner = "",
	.files = {"config.json", "init.pid", "shim-binary-path"},
	.is_entry = is_container,
	.look = look_at_task,
};

const struct kind metadata_userdata = {
	.below = "/overlay-containers",
	.inner = "/userdata",
	.files = {"config.json", "pidfile", "log"},
	.is_entry = is_container,
	.look = look_at_userdata,
};
