// SPDX-License-Identifier: BSD-2-Clause
/*
 * podlab: pods in miniature, made with the kernel's own primitives in the kubelet's cgroup
 * layout, so that nsvigil can be tried without a cluster.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guardian.h"
#include "play.h"
#include "scenarios.h"
#include "util.h"
#include "verify.h"
#include "workload.h"

static int usage(void)
{
	fputs("usage: podlab list\n"
	      "       podlab play SCENARIO...|all|good|bad\n"
	      "       podlab verify [--policy observe|require|ignore] SCENARIO...|all|good|bad\n"
	      "play makes the pods, prints \"ready\", and removes them when standard input ends\n"
	      "or at SIGINT or SIGTERM. verify compares a scan's JSON, on standard input, with\n"
	      "what it has to say of them.\n",
	      stderr);
	return EXIT_USAGE;
}

static int list(void)
{
	size_t i;

	for (i = 0; i < n_scenarios; i++)
		printf("%-20s %s\n", scenarios[i].name, scenarios[i].what);
	return EXIT_SUCCESS;
}

static bool select_group(struct selection *selection, const char *name)
{
	const bool all = !strcmp(name, "all");
	const bool good = all || !strcmp(name, "good");
	const bool bad = all || !strcmp(name, "bad");
	size_t i;

	for (i = 0; i < n_scenarios; i++)
		selection->chosen[i] |= !scenarios[i].apart && (scenarios[i].bad ? bad : good);
	selection->all |= all;
	return good || bad;
}

/* Returns 0 or EXIT_USAGE. */
static int select_names(struct selection *selection, char **names)
{
	const struct scenario *scenario;

	if (!*names)
		return usage();
	for (; *names; names++) {
		if (select_group(selection, *names))
			continue;
		scenario = scenario_find(*names);
		if (!scenario) {
			complain("no scenario is called %s", *names);
			return EXIT_USAGE;
		}
		selection->chosen[scenario - scenarios] = true;
	}
	return 0;
}

static int play_command(struct selection *selection, char **names)
{
	const int code = select_names(selection, names);

	return code ? code : play(selection);
}

static int verify_command(struct selection *selection, int argc, char **argv)
{
	static const struct option options[] = {
		{"policy", required_argument, NULL, 'p'},
		{},
	};
	const char *policy = "observe";
	int option, code;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'p')
			return usage();
		policy = optarg;
	}
	if (strcmp(policy, "observe") && strcmp(policy, "require") && strcmp(policy, "ignore"))
		return usage();
	code = select_names(selection, argv + optind);
	return code ? code : verify(selection, policy);
}

static bool is_workload(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return !strcmp(slash ? slash + 1 : argv0, WORKLOAD_NAME);
}

int main(int argc, char **argv)
{
	struct selection selection = {};
	int code;

	if (argc && is_workload(argv[0]))
		return workload_main(argc, argv);
	if (argc < 2)
		return usage();
	selection.chosen = calloc(n_scenarios, sizeof(*selection.chosen));
	if (!selection.chosen) {
		fail("calloc()");
		return EXIT_FAILURE;
	}
	if (!strcmp(argv[1], "list"))
		code = list();
	else if (!strcmp(argv[1], "play"))
		code = play_command(&selection, argv + 2);
	else if (!strcmp(argv[1], "verify"))
		code = verify_command(&selection, argc - 1, argv + 1);
	else
		code = usage();
	free(selection.chosen);
	return code;
}
