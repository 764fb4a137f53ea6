// SPDX-License-Identifier: BSD-2-Clause
#include "node.h"
#include "capture/codec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/alloc.h"
#include "random.h"
#include "sink/report.h"

#define CGROUPS_EACH 100 /* a pod's and its containers' */

struct node node;

struct list {
	void **v;
	size_t n, cap;
};

static struct list records, boxes, texts;
static size_t told_cap, told_seen, told_from;
static uint64_t seq;
static uint32_t next_tid, next_cgroup, next_inum;

static void list_add(struct list *list, void *item)
{
	xgrow(list->v, list->n, &list->cap);
	list->v[list->n++] = item;
}

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct list){};
}

/* `room`: for the variable part, too. */
static void *record_new(enum nsv_type type, size_t size, size_t room)
{
	struct nsv_event *event = xcalloc(1, room);

	*event = (struct nsv_event){.type = type, .version = 1, .len = (uint32_t)size};
	list_add(&records, event);
	return event;
}

void gone(void *record)
{
	for (size_t i = 0; i < records.n; i++) {
		if (records.v[i] != record)
			continue;
		free(record);
		memmove(&records.v[i], &records.v[i + 1], (--records.n - i) * sizeof(*records.v));
		return;
	}
	fail_msg("the record is not there");
}

static void set_text(char *out, size_t size, const char *text)
{
	assert_true(strlen(text) < size);
	memcpy(out, text, strlen(text) + 1);
}

/* ---- user namespaces ---- */

static size_t map_length(const struct nsv_extent *map)
{
	size_t n = 0;

	while (map && map[n].count)
		n++;
	return n;
}

struct nsv_userns *userns_add(const struct userns_spec *spec)
{
	const struct nsv_userns *parent = spec->parent ? spec->parent : node.userns;
	const struct nsv_extent *gids = spec->gids ? spec->gids : spec->map;
	size_t n_uid = map_length(spec->map), n_gid = map_length(gids);
	size_t size = sizeof(struct nsv_userns) + (n_uid + n_gid) * sizeof(struct nsv_extent);
	struct nsv_userns *ns;

	size = (size + 7) & ~(size_t)7;
	ns = record_new(NSV_USERNS, size, size);
	ns->has.known = NSV_HAS_MAPS | (parent ? NSV_HAS_NS_PARENT : 0);
	ns->ns.inum = next_inum++;
	if (parent) {
		ns->parent = parent->ns;
		ns->level = parent->level + 1;
	}
	ns->owner = spec->owner;
	ns->n_uid = (uint32_t)n_uid;
	ns->n_gid = (uint32_t)n_gid;
	for (size_t i = 0; i < n_uid; i++)
		((struct nsv_extent *)(ns + 1))[i] = spec->map[i];
	for (size_t i = 0; i < n_gid; i++)
		((struct nsv_extent *)(ns + 1))[n_uid + i] = gids[i];
	return ns;
}

/* ---- pods ---- */

static struct nsv_cgroup *cgroup_add(uint64_t id, uint64_t pod, enum nsv_cgroup_kind kind,
				     const char *path)
{
	size_t size = (sizeof(struct nsv_cgroup) + strlen(path) + 1 + 7) & ~(size_t)7;
	struct nsv_cgroup *cgroup = record_new(NSV_CGROUP, size, size);

	cgroup->id = id;
	cgroup->pod = pod;
	cgroup->kind = kind;
	memcpy((char *)(cgroup + 1), path, strlen(path) + 1);
	return cgroup;
}

struct nsv_cgroup *pod_at(const char *uid, const char *path)
{
	struct nsv_cgroup *cgroup = cgroup_add(next_cgroup, next_cgroup, NSV_CGROUP_POD, path);

	set_text(cgroup->uid, sizeof(cgroup->uid), uid);
	next_cgroup += CGROUPS_EACH;
	return cgroup;
}

struct nsv_cgroup *pod(const char *uid)
{
	char path[128];

	snprintf(path, sizeof(path), "/kubepods/pod%s", uid);
	return pod_at(uid, path);
}

struct nsv_pod_name *pod_name(const char *uid, const char *namespace, const char *name)
{
	struct nsv_pod_name *record =
		record_new(NSV_POD_NAME, sizeof(struct nsv_pod_name), sizeof(struct nsv_pod_name));

