// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/node.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor/idmap.h"
#include "doctor/lsm.h"
#include "doctor/procs.h"
#include "doctor/runtimes.h"
#include "doctor/volumes.h"
#include "doctor/whereabouts.h"
#include "engine/engine.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "source/node.h"

#define NEEDS_ADMIN "needs CAP_SYS_ADMIN in the initial user namespace: run as root"

struct node {
	const struct node_options *options;
	struct rows *rows;
	int root;
	struct places places;
	const char *kubelet_dir;       /* that is there, or would be */
	int userns;		       /* with a pod's kind of map, or -errno */
	struct idmap_step userns_step; /* that failed */
	bool has_runtime;	       /* one runs that takes the kubelet's orders */
	struct subid_needs needs;
};

/* A row, its name and a function: to add one, name it in the table below. */
struct check {
	const char *name;
	void (*check)(struct node *node, const char *name);
};

/* Says that it could not be tried, and why. */
static void not_tried(struct result *result, int err, const struct idmap_step *step)
{
	char what[2 * sizeof(step->text)], blame[200];

	escape(what, sizeof(what), step->text, strlen(step->text));
	result->status = STATUS_UNKNOWN;
	snprintf(result->detail, sizeof(result->detail), "could not try: %s: %s%s", what,
		 strerror(-err), lsm_blame(err, blame, sizeof(blame)));
	if (err == -EPERM || err == -EACCES)
		snprintf(result->todo, sizeof(result->todo), NEEDS_ADMIN);
}

/* CONFIG_USER_NS and the limit; the helper has been made. */
static void check_userns(struct node *node, const char *name)
{
	struct result *result = rows_add(node->rows, name, NULL);
	AUTO_FILE file = fopen("/proc/sys/user/max_user_namespaces", "re");
	uint64_t pods = node->needs.max_pods, max;

	if (node->userns == -EPERM || node->userns == -EACCES) {
		not_tried(result, node->userns, &node->userns_step);
		return;
	}
	if (!file || fscanf(file, "%" SCNu64, &max) != 1) {
		result_set(result, STATUS_PROBLEM, "the kernel has none",
			   "needs a kernel with CONFIG_USER_NS");
		return;
	}
	snprintf(result->detail, sizeof(result->detail), "user.max_user_namespaces is %" PRIu64,
		 max);
	result->status = max < pods || node->userns < 0 ? STATUS_PROBLEM : STATUS_OK;
	if (max < pods)
		snprintf(result->todo, sizeof(result->todo),
			 "%" PRIu64
			 " pods need one each, and runtimes some more: raise it with sysctl",
			 pods);
	else if (node->userns < 0)
		snprintf(result->todo, sizeof(result->todo),
			 "making one fails (%s: %s): find out what forbids it",
			 node->userns_step.text, strerror(-node->userns));
}

/* Process 1 is neither in a pod nor a runtime; it may be hidden from all (dumpable). */
static void count_hidden(const struct proc *proc, void *ctx)
{
	size_t *hidden = ctx;

	*hidden += proc->pid != 1 && procs_is_hidden(proc);
}

/* What is not seen of pods and runtimes, the other checks cannot say. */
static void check_processes(struct node *node, const char *name)
{
	struct result *result = rows_add(node->rows, name, NULL);
	size_t hidden = 0;
	int n = procs_each(count_hidden, &hidden);

	if (n < 0 || hidden) {
		result->status = STATUS_UNKNOWN;
		snprintf(
			result->detail, sizeof(result->detail),
			"cannot inspect %zu processes: some mounts of pods and some runtimes are not seen",
			hidden);
		snprintf(result->todo, sizeof(result->todo), "needs CAP_SYS_PTRACE: run as root");
	} else if (!node_is_initial_pid_ns() && !node->has_runtime) {
		result_set(result, STATUS_UNKNOWN,
			   "this is not the machine's PID namespace, and no runtime runs in it",
			   "run with hostPID: true");
	} else {
		snprintf(result->detail, sizeof(result->detail), "%d are seen", n);
	}
}

