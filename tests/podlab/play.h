/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PODLAB_PLAY_H
#define PODLAB_PLAY_H

#include "scenarios.h"

/*
 * Makes the scenarios' pods, prints "ready", and removes all at the end of standard input or a
 * signal. Returns an exit code, and says what failed.
 */
int play(const struct selection *selection);

#endif