	set_text(record->uid, sizeof(record->uid), uid);
	set_text(record->namespace, sizeof(record->namespace), namespace);
	set_text(record->name, sizeof(record->name), name);
	return record;
}

struct nsv_policy_entry *policy_entry(const char *namespace, const char *name)
{
	struct nsv_policy_entry *record = record_new(
		NSV_POLICY_ENTRY, sizeof(struct nsv_policy_entry), sizeof(struct nsv_policy_entry));

	set_text(record->namespace, sizeof(record->namespace), namespace);
	set_text(record->name, sizeof(record->name), name);
	return record;
}

static uint64_t next_container(uint64_t pod)
{
	uint64_t id = pod + 1;

	for (size_t i = 0; i < boxes.n; i++)
		id += ((struct box *)boxes.v[i])->pod_id == pod;
	assert_true(id < pod + CGROUPS_EACH);
	return id;
}

struct box *container(struct nsv_cgroup *pod, struct nsv_userns *userns)
{
	struct box *box = xcalloc(1, sizeof(*box));
	uint64_t id = next_container(pod->id);
	char path[512];

	snprintf(path, sizeof(path), "%s/%064llx", (char *)(pod + 1), (unsigned long long)id);
	box->pod = pod;
	box->pod_id = pod->id;
	box->cgroup = cgroup_add(id, pod->id, NSV_CGROUP_CONTAINER, path);
	snprintf(box->cgroup->container, sizeof(box->cgroup->container), "%064llx",
		 (unsigned long long)id);
	box->userns = userns;
	list_add(&boxes, box);
	return box;
}

struct box *with_init(struct box *box)
{
	box->init = task(.in = box);
	return box;
}

struct box *isolated_pod(const char *uid, const struct nsv_extent *map)
{
	return with_init(container(pod(uid), userns(.map = map)));
}

struct box *host_pod(const char *uid)
{
	return with_init(container(pod(uid), node.userns));
}

/* ---- files ---- */

struct nsv_declared *declared(const char *uid, const struct box *box, enum nsv_declarer by,
			      const struct nsv_extent *map)
{
	size_t n = map_length(map), size = sizeof(struct nsv_declared) + 2 * n * sizeof(*map);
	struct nsv_declared *record;
	struct nsv_extent *extents;

	size = (size + 7) & ~(size_t)7;
	record = record_new(NSV_DECLARED, size, size);
	extents = (struct nsv_extent *)(record + 1);
	record->by = by;
	record->userns = map ? NSV_DECLARED_OWN : NSV_DECLARED_NODE;
	record->n_uid = record->n_gid = (uint32_t)n;
	for (size_t i = 0; map && i < 2 * n; i++)
		extents[i] = map[i % n];
	set_text(record->uid, sizeof(record->uid), uid);
	if (box)
		set_text(record->container, sizeof(record->container), box->cgroup->container);
	set_text(record->file, sizeof(record->file), "/a/file");
	return record;
}

struct nsv_volume *volume(const char *uid, const struct box *box, const char *point,
			  const char *source, uint32_t flags)
{
	struct nsv_volume *record =
		record_new(NSV_VOLUME, sizeof(struct nsv_volume), sizeof(struct nsv_volume));

	record->flags = flags;
	set_text(record->uid, sizeof(record->uid), uid);
	set_text(record->container, sizeof(record->container), box->cgroup->container);
	set_text(record->point, sizeof(record->point), point);
	set_text(record->source, sizeof(record->source), source);
	return record;
}

struct nsv_mount *mounted(const struct box *box, uint32_t id, const char *point, bool idmapped)
{
	struct nsv_mount *record =
		record_new(NSV_MOUNT, sizeof(struct nsv_mount), sizeof(struct nsv_mount));

	record->has.known = NSV_HAS_MOUNT_ROOT;
	record->pod = box->pod_id;
	record->task = box->init->task;
	record->ns = box->init->ns[NSV_NS_MNT].ns;
	record->mount.id = id;
	record->mount.dev = 8 << 20 | 1;
	record->idmapped = idmapped;
	set_text(record->mount.type, sizeof(record->mount.type), "ext4");
	set_text(record->mount.root, sizeof(record->mount.root), "/");
	set_text(record->point, sizeof(record->point), point);
	return record;
}

