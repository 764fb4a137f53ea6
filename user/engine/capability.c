// SPDX-License-Identifier: BSD-2-Clause
/* Capability checks in the model: a table of the kinds that there were, with their counts. */
#include "engine/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* include/uapi/linux/capability.h, by number */
static const char *const names[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

const char *capability_name(unsigned number)
{
	return number < sizeof(names) / sizeof(*names) ? names[number] : NULL;
}

const char *say_capability(const struct offences *to, unsigned capability)
{
	return capability_name(capability) ?: say(to, "CAP_%u", capability);
}

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

static int by_key(const void *a, const void *b)
{
	const struct nsv_cap_key *x = &(*(struct capability *const *)a)->key;
	const struct nsv_cap_key *y = &(*(struct capability *const *)b)->key;

	if (x->pod != y->pod)
		return x->pod < y->pod ? -1 : 1;
	return memcmp(&x->capability, &y->capability, sizeof(*x) - sizeof(x->pod));
}

void capability_list(struct engine *engine)
{
	struct capability *cap;
	size_t n = 0;

	engine->cap_list = arena_calloc(&engine->arena, HASH_COUNT(engine->capabilities),
					sizeof(struct capability *));
	for (cap = engine->capabilities; cap; cap = cap->hh.next)
		engine->cap_list[n++] = cap;
	engine->n_caps = n;
	qsort(engine->cap_list, n, sizeof(struct capability *), by_key);
}

static struct capability_view view(struct engine *engine, const struct capability *cap)
{
	static const char *const relations[] = {NULL, "node", "pod", "below", "other"};
	static const char *const probes[] = {NULL, "no", "yes", "unknown"};
	const struct offences to = {.engine = engine};

	return (struct capability_view){
		.name = say_capability(&to, cap->key.capability),
		.task_at = relations[cap->key.task_at],
		.asked_at = relations[cap->key.asked_at],
		.granted = cap->key.flags & NSV_CHECK_GRANTED,
		.held = cap->key.flags & NSV_CHECK_HELD,
		.probe = probes[cap->key.probe],
		.count = cap->count,
		.first_ns = cap->first_ns,
		.last_ns = cap->last_ns,
	};
}

const struct capability_view *capability_views(struct engine *engine, uint64_t pod, size_t *n)
{
	struct capability_view *views;
	size_t low = 0, high = engine->n_caps;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (engine->cap_list[mid]->key.pod < pod)
			low = mid + 1;
		else
			high = mid;
	}
	while (high < engine->n_caps && engine->cap_list[high]->key.pod == pod)
		high++;
	*n = high - low;
	views = arena_calloc(&engine->arena, *n, sizeof(*views));
	for (size_t i = 0; i < *n; i++)
		views[i] = view(engine, engine->cap_list[low + i]);
	return views;
}
