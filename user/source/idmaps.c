// SPDX-License-Identifier: BSD-2-Clause
#include "source/idmaps.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "idmap.skel.h"
#include "lib/alloc.h"
#include "source/hooktable.h"

struct idmaps {
	struct idmap_bpf *skel;
};

/* Entries of calls that the kernel does not have are passed over. */
static bool has_target(const struct btf *btf, const char *section)
{
	const char *function = strchr(section, '/') + 1;

	return strncmp(section, "fexit/", 6) ||
	       btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) > 0;
}

/* Those of the section's type. Returns 0 or -errno. */
static int choose_programs(struct idmap_bpf *skel, const char *section)
{
	const size_t type = strcspn(section, "/") + 1;
	struct bpf_program *program;
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return -errno;
	bpf_object__for_each_program(program, skel->obj)
	{
		const char *its = bpf_program__section_name(program);

		bool wanted = !strncmp(its, section, type) && has_target(btf, its);

		/* The end of each call is one of its own. */
		if (!strcmp(its, HOOK_AT_EXITS) || !strcmp(section, HOOK_AT_EXITS))
			wanted = !strcmp(its, section);
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
		{skel->maps.limited, shared->limited}, {skel->maps.ways_out, shared->ways_out},
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(maps) / sizeof(*maps); i++)
		err = bpf_map__reuse_fd(maps[i].ours, bpf_map__fd(maps[i].theirs));
	return err;
}

int idmaps_open(const char *section, const struct idmaps_shared *shared, unsigned pid_level,
		struct idmaps **out)
{
	struct idmap_bpf *skel = idmap_bpf__open();
	int err;

	if (!skel)
		return -errno;
	skel->rodata->pid_level = pid_level;
	err = choose_programs(skel, section);
	if (!err)
		err = share_maps(skel, shared);
	if (!err)
		err = idmap_bpf__load(skel);
	if (!err)
		err = idmap_bpf__attach(skel);
	if (err) {
		idmap_bpf__destroy(skel);
		return err;
	}
	*out = xcalloc(1, sizeof(**out));
	(*out)->skel = skel;
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

const struct bpf_object *idmaps_object(const struct idmaps *idmaps)
{
	return idmaps ? idmaps->skel->obj : NULL;
}

struct idmaps_lost idmaps_lost(const struct idmaps *idmaps)
{
	if (!idmaps)
		return (struct idmaps_lost){};
	return (struct idmaps_lost){idmaps->skel->bss->lost.idmaps,
				    idmaps->skel->bss->lost.limited};
}
