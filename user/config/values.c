// SPDX-License-Identifier: BSD-2-Clause
#include "config/values.h"

#include <errno.h>
#include <event2/util.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/layout.h"
#include "config/when.h"
#include "engine/engine.h"
#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "lib/escape.h"
#include "lib/nearest.h"
#include "sink/probe.h"
#include "sink/syslog_message.h"

const char *const policy_names[] = {"require", "observe", "ignore", NULL};

/* "takes WHAT, not 'TEXT'" */
static int wrong(struct problem *problem, const char *text, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int wrong(struct problem *problem, const char *text, const char *format, ...)
{
	char what[256], shown[ESCAPED_SIZE(48)];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return problem_set(problem, -EINVAL, "takes %s, not '%s'", what,
			   escape(shown, sizeof(shown), text, strlen(text)));
}

static void *at(const struct option_row *option, struct options *to)
{
	return (char *)to + option->at;
}

int value_flag(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem)
{
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return wrong(problem, text, "true or false");
	*(bool *)at(option, to) = *text == 't';
	return 0;
}

int value_number(const struct option_row *option, struct options *to, const char *text,
		 struct problem *problem)
{
	unsigned long value;

	errno = 0;
	value = strtoul(text, NULL, 10);
	if (errno || !*text || text[strspn(text, "0123456789")] || value < option->min ||
	    value > option->max)
		return wrong(problem, text, "a number from %" PRIu64 " to %" PRIu64, option->min,
			     option->max);
	*(uint64_t *)at(option, to) = value;
	return 0;
}

int value_duration(const struct option_row *option, struct options *to, const char *text,
		   struct problem *problem)
{
	uint64_t seconds;

	if (!duration_parse(text, &seconds) || seconds < option->min || seconds > option->max)
		return wrong(problem, text,
			     "a duration from %" PRIu64 " to %" PRIu64
			     " seconds, such as 90, 30s, 5m, 1h or 1d",
			     option->min, option->max);
	*(uint64_t *)at(option, to) = seconds;
	return 0;
}

/* Another name of one value of --output. */
int value_json(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem)
{
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return wrong(problem, text, "true or false");
	if (*text == 't')
		*(uint64_t *)at(option, to) = OUTPUT_JSON;
	return 0;
}

/* As people read lists: "a, b or c". */
static void add_name(char *list, size_t size, const char *name, bool last)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", !len ? "" : last ? " or " : ", ", name);
}

int value_name(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem)
{
	char all[256] = "";

	for (size_t i = 0; option->names[i]; i++) {
		if (!strcmp(option->names[i], text)) {
			*(uint64_t *)at(option, to) = option->min + i;
			return 0;
		}
		add_name(all, sizeof(all), option->names[i], !option->names[i + 1]);
	}
	return wrong(problem, text, "%s", all);
}

/* All addresses, of both kinds where this node has both. */
static const char *any_address(void)
{
	AUTO_FD fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? "0.0.0.0" : "[::]";
}

int value_text(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem)
{
	if (!*text)
		return problem_set(problem, -EINVAL, "takes a text that is not empty");
	*(const char **)at(option, to) = text;
	return 0;
}

int value_hostname(const struct option_row *option, struct options *to, const char *text,
		   struct problem *problem)
{
	return syslog_is_hostname(text) ?
		       value_text(option, to, text, problem) :
		       wrong(problem, text, "a name of up to 255 characters, without spaces");
}

static bool is_path(const char *text)
{
	return *text == '/' && strlen(text) <= PATH_MAX / 4;
}

int value_path(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem)
{
	return is_path(text) ? value_text(option, to, text, problem) :
			       wrong(problem, text, "an absolute path");
}

int value_socket(const struct option_row *option, struct options *to, const char *text,
		 struct problem *problem)
{
	return *text == '/' && strlen(text) < PROBE_PATH_MAX ?
		       value_text(option, to, text, problem) :
		       wrong(problem, text, "an absolute path of up to %zu characters",
			     PROBE_PATH_MAX - 1);
}

int value_paths(const struct option_row *option, struct options *to, const char *text,
		struct problem *problem)
{
	struct text_list *list = at(option, to);

	if (!is_path(text))
		return wrong(problem, text, "an absolute path");
	xgrow(list->v, list->n, &list->cap);
	list->v[list->n++] = text;
	return 0;
}

/* Small ones are for tests: a file begins with all that is known. */
int value_size(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem)
{
	static const char units[] = "KMGT";
	char *end;
	uint64_t size = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (!unit || end[1] || *text < '0' || *text > '9' || !size || size > 1024)
		return wrong(problem, text, "a number up to 1024 and K, M, G or T");
	*(uint64_t *)at(option, to) = size << 10 * (unit - units + 1);
	return 0;
}

