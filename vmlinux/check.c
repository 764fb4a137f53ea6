// SPDX-License-Identifier: BSD-2-Clause
/*
 * vmlinux-check VIEW [BTF]: compares our view of the kernel's types, vmlinux.h compiled to an
 * object with BTF, with those of a kernel (a raw BTF file, or an ELF file with a .BTF section).
 *
 * libbpf moves a read to where the kernel has a member, but it reads what the view says is
 * there: a member that changed its size or now points to something else gives wrong numbers
 * without an error. So each member of the view must be in the kernel's type of that name, and be
 * of the same kind: numbers of the same size and sign, pointers to a type of the same name.
 *
 * Flavours (struct x___why) stand for what is not in every kernel. Of several flavours of a type
 * one must match. A single one may be missing, but not be there as something else.
 *
 * A constant of an enum is used as compiled in, so its value must be the kernel's; that of a
 * flavour is for bpf_core_enum_value() and needs only to exist.
 *
 * Exit status: 0 all is as in the view, 1 something is not, 2 it could not be checked.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#define FLAVOUR "___"

static const struct btf *view, *kernel;

/* What was found out about one type of the view. */
struct outcome {
	unsigned missing; /* members that the kernel does not have */
	unsigned differs; /* members that the kernel has as something else */
	bool print;	  /* a line for each of them */
};

static unsigned problems(const struct outcome *outcome)
{
	return outcome->missing + outcome->differs;
}

__attribute__((format(printf, 2, 0))) static void problem(const struct outcome *outcome,
							  const char *fmt, va_list args)
{
	if (!outcome->print)
		return;
	vprintf(fmt, args);
	putchar('\n');
}

__attribute__((format(printf, 2, 3))) static void missing(struct outcome *outcome, const char *fmt,
							  ...)
{
	va_list args;

	outcome->missing++;
	va_start(args, fmt);
	problem(outcome, fmt, args);
	va_end(args);
}

__attribute__((format(printf, 2, 3))) static void differs(struct outcome *outcome, const char *fmt,
							  ...)
{
	va_list args;

	outcome->differs++;
	va_start(args, fmt);
	problem(outcome, fmt, args);
	va_end(args);
}

static const char *name_at(const struct btf *btf, __u32 offset)
{
	return btf__str_by_offset(btf, offset) ?: "";
}

static const char *name_of(const struct btf *btf, const struct btf_type *type)
{
	return name_at(btf, type->name_off);
}

static bool is_flavour(const char *name)
{
	return strstr(name, FLAVOUR);
}

/* How long a name is without its flavour. */
static int plain_len(const char *name)
{
	const char *flavour = strstr(name, FLAVOUR);

	return flavour ? (int)(flavour - name) : (int)strlen(name);
}

static bool same_name(const char *a, const char *b)
{
	return plain_len(a) == plain_len(b) && !strncmp(a, b, (size_t)plain_len(a));
}

static bool is_wrapper(const struct btf_type *type)
{
	return btf_is_mod(type) || btf_is_typedef(type);
}

/* The type behind typedefs, const, volatile and tags; unlike btf__resolve_type() also void. */
static const struct btf_type *resolve(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (is_wrapper(type))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* The first name on the way from a typedef to a type's tag; "" if there is none. */
static const char *first_name(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type))
		type = btf__type_by_id(btf, type->type);
	return name_of(btf, type);
}

/* Whether any name on that way is this one. */
static bool is_called(const struct btf *btf, __u32 id, const char *name)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (is_wrapper(type) && !same_name(name_of(btf, type), name))
		type = btf__type_by_id(btf, type->type);
	return same_name(name_of(btf, type), name);
}

static bool is_number(const struct btf_type *type)
{
	return btf_is_int(type) || btf_is_any_enum(type);
}

static bool is_record(const struct btf_type *type)
{
	return btf_is_composite(type) || btf_is_fwd(type);
}

static const char *kind_name(const struct btf_type *type)
{
	if (is_number(type))
		return "a number";
	switch (btf_kind(type)) {
	case BTF_KIND_UNKN:
		return "void";
	case BTF_KIND_PTR:
		return "a pointer";
	case BTF_KIND_ARRAY:
		return "an array";
	case BTF_KIND_STRUCT:
		return "a struct";
	case BTF_KIND_UNION:
		return "a union";
	default:
		return "of another kind";
	}
}

