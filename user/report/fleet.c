// SPDX-License-Identifier: BSD-2-Clause
#include "report/fleet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/cleanup.h"

/* No text of nsvigil's is as long. */
#define TEXT_MAX 8192

struct fleet *fleet_new(void)
{
	struct fleet *fleet = xcalloc(1, sizeof(*fleet));

	fleet->last_remark = &fleet->remarks;
	fleet->worst = -1;
	return fleet;
}

static void free_pods(struct fleet_node *node)
{
	struct fleet_pod *pod, *next;

	HASH_ITER(hh, node->pods, pod, next) {
		HASH_DEL(node->pods, pod);
		free(pod->spans);
		free(pod->intervals);
		free(pod);
	}
}

static void free_node(struct fleet_node *node)
{
	struct fleet_boot *boot, *next_boot;

	HASH_ITER(hh, node->boots, boot, next_boot) {
		HASH_DEL(node->boots, boot);
		free(boot);
	}
	free_pods(node);
	free(node->list);
	free(node);
}

void fleet_free(struct fleet *fleet)
{
	struct fleet_word *word, *next_word;
	struct fleet_rule *rule, *next_rule;
	struct fleet_node *node, *next_node;

	if (!fleet)
		return;
	HASH_ITER(hh, fleet->words, word, next_word) {
		HASH_DEL(fleet->words, word);
		free(word);
	}
	HASH_ITER(hh, fleet->rules, rule, next_rule) {
		HASH_DEL(fleet->rules, rule);
		free(rule);
	}
	HASH_ITER(hh, fleet->nodes, node, next_node) {
		HASH_DEL(fleet->nodes, node);
		free_node(node);
	}
	arena_free(&fleet->arena);
	free(fleet->list);
	free(fleet->open);
	free(fleet->closed);
	free(fleet);
}

void fleet_forget(struct fleet *fleet)
{
	for (struct fleet_node *node = fleet->nodes; node; node = node->hh.next) {
		free_pods(node);
		*node = (struct fleet_node){.key = node->key,
					    .named = node->named,
					    .boots = node->boots,
					    .worst = -1,
					    .hh = node->hh};
	}
	for (struct fleet_word *word = fleet->words; word; word = word->hh.next)
		word->remarked = false;
	fleet->remarks = NULL;
	fleet->last_remark = &fleet->remarks;
	fleet->n_remarks = 0;
	fleet->n_files = 0;
	fleet->damaged = false;
	fleet->again = true;
}

/* ---- texts ---- */

/* How long it becomes. */
static size_t plain_len(const char *text, size_t len)
{
	size_t need = 0;

	for (size_t i = 0; i < len; i++)
		need += text[i] >= 0x20 && text[i] < 0x7f ? 1 : 4;
	return need;
}

static void make_plain(char *out, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c < 0x7f) {
			*out++ = (char)c;
			continue;
		}
		*out++ = '\\';
		*out++ = 'x';
		*out++ = hex[c >> 4];
		*out++ = hex[c & 15];
	}
	*out = '\0';
}

const char *fleet_text(struct fleet *fleet, const char *text, size_t len)
{
	char *out;

	if (len > TEXT_MAX)
		len = TEXT_MAX;
	out = arena_calloc(&fleet->arena, 1, plain_len(text, len) + 1);
	make_plain(out, text, len);
	return out;
}

static struct fleet_word *keep_word(struct fleet *fleet, const char *text, size_t len)
{
	struct fleet_word *word;
	size_t size;

	if (len > TEXT_MAX)
		len = TEXT_MAX;
	size = plain_len(text, len);
	if (size == len) {
		HASH_FIND(hh, fleet->words, text, len, word);
		if (word)
			return word;
	}
	word = xcalloc(1, sizeof(*word) + size + 1);
	make_plain(word->text, text, len);
	if (size != len) {
		struct fleet_word *same;

		HASH_FIND(hh, fleet->words, word->text, size, same);
		if (same) {
			free(word);
			return same;
		}
	}
	HASH_ADD_KEYPTR(hh, fleet->words, word->text, size, word);
	if (!word->hh.tbl)
		abort();
	return word;
}

