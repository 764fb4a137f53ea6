// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/kubeletproc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nsvigil/event.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/node.h"
#include "source/nodefiles/files.h"
#include "source/podpath.h"
#include "source/procstat.h"

/* No kubelet's command line is half as long; what is behind is not looked at. */
#define ARGS_MAX 65536
#define STATUS_MAX 8192

/* ---- what it is told ---- */

static const struct {
	const char *name;
	size_t at;
} known_flags[] = {
#define FLAG(name, member)                                                                         \
	{                                                                                          \
		name, offsetof(struct kubelet_flags, member)                                       \
	}
	FLAG("config", config),
	FLAG("config-dir", config_dir),
	FLAG("root-dir", root_dir),
	FLAG("pod-manifest-path", manifests),
	FLAG("max-pods", max_pods),
	FLAG("hostname-override", node_name),
	FLAG("cgroup-root", cgroup_root),
	FLAG("cgroup-driver", cgroup_driver),
	FLAG("container-runtime-endpoint", runtime),
	FLAG("kubelet-args-file", args_file),
#undef FLAG
};

#define FLAGS (sizeof(known_flags) / sizeof(*known_flags))

/* An underscore is a dash: WordSepNormalizeFunc() of k8s.io/component-base/cli/flag. */
static bool is_flag(const char *arg, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++)
		if (arg[i] != name[i] && !(arg[i] == '_' && name[i] == '-'))
			return false;
	return strlen(name) == len;
}

/* Where the value of such an argument goes, or NULL. */
static char **find_flag(struct kubelet_flags *flags, const char *arg, size_t len)
{
	for (size_t i = 0; i < FLAGS; i++)
		if (is_flag(arg, len, known_flags[i].name))
			return (void *)((char *)flags + known_flags[i].at);
	return NULL;
}

static void set(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text);
}

void kubelet_flags_take(struct kubelet_flags *flags, const char *args, size_t len)
{
	for (const char *arg = args; arg < args + len; arg += strlen(arg) + 1) {
		const char *value;
		char **to;
		size_t name;

		if (!strcmp(arg, "--"))
			return;
		if (strncmp(arg, "--", 2) != 0)
			continue;
		name = strcspn(arg + 2, "=");
		to = find_flag(flags, arg + 2, name);
		if (!to)
			continue;
		value = arg + 2 + name;
		if (*value == '=') {
			set(to, value + 1);
			continue;
		}
		value++;
		if (value >= args + len)
			return;
		set(to, value);
		arg = value;
	}
}

/* The snap's own: what it calls SNAP_DATA is where a link leads that it keeps. */
static char *expand(const char *line)
{
	static const struct {
		const char *name, *value;
	} variables[] = {
		{"${SNAP_DATA}", "/var/snap/microk8s/current"},
		{"${SNAP_COMMON}", "/var/snap/microk8s/common"},
		{"${SNAP}", "/snap/microk8s/current"},
		{"$SNAP_DATA", "/var/snap/microk8s/current"},
		{"$SNAP_COMMON", "/var/snap/microk8s/common"},
	};
	/* No value is seven times as long as its name. */
	char *out = xcalloc(7, strlen(line) + 1);
	size_t n_out = 0;

	while (*line) {
		const char *value = NULL;

		for (size_t i = 0; !value && i < sizeof(variables) / sizeof(*variables); i++) {
			const size_t n = strlen(variables[i].name);

			if (strncmp(line, variables[i].name, n) != 0)
				continue;
			value = variables[i].value;
			line += n;
		}
		if (value)
			n_out = (size_t)(stpcpy(out + n_out, value) - out);
		else if (*line != '"' && *line != '\'')
			out[n_out++] = *line++;
		else
			line++;
	}
	return out;
}

void kubelet_flags_take_file(struct kubelet_flags *flags, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *state;

	for (char *line = strtok_r(copy, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		AUTO_FREE char *arg = NULL;
		size_t len;

		line += strspn(line, " \t");
		for (len = strlen(line); len && isspace((unsigned char)line[len - 1]);)
			line[--len] = '\0';
		arg = expand(line);
		len = strlen(arg);
		/* "--flag value" is two arguments, too. */
		if (!strchr(arg, '=') && strchr(arg, ' ')) {
			char *blank = strchr(arg, ' '), *value = blank + strspn(blank, " \t");

			memmove(blank + 1, value, strlen(value) + 1);
			*blank = '\0';
			len = (size_t)(blank - arg) + 1 + strlen(blank + 1);
		}
		kubelet_flags_take(flags, arg, len + 1);
	}
}

void kubelet_flags_free(struct kubelet_flags *flags)
{
	for (size_t i = 0; i < FLAGS; i++)
		free(*(void **)(void *)((char *)flags + known_flags[i].at));
	*flags = (struct kubelet_flags){};
}

/* ---- the process ---- */

/* Other commands of k3s' are no node. */
static bool is_node(const char *command)
{
	return !strncmp(command, "server", 6) || !strncmp(command, "agent", 5);
}

enum kubelet_program kubelet_program(const char *args)
{
	/* k3s writes "/usr/local/bin/k3s server" over all that it was told. */
	const size_t whole = strcspn(args, " ");
	const char *name = args + whole;
	size_t len;

	while (name > args && name[-1] != '/')
		name--;
	len = whole - (size_t)(name - args);
	if (len == 7 && !memcmp(name, "kubelet", 7))
		return KUBELET_ITSELF;
	if (len == 8 && !memcmp(name, "kubelite", 8))
		return KUBELET_KUBELITE;
	return len == 3 && !memcmp(name, "k3s", 3) && is_node(args + whole + 1) ? KUBELET_K3S :
										  KUBELET_NONE;
}

/* The text of a file in a process' directory, NUL-terminated. Returns its length, or -errno. */
static ssize_t read_file(int dir, const char *name, char *out, size_t size)
{
	AUTO_FD fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	size_t at = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while (at + 1 < size && (n = read(fd, out + at, size - 1 - at)) > 0)
		at += (size_t)n;
	out[at] = '\0';
	return (ssize_t)at;
}

/*
 * The command line is read of the node's own processes only: of another's, reading it waits for memory that its owner may
 * keep from being read.
 */
static bool may_be_called(int dir)
{
	static const char *const names[] = {"kubelet", "kubelite", "k3s", "k3s-server",
					    "k3s-agent"};
	char comm[NSV_COMM_LEN + 1];
	ssize_t n = read_file(dir, "comm", comm, sizeof(comm));

	if (n < 0)
		return n == -ENOENT; /* a tree that somebody made has none */
	comm[strcspn(comm, "\n")] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(comm, names[i]))
			return true;
	return false;
}

