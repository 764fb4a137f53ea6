// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who makes an idmapped mount, anywhere on the node: runtimes do it from outside pods.
 *
 * The map is read from the mount when the call is over: what the kernel applied, whatever the
 * caller's memory says by then. The mount is where the call's descriptor leads, or one of the same tree;
 * the kernel idmaps detached mounts only, which have no other name.
 */
#include "again.h"
#include "mount.h"
#include "recall.h"
#include "userns.h"

#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The level of the PID namespace whose numbers are sent. */
const volatile __u32 pid_level = 0;

#define CAP_SYS_ADMIN 21

/* The same numbers by every entry: both are newer than the common ones. */
#define NR_mount_setattr 442
#define NR_open_tree_attr 467

#define EXTENTS_FEW 16
#define TREE_MOUNTS_MAX 64 /* that are looked at, of a detached tree */

/* A ring's record cannot shrink: most maps are short, so there are two sizes. */
struct idmap_record {
	struct nsv_idmap idmap;
	struct nsv_extent extents[2 * NSV_EXTENTS_MAX];
};

struct idmap_short {
	struct nsv_idmap idmap;
	struct nsv_extent extents[2 * EXTENTS_FEW];
};

struct made {
	struct mount *mount;
	struct uid_gid_map *uids, *gids;
	__s64 result;
	bool has_result;
};

static __always_inline void fill(struct nsv_idmap *record, struct nsv_extent *extents,
				 const struct made *made, const __u32 max)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct task_state *state = recall(task);
	struct mount *mount = made->mount;
	__u32 n_uid, n_gid = 0;

	__builtin_memset(record, 0, sizeof(*record));
	record->h.type = NSV_IDMAP;
	record->h.version = 1;
	record->h.boot_ns = bpf_ktime_get_boot_ns();
	record->task = task_name(task, pid_level);
	record->leader = task_name(task->group_leader, pid_level);
	bpf_get_current_comm(record->comm, sizeof(record->comm));
	if (state) {
		record->pod = state->pod;
		record->state = state->state;
	}
	if (made->has_result) {
		record->result = made->result;
		record->has.known |= NSV_HAS_RESULT;
	} else {
		record->has.unsupported |= NSV_HAS_RESULT;
	}
	record->has.known |= mount_fill(&record->mount, mount);
	if (mount_path(BPF_CORE_READ(mount, mnt.mnt_root), record->mount.root))
		record->has.known |= NSV_HAS_MOUNT_ROOT;
	n_uid = userns_map(made->uids, extents, max);
	if (n_uid <= max)
		n_gid = userns_map(made->gids, extents + n_uid, max);
	record->n_uid = n_uid;
	record->n_gid = n_gid;
	record->has.known |= NSV_HAS_MOUNT_MAPS;
	record->h.len = (sizeof(*record) + (n_uid + n_gid) * sizeof(*extents) + 7) & ~7U;
}

/* Returns how many bytes it took. */
static __always_inline __u32 send(const struct made *made, __u64 pod)
{
	struct uid_gid_map *uids = made->uids, *gids = made->gids;

	if (BPF_CORE_READ(uids, nr_extents) <= EXTENTS_FEW &&
	    BPF_CORE_READ(gids, nr_extents) <= EXTENTS_FEW) {
		struct idmap_short *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

		if (!record) {
			COUNT_LOST(pod, idmaps);
			return 0;
		}
		fill(&record->idmap, record->extents, made, EXTENTS_FEW);
		bpf_ringbuf_submit(record, 0);
		return sizeof(*record);
	} else {
		struct idmap_record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

		if (!record) {
			COUNT_LOST(pod, idmaps);
			return 0;
		}
		fill(&record->idmap, record->extents, made, NSV_EXTENTS_MAX);
		bpf_ringbuf_submit(record, 0);
		return sizeof(*record);
	}
}

/* The verifier takes no pointer to a kernel object as an argument of a global function. */
static __always_inline struct uid_gid_map *map_at(__u64 address)
{
	return (void *)address; /* NOLINT(performance-no-int-to-ptr) */
}

struct escapes {
	const void *from;
	struct uid_gid_extent own;
	__u64 hash;
	__s64 outside; /* its sign says so */
};

static int escape(__u32 i, struct escapes *escapes)
{
	const struct uid_gid_extent *own = &escapes->own;
	struct nsv_extent extent = {};

	bpf_probe_read_kernel(&extent, sizeof(extent), escapes->from + i * sizeof(extent));
	escapes->outside |= (__s64)extent.host - own->lower_first;
	escapes->outside |=
		((__s64)own->lower_first + own->count) - ((__s64)extent.host + extent.count);
	escapes->hash = mix(escapes->hash, extent.host | (__u64)extent.count << 32);
	return 0;
}

/*
 * What stands for a map, given by its address like that of its pod's base, if it may reach IDs that are not
 * the base's; else 0. A kubelet's base has one extent.
 */