static void check_runtimes(struct node *node, const char *name)
{
	(void)name;
	node->has_runtime = runtimes_check(node->options->root, node->rows);
}

static void check_subids(struct node *node, const char *name)
{
	(void)name;
	subids_check(node->options->root, node->kubelet_dir, &node->needs, node->rows);
}

static void check_tmpfs(struct node *node)
{
	struct result *result = rows_add(node->rows, "idmap", "tmpfs");
	struct idmap_step step = node->userns_step;
	struct utsname kernel;
	int err = node->userns < 0 ? node->userns : idmap_try_tmpfs(node->userns, &step);

	uname(&kernel);
	if (!err) {
		snprintf(result->detail, sizeof(result->detail), "Linux %s supports it",
			 kernel.release);
	} else if (node->userns >= 0 && (err == -EINVAL || err == -ENOSYS)) {
		result->status = STATUS_PROBLEM;
		snprintf(result->detail, sizeof(result->detail),
			 "Linux %s does not support it (%s: %s)", kernel.release, step.text,
			 strerror(-err));
		snprintf(result->todo, sizeof(result->todo),
			 "pods' secrets, tokens and config maps are on tmpfs: needs Linux 6.3 or "
			 "later");
	} else {
		not_tried(result, err, &step);
	}
}

/* What trying showed of one file system; the worst of a type is what its row says. */
static void try_volume(const struct node *node, const struct volume *volume, struct result *result)
{
	struct idmap_step step = node->userns_step;
	char point[200];
	int err;

	if (node->userns < 0) {
		not_tried(result, node->userns, &step);
		return;
	}
	if (!volume->point) {
		result_set(
			result, STATUS_UNKNOWN,
			"a pod has a volume on it, but it is not mounted here, so it cannot be tried",
			"run in the node's mount namespace, or with the node's / mounted below "
			"--root");
		return;
	}
	escape(point, sizeof(point), volume->point, strlen(volume->point));
	err = idmap_try_path(node->userns, volume->point, volume->mount_id, &step);
	if (!err) {
		snprintf(result->detail, sizeof(result->detail), "supported, tried for %s", point);
	} else if (err == -EINVAL) {
		result->status = STATUS_PROBLEM;
		snprintf(result->detail, sizeof(result->detail), "not supported, tried for %s",
			 point);
		snprintf(
			result->todo, sizeof(result->todo),
			"pods with hostUsers: false cannot use such volumes: give them another file system");
	} else if (err == -ESTALE) {
		snprintf(result->detail, sizeof(result->detail),
			 "could not try: something is mounted over %s", point);
		result->status = STATUS_UNKNOWN;
	} else if (err == -ETIMEDOUT) {
		snprintf(result->detail, sizeof(result->detail),
			 "could not try: %s does not answer", point);
		snprintf(result->todo, sizeof(result->todo), "check its server");
		result->status = STATUS_UNKNOWN;
	} else {
		not_tried(result, err, &step);
	}
}

static bool is_worse(enum status status, enum status than)
{
	static const int rank[] = {[STATUS_OK] = 0, [STATUS_UNKNOWN] = 1, [STATUS_PROBLEM] = 2};

	return rank[status] > rank[than];
}

/* One row for all file systems of the type of the one at `first`. */
static void check_type(const struct node *node, const struct volumes *volumes, size_t first)
{
	const char *type = volumes->v[first].type;
	struct result worst = {}, result;

	for (size_t i = 0; i < volumes->n && worst.status != STATUS_PROBLEM; i++) {
		if (strcmp(volumes->v[i].type, type) != 0)
			continue;
		result = (struct result){};
		try_volume(node, &volumes->v[i], &result);
		if (i == first || is_worse(result.status, worst.status))
			worst = result;
	}
	*rows_add(node->rows, "idmap", type) = worst;
}

static bool is_first_of_type(const struct volumes *volumes, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!strcmp(volumes->v[i].type, volumes->v[at].type))
			return false;
	return strcmp(volumes->v[at].type, "tmpfs") != 0; /* it has its row */
}

