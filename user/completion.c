// SPDX-License-Identifier: BSD-2-Clause
#include "completion.h"

#include <stdio.h>
#include <string.h>

#include "engine/engine.h"

/* As far as a sentence goes: what a menu has room for. */
static void print(const char *before, const char *word, const char *after, const char *help)
{
	int len = (int)strcspn(help, ";:(");

	while (len && help[len - 1] == ' ')
		len--;
	printf("%s%s%s\t%.*s\n", before, word, after, len, help);
}

static bool begins(const char *word, const char *text)
{
	return !strncmp(word, text, strlen(text));
}

static const struct option_row *find_option(const struct command *command, const char *word,
					    size_t len)
{
	const struct option_row *option;

	for (size_t i = 0; (option = option_at(i)); i++) {
		if (!(option->commands & command->bit))
			continue;
		if (len == 2 && word[0] == '-' && word[1] == option->letter)
			return option;
		if (len == strlen(option->name) + 2 && !strncmp(word, "--", 2) &&
		    !strncmp(word + 2, option->name, len - 2))
			return option;
	}
	return NULL;
}

/* Whether it is a value that the command takes of it. */
static bool takes(const struct command *command, const struct option_row *option, size_t i)
{
	return option->at != offsetof(struct options, output) || !command->outputs ||
	       command->outputs & OUTPUT_BIT(i);
}

/* That its value may be one of these says more than the first of them does. */
static void print_option(const struct command *command, const struct option_row *option)
{
	const char *after = option->arg && !option->alone ? "=" : "";

	if (!option->names || !begins(option->help, option->names[0])) {
		print("--", option->name, after, option->help);
		return;
	}
	printf("--%s%s\t%s", option->name, after, option->names[0]);
	for (size_t i = 1; option->names[i]; i++)
		if (takes(command, option, i))
			printf(", %s", option->names[i]);
	putchar('\n');
}

static void print_options(const struct command *command, const char *word)
{
	const struct option_row *option;

	for (size_t i = 0; (option = option_at(i)); i++)
		if (option->commands & command->bit && begins(option->name, word + 2))
			print_option(command, option);
	if (begins("help", word + 2))
		print("--", "help", "", "What it does, and its options");
}

static void print_rules(const char *before, const char *text)
{
	const struct rule_info *rule;

	for (size_t i = 0; (rule = engine_rule(i)); i++)
		if (begins(rule->name, text))
			print(before, rule->name, "", rule->what);
}

/* `arg`: what the value is called, in `len` characters. */
static void print_place(const char *arg, size_t len, const char *before, const char *text)
{
	if (len == 4 && begins(arg, "RULE"))
		print_rules(before, text);
	else
		printf("\t%.*s\n", (int)len, arg);
}

/* Of [RULE] or FILE... the name alone. */
static void print_arg(const char *args, const char *text)
{
	const char *name = args + (*args == '[');

	print_place(name, strcspn(name, ".]"), "", text);
}

static void print_values(const struct command *command, const struct option_row *option,
			 const char *before, const char *text)
{
	if (!option->names) {
		print_place(option->arg, strlen(option->arg), before, text);
		return;
	}
	for (size_t i = 0; option->names[i]; i++)
		if (begins(option->names[i], text) && takes(command, option, i))
			print(before, option->names[i], "", "");
}

/* Of the word that is typed, what goes before the value: "--policy=". */
static void print_for(const struct command *command, const char *last, const char *word)
{
	const size_t name = strcspn(word, "=");
	const struct option_row *option = find_option(command, word, name);
	char before[64];

	if (option && option->arg && word[name]) {
		snprintf(before, sizeof(before), "%.*s=", (int)name, word);
		print_values(command, option, before, word + name + 1);
		return;
	}
	option = find_option(command, last, strlen(last));
	if (option && option->arg && !option->alone)
		print_values(command, option, "", word);
	else if (!strncmp(word, "--", 2) || !strcmp(word, "-"))
		print_options(command, *word && word[1] ? word : "--");
	else if (command->args)
		print_arg(command->args, word);
	else if (!*word)
		print_options(command, "--");
}

int completion_print(const struct command *const *commands, size_t n_commands, int n_words,
		     char **words)
{
	const char *word = n_words ? words[n_words - 1] : "";

	if (n_words < 2 || (n_words == 2 && !strcmp(words[0], "help") && *word != '-')) {
		for (size_t i = 0; i < n_commands; i++)
			if (begins(commands[i]->name, word))
				print("", commands[i]->name, "", commands[i]->help);
		return CLI_OK;
	}
	for (size_t i = 0; i < n_commands; i++)
		if (!strcmp(commands[i]->name, words[0]))
			print_for(commands[i], words[n_words - 2], word);
	return CLI_OK;
}