const char *fleet_word(struct fleet *fleet, const char *text, size_t len)
{
	return keep_word(fleet, text, len)->text;
}

void fleet_remark(struct fleet *fleet, const char *format, ...)
{
	struct fleet_remark *remark;
	struct fleet_word *word;
	AUTO_FREE char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		abort();
	word = keep_word(fleet, text, (size_t)len);
	if (word->remarked)
		return;
	word->remarked = true;
	remark = arena_calloc(&fleet->arena, 1, sizeof(*remark));
	remark->text = word->text;
	*fleet->last_remark = remark;
	fleet->last_remark = &remark->next;
	fleet->n_remarks++;
}

/* ---- what there is ---- */

struct fleet_node *fleet_get_node(struct fleet *fleet, const char *key, bool named)
{
	struct fleet_node *node;

	HASH_FIND_STR(fleet->nodes, key, node);
	if (node) {
		node->named |= named;
		return node;
	}
	node = xcalloc(1, sizeof(*node));
	node->key = fleet_text(fleet, key, strlen(key));
	node->named = named;
	node->worst = -1;
	table_add_str(fleet->nodes, key, node);
	return node;
}

struct fleet_pod *fleet_get_pod(struct fleet *fleet, struct fleet_node *node, const char *uid)
{
	struct fleet_pod *pod;

	HASH_FIND_STR(node->pods, uid, pod);
	if (pod)
		return pod;
	pod = xcalloc(1, sizeof(*pod));
	pod->uid = fleet_text(fleet, uid, strlen(uid));
	pod->verdict = VERDICT_NOT_JUDGED;
	pod->node = node;
	table_add_str(node->pods, uid, pod);
	return pod;
}

struct fleet_rule *fleet_get_rule(struct fleet *fleet, const char *name)
{
	struct fleet_rule *rule;

	HASH_FIND_STR(fleet->rules, name, rule);
	if (rule)
		return rule;
	if (HASH_COUNT(fleet->rules) == FLEET_RULES) {
		fleet->damaged = true;
		fleet_remark(
			fleet,
			"the files name more than %d rules, and nsvigil has not as many: findings are left out",
			FLEET_RULES);
		return NULL;
	}
	rule = xcalloc(1, sizeof(*rule));
	rule->name = fleet_text(fleet, name, strlen(name));
	table_add_str(fleet->rules, name, rule);
	return rule;
}

struct fleet_finding *fleet_get_finding(struct fleet *fleet, struct fleet_node *node,
					struct fleet_pod *pod, const struct fleet_rule *rule,
					const char *kind)
{
	struct fleet_finding **all = pod ? &pod->findings : &node->findings, *finding;

	for (finding = *all; finding; finding = finding->next) {
		/* An attestation names the rule alone. */
		if (finding->rule == rule && !finding->kind && !finding->told)
			finding->kind = kind;
		if (finding->rule == rule && finding->kind == kind)
			return finding;
	}
	finding = arena_calloc(&fleet->arena, 1, sizeof(*finding));
	finding->rule = rule;
	finding->kind = kind;
	finding->pod = pod;
	finding->node = node;
	finding->next = *all;
	*all = finding;
	return finding;
}

/* ---- as texts ---- */

const char *fleet_pod_name(struct fleet *fleet, const struct fleet_pod *pod)
{
	if (!pod)
		return "the node";
	if (!pod->name)
		return pod->uid;
	return arena_printf(&fleet->arena, pod->namesake ? "%s/%s (%s)" : "%s/%s",
			    pod->namespace ? pod->namespace : "?", pod->name, pod->uid);
}

