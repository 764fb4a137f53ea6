/* SPDX-License-Identifier: BSD-2-Clause */
/* What a shell may put where the cursor is, from the table of options: see deploy/completion. */
#ifndef NSVIGIL_COMPLETION_H
#define NSVIGIL_COMPLETION_H

#include <stddef.h>

#include "cli.h"

/*
 * `words`: of the command line behind the program's name, up to the one that is being typed, which may be empty. Prints
 * a line each: the word, a tab, and what it is. Where there is no list, as for a file, the word is empty, and what it is is
 * the name that --help has for it, as FILE or DIR. Returns an exit code.
 */
int completion_print(const struct command *const *commands, size_t n_commands, int n_words,
		     char **words);

#endif
