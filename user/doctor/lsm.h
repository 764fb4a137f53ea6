/* SPDX-License-Identifier: BSD-2-Clause */
/* What security modules say of this process: which may be why something is refused. */
#ifndef NSVIGIL_DOCTOR_LSM_H
#define NSVIGIL_DOCTOR_LSM_H

#include <stddef.h>
#include <stdint.h>

#include "doctor/rows.h"

/* Rows of doctor's. */
void lsm_look_selinux(struct result *result);
void lsm_look_apparmor(struct result *result);
void lsm_look_lockdown(struct result *result);

/*
 * Where something was refused with -EPERM or -EACCES: which of them may be why, in parentheses and escaped, as the end of a
 * sentence; empty if none is. Returns `out`.
 */
const char *lsm_blame(int err, char *out, size_t size);

/* Whether the answer of selinuxfs to what is allowed has all of these permissions; 1, 0, or -EINVAL. */
int lsm_parse_access(const char *answer, uint32_t wanted);
/* The mode in brackets: "none [integrity] confidentiality". Returns it, or NULL; `text` is changed. */
const char *lsm_parse_lockdown(char *text);

#endif
