/* SPDX-License-Identifier: BSD-2-Clause */
/* The manual pages, by what people ask for. */
#ifndef NSVIGIL_MANUAL_H
#define NSVIGIL_MANUAL_H

struct manual {
	const char *topic; /* a command, or what else has a page */
	const char *section, *page;
};

/* The page about this topic, or NULL if there is none; of NULL the overview. */
const struct manual *manual_find(const char *topic);

/* Becomes man(1) with the page. Returns -ENOENT if there is no man(1) here, or not this page. */
int manual_open(const struct manual *manual);

#endif
