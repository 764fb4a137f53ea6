// SPDX-License-Identifier: BSD-2-Clause
#include "report/boots.h"

/* A clock is ahead in few boots of a node. */
#define CHAIN_MAX 64

struct fleet_boot *boots_get(struct fleet_node *node, const char *id)
{
	struct fleet_boot *boot;

	HASH_FIND_STR(node->boots, id, boot);
	if (boot)
		return boot;
	boot = xcalloc(1, sizeof(*boot));
	boot->id = id;
	table_add_str(node->boots, id, boot);
	return boot;
}

/* So that no two are older than each other. Of very many, rather none is taken for older. */
static bool leads_to(const struct fleet_boot *from, const struct fleet_boot *to)
{
	for (int i = 0; from && from != to; i++) {
		if (i == CHAIN_MAX)
			return true;
		from = from->next;
	}
	return from;
}

static bool is_overtaken(const struct stream *stream, const struct fleet_boot *last, moment when)
{
	return !stream->disorder && !last->disorder && moment_is_wall(when) && when < stream->when;
}

void boots_compare(struct stream *stream, struct fleet_node *node, struct fleet_boot *boot,
		   uint64_t boot_ns, moment when, bool is_line)
{
	struct fleet_boot *last = stream->node == node ? stream->boot : NULL;

	if (stream->fleet->again)
		return;
	if (!stream->number)
		stream->number = ++stream->fleet->streams;
	if (last && last == boot) {
		stream->disorder |= boot_ns < stream->boot_ns;
	} else if (boot->stream == stream->number) {
		/* It is on both sides of another one: two machines, or two files. */
		boot->disorder = true;
		boot->next = boot->maybe = NULL;
	} else if (last && is_line && stream->is_line && is_overtaken(stream, last, when)) {
		if (!stream->in_order) {
			last->maybe = boot;
		} else if (!leads_to(boot, last)) {
			last->next = boot;
			last->until = when;
		}
	}
	boot->stream = stream->number;
}

bool boots_overtaken(const struct fleet *fleet)
{
	for (const struct fleet_node *node = fleet->nodes; node; node = node->hh.next)
		for (const struct fleet_boot *boot = node->boots; boot; boot = boot->hh.next)
			if (boot->next)
				return true;
	return false;
}

/* Files that were put together with the newest first look alike. */
static void remark_maybe(struct fleet *fleet, const struct fleet_node *node,
			 const struct fleet_boot *boot)
{
	if (leads_to(boot->maybe, boot))
		return;
	fleet->damaged = true;
	fleet_remark(
		fleet,
		"node %s: boot %s is dated later than boot %s, which follows in what came by a "
		"pipe, and counts as the newer one: if its clock was ahead, give report the "
		"file itself",
		node->key, boot->id, boot->maybe->id);
}

void boots_remark(struct fleet *fleet, const struct fleet_node *node)
{
	if (HASH_COUNT(node->boots) > 1)
		fleet_remark(fleet,
			     "node %s has records of %u boots: it was started again, or "
			     "two machines have this name. Its pods are those of the "
			     "newest",
			     node->key, HASH_COUNT(node->boots));
	for (const struct fleet_boot *boot = node->boots; boot; boot = boot->hh.next) {
		if (boot->next)
			fleet_remark(
				fleet,
				"node %s: its clock was ahead in boot %s, whose records are dated later "
				"than those of boot %s, which follow in the same file: they count as older",
				node->key, boot->id, boot->next->id);
		else if (boot->maybe)
			remark_maybe(fleet, node, boot);
	}
}