const char *fleet_ranges(struct fleet *fleet, const struct id_range *ranges, size_t n)
{
	const size_t most = 8;
	size_t len;
	AUTO_FREE char *text = NULL;
	FILE *out;

	if (!n)
		return "-";
	out = xmemstream(&text, &len);
	for (size_t i = 0; i < n && i < most; i++) {
		fprintf(out, "%s%u", i ? ", " : "", ranges[i].first);
		if (ranges[i].last != ranges[i].first)
			fprintf(out, "-%u", ranges[i].last);
	}
	if (n > most)
		fprintf(out, " and %zu more", n - most);
	fclose(out);
	return fleet_text(fleet, text, len);
}

const char *fleet_coverage(struct fleet *fleet, uint64_t span_ns, uint64_t gap_ns)
{
	uint64_t parts;

	if (!span_ns)
		return "-";
	if (gap_ns >= span_ns)
		return "0%";
	if (!gap_ns)
		return "100%";
	parts = (uint64_t)((unsigned __int128)(span_ns - gap_ns) * 10000 / span_ns);
	return arena_printf(&fleet->arena, "%llu.%02llu%%", (unsigned long long)(parts / 100),
			    (unsigned long long)(parts % 100));
}

const char *fleet_moment(struct fleet *fleet, moment when)
{
	const time_t seconds = (time_t)(when / 1000000000);
	char text[32];
	struct tm tm;

	if (!when)
		return "-";
	if (!moment_is_wall(when))
		return arena_printf(&fleet->arena, "%llu.%llu s after boot",
				    (unsigned long long)(when / 1000000000),
				    (unsigned long long)(when / 100000000 % 10));
	if (!gmtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return "-";
	return fleet_text(fleet, text, strlen(text));
}

const char *fleet_result_name(enum fleet_result result)
{
	static const char *const names[] = {"-", "shown", "shown in part", "not shown", "broken"};

	return names[result];
}

const char *fleet_worst_name(int worst)
{
	return worst < 0 ? "-" : severity_name((enum severity)worst);
}

/* Those that are there are, and those that have ended were. */
static void head_pods(const struct fleet *fleet, FILE *out)
{
	const size_t n = fleet->n_pods, gone = fleet->n_ended,
		     isolated = fleet->ended[VERDICT_ISOLATED];
	const size_t nodes = fleet->n_nodes - fleet->n_away;
	const char *were = isolated == 1 || gone == 1 ? "was" : "were";
	const bool none_left = !n && gone;
	char on[48] = "";

	if (nodes > 1)
		snprintf(on, sizeof(on), " on %zu nodes", nodes);
	if (none_left)
		fprintf(out, "%zu of %zu pod%s that ended%s %s isolated", isolated, gone,
			gone == 1 ? "" : "s", on, were);
	else
		fprintf(out, "%zu of %zu pod%s isolated%s", fleet->verdicts[VERDICT_ISOLATED], n,
			n == 1 ? "" : "s", on);
	if (fleet->verdicts[VERDICT_VIOLATED])
		fprintf(out, "; %zu violated", fleet->verdicts[VERDICT_VIOLATED]);
	if (gone && !none_left)
		fprintf(out, "; of %zu that ended %zu %s isolated", gone, isolated, were);
	if (fleet->ended[VERDICT_VIOLATED])
		fprintf(out, "%s %zu violated", none_left ? ";" : ",",
			fleet->ended[VERDICT_VIOLATED]);
}

const char *fleet_headline(struct fleet *fleet)
{
	size_t len;
	AUTO_FREE char *text = NULL;
	FILE *out = xmemstream(&text, &len);

	head_pods(fleet, out);
	if (fleet->n_open)
		fprintf(out, "; worst: %s", fleet_worst_name(fleet->worst));
	else if (fleet->n_closed)
		fprintf(out, "; no finding is open");
	else
		fprintf(out, "; nothing found");
	if (fleet->n_away)
		fprintf(out, "; %zu node%s did not answer", fleet->n_away,
			fleet->n_away == 1 ? "" : "s");
	fclose(out);
	return fleet_text(fleet, text, len);
}