int value_when(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem)
{
	if (!when_parse(text, at(option, to)))
		return wrong(problem, text,
			     "a time in UTC, such as 2026-01-31T12:00:00Z, or nanoseconds since "
			     "boot");
	return 0;
}

int value_listen(const struct option_row *option, struct options *to, const char *text,
		 struct problem *problem)
{
	struct listen_address out = {.len = sizeof(out.addr)};
	const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
	const int host_len = colon ? (int)(colon - text) : 0;
	int len = (int)sizeof(out.addr);
	char full[64];

	/*
	 * A port alone is this machine's. IPv4 may be in brackets, too: who fills in an address need
	 * not know of which kind it is.
	 */
	if (host_len > 2 && *text == '[' && colon[-1] == ']' &&
	    !memchr(text, ':', (size_t)host_len))
		snprintf(full, sizeof(full), "%.*s:%s", host_len - 2, text + 1, port);
	else
		snprintf(full, sizeof(full), "%s%s",
			 !colon	       ? "127.0.0.1:" :
			 colon == text ? any_address() :
					 "",
			 text);
	if (strlen(text) > 50 || !*port || port[strspn(port, "0123456789")] ||
	    evutil_parse_sockaddr_port(full, (struct sockaddr *)&out.addr, &len) ||
	    !((const struct sockaddr_in *)&out.addr)->sin_port)
		return wrong(problem, text,
			     "[ADDR:]PORT, such as 9464, 10.0.0.1:9464 or [::]:9464");
	out.len = (socklen_t)len;
	*(struct listen_address *)at(option, to) = out;
	return 0;
}

static bool is_rule(const char *name)
{
	return engine_find_rule(name, strlen(name)) != NO_RULE;
}

int value_rule(const struct option_row *option, struct options *to, const char *text,
	       struct problem *problem)
{
	struct nearest nearest = {.text = text};
	const struct rule_info *rule;

	if (is_rule(text))
		return value_text(option, to, text, problem);
	for (size_t i = 0; (rule = engine_rule(i)); i++)
		nearest_try(&nearest, rule->name);
	wrong(problem, text, "the name of a rule (see nsvigil-rules(7))");
	if (nearest.best)
		problem_add(problem, "; did you mean '%s'?", nearest.best);
	return -EINVAL;
}

int value_types(const struct option_row *option, struct options *to, const char *text,
		struct problem *problem)
{
	uint64_t types = 0;
	char name[64];

	for (;; text++) {
		size_t len = strcspn(text, ",");
		const struct layout *layout;

		snprintf(name, sizeof(name), "%.*s", (int)len, text);
		layout = layout_by_name(name);
		if (!layout)
			return wrong(problem, name, "types of events (see nsvigil show --types)");
		types |= UINT64_C(1) << layout->type;
		text += len;
		if (!*text)
			break;
	}
	*(uint64_t *)at(option, to) |= types;
	return 0;
}

/* ---- who may join namespaces ---- */

static unsigned parse_kind(const char *text, size_t len)
{
	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		const char *name = ns_kind_name((enum nsv_ns_kind)kind);

		if (strlen(name) == len && !memcmp(name, text, len))
			return 1U << kind;
	}
	return 0;
}

/* 0: they are no kinds. */
static unsigned parse_kinds(const char *text)
{
	unsigned kinds = 0, kind;

	for (;; text++) {
		size_t len = strcspn(text, ",");

		kind = parse_kind(text, len);
		kinds |= kind;
		text += len;
		if (!kind || !*text)
			return kind ? kinds : 0;
	}
}

static bool copy(char *to, size_t size, const char *from, size_t len)
{
	if (!len || len >= size)
		return false;
	memcpy(to, from, len);
	return true;
}

int value_allow(const struct option_row *option, struct options *to, const char *text,
		struct problem *problem)
{
	struct allow_list *list = at(option, to);
	size_t namespace = strcspn(text, "/=");
	const char *name = text + namespace + 1;
	struct nsv_allow allow = {.kinds = (1U << NSV_NS_KINDS) - 2};
	size_t len = text[namespace] == '/' ? strcspn(name, "=") : 0;

	if (len && name[len])
		allow.kinds = parse_kinds(name + len + 1);
	if (!allow.kinds || !copy(allow.namespace, sizeof(allow.namespace), text, namespace) ||
	    !copy(allow.name, sizeof(allow.name), name, len))
		return wrong(problem, text,
			     "NAMESPACE/NAME[=KIND,...] with mnt, pid, net, ipc, uts, cgroup or "
			     "time for KIND");
	xgrow(list->v, list->n, &list->cap);
	list->v[list->n++] = allow;
	return 0;
}

