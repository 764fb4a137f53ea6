/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that can be set: one table of options, from which the command line, --help, and the keys of
 * the configuration file follow. To add an option, add a field to struct options and a row to the
 * table in options.c.
 */
#ifndef NSVIGIL_CONFIG_OPTIONS_H
#define NSVIGIL_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <nsvigil/event.h>

#include "config/when.h"
#include "confine/confine.h"
#include "engine/engine.h"
#include "lib/problem.h"
#include "sink/collector.h"
#include "source/bpf/hooktable.h"

/* Which commands have an option. */
enum command_bit {
	IN_SCAN = 1 << 0,
	IN_WATCH = 1 << 1,
	IN_RECORD = 1 << 2,
	IN_REPLAY = 1 << 3,
	IN_SHOW = 1 << 4,
	IN_IMPORT = 1 << 5,
	IN_DOCTOR = 1 << 6,
	IN_CHECK_CONFIG = 1 << 7,
	IN_HEALTH = 1 << 8,
	IN_HELP = 1 << 9,
	IN_REPORT = 1 << 10,
	IN_EXPLAIN = 1 << 11,
};

/* Those that look at the node read the configuration file; what captures say needs none. */
#define IN_CONFIG (IN_SCAN | IN_WATCH | IN_RECORD | IN_DOCTOR)

/* What is given for one option, in order. */
struct texts {
	char **v;
	size_t n, cap;
	bool given; /* an empty list can be, too */
};

#define OPTIONS_MAX 96

/* Of --heartbeat: it depends on whether there is a collector. */
#define HEARTBEAT_NOT_GIVEN UINT64_MAX

enum output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_JSON, OUTPUT_YAML, OUTPUT_CSV };

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Of scan --fail-on: beside enum severity, that nothing found is a failure. */
#define FAIL_NEVER (SEVERITY_CRITICAL + 1)
enum report_output {
	REPORT_TABLE,
	REPORT_CSV,
	REPORT_HTML,
	REPORT_OPENREPORTS,
	REPORT_JUNIT,
};

/* An address to listen at. */
struct listen_address {
	struct sockaddr_storage addr;
	socklen_t len; /* 0: nowhere */
};

struct text_list {
	const char **v;
	size_t n, cap;
};

struct allow_list {
	struct nsv_allow *v;
	size_t n, cap;
};

/* Where records go. */
struct log_list {
	bool local;
	struct collector_address *v;
	size_t n;
};

struct entry_list {
	struct nsv_policy_entry *v;
	size_t n, cap;
};

/* The values. Texts belong to `texts`. */
struct options {
	/* of looks */
	bool debug;
	uint64_t policy; /* enum nsv_policy_default */
	struct entry_list entries;
	uint64_t min_host_id;
	uint64_t node_pid;
	const char *root;
	/* of the node's files; NULL: where the node itself says */
	const char *kubelet_dir, *pod_logs_dir, *kubelet_config, *manifests_dir;
	const char *node_name;	   /* NULL: the host's */
	struct text_list runtimes; /* likewise; none: the usual ones */

	/* of scan */
	const char *namespace; /* NULL: all */
	bool all_namespaces;   /* whatever `namespace` is */
	uint64_t only;	       /* 0: any; else an enum verdict and 1 */
	uint64_t fail_on;      /* enum severity, or FAIL_NEVER */
	bool require_isolated;
	uint64_t again_s; /* scan again after so many seconds; 0: once */

	/* of watch and record */
	struct hooks_forced hooks; /* also of doctor */
	struct allow_list allowed;
	uint64_t attest_s;
	const char *capture_dir; /* NULL: none */
	uint64_t capture_files;
	uint64_t capture_bytes;
	bool full;
	struct listen_address metrics;
	uint64_t confine;	   /* enum confine_mode */
	const char *health_socket; /* NULL: none */
	uint64_t heartbeat_s;
	const char *state_file; /* NULL: none */
	struct log_list syslog;
	const char *syslog_ca, *syslog_cert, *syslog_key; /* files; NULL: none */
	const char *syslog_hostname;			  /* NULL: this machine's */
	uint64_t syslog_enterprise;
	uint64_t syslog_facility; /* its number */
	uint64_t syslog_repeat_s;
	uint64_t syslog_resend;

	/* of replay and show */
	const char *explain; /* the id of a finding; NULL: none */
	uint64_t types;	     /* bit k: of enum nsv_type; 0: all */
	bool keyframes;
	const char *pod, *rule;
	struct when since, until;
	bool state, only_types, only_rules;
	uint64_t task; /* 0: all */

	/* of doctor --node */
	bool node;
	uint64_t max_pods, ids_per_pod; /* 0: as the kubelet's configuration says */

	/* of report */
	uint64_t report_output; /* enum report_output */

	/* of health */
	bool only_ready;

	uint64_t output;      /* enum output */
	uint64_t color;	      /* enum color_mode */
	const char *rule_url; /* where the rules' pages are; NULL: where they are installed */
	const char *config;   /* the file; NULL: CONFIG_PATH, if it is there */
	bool has_file;	      /* it is */

	const struct texts *line; /* what the command line gives: of each option */
	char *const *args;	  /* what is no option */
	size_t n_args;

	struct texts texts[OPTIONS_MAX]; /* what holds of each, given or by default */
};

struct option_row {
	const char *name; /* on the command line, and in the file */
	char letter;	  /* on the command line; 0: none */
	unsigned commands;
	const char *arg; /* what its value is called; NULL: a flag, true or false */
	const char *help;
	const char *standard; /* its value if none is given; NULL: none */
	bool list;	      /* may be given again, and is a list in the file */
	const char *alone;    /* what it means without a value; NULL: it must have one */
	bool reloads;	      /* watch takes a new value from the file while it runs */

	/* Takes one value, which outlives *to. Returns 0, or -EINVAL with a problem that follows the option's name. */
	int (*set)(const struct option_row *option, struct options *to, const char *text,
		   struct problem *problem);
	/* for it */
	size_t at; /* offset in struct options; of two with the same, each is another name of the other */
	uint64_t min, max;
	const char *const *names; /* values by number, from `min`; ends with NULL */
};

/* NULL past the last one. */
const struct option_row *option_at(size_t i);
/* Whether it has a key in the configuration file. */
bool option_has_key(const struct option_row *option);

/* One value more of a list, or another one than before. */
void option_give(const struct option_row *option, struct texts *texts, const char *text);
/* A flag is false; of any other there is none. */
void option_take_back(const struct option_row *option, struct texts *texts);
void texts_free(struct texts texts[OPTIONS_MAX]);

/* Which file is given, or NULL. */
const char *options_config(const struct texts line[OPTIONS_MAX]);

/*
 * The options of which each has what `line` gives, else what `file` gives, else its standard. Returns 0, or -EINVAL with a problem and the option that it is about; *out is to
 * be freed either way.
 */
int options_make(const struct texts line[OPTIONS_MAX], const struct texts file[OPTIONS_MAX],
		 struct options *out, const struct option_row **wrong, struct problem *problem);
/* The name of one that is another one now and does not reload, after `i`; *i is behind it. Or NULL. */
const char *options_next_stale(const struct options *old, const struct options *new, size_t *i);
void options_free(struct options *options);

#endif
