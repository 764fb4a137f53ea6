// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/lsm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/escape.h"

#define SELINUX "/sys/fs/selinux"
#define CONTEXT_LEN 256

/* The first line. Returns 0 or -errno. */
static int read_line(const char *path, char *out, size_t size)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	*out = '\0';
	if (n < 0)
		return -errno;
	out[n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return 0;
}

/* ---- SELinux ---- */

int lsm_parse_access(const char *answer, uint32_t wanted)
{
	uint32_t allowed;

	if (sscanf(answer, "%x", &allowed) != 1)
		return -EINVAL;
	return (allowed & wanted) == wanted;
}

/* Those of class bpf that programs need; as a mask, for sel_write_access() of security/selinux/selinuxfs.c. */
static int find_permissions(uint32_t *out)
{
	static const char *const names[] = {"map_create", "map_read", "map_write", "prog_load",
					    "prog_run"};
	char path[128], line[32];

	*out = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int number, err;

		snprintf(path, sizeof(path), SELINUX "/class/bpf/perms/%s", names[i]);
		err = read_line(path, line, sizeof(line));
		if (err)
			return err;
		number = atoi(line);
		if (number < 1 || number > 32)
			return -EINVAL;
		*out |= UINT32_C(1) << (number - 1);
	}
	return 0;
}

/* Whether the policy lets the type use bpf(2): 1, 0, or -errno. */
static int may_use_bpf(const char *context)
{
	char number[32], question[2 * CONTEXT_LEN + 64], answer[128];
	uint32_t wanted;
	ssize_t n;
	int err = find_permissions(&wanted);
	AUTO_FD fd = open(SELINUX "/access", O_RDWR | O_CLOEXEC);

	if (!err)
		err = read_line(SELINUX "/class/bpf/index", number, sizeof(number));
	if (err || fd < 0)
		return err ?: -EACCES;
	snprintf(question, sizeof(question), "%s %s %s", context, context, number);
	if (write(fd, question, strlen(question)) < 0)
		return -errno;
	n = read(fd, answer, sizeof(answer) - 1);
	if (n < 0)
		return -errno;
	answer[n] = '\0';
	return lsm_parse_access(answer, wanted);
}

/* Whether it enforces, and of which type this process is. */
static bool is_selinux(char context[CONTEXT_LEN], bool *enforces)
{
	char line[16] = "";

	if (read_line(SELINUX "/enforce", line, sizeof(line)) ||
	    read_line("/proc/self/attr/current", context, CONTEXT_LEN))
		return false;
	*enforces = line[0] == '1';
	return true;
}

void lsm_look_selinux(struct result *result)
{
	char context[CONTEXT_LEN], shown[ESCAPED_SIZE(CONTEXT_LEN) / 4];
	bool enforces;
	int may;

	if (!is_selinux(context, &enforces)) {
		result_set(result, STATUS_OK,
			   access(SELINUX, F_OK) ? "not in this kernel, or not mounted here" :
						   "off",
			   "");
		return;
	}
	escape(shown, sizeof(shown), context, strlen(context));
	may = may_use_bpf(context);
	snprintf(result->detail, sizeof(result->detail), "%s; this is %s",
		 enforces ? "enforcing" : "permissive", shown);
	if (may == 1 || (may == 0 && !enforces))
		return;
	result->status = may ? STATUS_UNKNOWN : STATUS_PROBLEM;
	if (may)
		snprintf(
			result->todo, sizeof(result->todo),
			"could not find out whether it may use bpf(2): if it may not, see ausearch -m avc");
	else
		snprintf(result->todo, sizeof(result->todo),
			 "its policy does not let that type use bpf(2): in a pod set "
			 "seLinuxOptions.type to spc_t, or allow the type self:bpf { map_create "
			 "map_read map_write prog_load prog_run }");
}

/* ---- AppArmor ---- */

/* "PROFILE (enforce)", or "unconfined". */
static bool is_apparmor(char profile[CONTEXT_LEN])
{
	char line[16] = "";

	return !read_line("/sys/module/apparmor/parameters/enabled", line, sizeof(line)) &&
	       line[0] == 'Y' &&
	       (!read_line("/proc/self/attr/apparmor/current", profile, CONTEXT_LEN) ||
		!read_line("/proc/self/attr/current", profile, CONTEXT_LEN));
}

void lsm_look_apparmor(struct result *result)
{
	char profile[CONTEXT_LEN], shown[ESCAPED_SIZE(CONTEXT_LEN) / 4];

	if (!is_apparmor(profile)) {
		result_set(result, STATUS_OK, "off", "");
		return;
	}
	escape(shown, sizeof(shown), profile, strlen(profile));
	result_set(result, STATUS_OK, shown, "");
}

/* ---- lockdown ---- */

const char *lsm_parse_lockdown(char *text)
{
	char *mode = strchr(text, '['), *end = mode ? strchr(mode, ']') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	return mode + 1;
}

static const char *read_lockdown(char *line, size_t size, int *err)
{
	*err = read_line("/sys/kernel/security/lockdown", line, size);
	return *err ? NULL : lsm_parse_lockdown(line);
}

void lsm_look_lockdown(struct result *result)
{
	char line[128];
	int err;
	const char *mode = read_lockdown(line, sizeof(line), &err);

	if (err)
		result_set(result, STATUS_UNKNOWN, "securityfs is not mounted, or has no lockdown",
			   "");
	else if (!mode)
		result_set(result, STATUS_UNKNOWN, "cannot be parsed", "");
	else if (!strcmp(mode, "confidentiality"))
		result_set(result, STATUS_PROBLEM, "confidentiality",
			   "BPF programs may not read kernel memory; boot with lockdown=integrity");
	else
		result_set(result, STATUS_OK, mode, "");
}

/* ---- who it may be ---- */

const char *lsm_blame(int err, char *out, size_t size)
{
	char context[CONTEXT_LEN], shown[ESCAPED_SIZE(CONTEXT_LEN) / 4], line[128];
	const char *mode;
	bool enforces = false;
	int none;

	*out = '\0';
	if (err != -EPERM && err != -EACCES)
		return out;
	mode = read_lockdown(line, sizeof(line), &none);
	if (mode && !strcmp(mode, "confidentiality"))
		snprintf(out, size, " (lockdown is confidentiality)");
	else if (is_selinux(context, &enforces) && enforces && may_use_bpf(context) != 1)
		snprintf(out, size, " (SELinux enforces, and this is %s: see ausearch -m avc)",
			 escape(shown, sizeof(shown), context, strlen(context)));
	else if (is_apparmor(context) && strcmp(context, "unconfined") != 0)
		snprintf(out, size, " (AppArmor confines it by %s)",
			 escape(shown, sizeof(shown), context, strlen(context)));
	return out;
}
