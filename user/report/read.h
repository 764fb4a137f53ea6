/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads JSON documents from a file, one at a time: those of scan, which have many lines, and those of watch, which have
 * one each, also as a container runtime or kubectl logs writes them, with something before each. What is torn is said
 * and passed over.
 */
#ifndef NSVIGIL_REPORT_READ_H
#define NSVIGIL_REPORT_READ_H

#include <stdio.h>

#include "report/fleet.h"

/*
 * Reads all of it. `name`: of the file, for remarks; it has to live as long as the fleet. `in_order`: it can be read
 * again, and is as it was written.
 */
void read_documents(struct fleet *fleet, FILE *in, const char *name, bool in_order);

#endif
