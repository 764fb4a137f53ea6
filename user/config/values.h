/* SPDX-License-Identifier: BSD-2-Clause */
/* What options take, from text: struct option_row.set. */
#ifndef NSVIGIL_CONFIG_VALUES_H
#define NSVIGIL_CONFIG_VALUES_H

#include "config/options.h"

/* As enum nsv_policy_default has them, from NSV_POLICY_REQUIRE on; NULL ends them. */
extern const char *const policy_names[];

/* A flag, "true" or "false". */
int value_flag(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem);
/* A whole number between option->min and option->max. */
int value_number(const struct option_row *option, struct options *to, const char *text,
		 struct problem *problem);
/* How long, in seconds, between option->min and option->max: "90", "30s", "1h". */
int value_duration(const struct option_row *option, struct options *to, const char *text,
		   struct problem *problem);
/* A flag that stands for one value of --output. */
int value_json(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem);
/* One of option->names. */
int value_name(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem);
int value_text(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem);
/* What can be a name of a host in syslog messages. */
int value_hostname(const struct option_row *option, struct options *to, const char *text,
		   struct problem *problem);
/* An absolute path. */
int value_path(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem);
/* The path of a UNIX socket. */
int value_socket(const struct option_row *option, struct options *to, const char *text,
		 struct problem *problem);
/* One path more of a struct text_list. */
int value_paths(const struct option_row *option, struct options *to, const char *text,
		struct problem *problem);
/* A number up to 1024, and K, M, G or T; in bytes. */
int value_size(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem);
/* A struct when. */
int value_when(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem);
/* A struct listen_address: [ADDR:]PORT. */
int value_listen(const struct option_row *option, struct options *to, const char *text,
		 struct problem *problem);
/* The name of a rule. */
int value_rule(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem);
/* Types of events, by name, with commas between. */
int value_types(const struct option_row *option, struct options *to, const char *text,
		struct problem *problem);
/* EVENT=ALTERNATIVE, of the hook table. */
int value_hooks(const struct option_row *option, struct options *to, const char *text,
		struct problem *problem);
/* NAMESPACE/NAME[=KIND,...]: who may join namespaces. */
int value_allow(const struct option_row *option, struct options *to, const char *text,
		struct problem *problem);
/* "local", or the URL of a collector. */
int value_log(const struct option_row *option, struct options *to, const char *text,
	      struct problem *problem);

/* NAMESPACE/NAME=POLICY */
int value_pod_policy(const struct option_row *option, struct options *to, const char *text,
		     struct problem *problem);
/* [NAMESPACE/NAME:]RULE=SEVERITY */
int value_severity(const struct option_row *option, struct options *to, const char *text,
		   struct problem *problem);

#endif
