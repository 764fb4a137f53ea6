// SPDX-License-Identifier: BSD-2-Clause
#include "confine/confine.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "confine/calls.h"
#include "confine/caps.h"

int confine(enum confine_mode mode, struct confined_files *files, struct problem *problem)
{
	int err;

	if (mode == CONFINE_NO)
		return 0;
	/* Without it the other two take CAP_SYS_ADMIN. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return problem_set(problem, -errno, "cannot give up privileges: %s",
				   strerror(errno));
	err = caps_drop();
	if (err)
		return problem_set(problem, err,
				   "cannot give up capabilities: %s; a filter of system calls may "
				   "forbid it; --confine=no does without",
				   strerror(-err));
	err = files_confine(files);
	if (err && err != -EOPNOTSUPP)
		return problem_set(problem, err, "cannot restrict which files are read: %s",
				   strerror(-err));
	err = calls_confine(mode == CONFINE_LOG);
	return err ? problem_set(problem, err,
				 "cannot restrict system calls: %s; --confine=no does without",
				 strerror(-err)) :
		     0;
}