static void compare_kinds(struct outcome *outcome, const char *path, const struct btf_type *ours,
			  const struct btf_type *theirs)
{
	if (btf_kind(ours) != btf_kind(theirs))
		differs(outcome, "%s: %s here, %s in the kernel", path, kind_name(ours),
			kind_name(theirs));
}

/* Whether plain char has a sign depends on the architecture, an enum's sign on its constants. */
static bool is_signed_otherwise(const struct btf_type *a, const struct btf_type *b)
{
	return btf_is_int(a) && btf_is_int(b) && a->size > 1 &&
	       (btf_int_encoding(a) ^ btf_int_encoding(b)) & BTF_INT_SIGNED;
}

static void compare_numbers(struct outcome *outcome, const char *path, const struct btf_type *ours,
			    const struct btf_type *theirs)
{
	if (ours->size != theirs->size)
		differs(outcome, "%s: %u bytes here, %u in the kernel", path, ours->size,
			theirs->size);
	else if (is_signed_otherwise(ours, theirs))
		differs(outcome, "%s: signed here or in the kernel, not in both", path);
}

static void compare_members(struct outcome *outcome, const char *path, const struct btf_type *ours,
			    const struct btf_type *theirs);
static void compare_values(struct outcome *outcome, const char *path, __u32 ours, __u32 theirs);

static void compare_arrays(struct outcome *outcome, const char *path, const struct btf_type *ours,
			   const struct btf_type *theirs)
{
	const struct btf_array *a = btf_array(ours), *b = btf_array(theirs);

	/* 0 is an array whose length only the kernel's code knows. */
	if (b->nelems && a->nelems > b->nelems)
		differs(outcome, "%s: %u elements here, %u in the kernel", path, a->nelems,
			b->nelems);
	else
		compare_values(outcome, path, a->type, b->type);
}

/* Records that have a name are compared once, by check_view(). */
static void compare_records(struct outcome *outcome, const char *path, __u32 ours, __u32 theirs)
{
	const char *name = first_name(view, ours);

	if (!*name)
		compare_members(outcome, path, resolve(view, ours), resolve(kernel, theirs));
	else if (!is_called(kernel, theirs, name))
		differs(outcome, "%s: %.*s here, %s in the kernel", path, plain_len(name), name,
			first_name(kernel, theirs));
}

/* What is behind a pointer. void here may be anything there: the view does not look at it. */
static void compare_targets(struct outcome *outcome, const char *path, __u32 ours, __u32 theirs)
{
	const struct btf_type *a = resolve(view, ours), *b = resolve(kernel, theirs);

	if (is_record(a) && is_record(b))
		compare_records(outcome, path, ours, theirs);
	else if (!btf_is_void(a))
		compare_values(outcome, path, ours, theirs);
}

static void compare_values(struct outcome *outcome, const char *path, __u32 ours, __u32 theirs)
{
	const struct btf_type *a = resolve(view, ours), *b = resolve(kernel, theirs);

	if (is_number(a) && is_number(b))
		compare_numbers(outcome, path, a, b);
	else if (btf_is_ptr(a) && btf_is_ptr(b))
		compare_targets(outcome, path, a->type, b->type);
	else if (btf_is_array(a) && btf_is_array(b))
		compare_arrays(outcome, path, a, b);
	else if (btf_is_composite(a) && btf_kind(a) == btf_kind(b))
		compare_records(outcome, path, ours, theirs);
	else
		compare_kinds(outcome, path, a, b);
}

/* A member, also one of the anonymous structs and unions inside. */
static const struct btf_member *find_member(const struct btf_type *record, const char *name,
					    const struct btf_type **owner)
{
	const struct btf_member *member = btf_members(record), *found;

	for (int i = 0; i < btf_vlen(record); i++, member++) {
		const char *member_name = name_at(kernel, member->name_off);
		const struct btf_type *type = resolve(kernel, member->type);

		if (!strcmp(member_name, name)) {
			*owner = record;
			return member;
		}
		if (*member_name || !btf_is_composite(type))
			continue;
		found = find_member(type, name, owner);
		if (found)
			return found;
	}
	return NULL;
}