static void say_volumes(const struct node *node, const struct volumes *volumes, int err)
{
	struct result *result = rows_add(node->rows, "volumes", NULL);
	char dir[200];

	escape(dir, sizeof(dir), node->kubelet_dir, strlen(node->kubelet_dir));
	if (err) {
		result_set(result, STATUS_UNKNOWN, "cannot read /proc/self/mountinfo",
			   "mount /proc");
		return;
	}
	snprintf(result->detail, sizeof(result->detail),
		 "%zu mounts of volumes, in %s and %zu mount namespaces of pods", volumes->mounts,
		 dir, volumes->namespaces);
	if (!volumes->has_kubelet) {
		result->status = STATUS_UNKNOWN;
		snprintf(result->todo, sizeof(result->todo),
			 "there is no %s, so it is unknown which file systems volumes are on: give "
			 "--kubelet-dir or --root",
			 dir);
	} else if (volumes->is_cut) {
		result->status = STATUS_UNKNOWN;
		snprintf(result->todo, sizeof(result->todo), "more than are looked at");
	}
}

static void check_volumes(struct node *node, const char *name)
{
	struct volumes *volumes = xcalloc(1, sizeof(*volumes));
	int err = volumes_find(node->options->root, node->kubelet_dir, volumes);

	(void)name;
	say_volumes(node, volumes, err);
	check_tmpfs(node);
	for (size_t i = 0; i < volumes->n; i++)
		if (is_first_of_type(volumes, i))
			check_type(node, volumes, i);
	volumes_free(volumes);
}

static void check_overlay(struct node *node, const char *name)
{
	struct result *result = rows_add(node->rows, name, NULL);
	struct idmap_step step = node->userns_step;
	int err = node->userns < 0 ? node->userns : idmap_try_overlay(node->userns, &step);

	if (!err) {
		result_set(result, STATUS_OK,
			   "an overlay above an idmapped layer has the pod's IDs", "");
	} else if (err != -EPERM && err != -EACCES &&
		   (!strcmp(step.text, "mount overlay") || !strcmp(step.text, "owner"))) {
		result->status = STATUS_PROBLEM;
		snprintf(result->detail, sizeof(result->detail),
			 "no overlay above an idmapped layer (%s: %s)", step.text, strerror(-err));
		snprintf(
			result->todo, sizeof(result->todo),
			"images are unpacked for each pod anew, or not at all: needs Linux 5.19 or "
			"later, and the module overlay");
	} else {
		not_tried(result, err, &step);
	}
}

/* Where a number comes from. */
static const char *whose(uint64_t given, uint64_t configured)
{
	return given ? "given" : configured ? "as configured" : "the default";
}

/* Which file that is, and how it was found. */
static void say_config(const struct places *places, char *out, size_t size)
{
	char path[200], list[300];
	size_t at = 0;

	*out = '\0';
	if (places->state == PLACES_NONE) {
		snprintf(out, size, "the kubelet has no configuration file, only arguments");
		return;
	}
	if (places->state == PLACES_MISSING) {
		snprintf(out, size, "there is no %s",
			 places_list(places, NSV_PLACE_CONFIG, list, sizeof(list)));
		return;
	}
	for (size_t i = 0; i < places->n && at < size; i++)
		if (places->v[i].kind == NSV_PLACE_CONFIG)
			at += (size_t)snprintf(out + at, size - at, "%s%s (%s)", at ? " and " : "",
					       escape(path, sizeof(path), places->v[i].path,
						      strlen(places->v[i].path)),
					       place_how_name(places->v[i].how));
}

