// SPDX-License-Identifier: BSD-2-Clause
#include "sink/pod_text.h"

#include <string.h>

#include "lib/escape.h"

void pod_text_name(const char *uid, const char *raw_namespace, const char *raw_name, FILE *out)
{
	char namespace[ESCAPED_SIZE(NSV_NAMESPACE_LEN)], name[ESCAPED_SIZE(NSV_POD_NAME_LEN)];

	if (!uid)
		fputs("node", out);
	else if (!raw_name)
		fprintf(out, "pod %s", uid);
	else
		fprintf(out, "pod %s/%s",
			escape(namespace, sizeof(namespace), raw_namespace, NSV_NAMESPACE_LEN),
			escape(name, sizeof(name), raw_name, NSV_POD_NAME_LEN));
}

static const char *user_namespace(const char *relation)
{
	static const char *const words[][2] = {
		{"node", "the node's"},
		{"pod", "the pod's"},
		{"below", "one below"},
		{"other", "another"},
	};
	size_t i = 0;

	while (strcmp(words[i][0], relation))
		i++;
	return words[i][1];
}

static void print_check(const struct capability_view *cap, FILE *out)
{
	fprintf(out, "    %-22s %s %llu times in %s user namespace, over %s%s\n", cap->name,
		cap->granted ? "granted" : "refused", (unsigned long long)cap->count,
		user_namespace(cap->task_at), user_namespace(cap->asked_at),
		strcmp(cap->probe, "unknown") ? "" : "; perhaps only a probe");
	fprintf(out, "    %-22s first %llu, last %llu ms after boot\n", "",
		(unsigned long long)(cap->first_ns / 1000000),
		(unsigned long long)(cap->last_ns / 1000000));
}

void pod_text_checks(const struct pod_view *pod, FILE *out)
{
	bool first = true;

	for (size_t i = 0; i < pod->n_caps; i++) {
		if (!strcmp(pod->caps[i].probe, "yes"))
			continue;
		if (first) {
			fputs("capability checks of ", out);
			pod_text_name(pod->uid, pod->namespace, pod->name, out);
			fputc('\n', out);
		}
		first = false;
		print_check(&pod->caps[i], out);
	}
}