static __u32 bits_of(const struct btf_type *owner, const struct btf_member *member)
{
	return btf_member_bitfield_size(owner, (__u32)(member - btf_members(owner)));
}

static void compare_member(struct outcome *outcome, const char *parent,
			   const struct btf_type *record, const struct btf_member *ours,
			   const struct btf_type *kernel_record)
{
	const char *name = name_at(view, ours->name_off);
	const struct btf_member *theirs;
	const struct btf_type *owner;
	char path[256];

	snprintf(path, sizeof(path), "%s.%s", parent, name);
	theirs = find_member(kernel_record, name, &owner);
	if (!theirs)
		missing(outcome, "%s: not in the kernel", path);
	else if (bits_of(record, ours) != bits_of(owner, theirs))
		differs(outcome, "%s: bits of a bit field: %u here, %u in the kernel", path,
			bits_of(record, ours), bits_of(owner, theirs));
	else
		compare_values(outcome, path, ours->type, theirs->type);
}

/* libbpf looks into anonymous structs and unions of both sides, so how they nest is no matter. */
static void compare_members(struct outcome *outcome, const char *path, const struct btf_type *ours,
			    const struct btf_type *theirs)
{
	const struct btf_member *member = btf_members(ours);

	for (int i = 0; i < btf_vlen(ours); i++, member++) {
		const struct btf_type *type = resolve(view, member->type);

		if (!member->name_off && btf_is_composite(type))
			compare_members(outcome, path, type, theirs);
		else
			compare_member(outcome, path, ours, member, theirs);
	}
}

static const char *constant(const struct btf *btf, const struct btf_type *type, int i, __s64 *value)
{
	if (btf_is_enum(type)) {
		*value = btf_enum(type)[i].val;
		return name_at(btf, btf_enum(type)[i].name_off);
	}
	*value = (__s64)btf_enum64_value(&btf_enum64(type)[i]);
	return name_at(btf, btf_enum64(type)[i].name_off);
}

static bool find_constant(const struct btf_type *type, const char *name, __s64 *value)
{
	for (int i = 0; i < btf_vlen(type); i++)
		if (same_name(constant(kernel, type, i, value), name))
			return true;
	return false;
}

static void compare_constants(struct outcome *outcome, const char *path,
			      const struct btf_type *ours, const struct btf_type *theirs)
{
	bool any_value = is_flavour(name_of(view, ours));

	for (int i = 0; i < btf_vlen(ours); i++) {
		__s64 here, there;
		const char *name = constant(view, ours, i, &here);

		if (!find_constant(theirs, name, &there))
			missing(outcome, "%s: %s is not in the kernel", path, name);
		else if (here != there && !any_value)
			differs(outcome, "%s: %s is %lld here, %lld in the kernel", path, name,
				(long long)here, (long long)there);
	}
}

/* A type that the view describes: by its tag, or by a typedef if it has none. */
static bool is_described(__u32 id)
{
	const struct btf_type *type = btf__type_by_id(view, id), *target;

	if (btf_is_composite(type) || btf_is_any_enum(type))
		return type->name_off;
	if (!btf_is_typedef(type))
		return false;
	target = btf__type_by_id(view, type->type);
	return btf_is_composite(target) && !target->name_off;
}

static const char *keyword(const struct btf_type *type)
{
	if (btf_is_struct(type))
		return "struct ";
	if (btf_is_union(type))
		return "union ";
	return btf_is_any_enum(type) ? "enum " : "";
}

static bool is_namesake(const struct btf_type *ours, const struct btf_type *theirs)
{
	return btf_is_typedef(ours) == btf_is_typedef(theirs) &&
	       !strcmp(keyword(ours), keyword(theirs)) &&
	       same_name(name_of(view, ours), name_of(kernel, theirs));
}

/* Compares what is described here with one type of the kernel's; 0: it has none of that name. */
static struct outcome compare(__u32 ours, __u32 theirs, bool print)
{
	const struct btf_type *type = btf__type_by_id(view, ours);
	const struct btf_type *a = resolve(view, ours), *b = resolve(kernel, theirs);
	struct outcome outcome = {.print = print};
	char path[128];

