/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * passwd(5), group(5), subuid(5) and subgid(5), read as shadow's own programs do. A line of another
 * form is nobody's.
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_IDFILES_H
#define NSVIGIL_SOURCE_NODEFILES_IDFILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDFILES_NUMBER_LEN 24

/* Whose ranges pods' are taken from. */
#define KUBELET_USER "kubelet"

struct id_line {
	char *owner;	       /* raw, never empty; in the text */
	uint64_t first, count; /* each up to 2^32; together they may be more */
};

/* Take the next line off *text, which is changed. False: there is none more. */
bool idfiles_next_account(char **text, struct id_line *out);
bool idfiles_next_range(char **text, struct id_line *out);

/*
 * Finds the number of a user or group by its name in the text of /etc/passwd or /etc/group. Returns
 * false if it has none; the number is empty if it cannot be told.
 */
bool idfiles_find_account(const char *text, const char *name, char number[IDFILES_NUMBER_LEN]);

/* Whether a range's owner is this one: by name, or by number if that is not empty. */
bool idfiles_is_own(const char *owner, const char *name, const char *number);

/* Whether users are looked up, by nsswitch.conf(5), where /etc/passwd does not have them: LDAP, sss. */
bool idfiles_has_other_users(const char *nsswitch);

/* Whether ranges come from somewhere else than /etc/subuid and /etc/subgid: subid, shadow's lib/nss.c. */
bool idfiles_has_other_ranges(const char *nsswitch);

/* Takes the next field, up to the separator, off *text, which is NULL afterwards if it was the last. */
char *idfiles_field(char **text, char separator);

/* Base 0 is any, as shadow's getulong() has it. */
bool idfiles_number(const char *text, int base, uint64_t *out);

#endif