__noinline __u64 map_escapes(__u64 address, __u64 of_base)
{
	struct uid_gid_map *map = map_at(address), *base = map_at(of_base);
	const __u32 n = BPF_CORE_READ(map, nr_extents);
	struct escapes escapes = {.from = &map->extent[0], .hash = mix(1, n)};

	if (n > 5) /* UID_GID_MAP_MAX_BASE_EXTENTS */
		escapes.from = BPF_CORE_READ(map, forward);
	if (BPF_CORE_READ(base, nr_extents) == 1)
		bpf_core_read(&escapes.own, sizeof(escapes.own), &base->extent[0]);
	bpf_loop(n > NSV_EXTENTS_MAX ? NSV_EXTENTS_MAX : n, escape, &escapes, 0);
	return escapes.outside < 0 ? escapes.hash : 0;
}

/* The address of the user namespace with that number which is the one at `address` or above it; or 0. */
__noinline __u64 userns_above(__u64 address, __u64 inum, __u64 id)
{
	struct user_namespace *ns = userns_at(address);

	for (int i = 0; i < USERNS_LEVELS && ns; i++) {
		struct nsv_ns name = kernel_ns(&ns->ns);

		if (name.inum == inum && name.id == id)
			return (__u64)ns;
		ns = BPF_CORE_READ(ns, parent);
	}
	return 0;
}

/* As way_out() of an identity. */
static __always_inline __u64 idmap_out(struct task_struct *task, const struct task_state *state,
				       const struct made *made)
{
	struct user_namespace *base = userns_at(userns_above(
		(__u64)BPF_CORE_READ(task, real_cred, user_ns), state->base.inum, state->base.id));
	__u64 uids, gids;

	if (!base)
		return mix_map(mix_map(1, made->uids), made->gids);
	uids = map_escapes((__u64)made->uids, (__u64)&base->uid_map);
	gids = map_escapes((__u64)made->gids, (__u64)&base->gid_map);
	return uids || gids ? mix(mix(1, uids), gids) : 0;
}

static __always_inline void charge(const struct task_state *state, __u32 bytes)
{
	if (state && state->state == NSV_STATE_WORKLOAD)
		spend(state->pod, bytes);
}

/*
 * The ids of those that were told: a call can only add to them. One that falls out is told again, and before
 * Linux 6.8, where ids are used again, all are.
 */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u8);
} told_mounts SEC(".maps");

/* These take addresses: they are no static functions, so that each is verified once, and not in the loop. */

/*
 * Says that current made the mount an idmapped one, if it is one that was not told. Returns whether it is.
 */
__noinline int tell(__u64 address, __s64 result, bool has_result)
{
	struct mount *mount = (void *)address; /* NOLINT(performance-no-int-to-ptr) */
	struct made made = {.mount = mount, .result = result, .has_result = has_result};
	__u64 id = kernel_mount_id(mount);
	struct task_struct *task = bpf_get_current_task_btf();
	const struct task_state *state = recall(task);
	__u8 yes = 1;

	if (!kernel_mount_maps(mount, &made.uids, &made.gids))
		return 0;
	if (kernel_has_unique_mount_ids() && bpf_map_lookup_elem(&told_mounts, &id))
		return 0;
	bpf_map_update_elem(&told_mounts, &id, &yes, BPF_ANY);
	if (!state || state->state != NSV_STATE_WORKLOAD ||
	    may_say(state->pod, idmap_out(task, state, &made)))
		charge(state, send(&made, state ? state->pod : 0));
	return 1;
}

__noinline __u64 next_of(__u64 top, __u64 mount)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return (__u64)mount_next((void *)top, (void *)mount);
}

/*
 * The same of the mount at an address and, if it is detached, all mounts of its tree: the call's path may lead
 * from one to another, or the call be about all below.
 */
static __noinline int tell_tree(__u64 address, __s64 result, bool has_result)
{
	struct mount *mount = (void *)address; /* NOLINT(performance-no-int-to-ptr) */
	__u64 top, at;
	int any = 0;

	if (!mount)
		return 0;
	if (!mount_is_detached(mount))
		return tell(address, result, has_result);
	top = (__u64)mount_top(mount);
	at = top;
	for (int i = 0; i < TREE_MOUNTS_MAX && at; i++) {
		any |= tell(at, result, has_result);
		at = next_of(top, at);
	}
	return any;
}

/* Where trampolines load: the calls' ends, by every entry. */

/* As in watch.bpf.c. */
__u32 prover;
__u64 proven;

static __always_inline void call_ended(int fd, long result)
{
	if (prover && task_name(bpf_get_current_task_btf(), pid_level).tgid == prover)
		count(&proven);
	if (result >= 0)
		IN_ONE_GO(tell_tree((__u64)fd_mount(bpf_get_current_task_btf(), fd), result, true));
}

