/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files can be opened, and which ports connected to: Landlock, if the kernel has it. */
#ifndef NSVIGIL_CONFINE_FILES_H
#define NSVIGIL_CONFINE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A directory, with what is below it, or a file. */
struct confined_path {
	int fd; /* with O_PATH; the set's */
	bool writes;
	bool is_file;
};

struct confined_files {
	struct confined_path *paths;
	size_t n_paths, cap_paths;
	uint16_t *ports; /* of TCP, that can be connected to */
	size_t n_ports, cap_ports;
	bool abstract; /* a socket with an abstract name is written to */
	bool hold;     /* nothing else can be opened any more */
};

/*
 * Adds what `root` has there, to be read, or for files to be made and removed in. What is not there may come: then it is
 * the nearest directory above that is.
 */
void files_allow(struct confined_files *files, int root, const char *path, bool writes);
/* The directory that a file is in: the file may be replaced. */
void files_allow_beside(struct confined_files *files, int root, const char *path);
void files_allow_port(struct confined_files *files, uint16_t port);
void confined_files_free(struct confined_files *files);

/*
 * Restricts this thread, and those that it starts, to them; it must have no_new_privs. Returns 0, or -errno:
 * -EOPNOTSUPP if the kernel has no Landlock.
 */
int files_confine(struct confined_files *files);

#endif
