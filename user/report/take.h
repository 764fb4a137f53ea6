/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes the documents of scan --json and the lines of watch --json into a fleet, those of other versions, too. */
#ifndef NSVIGIL_REPORT_TAKE_H
#define NSVIGIL_REPORT_TAKE_H

#include <json-c/json.h>

#include "report/fleet.h"

/* One file, or one capture: documents that come one after the other. */
struct stream {
	struct fleet *fleet;
	const char *name;	 /* of the file */
	const char *node_key;	 /* what a node is called that no record names */
	struct fleet_node *node; /* of the last document; NULL before the first */
	bool in_order;		 /* it can be read again, and is as it was written */
	uint64_t wall_ns;	 /* the time of day when boot_ns was 0; 0: not known */
	/* As the last document had them: boot_ns only grows, and the clock may be set. */
	const char *boot_id;
	struct fleet_boot *boot; /* NULL: none is named */
	uint64_t boot_ns;
	moment when;
	bool is_line;  /* of watch */
	size_t number; /* among those of the fleet, from 1; 0: not known yet */
	bool disorder; /* boot_ns went back within a boot */
	size_t documents, unknown;
};

/* False: it is none of nsvigil's, or of nothing that a report has. */
bool take_document(struct stream *stream, struct json_object *document);

#endif