struct nsv_id_owner *id_owner(enum nsv_id_file file, const char *owner, uint32_t first,
			      uint32_t count)
{
	static uint64_t items;
	struct nsv_id_owner *record =
		record_new(NSV_ID_OWNER, sizeof(struct nsv_id_owner), sizeof(struct nsv_id_owner));

	record->item = ++items;
	record->file = file;
	record->first = first;
	record->count = count;
	set_text(record->owner, sizeof(record->owner), owner);
	return record;
}

struct nsv_limit *limit(const struct box *box, uint64_t tasks, uint64_t namespaces)
{
	struct nsv_limit *record =
		record_new(NSV_LIMIT, sizeof(struct nsv_limit), sizeof(struct nsv_limit));

	record->pod = box->pod_id;
	record->tasks = tasks;
	record->namespaces = namespaces;
	return record;
}

struct nsv_place *place(uint64_t item, uint32_t kind, uint32_t state)
{
	struct nsv_place *record =
		record_new(NSV_PLACE, sizeof(struct nsv_place), sizeof(struct nsv_place));

	record->item = item;
	record->kind = kind;
	record->how = NSV_PLACE_USUAL;
	record->state = state;
	set_text(record->path, sizeof(record->path), "/a/place");
	return record;
}

struct nsv_pool *pool(uint64_t first, uint64_t count)
{
	struct nsv_pool *record =
		record_new(NSV_POOL, sizeof(struct nsv_pool), sizeof(struct nsv_pool));

	record->first = first;
	record->count = count;
	return record;
}

struct nsv_bundle *bundle(const char *uid, const struct box *box, const char *name)
{
	struct nsv_bundle *record =
		record_new(NSV_BUNDLE, sizeof(struct nsv_bundle), sizeof(struct nsv_bundle));

	record->kind = NSV_BUNDLE_CONTAINER;
	record->runtime = NSV_RUNTIME_CONTAINERD;
	set_text(record->uid, sizeof(record->uid), uid);
	set_text(record->container, sizeof(record->container), box->cgroup->container);
	set_text(record->name, sizeof(record->name), name);
	return record;
}

/* ---- tasks ---- */

static uint32_t first_host_id(const struct nsv_extent *map, uint32_t n)
{
	return n ? map[0].host : 0;
}

void hold_uid(struct nsv_identity *task, uint32_t uid)
{
	for (int i = 0; i < NSV_ID_KINDS; i++)
		task->uid[i] = uid;
}

void hold_gid(struct nsv_identity *task, uint32_t gid)
{
	for (int i = 0; i < NSV_ID_KINDS; i++)
		task->gid[i] = gid;
}

void hold_group_list(struct nsv_identity *task, const uint32_t *groups, size_t n)
{
	assert_true(n <= NSV_GROUPS_MAX);
	memcpy((uint32_t *)(task + 1), groups, n * sizeof(*groups));
	task->ngroups = task->ngroups_sent = (uint32_t)n;
	task->h.len = (uint32_t)((sizeof(*task) + n * sizeof(*groups) + 7) & ~(size_t)7);
}

static void set_namespaces(struct nsv_identity *id, const struct box *box,
			   const struct nsv_userns *own)
{
	const struct nsv_userns *owner = box ? box->userns : node.userns;

	for (int kind = NSV_NS_MNT; kind < NSV_NS_KINDS; kind++) {
		id->ns[kind].ns.inum = box ? box->cgroup->id * 16 + (uint64_t)kind :
					     INITIAL_MNT_NS + (uint64_t)kind - NSV_NS_MNT;
		id->ns[kind].owner = owner->ns;
		id->has.known |= 1U << kind;
	}
	/* A container of the node's user namespace has its own others: the runtime made them. */
	if (!box)
		id->ns[NSV_NS_PID].ns.inum = INITIAL_PID_NS;
	id->ns[NSV_NS_USER].ns = own->ns;
	id->ns[NSV_NS_USER].owner = own->parent;
	id->has.known |= 1U << NSV_NS_USER;
}