static bool is_in_pod(int dir)
{
	AUTO_FREE char *text = xcalloc(1, 4 * NSV_CGROUP_PATH_LEN);
	char uid[NSV_POD_UID_LEN];

	return read_file(dir, "cgroup", text, 4 * (size_t)NSV_CGROUP_PATH_LEN) >= 0 &&
	       podpath_in_pod(text, uid);
}

/* How many PID namespaces it is in, below that of the proc; and whose it is. */
static bool read_status(int dir, unsigned *depth, unsigned *uid)
{
	char text[STATUS_MAX], *line, *state;
	bool found = false;

	*depth = 0;
	if (read_file(dir, "status", text, sizeof(text)) < 0)
		return false;
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		found |= sscanf(line, "Uid: %*u %u", uid) == 1;
		if (!*depth)
			*depth = procstat_pid_depth(line);
	}
	return found;
}

static bool is_nodes(int dir, pid_t node_pid, unsigned depth)
{
	unsigned its_depth, uid;

	if (!read_status(dir, &its_depth, &uid))
		return faccessat(dir, "status", F_OK, 0) && errno == ENOENT;
	return uid == node_root_user(node_pid) && (!depth || !its_depth || its_depth == depth);
}

/* Returns the length of its command line, to be freed; 0: there is none. */
static size_t read_args(int dir, char **out)
{
	AUTO_FREE char *text = xcalloc(1, ARGS_MAX);
	ssize_t n = read_file(dir, "cmdline", text, ARGS_MAX);

	if (n <= 0)
		return 0;
	*out = text;
	text = NULL;
	return (size_t)n + 1;
}

static bool look(int proc, const char *pid, pid_t node_pid, unsigned depth,
		 struct kubelet_process *process, struct kubelet_flags *flags)
{
	AUTO_FD dir = openat(proc, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FREE char *args = NULL;
	enum kubelet_program program;
	size_t len;

	if (dir < 0 || !may_be_called(dir) || is_in_pod(dir) || !is_nodes(dir, node_pid, depth))
		return false;
	len = read_args(dir, &args);
	program = len ? kubelet_program(args) : KUBELET_NONE;
	/* RKE2 and others run one beside: k3s is it if nobody else is. */
	if (program <= process->program &&
	    !(program == KUBELET_ITSELF && process->program > KUBELET_ITSELF))
		return false;
	if (program == KUBELET_NONE)
		return false;
	kubelet_process_close(process);
	kubelet_flags_free(flags);
	*process = (struct kubelet_process){program, (pid_t)atoi(pid), TAKE_FD(dir)};
	kubelet_flags_take(flags, args, len);
	return program == KUBELET_ITSELF;
}

/* Whether any process is in it. */
static bool look_in(int proc, pid_t node_pid, struct kubelet_process *process,
		    struct kubelet_flags *flags)
{
	AUTO_DIR dir = dir_take(openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	unsigned depth = 0, uid;
	struct dirent *entry;
	bool any = false, done = false;
	char name[16];
	AUTO_FD node = -1;

	snprintf(name, sizeof(name), "%d", node_pid);
	node = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (node >= 0)
		read_status(node, &depth, &uid);
	while (dir && !done && (entry = readdir(dir))) {
		if (!procstat_is_pid(entry->d_name))
			continue;
		any = true;
		done = look(proc, entry->d_name, node_pid, depth, process, flags);
	}
	return any;
}

bool kubelet_process_find(int root, pid_t node_pid, struct kubelet_process *process,
			  struct kubelet_flags *flags)
{
	AUTO_FD its = files_open_dir(root, "/proc");
	AUTO_FD ours = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	*process = (struct kubelet_process){.dir = -1};
	if (its < 0 || !look_in(its, node_pid, process, flags))
		look_in(ours, node_pid, process, flags);
	return process->program != KUBELET_NONE;
}

bool kubelet_process_read(const struct kubelet_process *process, struct kubelet_flags *flags)
{
	AUTO_FREE char *args = NULL;
	size_t len = process->dir < 0 ? 0 : read_args(process->dir, &args);

	if (!len || kubelet_program(args) != process->program)
		return false;
	kubelet_flags_take(flags, args, len);
	return true;
}

void kubelet_process_close(struct kubelet_process *process)
{
	if (process->dir >= 0)
		close(process->dir);
	*process = (struct kubelet_process){.dir = -1};
}