static void say_numbers(struct node *node, struct result *result)
{
	const struct kubelet_config *config = &node->places.config;
	const struct subid_needs *given = &node->options->needs;
	char which[160], driver[40];

	say_config(&node->places, which, sizeof(which));
	escape(driver, sizeof(driver), config->cgroup_driver, strlen(config->cgroup_driver));
	snprintf(result->detail, sizeof(result->detail),
		 "%s: maxPods is %" PRIu64 " (%s), idsPerPod %" PRIu64 " (%s)%s%s", which,
		 node->needs.max_pods, whose(given->max_pods, config->max_pods),
		 node->needs.ids_per_pod, whose(given->ids_per_pod, config->ids_per_pod),
		 *driver ? ", cgroupDriver " : "", driver);
}

/* Whether what the kubelet goes by was seen, or is given. */
static bool is_known(const struct node *node)
{
	const struct subid_needs *given = &node->options->needs;

	return (given->max_pods && given->ids_per_pod) || node->places.state == PLACES_READ ||
	       node->places.state == PLACES_NONE;
}

static void judge_config(struct node *node, struct result *result)
{
	const struct places *places = &node->places;
	char path[200];

	if (node->needs.ids_per_pod % ID_BLOCK) {
		result->status = STATUS_PROBLEM;
		snprintf(
			result->todo, sizeof(result->todo),
			"the kubelet will not start: set userNamespaces.idsPerPod to a multiple of "
			"%d",
			ID_BLOCK);
		node->needs.ids_per_pod = KUBELET_IDS_PER_POD;
	} else if (places->state == PLACES_WRONG) {
		escape(path, sizeof(path), places->which, strlen(places->which));
		result->status = STATUS_UNKNOWN;
		snprintf(result->detail, sizeof(result->detail), "cannot use %s: %.150s", path,
			 places->problem.text);
		snprintf(result->todo, sizeof(result->todo),
			 "run as root, or give --kubelet-config, or --max-pods and --ids-per-pod");
	} else if (!is_known(node)) {
		result->status = STATUS_UNKNOWN;
		snprintf(
			result->todo, sizeof(result->todo),
			"the kubelet's settings are unknown: give --kubelet-config, or --max-pods and "
			"--ids-per-pod");
	} else if (*places->other && places->process.program == KUBELET_NONE &&
		   !node->options->given.kubelet_config) {
		escape(path, sizeof(path), places->other, strlen(places->other));
		result->status = STATUS_UNKNOWN;
		snprintf(result->todo, sizeof(result->todo),
			 "%s exists, too, and no running kubelet shows which one it uses: give "
			 "--kubelet-config",
			 path);
	}
}

/* The first: others go by it. */
static void check_kubelet(struct node *node, const char *name)
{
	const struct subid_needs *given = &node->options->needs;
	struct result *result = rows_add(node->rows, name, NULL);
	const struct kubelet_config *config = &node->places.config;

	node->needs.max_pods = given->max_pods ?: config->max_pods ?: KUBELET_MAX_PODS;
	node->needs.ids_per_pod = given->ids_per_pod ?: config->ids_per_pod ?: KUBELET_IDS_PER_POD;
	say_numbers(node, result);
	judge_config(node, result);
	node->needs.assumed = result->status == STATUS_UNKNOWN;
}

static void check_files(struct node *node, const char *name)
{
	(void)name;
	whereabouts_check(node->root, &node->places, node->rows);
}

static const struct check checks[] = {
	{"kubelet", check_kubelet},	   {"files", check_files},
	{"user namespaces", check_userns}, {"volumes", check_volumes},
	{"overlay", check_overlay},	   {"runtime", check_runtimes},
	{"processes", check_processes},	   {"subordinate IDs", check_subids},
};

void node_check(const struct node_options *options, struct rows *rows)
{
	struct node node = {.options = options, .rows = rows};

	node.root = open(options->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	places_init(&node.places);
	places_find(&node.places, node.root, &options->given);
	node.kubelet_dir = whereabouts_path(node.root, &node.places, NSV_PLACE_KUBELET);
	node.userns = idmap_userns(&node.userns_step);
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		checks[i].check(&node, checks[i].name);
	cleanup_fd(&node.userns);
	cleanup_fd(&node.root);
	places_free(&node.places);
}
