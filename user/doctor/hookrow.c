// SPDX-License-Identifier: BSD-2-Clause
#include "doctor/hookrow.h"

#include <stdio.h>

#include "engine/engine.h"

/* What is not seen at once, and the rules that need it. */
static void say_blind(const struct hook_row *hook, char *out, size_t size)
{
	const struct rule_info *rule;
	const char *before = " (";
	size_t at;

	at = (size_t)snprintf(out, size, "partly blind: %s", hook->blind);
	for (size_t i = 0; at < size && (rule = engine_rule(i)); i++) {
		if (!(rule->needs & NEEDS(hook->hook)))
			continue;
		at += (size_t)snprintf(out + at, size - at, "%s%s", before, rule->name);
		before = ", ";
	}
	if (at < size)
		snprintf(out + at, size - at, "%s", *before == ',' ? ")" : "");
}

void hookrow_add(struct rows *rows, const struct hook_row *hook)
{
	char name[64];
	struct result *result;

	snprintf(name, sizeof(name), "hook %s", hook->what);
	result = rows_add(rows, name, NULL);
	rows->v[rows->n - 1].for_watch = true;
	result->status = STATUS_OK;
	snprintf(result->detail, sizeof(result->detail), "%s%s%s%s",
		 hook->alternative ? hook->alternative : "none",
		 hook->forced ? "; forced by --hooks" : "",
		 !hook->why_not ? "" :
		 hook->silent	? "; a better one does not work: " :
				  "; a better one does not load: ",
		 hook->why_not ? hook->why_not : "");
	if (hook->blind)
		say_blind(hook, result->todo, sizeof(result->todo));
}
