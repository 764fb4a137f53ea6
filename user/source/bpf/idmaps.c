// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/idmaps.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "idmap.skel.h"
#include "lib/alloc.h"
#include "source/bpf/arch.h"
#include "source/bpf/hooktable.h"
#include "source/bpf/integrity.h"
#include "source/bpf/misses.h"
#include "source/bpf/modules.h"

#define TWINS_MAX 9

struct idmaps {
	struct idmap_bpf *skel;
	struct twin twins[TWINS_MAX];
	size_t n_twins;
};

/* Entries of calls that the kernel does not have are passed over. */
static bool has_target(const struct btf *btf, const char *section)
{
	const char *function = strchr(section, '/') + 1;

	return strncmp(section, "fexit/", 6) ||
	       btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) > 0;
}

/*
 * Whether a mount that was told is not told again, as the stand-in of a program would (bpf/idmap.bpf.c, tell()): Linux
 * 6.8 and later. Before that, what a program misses is lost, and told.
 */
static bool has_unique_ids(const struct btf *btf)
{
	const __s32 id = btf__find_by_name_kind(btf, "mount", BTF_KIND_STRUCT);
	const struct btf_type *mount = id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);

	for (int i = 0; mount && i < btf_vlen(mount); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(mount)[i].name_off),
			    "mnt_id_unique"))
			return true;
	return false;
}

/* Those of the section's type. Returns 0 or -errno. */
static int choose_programs(struct idmap_bpf *skel, const char *section, bool again)
{
	const size_t type = strcspn(section, "/") + 1;
	struct bpf_program *program;
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return -errno;
	again = again && has_unique_ids(btf);
	bpf_object__for_each_program(program, skel->obj)
	{
		const char *its = bpf_program__section_name(program);

		bool wanted = !strncmp(its, section, type) && has_target(btf, its);

		/* The end of each call is one of its own. */
		if (!strcmp(its, HOOK_AT_EXITS) || !strcmp(section, HOOK_AT_EXITS))
			wanted = !strcmp(its, section);
		if (misses_again(program) && !again)
			wanted = false;
		bpf_program__set_autoload(program, wanted);
	}
	btf__free(btf);
	return 0;
}

static int share_maps(struct idmap_bpf *skel, const struct idmaps_shared *shared)
{
	const struct {
		struct bpf_map *ours;
		const struct bpf_map *theirs;
	} maps[] = {
		{skel->maps.events, shared->events},   {skel->maps.tasks, shared->tasks},
		{skel->maps.pods, shared->pods},       {skel->maps.budgets, shared->budgets},
		{skel->maps.lost_of, shared->lost_of}, {skel->maps.ways_out, shared->ways_out},
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(maps) / sizeof(*maps); i++)
		err = bpf_map__reuse_fd(maps[i].ours, bpf_map__fd(maps[i].theirs));
	return err;
}

static void find_twins(struct idmaps *idmaps)
{
	const struct idmap_bpf *skel = idmaps->skel;
	const struct twin twins[] = {TWIN(skel, on_mount_setattr),  TWIN(skel, on_open_tree_attr),
				     TWIN(skel, on_idmap_call_end), TWIN(skel, on_idmap_check),
				     TWIN(skel, on_idmap_fork),	    TWIN(skel, on_idmap_exec),
				     TWIN(skel, on_idmap_exit),	    ARCH_TWINS_32(skel)};

	_Static_assert(sizeof(twins) <= sizeof(idmaps->twins), "TWINS_MAX");
	memcpy(idmaps->twins, twins, sizeof(twins));
	idmaps->n_twins = sizeof(twins) / sizeof(*twins);
}

static int load(struct idmap_bpf *skel)
{
	modules_leave_out(skel->obj);
	return idmap_bpf__load(skel);
}

int idmaps_open(const char *section, const struct idmaps_shared *shared, unsigned pid_level,
		struct idmaps **out)
{
	struct idmap_bpf *skel = idmap_bpf__open();
	int err;

	if (!skel)
		return -errno;
	skel->rodata->pid_level = pid_level;
	skel->rodata->has_again = shared->again;
	skel->rodata->in_one_go = shared->in_one_go;
	/* Nothing here is bulk. */
	bpf_map__set_max_entries(skel->maps.bulk, (__u32)sysconf(_SC_PAGESIZE));
	err = choose_programs(skel, section, shared->again);
	if (!err)
		err = share_maps(skel, shared);
	if (!err)
		err = load(skel);
	if (!err)
		err = idmap_bpf__attach(skel);
	if (err) {
		idmap_bpf__destroy(skel);
		return err;
	}
	*out = xcalloc(1, sizeof(**out));
	(*out)->skel = skel;
	find_twins(*out);
	return 0;
}

void idmaps_close(struct idmaps *idmaps)
{
	if (!idmaps)
		return;
	idmap_bpf__destroy(idmaps->skel);
	free(idmaps);
}

void idmaps_prove(struct idmaps *idmaps, pid_t pid)
{
	idmaps->skel->bss->prover = (__u32)pid;
}

uint64_t idmaps_proven(const struct idmaps *idmaps)
{
	return idmaps->skel->bss->proven;
}

struct lost idmaps_lost(const struct idmaps *idmaps)
{
	return idmaps ? idmaps->skel->bss->lost : (struct lost){};
}

uint64_t idmaps_missed(struct idmaps *idmaps)
{
	return idmaps ? misses_new(idmaps->twins, idmaps->n_twins) : 0;
}

uint64_t idmaps_meddled(const struct idmaps *idmaps)
{
	return idmaps ? integrity_of(idmaps->skel->skeleton) : 0;
}
