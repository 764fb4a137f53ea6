// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/shared.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <nsvigil/kept.h>

struct member {
	const char *name;
	size_t offset;
};

#define MEMBER(type, name)                                                                         \
	{                                                                                          \
#name, offsetof(struct type, name)                                                 \
	}

static const struct shared {
	const char *name;
	size_t size;
	struct member members[13];
} shared[] = {
	{"task_state",
	 sizeof(struct task_state),
	 {MEMBER(task_state, pod), MEMBER(task_state, container), MEMBER(task_state, creds),
	  MEMBER(task_state, places), MEMBER(task_state, outer_mnt), MEMBER(task_state, base),
	  MEMBER(task_state, began_in), MEMBER(task_state, state), MEMBER(task_state, told),
	  MEMBER(task_state, made), MEMBER(task_state, over), MEMBER(task_state, last)}},
	{"cap_kind", sizeof(struct cap_kind), {MEMBER(cap_kind, first_ns), MEMBER(cap_kind, at)}},
	{"cap_count",
	 sizeof(struct cap_count),
	 {MEMBER(cap_count, pod), MEMBER(cap_count, count), MEMBER(cap_count, last_ns),
	  MEMBER(cap_count, tick)}},
	{"lost",
	 sizeof(struct lost),
	 {MEMBER(lost, identities), MEMBER(lost, namespaces), MEMBER(lost, exits),
	  MEMBER(lost, changes), MEMBER(lost, limited), MEMBER(lost, activities),
	  MEMBER(lost, idmaps), MEMBER(lost, caps), MEMBER(lost, pods)}},
};

/* The index-th member is there, under its name. */
static bool is_member(const struct btf *btf, const struct btf_type *type, unsigned index,
		      const struct member *member)
{
	return index < btf_vlen(type) &&
	       !strcmp(btf__name_by_offset(btf, btf_members(type)[index].name_off), member->name) &&
	       btf_member_bit_offset(type, index) == 8 * member->offset;
}

static bool is_same(const struct btf *btf, const struct btf_type *type, const struct shared *mine)
{
	unsigned n = 0;

	for (; n < sizeof(mine->members) / sizeof(*mine->members) && mine->members[n].name; n++)
		if (!is_member(btf, type, n, &mine->members[n]))
			return false;
	return type->size == mine->size && btf_vlen(type) == n;
}

int shared_check(const struct btf *btf, struct problem *problem)
{
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
		const int id = btf__find_by_name_kind(btf, shared[i].name, BTF_KIND_STRUCT);

		if (id > 0 && !is_same(btf, btf__type_by_id(btf, (__u32)id), &shared[i]))
			return problem_set(problem, -EINVAL,
					   "the BPF programs have another struct %s than this "
					   "program: build both again (make clean all)",
					   shared[i].name);
	}
	return 0;
}