TWICE(ENTRY("mount_setattr"), on_mount_setattr, call_ended((int)arch_argument(regs), result),
      const struct arch_registers *regs, long result)

TWICE(ENTRY("open_tree_attr"), on_open_tree_attr, ((void)regs, call_ended((int)result, result)),
      const struct arch_registers *regs, long result)

#ifdef ENTRY_32
TWICE(ENTRY_32("mount_setattr"), on_mount_setattr_32,
      call_ended((int)arch_argument_32(regs), result), const struct arch_registers *regs,
      long result)

TWICE(ENTRY_32("open_tree_attr"), on_open_tree_attr_32,
      ((void)regs, call_ended((int)result, result)), const struct arch_registers *regs, long result)
#endif

/* Where they do not, on request: the end of each call of each task. */
static __always_inline void take_call_end(long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct kernel_call call = kernel_syscall(task);

	if (call.nr == NR_open_tree_attr)
		call_ended((int)result, result);
	if (call.nr != NR_mount_setattr)
		return;
	call_ended((int)arch_argument_at_exit(arch_regs(task), call.entry == CALL_32), result);
}

TWICE("tp_btf/sys_exit", on_idmap_call_end, ((void)at_exit, take_call_end(result)),
      const struct pt_regs *at_exit, long result)

/*
 * Where they do not: the check in such a call marks the task, and the mount is read when the task
 * is seen again.
 */

struct mark {
	__u64 mount; /* its address; 0: of open_tree_attr(), which makes it later */
	__u64 id;    /* with which it is known whether that is still the mount */
	int fd;	     /* of open_tree_attr(): where it will be */
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct mark);
} marks SEC(".maps");

/* Marked tasks on the node: mostly none, and nothing is looked up. */
__u64 n_marked;

static __always_inline struct mount *marked_mount(struct task_struct *task, const struct mark *mark)
{
	struct mount *mount;

	if (!mark->mount)
		return fd_mount(task, mark->fd);
	mount = (void *)mark->mount; /* NOLINT(performance-no-int-to-ptr): it was one */
	return kernel_mount_id(mount) == mark->id ? mount : NULL;
}

/* Looks at the mount of a marked task. `in_call`: it may be too early. */
static __noinline int settle(bool in_call)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mark *mark = bpf_task_storage_get(&marks, task, NULL, 0);
	bool told;

	if (!mark)
		return 0;
	told = tell_tree((__u64)marked_mount(task, mark), 0, false);
	if ((told || !in_call) && !bpf_task_storage_delete(&marks, task))
		__sync_fetch_and_add(&n_marked, -1);
	return 0;
}

static __noinline int mark(unsigned long call)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct arch_registers *regs = arch_regs(task);
	struct uid_gid_map *uids, *gids;
	struct mount *mount = NULL;
	struct mark *mark, next = {};

	if (BPF_CORE_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER))
		return 0;
	if (call == NR_mount_setattr) {
		next.fd = (int)(arch_is_32(task) ? arch_argument_32(regs) : arch_argument(regs));
		mount = fd_mount(task, next.fd);
		/* It cannot be done twice; but to another one of the same tree. */
		if (!mount || (!mount_is_detached(mount) && kernel_mount_maps(mount, &uids, &gids)))
			return 0;
		next.mount = (__u64)mount;
		next.id = kernel_mount_id(mount);
	} else {
		next.fd = fd_next(task);
	}
	mark = bpf_task_storage_get(&marks, task, NULL, 0);
	if (mark) {
		*mark = next;
		return 0;
	}
	if (bpf_task_storage_get(&marks, task, &next, BPF_LOCAL_STORAGE_GET_F_CREATE))
		__sync_fetch_and_add(&n_marked, 1);
	else
		count(&lost.idmaps);
	return 0;
}

static __always_inline void take_check(int cap)
{
	unsigned long call;
	bool in_call;

	if (cap != CAP_SYS_ADMIN)
		return;
	call = arch_number(arch_regs(bpf_get_current_task_btf()));
	in_call = call == NR_mount_setattr || call == NR_open_tree_attr;
	if (n_marked)
		IN_ONE_GO(settle(in_call));
	if (in_call)
		IN_ONE_GO(mark(call));
}

FOURFOLD("tp_btf/cap_capable", on_idmap_check,
	 ((void)cred, (void)target, (void)capable, take_check(cap)), const struct cred *cred,
	 struct user_namespace *target, struct user_namespace *capable, int cap)

static __always_inline void take_event(void)
{
	if (n_marked)
		IN_ONE_GO(settle(false));
}

TWICE("tp_btf/task_newtask", on_idmap_fork, take_event())
TWICE("tp_btf/sched_process_exec", on_idmap_exec, take_event())
TWICE("tp_btf/sched_process_exit", on_idmap_exit, take_event())
