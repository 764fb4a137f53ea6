// SPDX-License-Identifier: BSD-2-Clause
#include "completion.h"

#include <stdio.h>
#include <string.h>

/* As far as a sentence goes: what a menu has room for. */
static void print(const char *before, const char *word, const char *after, const char *help)
{
	const int len = (int)strcspn(help, ";:(");

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

static void print_options(const struct command *command, const char *word)
{
	const struct option_row *option;

	for (size_t i = 0; (option = option_at(i)); i++)
		if (option->commands & command->bit && begins(option->name, word + 2))
			print("--", option->name, option->arg && !option->alone ? "=" : "",
			      option->help);
	if (begins("help", word + 2))
		print("--", "help", "", "What it does, and its options");
}

static void print_values(const struct command *command, const struct option_row *option,
			 const char *before, const char *text)
{
	for (size_t i = 0; option->names && option->names[i]; i++) {
		if (!begins(option->names[i], text))
			continue;
		if (option->at == offsetof(struct options, output) && command->outputs &&
		    !(command->outputs & OUTPUT_BIT(i)))
			continue;
		print(before, option->names[i], "", "");
	}
}

/* Of the word that is typed, what goes before the value: "--policy=". */
static void print_for(const struct command *command, const char *last, const char *word)
{
	const size_t name = strcspn(word, "=");
	const struct option_row *option = find_option(command, word, name);
	char before[64];

	if (option && word[name]) {
		snprintf(before, sizeof(before), "%.*s=", (int)name, word);
		print_values(command, option, before, word + name + 1);
		return;
	}
	option = find_option(command, last, strlen(last));
	if (option && option->arg && !option->alone)
		print_values(command, option, "", word);
	else if (!strncmp(word, "--", 2) || !strcmp(word, "-"))
		print_options(command, *word && word[1] ? word : "--");
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
