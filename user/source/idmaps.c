// SPDX-License-Identifier: BSD-2-Clause
#include "source/idmaps.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "idmap.skel.h"
#include "lib/alloc.h"

/* How it is seen that an idmapped mount is made, the best first. */
static const struct alternative {
	const char *hook;   /* as doctor names it */
	const char *prefix; /* of the sections of its programs; NULL: it has none */
	enum nsv_how how;
	const char *blind;
} alternatives[] = {
	{"fexit/__x64_sys_mount_setattr", "fexit/", NSV_HOW_ONCE,
	 "a mount that the call names by an absolute path, as below /proc/self/fd; those below the "
	 "mount, with AT_RECURSIVE"},
	{"tp_btf/cap_capable", "tp_btf/", NSV_HOW_LATER,
	 "it is seen at the next capability check, fork, exec or exit of who made it, and not if it "
	 "is unmounted before; a mount that the call names by an absolute path; those below the "
	 "mount, with AT_RECURSIVE"},
	{NULL, NULL, NSV_HOW_NEVER,
	 "who makes idmapped mounts; what is left is what statmount(2) says of them, from Linux "
	 "6.15 on"},
};

#define ALTERNATIVES (sizeof(alternatives) / sizeof(*alternatives))

struct idmaps {
	struct idmap_bpf *skel; /* NULL: none loads */
	size_t choice;		/* index in the table of alternatives */
	int refused;		/* why the one before it did not load */
};

/* Entries of calls that the kernel does not have are passed over. */
static bool has_target(const struct btf *btf, const char *section)
{
	const char *function = strchr(section, '/') + 1;

	return strncmp(section, "fexit/", 6) ||
	       btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) > 0;
}

/* Returns how many programs are to be loaded, or -errno. */
static int choose_programs(struct idmap_bpf *skel, const char *prefix)
{
	struct bpf_program *program;
	struct btf *btf = btf__load_vmlinux_btf();
	int n = 0;

	if (!btf)
		return -errno;
	bpf_object__for_each_program(program, skel->obj)
	{
		const char *section = bpf_program__section_name(program);
		bool load = !strncmp(section, prefix, strlen(prefix)) && has_target(btf, section);

		bpf_program__set_autoload(program, load);
		n += load;
	}
	btf__free(btf);
	return n ? n : -ENOENT;
}

static int share_maps(struct idmap_bpf *skel, const struct idmaps_shared *shared)
{
	int err = bpf_map__reuse_fd(skel->maps.events, bpf_map__fd(shared->events));

	if (!err)
		err = bpf_map__reuse_fd(skel->maps.tasks, bpf_map__fd(shared->tasks));
	if (!err)
		err = bpf_map__reuse_fd(skel->maps.pods, bpf_map__fd(shared->pods));
	return err ? err : bpf_map__reuse_fd(skel->maps.budgets, bpf_map__fd(shared->budgets));
}

static int try_alternative(const char *prefix, const struct idmaps_shared *shared,
			   unsigned pid_level, struct idmap_bpf **out)
{
	struct idmap_bpf *skel = idmap_bpf__open();
	int err;

	if (!skel)
		return -errno;
	skel->rodata->pid_level = pid_level;
	err = choose_programs(skel, prefix);
	if (err > 0)
		err = share_maps(skel, shared);
	if (!err)
		err = idmap_bpf__load(skel);
	if (!err)
		err = idmap_bpf__attach(skel);
	if (err)
		idmap_bpf__destroy(skel);
	else
		*out = skel;
	return err;
}

struct idmaps *idmaps_open(const struct idmaps_shared *shared, unsigned pid_level)
{
	struct idmaps *idmaps = xcalloc(1, sizeof(*idmaps));

	for (; alternatives[idmaps->choice].prefix; idmaps->choice++) {
		int err = try_alternative(alternatives[idmaps->choice].prefix, shared, pid_level,
					  &idmaps->skel);

		if (!err)
			break;
		idmaps->refused = err;
	}
	return idmaps;
}

void idmaps_close(struct idmaps *idmaps)
{
	if (!idmaps)
		return;
	idmap_bpf__destroy(idmaps->skel);
	free(idmaps);
}

const struct bpf_object *idmaps_object(const struct idmaps *idmaps)
{
	return idmaps->skel ? idmaps->skel->obj : NULL;
}

struct idmaps_lost idmaps_lost(const struct idmaps *idmaps)
{
	if (!idmaps->skel)
		return (struct idmaps_lost){};
	return (struct idmaps_lost){idmaps->skel->bss->lost.idmaps,
				    idmaps->skel->bss->lost.limited};
}

enum nsv_how idmaps_how(const struct idmaps *idmaps)
{
	return alternatives[idmaps->choice].how;
}

struct hook_row idmaps_row(const struct idmaps *idmaps)
{
	const struct alternative *chosen = &alternatives[idmaps->choice];

	return (struct hook_row){
		.what = "idmapped mounts",
		.hook = NSV_HOOK_IDMAPS,
		.alternative = chosen->hook,
		.why_not = idmaps->refused ? strerror(-idmaps->refused) : NULL,
		.blind = chosen->blind,
	};
}
