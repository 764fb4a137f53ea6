// SPDX-License-Identifier: BSD-2-Clause
/* Capability checks: a table of the kinds that there were, with their counts. */
#include "engine/model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_sane(const struct nsv_cap_key *key)
{
	static const uint8_t none[sizeof(key->pad)];

	return key->capability < NSV_CAPABILITIES && key->task_at >= NSV_AT_NODE &&
	       key->task_at <= NSV_AT_OTHER && key->asked_at >= NSV_AT_NODE &&
	       key->asked_at <= NSV_AT_OTHER && key->probe >= NSV_PROBE_NO &&
	       key->probe <= NSV_PROBE_UNKNOWN &&
	       !(key->flags & ~(NSV_CHECK_GRANTED | NSV_CHECK_HELD)) &&
	       !memcmp(key->pad, none, sizeof(none));
}

static struct nsv_cap_key own_key(const struct engine *engine, const struct nsv_cap_key *key)
{
	struct nsv_cap_key own = *key;

	own.pod = podcgroups_pod(engine, key->pod);
	return own;
}

struct capability *capability_find(const struct engine *engine, const struct nsv_cap_key *key)
{
	const struct nsv_cap_key own = own_key(engine, key);
	struct capability *found;

	HASH_FIND(hh, engine->capabilities, &own, sizeof(own), found);
	return found;
}

void capability_free(struct capability *cap)
{
	free(cap->parts);
	free(cap);
}

/* What was counted under that cgroup. */
static uint64_t *count_of(struct capability *cap, uint64_t pod)
{
	if (pod == cap->key.pod)
		return &cap->own;
	for (size_t i = 0; i < cap->n_parts; i++)
		if (cap->parts[i].pod == pod)
			return &cap->parts[i].count;
	xgrow(cap->parts, cap->n_parts, &cap->cap_parts);
	cap->parts[cap->n_parts] = (struct cap_part){.pod = pod};
	return &cap->parts[cap->n_parts++].count;
}

static void add_checks(struct engine *engine, const struct nsv_cap_key *key, uint64_t n)
{
	enum check_result result = CHECK_REFUSED;

	if (key->probe == NSV_PROBE_YES)
		return;
	if (key->flags & NSV_CHECK_GRANTED)
		result = CHECK_GRANTED;
	else if (key->flags & NSV_CHECK_HELD && key->task_at == NSV_AT_POD)
		result = CHECK_STOPPED;
	engine->checks[key->capability][result] += n;
}

uint64_t engine_checks(const struct engine *engine, unsigned capability, enum check_result result)
{
	return capability < NSV_CAPABILITIES ? engine->checks[capability][result] : 0;
}

static struct capability *get(struct engine *engine, const struct nsv_cap_key *key)
{
	struct capability *cap = capability_find(engine, key);

	if (cap)
		return cap;
	cap = xcalloc(1, sizeof(*cap));
	cap->key = own_key(engine, key);
	table_add(engine->capabilities, key, cap);
	return cap;
}

static void set_count(struct engine *engine, struct capability *cap, uint64_t *part, uint64_t count)
{
	add_checks(engine, &cap->key, count - *part);
	cap->count += count - *part;
	*part = count;
}

int capability_take_first(struct engine *engine, const struct nsv_cap *event)
{
	struct capability *cap;
	uint64_t *part;

	if (!is_sane(&event->key))
		return -EPROTO;
	cap = get(engine, &event->key);
	if (!cap->first.h.len)
		cap->first = *event;
	if (!cap->count)
		cap->first_ns = cap->last_ns = event->h.boot_ns;
	part = count_of(cap, event->key.pod);
	if (!*part)
		set_count(engine, cap, part, 1);
	return 0;
}

int capability_take_count(struct engine *engine, const struct nsv_capstat *event)
{
	struct capability *cap;
	uint64_t *part;

	if (!is_sane(&event->key) || event->first_ns > event->last_ns)
		return -EPROTO;
	cap = get(engine, &event->key);
	part = count_of(cap, event->key.pod);
	if (event->count < *part)
		return 0;
	if (!cap->count || *part == cap->count || event->first_ns < cap->first_ns)
		cap->first_ns = event->first_ns;
	if (!cap->count || *part == cap->count || event->last_ns > cap->last_ns)
		cap->last_ns = event->last_ns;
	set_count(engine, cap, part, event->count);
	return 0;
}

void capability_keep(struct engine *engine)
{
	struct capability *cap;

	for (cap = engine->capabilities; cap; cap = cap->hh.next) {
		const struct pod *pod = model_pod(engine, cap->key.pod);

		cap->walk = pod ? pod->walk : 0;
	}
}
