/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be attached may still never be called: a compiler may have put the function's code where it is
 * used. So a child does what each hook is to see.
 */
#ifndef NSVIGIL_SOURCE_BPF_PROVE_H
#define NSVIGIL_SOURCE_BPF_PROVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What it did: a number of times each. What it may not do, it leaves. */
struct acts {
	unsigned credentials, namespaces, checks, idmaps;
};

/* A child that waits; or -errno. It is of no pod that the hooks know, and shares nothing. */
struct prover {
	pid_t pid;
	int go;
};
int prove_fork(struct prover *out);

/* Lets it act and waits until it has ended. Returns 0 or -errno. */
int prove_act(struct prover *prover, struct acts *out);

/* Asks for a capability, which changes nothing. Returns 0 or -errno. */
int prove_ask(void);

/* Whether a hook that saw so much of so many acts is called for each. */
static inline bool prove_is_called(unsigned acts, uint64_t seen)
{
	return seen >= acts;
}

#endif