static void set_executable(struct nsv_identity *id, const struct task_spec *spec)
{
	set_text(id->exe, sizeof(id->exe), "app");
	id->has.known |= NSV_HAS_EXE;
	if (spec->memfd)
		return;
	id->exe_mnt = id->ns[NSV_NS_MNT].ns;
	if (spec->entrant)
		id->exe_mnt.inum = INITIAL_MNT_NS;
	id->has.known |= NSV_HAS_EXE_MNT;
}

struct nsv_identity *task_add(const struct task_spec *spec)
{
	const struct nsv_userns *own = spec->userns ? spec->userns :
				       spec->in	    ? spec->in->userns :
						      node.userns;
	const struct nsv_identity *parent = spec->parent ? spec->parent : node.init;
	struct nsv_identity *id;

	id = record_new(NSV_IDENTITY, sizeof(*id), NSV_IDENTITY_MAX);
	id->cause = NSV_CAUSE_WALK;
	id->flags = (spec->thread_of ? NSV_TASK_THREAD : 0) | (spec->worker ? NSV_TASK_WORKER : 0);
	id->task.tid = spec->tid ? spec->tid : next_tid++;
	id->task.tgid = spec->thread_of ? spec->thread_of->task.tgid : id->task.tid;
	id->task.start_ns = id->task.tid * UINT64_C(1000000);
	if (spec->thread_of) /* younger than its process, whatever its number */
		id->task.start_ns = spec->thread_of->task.start_ns + id->task.tid;
	if (parent) {
		id->parent = parent->task;
		id->has.known |= NSV_HAS_PARENT;
	}
	id->cgroup = spec->in ? spec->in->cgroup->id : 1;
	id->pod = id->cgroup_pod = spec->in ? spec->in->pod->id : 0;
	id->container = spec->in ? spec->in->cgroup->id : 0;
	id->has.known |= NSV_HAS_POD;
	id->has.unsupported |= NSV_HAS_NS_IDS;
	hold_uid(id, first_host_id(nsv_userns_uids(own), own->n_uid));
	hold_gid(id, first_host_id(nsv_userns_gids(own), own->n_gid));
	set_namespaces(id, spec->in, own);
	set_executable(id, spec);
	/* 16 bytes of comm need no NUL. */
	strncpy(id->comm, spec->comm ? spec->comm : "app", sizeof(id->comm));
	return id;
}

/* ---- the node ---- */

static void add_init(void)
{
	node.init = task(.tid = 1, .comm = "systemd");
	node.init->task.start_ns = 1;
}

/* ---- what the engine tells ---- */

static void keep_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static void take_finding(void *ctx, const struct finding_event *event)
{
	struct told *told;

	(void)ctx;
	xgrow(node.told, node.n_told, &told_cap);
	told = &node.told[node.n_told++];
	*told = (struct told){
		.phase = event->phase,
		.severity = event->severity,
		.count = event->count,
		.opened_ns = event->opened_ns,
		.boot_ns = event->boot_ns,
		.n_evidence = event->n_evidence,
	};
	keep_text(told->rule, sizeof(told->rule), event->rule->name);
	keep_text(told->id, sizeof(told->id), event->id);
	keep_text(told->uid, sizeof(told->uid), event->uid);
	keep_text(told->namespace, sizeof(told->namespace), event->namespace);
	keep_text(told->name, sizeof(told->name), event->name);
	keep_text(told->check, sizeof(told->check), event->check);
	if (!event->n_evidence)
		return;
	keep_text(told->text, sizeof(told->text), event->evidence->text);
	keep_text(told->other, sizeof(told->other), event->evidence->other.pod);
	keep_text(told->ns_what, sizeof(told->ns_what), event->evidence->ns_what);
	keep_text(told->capability, sizeof(told->capability), event->evidence->capability);
	told->ns = event->evidence->ns.inum;
	told->tid = event->evidence->subject.process.task.tid;
}

static void list_told(char *out, size_t size)
{
	static const char *const phases[] = {"opened", "repeated", "closed", "reopened",
					     "regraded"};
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = told_from; i < node.n_told && at < size; i++) {
		const struct told *told = &node.told[i];

		at += (size_t)snprintf(out + at, size - at, "%s%s %s", i > told_from ? ", " : "",
				       phases[told->phase], told->rule);
		if (told->phase != FINDING_CLOSED && at < size)
			at += (size_t)snprintf(out + at, size - at, ":%s:%llu",
					       severity_name(told->severity),
					       (unsigned long long)told->count);
	}
}

