/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PODLAB_VERIFY_H
#define PODLAB_VERIFY_H

#include "scenarios.h"

/*
 * Compares the JSON of a scan, on standard input, with what the scenarios expect under a policy
 * ("observe", "require" or "ignore"). Prints TAP. Returns an exit code.
 */
int verify(const struct selection *selection, const char *policy);

#endif
