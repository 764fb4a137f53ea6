/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The node's kubelet as a process: where its files are, by its own command line. It may be part of another program
 * (MicroK8s' kubelite, k3s), which has a file for it.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_KUBELETPROC_H
#define NSVIGIL_SOURCE_NODEFILES_KUBELETPROC_H

#include <stdbool.h>
#include <sys/types.h>

/* What is not said is NULL. */
struct kubelet_flags {
	char *config, *config_dir, *root_dir, *manifests, *max_pods, *node_name, *cgroup_root,
		*cgroup_driver, *runtime;
	char *args_file; /* where a kubelite has the kubelet's */
};

/* Over those that there are: the last holds. `args` is a text of `len` bytes, each argument NUL-terminated. */
void kubelet_flags_take(struct kubelet_flags *flags, const char *args, size_t len);
/* Likewise of a file with an argument a line, as MicroK8s has it. */
void kubelet_flags_take_file(struct kubelet_flags *flags, const char *text);
void kubelet_flags_free(struct kubelet_flags *flags);

enum kubelet_program { KUBELET_NONE, KUBELET_ITSELF, KUBELET_KUBELITE, KUBELET_K3S };

struct kubelet_process {
	enum kubelet_program program; /* KUBELET_NONE: none was found */
	pid_t pid;
	int dir; /* of it in proc; -1 */
};

/* Which it is, by the first argument of its command line. */
enum kubelet_program kubelet_program(const char *args);

/*
 * Finds it in the root's proc, or where that shows no process in ours: a process of the node's root, in no pod, and in
 * as many PID namespaces as the node's process. Returns true if there is one; *flags, which is to be freed, is what its command
 * line says.
 */
bool kubelet_process_find(int root, pid_t node_pid, struct kubelet_process *process,
			  struct kubelet_flags *flags);
/* Whether it is still there, and what it says now. */
bool kubelet_process_read(const struct kubelet_process *process, struct kubelet_flags *flags);
void kubelet_process_close(struct kubelet_process *process);

#endif