void expect_told(const char *what, const char *file, int line)
{
	char said[1 << 14];

	told_from = told_seen;
	told_seen = node.n_told;
	list_told(said, sizeof(said));
	if (!strcmp(said, what))
		return;
	print_message("# expected to be told [%s]\n", what);
	print_message("# was told            [%s]\n", said);
	for (size_t i = told_from; i < node.n_told; i++)
		print_message("#   %s\n", node.told[i].text);
	_fail(file, line);
}

const struct told *told(size_t i)
{
	assert_true(told_from + i < told_seen);
	return &node.told[told_from + i];
}

void forget_told(void)
{
	told_seen = node.n_told;
}

void new_engine(void)
{
	static const struct engine_sink sink = {.finding = take_finding};

	engine_free(node.engine);
	node.engine = engine_new();
	engine_set_sink(node.engine, &sink);
}

const char *node_state(void)
{
	return strstr(node_json(), "\"policy\"");
}

int node_begin(void **state)
{
	(void)state;
	next_tid = 1000;
	next_cgroup = 10000;
	next_inum = 4026532000;
	seq = 0;
	node = (struct node){.now = 30 * SECOND};
	told_cap = told_seen = told_from = 0;
	new_engine();
	node.facts = (struct nsv_node){
		.h = {.type = NSV_NODE, .version = 1, .len = sizeof(node.facts)},
		.node_pid = 1,
		.release = "6.12.0",
	};
	node.policy = (struct nsv_policy){
		.h = {.type = NSV_POLICY, .version = 1, .len = sizeof(node.policy)},
		.policy = NSV_POLICY_OBSERVE,
		.min_host_id = 65536,
		.settle_ns = 60 * SECOND,
	};
	node.userns = userns(.map = MAP({0, 0, UINT32_MAX}));
	node.userns->ns.inum = INITIAL_USERNS;
	add_init();
	return 0;
}

void node_is_nested(const struct nsv_extent *map, const struct nsv_extent *gids)
{
	gone(node.init);
	node.init = NULL;
	/* A walk names those above the node's, but sends no maps of them. */
	node.userns->has.known &= ~NSV_HAS_MAPS;
	node.userns->n_uid = node.userns->n_gid = 0;
	node.userns->h.len = sizeof(*node.userns);
	node.userns = userns(.map = map, .gids = gids);
	add_init();
}

int node_end(void **state)
{
	(void)state;
	engine_free(node.engine);
	node.engine = NULL;
	free(node.told);
	list_free(&records);
	list_free(&boxes);
	list_free(&texts);
	return 0;
}

/* ---- walks ---- */

/* A copy of just its length, so that the sanitizer sees who reads past its end. */
int send_copy(void *record)
{
	struct nsv_event *event = record;
	size_t size = event->len > sizeof(*event) ? event->len : sizeof(*event);
	void *copy = xcalloc(1, size);
	int err;

	event->seq = ++seq;
	event->boot_ns = node.now;
	memcpy(copy, event, size);
	err = engine_event(node.engine, copy);
	free(copy);
	return err;
}

int send_phase(uint32_t phase)
{
	struct nsv_walk event = {
		.h = {.type = NSV_WALK, .version = 1, .len = sizeof(event)},
		.phase = phase,
	};

	return send_copy(&event.h);
}

static void shuffle(uint64_t *seed)
{
	for (size_t i = records.n; i > 1; i--) {
		size_t j = random_below(seed, (uint32_t)i);
		void *other = records.v[j];

		records.v[j] = records.v[i - 1];
		records.v[i - 1] = other;
	}
}

/* ---- keyframes ---- */

struct passing {
	struct codec *out, *in;
	struct list events;
	int err;
};

static void pass(void *ctx, const struct nsv_event *event)
{
	struct passing *passing = ctx;
	uint8_t *bytes = xcalloc(1, ENCODED_MAX);
	struct codec_skipped skipped = {};
	const struct nsv_event *back = NULL;
	long len = codec_encode(passing->out, event, bytes);

	if (len > 0 && codec_decode(passing->in, bytes, (size_t)len, &back, &skipped) == len) {
		void *copy = xcalloc(1, back->len);

		memcpy(copy, back, back->len);
		list_add(&passing->events, copy);
	} else {
		passing->err = -EINVAL;
	}
	free(bytes);
}

