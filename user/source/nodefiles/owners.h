/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose host IDs are, by the node's files: passwd(5), subuid(5), subgid(5).
 */
#ifndef NSVIGIL_SOURCE_NODEFILES_OWNERS_H
#define NSVIGIL_SOURCE_NODEFILES_OWNERS_H

#include <stdbool.h>

#include "source/nodefiles/idfiles.h"
#include "source/nodefiles/records.h"

/* Of each file so many lines are taken. */
#define OWNERS_MAX 4096

/* What the files say of the kubelet; each is told when it is parsed: first of accounts. */
struct owners {
	unsigned known;			    /* bit k: an nsv_id_file was read */
	bool is_user;			    /* there is a user kubelet */
	bool other_users;		    /* there may be some that /etc/passwd does not have */
	bool other_ranges;		    /* and the files have none that count */
	unsigned lines[4];		    /* that the kubelet has, by nsv_id_file */
	struct nsv_extent kubelet[4];	    /* the last of them */
	char number[4][IDFILES_NUMBER_LEN]; /* by which a line may name it, too */
};

/* Of nsswitch.conf(5), which has no events, either: whether there are other users, and other ranges. */
void owners_parse_switch(const char *text, struct owners *owners);
/* Of group(5), which has no events: by which number a line of subgid may name the kubelet. */
void owners_parse_groups(const char *text, struct owners *owners);
/*
 * An event for each line that is not the kubelet's. Of passwd only IDs from 65536 on: a map that
 * reaches lower ones is another matter.
 */
void owners_parse(const char *text, enum nsv_id_file file, struct owners *owners,
		  struct records *out);

/*
 * Of which IDs the kubelet allots, as many to a pod as *out says; false if that cannot be told:
 * getKubeletMappings().
 */
bool owners_pool(const struct owners *owners, struct nsv_pool *out);

#endif
