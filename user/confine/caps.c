// SPDX-License-Identifier: BSD-2-Clause
#include "confine/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SETS _LINUX_CAPABILITY_U32S_3

/* That a later exec gives none back: takes CAP_SETPCAP, and more than one reason forbids an exec anyway. */
static void drop_bounding(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

int caps_drop(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[SETS] = {};
	__u32 kept;

	if (syscall(SYS_capget, &header, sets))
		return -errno;
	kept = sets[0].permitted & 1U << CAP_DAC_READ_SEARCH;
	drop_bounding();
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (int i = 0; i < SETS; i++)
		sets[i] = (struct __user_cap_data_struct){};
	sets[0].permitted = sets[0].effective = kept;
	return syscall(SYS_capset, &header, sets) ? -errno : 0;
}
