/* SPDX-License-Identifier: BSD-2-Clause */
/* A JSON document as YAML: the same fields and values. */
#ifndef NSVIGIL_SINK_YAML_H
#define NSVIGIL_SINK_YAML_H

#include <json-c/json.h>
#include <stdio.h>

/* A document of its own, after "---". Frees `document`. */
void yaml_print(struct json_object *document, FILE *out);

#endif
