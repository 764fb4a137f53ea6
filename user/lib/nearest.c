// SPDX-License-Identifier: BSD-2-Clause
#include "lib/nearest.h"

#include <string.h>

/* No name is longer. */
#define LETTERS_MAX 40

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters are too many, missing, wrong, or in the other order (optimal string alignment). */
static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	size_t d[LETTERS_MAX + 1][LETTERS_MAX + 1];

	for (size_t i = 0; i <= n_a; i++)
		d[i][0] = i;
	for (size_t k = 0; k <= n_b; k++)
		d[0][k] = k;
	for (size_t i = 1; i <= n_a; i++) {
		for (size_t k = 1; k <= n_b; k++) {
			d[i][k] = least(least(d[i - 1][k], d[i][k - 1]) + 1,
					d[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
		}
	}
	return d[n_a][n_b];
}

void nearest_try(struct nearest *nearest, const char *word)
{
	const size_t n_text = strlen(nearest->text), n_word = strlen(word);
	const size_t most = n_text / 3 ? n_text / 3 : 1;
	size_t d;

	if (n_text > LETTERS_MAX || n_word > LETTERS_MAX)
		return;
	d = distance(nearest->text, n_text, word, n_word);
	if (d > most || (nearest->best && d >= nearest->distance))
		return;
	nearest->best = word;
	nearest->distance = d;
}
