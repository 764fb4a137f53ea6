// SPDX-License-Identifier: BSD-2-Clause
/* nsvigil explain: what a rule means. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "engine/engine.h"
#include "lib/escape.h"
#include "lib/nearest.h"
#include "sink/rulebook.h"

/* Lines of at most so many characters, for a terminal. */
#define WIDTH 79

/* One line of the text: an item hangs behind its dash. Returns the next one. */
static const char *wrap_line(const char *text)
{
	const int margin = strncmp(text, "- ", 2) ? 1 : 3;
	int at = 1;

	putchar(' ');
	while (*text && *text != '\n') {
		const int word = (int)strcspn(text, " \n");

		if (at + 1 + word > WIDTH) {
			printf("\n%*s", margin, "");
			at = margin;
		}
		at += printf(" %.*s", word, text);
		text += word + strspn(text + word, " ");
	}
	putchar('\n');
	return *text ? text + 1 : text;
}

static void wrap(const char *text)
{
	while (*text)
		text = wrap_line(text);
}

static void print_part(const char *head, const char *text)
{
	if (!text)
		return;
	printf("\n%s\n", head);
	wrap(text);
}

static void print_rule(const struct rule_info *rule)
{
	const struct rule_page *page = rule_page(rule);

	printf("%s (severity: %s)\n", rule->name, rule->severity);
	if (page->only)
		printf("Only %s sees it.\n", page->only);
	print_part("What the kernel shows", rule->what);
	print_part("In detail", page->detail);
	print_part("Why it matters", rule->why);
	print_part("What to do", rule->todo);
	print_part("What looks like it and is not", page->alike);
	print_part("MITRE ATT&CK", page->attack);
	print_part("Asked for by", page->control);
}

static int run(const struct options *opts)
{
	struct nearest nearest = {.text = opts->n_args ? opts->args[0] : ""};
	const struct rule_info *rule;
	char shown[ESCAPED_SIZE(64)];

	for (size_t i = 0; (rule = engine_rule(i)); i++) {
		if (!opts->n_args)
			printf("%-24s %s\n", rule->name, rule->what);
		else if (!strcmp(rule->name, opts->args[0]))
			break;
		nearest_try(&nearest, rule->name);
	}
	if (rule)
		print_rule(rule);
	else if (opts->n_args)
		cli_usage(&command_explain, "there is no rule '%s'%s%s%s",
			  escape(shown, sizeof(shown), opts->args[0], strnlen(opts->args[0], 64)),
			  nearest.best ? "; did you mean '" : "", nearest.best ?: "",
			  nearest.best ? "'?" : "");
	return cli_finish(&command_explain, CLI_OK);
}

const struct command command_explain = {
	.name = "explain",
	.bit = IN_EXPLAIN,
	.args = "[RULE]",
	.help = "says what a rule means and what to do when it is broken",
	.doc = "Says what the kernel shows when a rule is broken, why that matters, what to do, and what looks "
	       "like it and is not. Without RULE, it lists the rules.\v"
	       "Exit status: 0 if it printed that, 2 if the command line is wrong, 3 if it could not "
	       "write.",
	.run = run,
};