int value_log(const struct option_row *option, struct options *to, const char *text,
	      struct problem *problem)
{
	struct log_list *list = at(option, to);
	struct collector_address address;

	if (!strcmp(text, "local")) {
		list->local = true;
		return 0;
	}
	if (collector_parse(text, &address))
		return wrong(
			problem, text,
			"local, udp://HOST[:PORT], tcp://HOST[:PORT] or tls://HOST[:PORT], the "
			"last two with or without ?framing=newline");
	list->v = xreallocarray(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = address;
	return 0;
}

/* ---- what is asked of some pods ---- */

/* "NAMESPACE/NAME" */
static bool parse_pods(const char *text, size_t len, struct nsv_policy_entry *to)
{
	const char *slash = memchr(text, '/', len);

	return slash && copy(to->namespace, sizeof(to->namespace), text, (size_t)(slash - text)) &&
	       copy(to->name, sizeof(to->name), slash + 1, len - (size_t)(slash - text) - 1);
}

/* The number of a name, counted from 1; 0: it is none of them. */
static uint32_t find_name(const char *const *names, const char *text)
{
	for (uint32_t i = 0; names[i]; i++)
		if (!strcmp(names[i], text))
			return i + 1;
	return 0;
}

static void add_entry(struct entry_list *list, const struct nsv_policy_entry *entry)
{
	xgrow(list->v, list->n, &list->cap);
	list->v[list->n++] = *entry;
}

int value_pod_policy(const struct option_row *option, struct options *to, const char *text,
		     struct problem *problem)
{
	const size_t len = strcspn(text, "=");
	struct nsv_policy_entry entry = {};

	entry.policy = text[len] ? find_name(policy_names, text + len + 1) : 0;
	if (!entry.policy || !parse_pods(text, len, &entry))
		return wrong(problem, text,
			     "NAMESPACE/NAME=POLICY with require, observe or ignore for POLICY");
	add_entry(at(option, to), &entry);
	return 0;
}

int value_severity(const struct option_row *option, struct options *to, const char *text,
		   struct problem *problem)
{
	static const char *const grades[] = {"off",   "info",	  "notice", "warning",
					     "error", "critical", NULL};
	const size_t colon = strcspn(text, ":");
	const char *rule = text[colon] ? text + colon + 1 : text;
	const size_t len = strcspn(rule, "=");
	struct nsv_policy_entry entry = {};

	entry.grade = rule[len] ? find_name(grades, rule + len + 1) : 0;
	if (!entry.grade || !copy(entry.rule, sizeof(entry.rule), rule, len) ||
	    !is_rule(entry.rule) || (text[colon] && !parse_pods(text, colon, &entry)))
		return wrong(
			problem, text,
			"[NAMESPACE/NAME:]RULE=SEVERITY with a rule of nsvigil-rules(7), and info, "
			"notice, warning, error, critical or off for SEVERITY");
	add_entry(at(option, to), &entry);
	return 0;
}

static int wrong_event(struct problem *problem, const char *text)
{
	char all[256] = "";

	for (size_t i = EVENT_CREDENTIALS; i < EVENTS; i++)
		add_name(all, sizeof(all), hook_table[i].name, i + 1 == EVENTS);
	return wrong(problem, text, "EVENT=ALTERNATIVE with %s for EVENT", all);
}

int value_hooks(const struct option_row *option, struct options *to, const char *text,
		struct problem *problem)
{
	struct hooks_forced *forced = at(option, to);
	const size_t len = strcspn(text, "=");
	size_t event = EVENT_CREDENTIALS, n;
	char all[256] = "";

	while (event < EVENTS && (strlen(hook_table[event].name) != len ||
				  strncmp(hook_table[event].name, text, len) != 0))
		event++;
	if (event == EVENTS || !text[len])
		return wrong_event(problem, text);
	n = hook_table[event].n + hook_table[event].n_requested;
	for (size_t i = 0; i < n; i++) {
		const struct hook_alternative *its = &hook_table[event].alternatives[i];
		const char *name = its->section ? its->section : "none";

		if (!strcmp(name, text + len + 1)) {
			forced->alternatives[event] = its;
			return 0;
		}
		add_name(all, sizeof(all), name, i + 1 == n);
	}
	return wrong(problem, text + len + 1, "for %s %s", hook_table[event].name, all);
}
