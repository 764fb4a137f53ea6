// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/runtimes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/procs.h"
#include "doctor/program.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"

#define ANSWER_SIZE 4096
#define FOUND_MAX 32

/* One takes the kubelet's orders, and has the other make the containers. */
enum class { CLASS_CRI, CLASS_OCI };

static const struct {
	const char *name;
	enum class class;
	unsigned major, minor; /* the first that can */
} kinds[RUNTIMES] = {
	[RUNTIME_CONTAINERD] = {"containerd", CLASS_CRI, 2, 0},
	[RUNTIME_CRIO] = {"crio", CLASS_CRI, 1, 25},
	[RUNTIME_RUNC] = {"runc", CLASS_OCI, 1, 2},
	[RUNTIME_CRUN] = {"crun", CLASS_OCI, 1, 9},
};

static const char *const places[] = {
	"/usr/local/sbin",
	"/usr/local/bin",
	"/usr/sbin",
	"/usr/bin",
	"/sbin",
	"/bin",
	"/opt/bin",
	"/usr/libexec/crio",			 /* CRI-O's own bundle */
	"/var/lib/rancher/k3s/data/current/bin", /* k3s */
	"/var/lib/rancher/rke2/bin",
	"/var/lib/k0s/bin",
	"/snap/microk8s/current/bin",
};

/* What is found is asked at once, and told apart by its file. */
struct search {
	const char *root;
	ino_t userns; /* ours, which is the node's */
	struct runtime v[FOUND_MAX];
	struct stat stat[FOUND_MAX];
	size_t n;
};

static void say_answer(struct runtime *runtime, int ret, const char *answer)
{
	char line[100];

	escape(line, sizeof(line), answer, strcspn(answer, "\n"));
	if (ret == -ETIMEDOUT)
		snprintf(runtime->problem, sizeof(runtime->problem),
			 "it did not answer --version in time");
	else if (ret == -ENOEXEC)
		snprintf(runtime->problem, sizeof(runtime->problem), "could not be run: %s", line);
	else
		snprintf(runtime->problem, sizeof(runtime->problem),
			 "its answer to --version is not understood: \"%s\"", line);
}

static void ask_version(const struct program *program, const struct stat *stat,
			struct runtime *runtime)
{
	static const char *const args[] = {"--version", NULL};
	char answer[ANSWER_SIZE];
	int ret;

	if (!program_is_roots(stat)) {
		snprintf(runtime->problem, sizeof(runtime->problem),
			 "not run, because others than root can write it");
		return;
	}
	ret = program_ask(program, args, answer, sizeof(answer));
	if (ret || version_parse(answer, kinds[runtime->kind].name, &runtime->version))
		say_answer(runtime, ret, answer);
}

static struct runtime *find_same(struct search *search, enum runtime_kind kind,
				 const struct stat *stat)
{
	for (size_t i = 0; i < search->n; i++)
		if (search->v[i].kind == kind && search->stat[i].st_dev == stat->st_dev &&
		    search->stat[i].st_ino == stat->st_ino)
			return &search->v[i];
	return NULL;
}

static void add(struct search *search, enum runtime_kind kind, const struct program *program,
		const struct stat *stat, pid_t pid)
{
	struct runtime *runtime = find_same(search, kind, stat);

	if (!runtime) {
		if (search->n == FOUND_MAX)
			return;
		runtime = &search->v[search->n];
		search->stat[search->n++] = *stat;
		*runtime = (struct runtime){.kind = kind, .path = xstrdup(program->path)};
		ask_version(program, stat, runtime);
	}
	if (!runtime->pid)
		runtime->pid = pid;
}

static void look_in_places(struct search *search)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		for (enum runtime_kind kind = 0; kind < RUNTIMES; kind++) {
			struct program program = {.root = search->root, .fd = -1};
			char path[128];
			struct stat stat;
			AUTO_FD fd = -1;

			snprintf(path, sizeof(path), "%s/%s", places[i], kinds[kind].name);
			program.path = path;
			fd = program_find(search->root, path, &stat);
			if (fd >= 0 && S_ISREG(stat.st_mode))
				add(search, kind, &program, &stat, 0);
		}
	}
}

/* Which runtime the executable is, by its name, or RUNTIMES. */
static enum runtime_kind kind_of(const char *path)
{
	const char *name = strrchr(path, '/');
	enum runtime_kind kind = 0;

	while (kind < RUNTIMES && (!name || strcmp(name + 1, kinds[kind].name) != 0))
		kind++;
	return kind;
}

/*
 * Anybody can name a program so, and it would be run: it has to be root's, outside pods and in our
 * user namespace, as the node's own runtime is.
 */