/* The engine forgets all but what a keyframe says, after it was written and read. */
static int forget(void)
{
	struct passing passing = {.out = codec_new(), .in = codec_new()};

	engine_keyframe(node.engine, seq, pass, &passing);
	for (size_t i = 0; !passing.err && i < passing.events.n; i++)
		passing.err = engine_event(node.engine, passing.events.v[i]);
	list_free(&passing.events);
	codec_free(passing.out);
	codec_free(passing.in);
	return passing.err;
}

int walk_result(void)
{
	int err = getenv("NODE_KEYFRAMES") ? forget() : 0;

	if (err)
		return err;
	node.report = NULL;
	if (node.shuffle)
		shuffle(&node.shuffle);
	err = send_copy(&node.facts.h);
	err = err ? err : send_copy(&node.policy.h);
	err = err ? err : send_phase(NSV_WALK_BEGIN);
	for (size_t i = 0; !err && i < records.n; i++) {
		if (node.during && i == records.n / 2)
			node.during();
		err = send_copy(records.v[i]);
	}
	err = err ? err : send_phase(NSV_WALK_END);
	node.report = engine_report(node.engine);
	return err;
}

void walk(void)
{
	assert_int_equal(walk_result(), 0);
	assert_non_null(node.report);
}

void look(void)
{
	walk();
	walk();
}

/* ---- what came out ---- */

static const struct pod_view *find_pod(const char *uid)
{
	for (size_t i = 0; i < node.report->n_pods; i++)
		if (!strcmp(node.report->pods[i].uid, uid))
			return &node.report->pods[i];
	return NULL;
}

const struct pod_view *the_pod(const char *uid)
{
	const struct pod_view *found = find_pod(uid);

	if (!found)
		fail_msg("pod %s is not in the report", uid);
	return found;
}

const struct finding *the_finding(const char *uid, const char *rule)
{
	const struct pod_view *view = the_pod(uid);

	for (size_t i = 0; i < view->n_findings; i++)
		if (!strcmp(view->findings[i].rule->name, rule))
			return &view->findings[i];
	fail_msg("pod %s has no finding %s", uid, rule);
	return NULL;
}

const struct evidence *the_evidence(const char *uid, const char *rule)
{
	const struct finding *finding = the_finding(uid, rule);

	assert_true(finding->n_evidence > 0);
	return finding->evidence;
}

const char *node_json(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(report_json(node.report, false, out), 0);
	fclose(out);
	list_add(&texts, text);
	return text;
}

char *node_text(bool color)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	report_text(node.report, &(struct report_style){.color = color}, out);
	fclose(out);
	list_add(&texts, text);
	assert_int_equal(strlen(text), size);
	return text;
}

static void list_findings(const struct pod_view *view, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < view->n_findings; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s:%s", i ? " " : "",
				       view->findings[i].rule->name,
				       severity_name(view->findings[i].severity));
}

void expect_pod(const char *uid, const char *verdict, const char *findings, const char *file,
		int line)
{
	const struct pod_view *view = find_pod(uid);
	char found[1024] = "";

	if (view)
		list_findings(view, found, sizeof(found));
	if (view && !strcmp(verdict_name(view->verdict), verdict) && !strcmp(found, findings))
		return;
	print_message("# pod %s: expected %s [%s]\n", uid, verdict, findings);
	print_message("# pod %s: it is   %s [%s]%s%s\n", uid,
		      view ? verdict_name(view->verdict) : "not there", found,
		      view && view->reason ? ", " : "", view && view->reason ? view->reason : "");
	for (size_t i = 0; view && i < view->n_findings; i++)
		print_message("#   %s\n", view->findings[i].evidence[0].text);
	_fail(file, line);
}

void expect_says(const char *text, const char *const *parts, const char *file, int line)
{
	for (; *parts; parts++) {
		if (text && strstr(text, *parts))
			continue;
		print_message("# no \"%s\" in \"%s\"\n", *parts, text ? text : "(none)");
		_fail(file, line);
	}
}