	snprintf(path, sizeof(path), "%s%s", keyword(type), name_of(view, type));
	if (!theirs)
		missing(&outcome, "%s: not in the kernel", path);
	else if (btf_is_any_enum(a) && btf_is_any_enum(b))
		compare_constants(&outcome, path, a, b);
	else if (btf_kind(a) == btf_kind(b))
		compare_members(&outcome, path, a, b);
	else
		compare_kinds(&outcome, path, a, b);
	return outcome;
}

/* The kernel may know several types by one name: takes the one that fits best. */
static __u32 find_type(__u32 ours)
{
	const struct btf_type *type = btf__type_by_id(view, ours);
	struct outcome best = {0};
	__u32 found = 0;

	for (__u32 id = 1; id < btf__type_cnt(kernel); id++) {
		struct outcome outcome;

		if (!is_namesake(type, btf__type_by_id(kernel, id)))
			continue;
		outcome = compare(ours, id, false);
		if (!found || problems(&outcome) < problems(&best)) {
			best = outcome;
			found = id;
		}
	}
	return found;
}

/* Says how a flavour fares; returns the problems that it is by itself. */
static unsigned check_flavour(__u32 id, bool only_one, unsigned *matches)
{
	const char *name = name_of(view, btf__type_by_id(view, id));
	__u32 theirs = find_type(id);
	struct outcome outcome = compare(id, theirs, false);

	if (!outcome.differs) {
		printf("%s: %s\n", name, outcome.missing ? "absent" : "matches");
		*matches += !outcome.missing;
		return 0;
	}
	printf("%s: does not match\n", name);
	if (!only_one)
		return 0;
	compare(id, theirs, true);
	return problems(&outcome);
}

static bool is_flavour_of(__u32 id, const char *name)
{
	const char *other = name_of(view, btf__type_by_id(view, id));

	return is_described(id) && is_flavour(other) && same_name(other, name);
}

/* Checks all flavours of a type when its first one comes by; returns the problems. */
static unsigned check_flavours(__u32 first)
{
	const char *name = name_of(view, btf__type_by_id(view, first));
	unsigned flavours = 0, matches = 0, found = 0;

	for (__u32 id = 1; id < btf__type_cnt(view); id++) {
		if (id < first && is_flavour_of(id, name))
			return 0;
		flavours += is_flavour_of(id, name);
	}
	for (__u32 id = first; id < btf__type_cnt(view); id++)
		if (is_flavour_of(id, name))
			found += check_flavour(id, flavours == 1, &matches);
	if (flavours > 1 && !matches) {
		printf("%.*s: none of its %u flavours matches\n", plain_len(name), name, flavours);
		found++;
	}
	return found;
}

static unsigned check_plain(__u32 id)
{
	struct outcome outcome = compare(id, find_type(id), true);

	return problems(&outcome);
}

static unsigned check_view(const char *path)
{
	unsigned types = 0, found = 0;

	for (__u32 id = 1; id < btf__type_cnt(view); id++) {
		if (!is_described(id))
			continue;
		types++;
		if (is_flavour(name_of(view, btf__type_by_id(view, id))))
			found += check_flavours(id);
		else
			found += check_plain(id);
	}
	if (!types) {
		puts("the view describes no type");
		found++;
	}
	printf("%s: types %u, problems %u\n", path, types, found);
	return found;
}

static struct btf *parse(const char *path)
{
	struct btf *btf = btf__parse(path, NULL);

	if (!btf)
		fprintf(stderr, "vmlinux-check: %s: %s\n", path,
			access(path, R_OK) ? strerror(errno) : "no BTF in it");
	return btf;
}

int main(int argc, char **argv)
{
	const char *path = argc > 2 ? argv[2] : "/sys/kernel/btf/vmlinux";
	struct btf *ours, *theirs;
	int status = 2;

	if (argc < 2 || argc > 3) {
		fputs("usage: vmlinux-check VIEW [BTF]\n", stderr);
		return 2;
	}
	libbpf_set_print(NULL);
	ours = parse(argv[1]);
	theirs = ours ? parse(path) : NULL;
	if (theirs) {
		view = ours;
		kernel = theirs;
		status = check_view(path) ? 1 : 0;
	}
	btf__free(ours);
	btf__free(theirs);
	return status;
}