static void look_at_process(const struct proc *proc, void *ctx)
{
	static const char gone[] = " (deleted)";
	struct search *search = ctx;
	char path[PATH_MAX], root[64], *end;
	struct program program = {.root = root, .path = path};
	struct stat owner, stat;
	enum runtime_kind kind;
	AUTO_FD fd = -1;
	ssize_t n;

	if (proc->in_pod || fstat(proc->dir, &owner) || owner.st_uid)
		return;
	n = readlinkat(proc->dir, "exe", path, sizeof(path) - 1);
	if (n <= 0)
		return;
	path[n] = '\0';
	end = path + n - strlen(gone);
	if (end > path && !strcmp(end, gone))
		*end = '\0';
	kind = kind_of(path);
	if (kind == RUNTIMES || procs_ns(proc, "user") != search->userns)
		return;
	snprintf(root, sizeof(root), "/proc/%d/root", proc->pid);
	fd = openat(proc->dir, "exe", O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &stat))
		return;
	program.fd = fd;
	add(search, kind, &program, &stat, proc->pid);
}

static bool is_told(const struct runtime *runtime)
{
	return runtime->version.major || runtime->version.minor;
}

static bool is_new_enough(const struct runtime *runtime)
{
	return is_told(runtime) &&
	       version_is_at_least(&runtime->version, kinds[runtime->kind].major,
				   kinds[runtime->kind].minor);
}

/* Another one that may be what the node uses instead: it is no worse, and it is new enough. */
static bool has_better(const struct runtime *all, size_t n, const struct runtime *one)
{
	for (size_t i = 0; i < n; i++)
		if (kinds[all[i].kind].class == kinds[one->kind].class && is_new_enough(&all[i]) &&
		    (all[i].pid || !one->pid))
			return true;
	return false;
}

void runtimes_judge(const struct runtime *all, size_t n, const struct runtime *one,
		    struct result *result)
{
	char running[48] = "";

	if (one->pid)
		snprintf(running, sizeof(running), ", runs as process %d", one->pid);
	*result = (struct result){.status = STATUS_OK};
	if (!is_told(one)) {
		result->status = STATUS_UNKNOWN;
		snprintf(result->detail, sizeof(result->detail), "%s%s", one->problem, running);
		snprintf(result->todo, sizeof(result->todo),
			 "check it yourself: it must be %u.%u or later", kinds[one->kind].major,
			 kinds[one->kind].minor);
		return;
	}
	snprintf(result->detail, sizeof(result->detail), "%s%s", one->version.text, running);
	if (is_new_enough(one))
		return;
	result->status = has_better(all, n, one) ? STATUS_UNKNOWN : STATUS_PROBLEM;
	snprintf(result->todo, sizeof(result->todo),
		 "pods with hostUsers: false need %u.%u or later: upgrade it%s",
		 kinds[one->kind].major, kinds[one->kind].minor,
		 result->status == STATUS_UNKNOWN ? ", or remove it if it is not used" : "");
}

static bool has_class(const struct search *search, enum class class)
{
	for (size_t i = 0; i < search->n; i++)
		if (kinds[search->v[i].kind].class == class)
			return true;
	return false;
}

static void say_missing(const struct search *search, struct rows *rows)
{
	if (!has_class(search, CLASS_CRI))
		result_set(
			rows_add(rows, "runtime", NULL), STATUS_UNKNOWN,
			"found no containerd or CRI-O, neither in the usual places nor running",
			"if there is one, check it yourself: containerd must be 2.0 or later, CRI-O 1.25");
	if (!has_class(search, CLASS_OCI))
		result_set(
			rows_add(rows, "runtime", NULL), STATUS_UNKNOWN,
			"found no runc or crun in the usual places",
			"if there is one, check it yourself: runc must be 1.2 or later, crun 1.9");
}

bool runtimes_check(const char *root, struct rows *rows)
{
	struct search *search = xcalloc(1, sizeof(*search));
	struct stat userns;
	bool runs = false;

	search->root = root;
	look_in_places(search);
	if (!stat("/proc/self/ns/user", &userns)) {
		search->userns = userns.st_ino;
		procs_each(look_at_process, search);
	}
	for (size_t i = 0; i < search->n; i++) {
		const struct runtime *one = &search->v[i];
		char about[PATH_MAX + 32];

		snprintf(about, sizeof(about), "%s %s", kinds[one->kind].name, one->path);
		runtimes_judge(search->v, search->n, one, rows_add(rows, "runtime", about));
		runs |= one->pid && kinds[one->kind].class == CLASS_CRI;
	}
	say_missing(search, rows);
	for (size_t i = 0; i < search->n; i++)
		free(search->v[i].path);
	free(search);
	return runs;
}
