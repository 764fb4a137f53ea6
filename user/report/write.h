/* SPDX-License-Identifier: BSD-2-Clause */
/* A settled fleet as somebody else takes it. Names in it are hostile: each format escapes what is one of its own signs. */
#ifndef NSVIGIL_REPORT_WRITE_H
#define NSVIGIL_REPORT_WRITE_H

#include <stdio.h>

#include "report/fleet.h"

/* For people at a terminal, or in a mail. */
void write_table(struct fleet *fleet, FILE *out);
/* RFC 4180: a line a pod, and a node. No cell is a formula. */
void write_csv(struct fleet *fleet, FILE *out);
/* One page that needs no other file, no script and no network. */
void write_html(struct fleet *fleet, FILE *out);
/* openreports.io/v1alpha1, as kubectl apply -f - takes it. */
void write_openreports(struct fleet *fleet, FILE *out);
/* What tools that collect tests take: a suite a node, a case a pod. */
void write_junit(struct fleet *fleet, FILE *out);

/* Parts of the page: the map of a node's host IDs, and what happened on it when. */
bool map_has(const struct fleet_node *node);
void map_write(struct fleet *fleet, const struct fleet_node *node, FILE *out);
bool timeline_has(const struct fleet_node *node);
void timeline_write(struct fleet *fleet, const struct fleet_node *node, FILE *out);

/* In HTML, SVG and XML: in an element or in quotes. */
void put_markup(FILE *out, const char *text);
void put_markup_f(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
