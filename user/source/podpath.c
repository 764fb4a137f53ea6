// SPDX-License-Identifier: BSD-2-Clause
#include "source/podpath.h"

#include <string.h>

#define UUID_LEN 36
#define HASH_LEN 32
#define CONTAINER_DIGITS 64

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_hex_run(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_hex(text[i]))
			return false;
	return true;
}

/* text[0, n) as a uid. */
static bool parse_uid(const char *text, size_t n, char uid[NSV_POD_UID_LEN])
{
	char out[NSV_POD_UID_LEN] = "";

	if (n != UUID_LEN && n != HASH_LEN)
		return false;
	if (n == HASH_LEN && !is_hex_run(text, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		bool dash = n == UUID_LEN && (i == 8 || i == 13 || i == 18 || i == 23);

		if (dash ? text[i] != text[8] || (text[i] != '-' && text[i] != '_') :
			   !is_hex(text[i]))
			return false;
		out[i] = dash ? '-' : text[i];
	}
	memcpy(uid, out, sizeof(out));
	return true;
}

bool podpath_uid(const char *text, char uid[NSV_POD_UID_LEN])
{
	return parse_uid(text, strlen(text), uid);
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* text[0, n), as somebody called it. */
static bool parse_name(const char *text, size_t n, char uid[NSV_POD_UID_LEN])
{
	char out[NSV_POD_UID_LEN] = "";

	if (!n || n >= sizeof(out) || !is_alnum(text[0]))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_alnum(text[i]) && text[i] != '-' && text[i] != '_')
			return false;
		out[i] = text[i];
		if (out[i] == '_')
			out[i] = '-';
	}
	memcpy(uid, out, sizeof(out));
	return true;
}

bool podpath_any_uid(const char *text, char uid[NSV_POD_UID_LEN])
{
	return podpath_uid(text, uid) || parse_name(text, strlen(text), uid);
}

static size_t without_suffix(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n > m && !strcmp(text + n - m, suffix) ? n - m : n;
}

bool podpath_pod(const char *component, char uid[NSV_POD_UID_LEN])
{
	static const size_t lengths[] = {UUID_LEN, HASH_LEN};
	size_t n = without_suffix(component, ".slice");
	bool slice = component[n];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		const char *pod;

		if (n < lengths[i] + 3)
			continue;
		pod = component + n - lengths[i] - 3;
		if (memcmp(pod, "pod", 3))
			continue;
		/* systemd's slices are named after their parents: "a-b-podX.slice". */
		if (pod != component && !(slice && pod[-1] == '-'))
			continue;
		if (parse_uid(pod + 3, lengths[i], uid))
			return true;
	}
	return false;
}

/* Above pods: the root of all, and the classes that are below it. */
static bool is_above_pods(const char *text, size_t n)
{
	static const char *const names[] = {"kubepods", "burstable", "besteffort"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (n == strlen(names[i]) && !memcmp(text, names[i], n))
			return true;
	return false;
}

bool podpath_named_pod(const char *parent, const char *component, char uid[NSV_POD_UID_LEN])
{
	const size_t n = without_suffix(component, ".slice");
	size_t from = n, above;

	if (!component[n])
		return is_above_pods(parent, strlen(parent)) && !strncmp(component, "pod", 3) &&
		       parse_name(component + 3, n - 3, uid);
	/* "a-kubepods-burstable-podX.slice" */
	while (from && component[from - 1] != '-')
		from--;
	if (!from || n - from <= 3 || memcmp(component + from, "pod", 3) != 0)
		return false;
	for (above = from - 1; above && component[above - 1] != '-';)
		above--;
	return is_above_pods(component + above, from - 1 - above) &&
	       parse_name(component + from + 3, n - from - 3, uid);
}

bool podpath_in_pod(char *path, char uid[NSV_POD_UID_LEN])
{
	const char *above = "";
	char *state = NULL;

	for (char *part = strtok_r(path, "/\n", &state); part;
	     part = strtok_r(NULL, "/\n", &state)) {
		if (podpath_pod(part, uid) || podpath_named_pod(above, part, uid))
			return true;
		above = part;
	}
	return false;
}

enum nsv_cgroup_kind podpath_container(const char *component, char id[NSV_CONTAINER_LEN])
{
	static const char monitor[] = "crio-conmon-";
	size_t n = without_suffix(component, ".scope");
	const char *digits = component;

	if (n >= CONTAINER_DIGITS &&
	    is_hex_run(component + n - CONTAINER_DIGITS, CONTAINER_DIGITS)) {
		digits = component + n - CONTAINER_DIGITS;
		n = CONTAINER_DIGITS;
	}
	memset(id, 0, NSV_CONTAINER_LEN);
	memcpy(id, digits, n < NSV_CONTAINER_LEN ? n : NSV_CONTAINER_LEN - 1);
	return strncmp(component, monitor, sizeof(monitor) - 1) ? NSV_CGROUP_CONTAINER :
								  NSV_CGROUP_MONITOR;
}

enum nsv_cgroup_kind podpath_astray(const char *component, char uid[NSV_POD_UID_LEN],
				    char id[NSV_CONTAINER_LEN])
{
	static const char monitor[] = ":crio-conmon:";
	size_t n = strcspn(component, ":");
	char slice[NSV_NAME_LEN];

	if (!component[n] || n >= sizeof(slice))
		return 0;
	memcpy(slice, component, n);
	slice[n] = '\0';
	if (!podpath_pod(slice, uid))
		return 0;
	podpath_container(strrchr(component, ':') + 1, id);
	return strncmp(component + n, monitor, sizeof(monitor) - 1) ? NSV_CGROUP_CONTAINER :
								      NSV_CGROUP_MONITOR;
}

bool podpath_is_astray(const char *component)
{
	char uid[NSV_POD_UID_LEN], id[NSV_CONTAINER_LEN];

	return podpath_astray(component, uid, id);
}
