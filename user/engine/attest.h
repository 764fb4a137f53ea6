/* SPDX-License-Identifier: BSD-2-Clause */
/* What was shown of each pod, and for how long. Internal to user/engine. */
#ifndef NSVIGIL_ENGINE_ATTEST_H
#define NSVIGIL_ENGINE_ATTEST_H

#include "engine/rules/rule.h"

void attest_walked(struct engine *engine);		    /* takes in what the report shows */
void attest_judged(struct engine *engine, struct pod *pod); /* it was judged between walks */
void attest_lost(struct engine *engine, const struct nsv_lost *lost);
void attest_ended(struct engine *engine);  /* of pods that the walk does not name */
void attest_tick(struct engine *engine);   /* of pods for which it is time */
void attest_all(struct engine *engine);	   /* nobody looks any more */
void attest_policy(struct engine *engine); /* another policy comes */

#endif
