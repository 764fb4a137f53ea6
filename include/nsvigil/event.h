/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event protocol: what a source says to the engine.
 *
 * Everything that can change a verdict is an event. The BPF programs write these records,
 * user space writes the ones that the kernel does not know (names, policy), and the engine
 * reads nothing else. The records are in host byte order and live only on the node; a file
 * format must encode them explicitly.
 *
 * Rules of the protocol:
 * - Each record starts with struct nsv_event. `len` is the length of the whole record,
 *   a multiple of 8. A reader skips a type that it does not know.
 * - A record's layout only grows at its end (before a variable part, by a new version).
 * - Host IDs are kuids and kgids: numbers as the initial user namespace sees them
 *   (include/linux/uidgid.h). Never a number from inside a namespace.
 * - Times are nanoseconds of CLOCK_BOOTTIME.
 * - A field that a hook or kernel may lack is three-valued: its bit in `has.known` says that
 *   the field is filled in, its bit in `has.unsupported` says that this kernel or hook cannot
 *   tell; neither bit says "unknown this time". A zero in the field itself says nothing.
 */
#ifndef NSVIGIL_EVENT_H
#define NSVIGIL_EVENT_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define NSV_PROTOCOL 1

#define NSV_COMM_LEN 16	      /* TASK_COMM_LEN; not necessarily NUL-terminated */
#define NSV_EXE_LEN 64	      /* the executable's last path component, cut, NUL-terminated */
#define NSV_GROUPS_MAX 64     /* supplementary groups that a record carries */
#define NSV_EXTENTS_MAX 340   /* UID_GID_MAP_MAX_EXTENTS, include/linux/user_namespace.h */
#define NSV_POD_UID_LEN 40    /* 36 characters of a UUID, NUL-terminated */
#define NSV_CONTAINER_LEN 72  /* 64 hexadecimal digits, NUL-terminated */
#define NSV_NAMESPACE_LEN 64  /* a DNS label (RFC 1123), NUL-terminated */
#define NSV_POD_NAME_LEN 256  /* a DNS subdomain (RFC 1123), NUL-terminated */
#define NSV_NODE_NAME_LEN 256 /* likewise */
#define NSV_NAME_LEN 256      /* NAME_MAX and a NUL */
#define NSV_CGROUP_PATH_LEN 4096
#define NSV_RELEASE_LEN 72 /* uname -r: 64 characters */
#define NSV_FS_TYPE_LEN 32
#define NSV_RULE_LEN 64
#define NSV_PATH_LEN 256 /* of a path in a mount's name: a longer one is cut */
#define NSV_HANDLER_LEN 64

enum nsv_type {
	NSV_NODE = 1,	   /* struct nsv_node: facts that hold until the node reboots */
	NSV_POLICY = 2,	   /* struct nsv_policy: what is asked of pods, and the limits */
	NSV_WALK = 3,	   /* struct nsv_walk: a walk over the whole node begins or ends */
	NSV_CGROUP = 4,	   /* struct nsv_cgroup: a pod's or container's cgroup */
	NSV_POD_NAME = 5,  /* struct nsv_pod_name */
	NSV_USERNS = 6,	   /* struct nsv_userns: a user namespace with its maps */
	NSV_IDENTITY = 7,  /* struct nsv_identity: what a task is to the kernel */
	NSV_EXIT = 8,	   /* struct nsv_exit: a pod's task is gone */
	NSV_CHANGED = 9,   /* struct nsv_changed: a pod's cgroup was made or removed */
	NSV_LOST = 10,	   /* struct nsv_lost: events that could not be delivered */
	NSV_TICK = 11,	   /* struct nsv_tick: time passes */
	NSV_CAP = 12,	   /* struct nsv_cap: a capability check unlike those before */
	NSV_CAPSTAT = 13,  /* struct nsv_capstat: how many there were of a kind */
	NSV_IDMAP = 14,	   /* struct nsv_idmap: an idmapped mount was made, by anyone */
	NSV_MOUNT = 15,	   /* struct nsv_mount: a mount that a pod has */
	NSV_HOOKS = 16,	   /* struct nsv_hooks: what is seen when, from now on */
	NSV_KEYFRAME = 17, /* struct nsv_keyframe: what was known, for who comes later, follows */
	NSV_ACTIVITY = 18, /* struct nsv_activity: what a pod's task does; changes no verdict */
	NSV_END = 19,	   /* a bare header: nobody looks any more */
	NSV_ALLOW = 20,	   /* struct nsv_allow: pods that may join namespaces */
	NSV_POLICY_ENTRY = 32, /* struct nsv_policy_entry: what else is asked of some pods */
	/* Of a keyframe only: */
	NSV_KEPT_POD = 21,	 /* struct nsv_kept_pod: what there is to attest of a pod */
	NSV_KEPT_CONTAINER = 22, /* struct nsv_kept_container: how a container began */
	NSV_KEPT_TASK = 23,	 /* struct nsv_kept_task: since when a task is there */
	NSV_KEPT_FINDING = 24,	 /* struct nsv_kept_finding: one that is open, or was */
	NSV_KEPT_OFFENCE = 25,	 /* struct nsv_kept_offence: what the next walk may confirm */
	/* Of the node's files: */
	NSV_BUNDLE = 26,   /* struct nsv_bundle: what a runtime wrote down of a container */
	NSV_DECLARED = 27, /* struct nsv_declared: which user namespace a pod is to have */
	NSV_VOLUME = 28,   /* struct nsv_volume: what is to be mounted into a container */
	NSV_ID_OWNER = 29, /* struct nsv_id_owner: whose host IDs are, by the node's files */
	NSV_POOL = 30,	   /* struct nsv_pool: of which host IDs the kubelet allots */
	NSV_LIMIT = 31,	   /* struct nsv_limit: what a walk left out of a pod that has too much */
	NSV_LOOK = 33,	   /* struct nsv_look: a container was looked at when it began */
	NSV_PLACE = 34,	   /* struct nsv_place: where files of the node were looked for */
};

struct nsv_event {
	__u16 type;    /* enum nsv_type */
	__u16 version; /* of this type's layout, from 1 */
	__u32 len;     /* bytes, this header included, a multiple of 8 */
	__u64 seq;     /* given where the sources merge, from 1; 0 before */
	__u64 boot_ns; /* when it was seen */
};

struct nsv_has {
	__u32 known;
	__u32 unsupported;
};

/*
 * A namespace. Inode numbers are reused as soon as a namespace is gone, so `id` makes the pair
 * unique: the kernel's own 64-bit namespace id where it has one (ns_common.ns_id, Linux 6.18),
 * else a generation counted by the source (0 in a walk). NSV_HAS_NS_IDS says which.
 */
struct nsv_ns {
	__u64 inum; /* ns_common.inum: the number in /proc/PID/ns */
	__u64 id;
};

/* A task. Thread ids are reused; with the start time they are not. */
struct nsv_task {
	__u32 tid;	/* as the reader's PID namespace numbers it */
	__u32 tgid;	/* likewise: the process id */
	__u64 start_ns; /* task_struct.start_boottime */
};

/* One extent of a map: [first, first+count) inside is [host, host+count) on the host. */
struct nsv_extent {
	__u32 first;
	__u32 host; /* kuid or kgid, all levels resolved: uid_gid_extent.lower_first */
	__u32 count;
};

enum nsv_ns_kind {
	NSV_NS_USER,
	NSV_NS_MNT,
	NSV_NS_PID, /* the task's own, not the one for its children */
	NSV_NS_NET,
	NSV_NS_IPC,
	NSV_NS_UTS,
	NSV_NS_CGROUP,
	NSV_NS_TIME,
	NSV_NS_KINDS,
};

struct nsv_ns_ref {
	struct nsv_ns ns;
	struct nsv_ns owner; /* the user namespace that owns it; of a user namespace: its parent */
};

enum nsv_id_kind { NSV_ID_REAL, NSV_ID_EFFECTIVE, NSV_ID_SAVED, NSV_ID_FS, NSV_ID_KINDS };

enum nsv_cap_set {
	NSV_CAP_INHERITABLE,
	NSV_CAP_PERMITTED,
	NSV_CAP_EFFECTIVE,
	NSV_CAP_BOUNDING,
	NSV_CAP_AMBIENT,
	NSV_CAP_SETS
};

/* Why an identity was sent. */
enum nsv_cause {
	NSV_CAUSE_WALK = 1,   /* a walk came by */
	NSV_CAUSE_EXEC = 2,   /* it executed a file */
	NSV_CAUSE_FORK = 3,   /* it was made */
	NSV_CAUSE_ATTACH = 4, /* it was moved to another cgroup */
	NSV_CAUSE_CRED = 5,   /* its credentials change: those it is about to have */
	NSV_CAUSE_NS = 6,     /* its namespaces change: likewise */
	NSV_CAUSE_CAP = 7,    /* a capability check found it other than it was last seen */
	NSV_CAUSE_EXIT = 8,   /* it exits; of an activity only */
};

/* What a pod's task is, as the kernel side remembers it. */
enum nsv_state {
	NSV_STATE_ENTRANT = 1,	/* came from outside and has not run the image's code */
	NSV_STATE_WORKLOAD = 2, /* runs the image's code, or was born of a task that does */
};

/* nsv_identity.flags */
#define NSV_TASK_WORKER (1U << 0)   /* io_uring: the kernel's code on the pod's account */
#define NSV_TASK_THREAD (1U << 1)   /* not its process' leader */
#define NSV_TASK_EXECUTED (1U << 2) /* it has executed a file since it was made */
#define NSV_TASK_BEGINS                                                                            \
	(1U << 3) /* of a hook: it has just become a workload process, by this exec */

/* nsv_identity.has: bit k (an nsv_ns_kind) is ns[k]; above them: */
#define NSV_HAS_EXE (1U << 8)	  /* exe, exe_ino, exe_dev */
#define NSV_HAS_EXE_MNT (1U << 9) /* exe_mnt: known only for a mount that is in a mount namespace */
#define NSV_HAS_POD (1U << 10)	  /* pod, container, cgroup_pod; known and 0: of, in no pod */
#define NSV_HAS_PARENT (1U << 11)
#define NSV_HAS_STATE (1U << 13)    /* state */
#define NSV_HAS_NS_IDS (1U << 12)   /* the kernel's own ids of all namespaces in the record */
#define NSV_HAS_EXECUTED (1U << 14) /* whether NSV_TASK_EXECUTED is in flags */

/*
 * A task's objective credentials (task_struct.real_cred), its namespaces and where it stands.
 * Followed by ngroups_sent supplementary groups, ascending as the kernel keeps them
 * (kernel/groups.c groups_sort): if there are more than NSV_GROUPS_MAX, the first and the last
 * half of that many, so that the lowest and the highest are always there.
 */
struct nsv_identity {
	struct nsv_event h;
	struct nsv_has has;
	__u16 cause; /* enum nsv_cause */
	__u16 state; /* enum nsv_state */
	__u32 flags;
	struct nsv_task task;
	struct nsv_task parent; /* real_parent's leader */
	__u64 cgroup;		/* id in the default hierarchy (kernfs id, inode number) */
	/*
	 * Whose it is: the pod that the kernel side remembers it by, wherever it moved; else the
	 * one that it is in.
	 */
	__u64 pod;	  /* id of the pod's cgroup: the outermost one above the task */
	__u64 container;  /* id of the cgroup below the pod's; the pod's if there is none */
	__u64 cgroup_pod; /* the pod that it is in now */
	__u32 uid[NSV_ID_KINDS];
	__u32 gid[NSV_ID_KINDS];
	__u64 caps[NSV_CAP_SETS];
	struct nsv_ns_ref ns[NSV_NS_KINDS];
	struct nsv_ns exe_mnt; /* the mount namespace that the executable's mount is in */
	__u64 exe_ino;
	__u32 exe_dev; /* kernel encoding: major << 20 | minor */
	__u32 ngroups; /* how many the task has */
	char comm[NSV_COMM_LEN];
	char exe[NSV_EXE_LEN];
	__u32 ngroups_sent;
	__u32 pad2;
};

static inline const __u32 *nsv_identity_groups(const struct nsv_identity *id)
{
	return (const __u32 *)(id + 1);
}

/*
 * Each fork, exec, exit and change of a pod's task, if that is asked for: the history behind what
 * is judged. The engine does not read it, so findings are the same without it.
 */
struct nsv_activity {
	struct nsv_event h;
	__u16 cause; /* enum nsv_cause: exec, fork, credentials, namespaces; exit */
	__u16 state; /* enum nsv_state */
	__u32 flags; /* as of an identity */
	struct nsv_task task;
	struct nsv_task parent; /* of a fork: who made it */
	__u64 pod;
	__u64 container;
	__u32 uid[NSV_ID_KINDS];
	__u32 gid[NSV_ID_KINDS];
	struct nsv_ns userns;
	char comm[NSV_COMM_LEN];
	char exe[NSV_EXE_LEN]; /* of an exec, else empty */
};

/* A leader is gone when the last thread of its process is. */
struct nsv_exit {
	struct nsv_event h;
	struct nsv_task task;
};

/*
 * A pod's cgroup, or a child of one, was made or removed. Of one that was made the hook source makes an
 * nsv_cgroup; that a pod's (`id` is `pod`) was removed is an event itself.
 */
struct nsv_changed {
	struct nsv_event h;
	__u64 id;   /* of the cgroup */
	__u64 pod;  /* of the pod's that it is, or is in */
	__u32 made; /* 1, or 0: removed */
	__u32 pad;
	char name[NSV_NAME_LEN]; /* of the directory, NUL-terminated */
};

/* What somebody did to what hooks are made of. */
enum nsv_meddled {
	NSV_MEDDLED_HOOKS = 1,	/* one is not attached as it was, or not called */
	NSV_MEDDLED_FROZEN = 2, /* a map cannot be changed any more */
	NSV_MEDDLED_PODS = 4,	/* pods were taken out of the table of pods */
	NSV_MEDDLED_VALUES = 8, /* variables were not what they had been set to */
};

struct nsv_lost {
	struct nsv_event h; /* boot_ns: when it was noticed */
	__u64 since_ns;	    /* when all was well for the last time */
	__u64 identities;   /* how many of each type */
	__u64 namespaces;
	__u64 exits;
	__u64 changes;
	__u64 limited;	  /* identities that were left out, of pods that change too often */
	__u64 activities; /* no loss to what is judged */
	__u64 idmaps;
	__u64 caps;	  /* capability checks that were not counted */
	__u64 unrecorded; /* events that were judged, but are not in the capture */
	__u64 pod;	  /* whose events alone these are: its cgroup; 0: anybody's */
	__u64 unprinted;  /* documents that standard output did not take */
	__u64 meddled;	  /* enum nsv_meddled: how much was lost by that is not known */
	__u64 left_out;	  /* of these, hooks that the kernel did not run where it preempts them */
	__u64 left_out_hour; /* within an hour until now; but for checks */
	__u64 left_out_checks_hour;
};

/* Whether something was lost of what is judged. */
static inline int nsv_lost_some(const struct nsv_lost *lost)
{
	return lost->identities || lost->namespaces || lost->exits || lost->changes ||
	       lost->limited || lost->idmaps || lost->caps || lost->meddled;
}

/* How many that are, and of what was judged, but is not in an output. */
static inline __u64 nsv_lost_sum(const struct nsv_lost *lost)
{
	return lost->identities + lost->namespaces + lost->exits + lost->changes + lost->limited +
	       lost->idmaps + lost->caps + lost->unrecorded + lost->unprinted + !!lost->meddled;
}

/*
 * No more than so many are left out in an hour, although a machine has ten times as much to do as it can, and nobody wants
 * it: docs/architecture.md, Preemption. A check is asked again; another change is not.
 */
#define NSV_LEFT_OUT_FEW 8
#define NSV_LEFT_OUT_FEW_CHECKS 63

/* Whether it is no more than that: the walk that follows repairs it, and nobody has to be told at once. */
static inline int nsv_lost_few(const struct nsv_lost *lost)
{
	return lost->left_out && lost->left_out == nsv_lost_sum(lost) &&
	       lost->left_out_hour <= NSV_LEFT_OUT_FEW &&
	       lost->left_out_checks_hour <= NSV_LEFT_OUT_FEW_CHECKS;
}

/* What a user namespace is to a pod's task. */
enum nsv_relation {
	NSV_AT_NODE = 1,  /* the node's, or one above it */
	NSV_AT_POD = 2,	  /* the one that its container began in */
	NSV_AT_BELOW = 3, /* below that one; of a container on the node's: any below the node's */
	NSV_AT_OTHER = 4, /* none of these: another pod's */
};

/* Whether a check only asks, and nothing is refused or done because of the answer. */
enum nsv_probe {
	NSV_PROBE_NO = 1,
	NSV_PROBE_YES = 2,
	NSV_PROBE_UNKNOWN = 3, /* this hook cannot tell this check from a probe */
};

/* nsv_cap_key.flags */
#define NSV_CHECK_GRANTED (1U << 0) /* by the capability module; others may refuse it still */
#define NSV_CHECK_HELD (1U << 1)    /* the task has it in its effective set */

#define NSV_CAPABILITIES 64 /* that a set has room for */

/* A kind of capability check. Granted and not held: to the owner of the namespace, by its parent's. */
struct nsv_cap_key {
	__u64 pod;	 /* whose the task is */
	__u8 capability; /* its number, include/uapi/linux/capability.h */
	__u8 task_at;	 /* enum nsv_relation: of the task's user namespace */
	__u8 asked_at;	 /* enum nsv_relation: of the one over which it was asked */
	__u8 flags;
	__u8 probe; /* enum nsv_probe */
	__u8 pad[3];
};

/* The first check of its kind. */
struct nsv_cap {
	struct nsv_event h;
	struct nsv_cap_key key;
	struct nsv_task task;
	struct nsv_ns task_ns, asked_ns;
	char comm[NSV_COMM_LEN];
};

/* All checks of a kind since the first one. Only user space sends this. */
struct nsv_capstat {
	struct nsv_event h;
	struct nsv_cap_key key;
	__u64 count;
	__u64 first_ns, last_ns;
	__u64 told; /* how many of them findings have counted; of a keyframe only */
};

/* nsv_userns.has */
#define NSV_HAS_MAPS (1U << 0)	    /* n_uid, n_gid and the extents */
#define NSV_HAS_NS_PARENT (1U << 1) /* not for the initial one */

/*
 * A user namespace. Followed by n_uid, then n_gid extents, in the kernel's order. A map that is
 * not written yet has no extents; it is written once and never changes after that
 * (kernel/user_namespace.c map_write).
 */
struct nsv_userns {
	struct nsv_event h;
	struct nsv_has has;
	struct nsv_ns ns;
	struct nsv_ns parent;
	__u32 level; /* kernel's: 0 is the initial one */
	__u32 owner; /* kuid of its creator */
	__u32 group;
	__u32 n_uid;
	__u32 n_gid;
	__u32 pad;
};

static inline const struct nsv_extent *nsv_userns_uids(const struct nsv_userns *ns)
{
	return (const struct nsv_extent *)(ns + 1);
}

static inline const struct nsv_extent *nsv_userns_gids(const struct nsv_userns *ns)
{
	return nsv_userns_uids(ns) + ns->n_uid;
}

/* nsv_idmap.has, nsv_mount.has */
#define NSV_HAS_MOUNT_UNIQUE (1U << 0) /* mount.unique */
#define NSV_HAS_MOUNT_ROOT (1U << 1)   /* mount.root, whole */
#define NSV_HAS_MOUNT_MAPS (1U << 2)   /* n_uid, n_gid and the extents, of an idmapped mount */
#define NSV_HAS_RESULT (1U << 3)       /* result */

/* A mount. It keeps its ids when it is moved; a copy of a mount namespace has new ones. */
struct nsv_mount_name {
	__u64 unique;		    /* never reused: statx(2), STATX_MNT_ID_UNIQUE (Linux 6.8) */
	__u32 id;		    /* as in /proc/PID/mountinfo; reused when the mount is gone */
	__u32 dev;		    /* of its file system; kernel encoding: major << 20 | minor */
	char type[NSV_FS_TYPE_LEN]; /* of the file system; cut, NUL-terminated */
	char root[NSV_PATH_LEN];    /* the path in the file system; raw, NUL-terminated */
};

/*
 * An idmapped mount was made: what the mount has, not what was asked for. Followed by n_uid, then
 * n_gid extents: from the file system's IDs to kuids and kgids.
 */
struct nsv_idmap {
	struct nsv_event h;
	struct nsv_has has;
	struct nsv_task task;	/* who made it */
	struct nsv_task leader; /* its process' */
	__u64 pod;		/* whose it is, as the kernel side remembers; 0: of no pod */
	__u32 state;		/* enum nsv_state; 0: of no pod */
	__u32 pad;
	__s64 result; /* of the call */
	struct nsv_mount_name mount;
	__u32 n_uid;
	__u32 n_gid;
	char comm[NSV_COMM_LEN];
};

static inline const struct nsv_extent *nsv_idmap_uids(const struct nsv_idmap *idmap)
{
	return (const struct nsv_extent *)(idmap + 1);
}

/* A mount in a mount namespace that a process of a pod is in. Followed as an nsv_idmap is. */
struct nsv_mount {
	struct nsv_event h;
	struct nsv_has has;
	__u64 pod;	      /* id of the pod's cgroup */
	struct nsv_task task; /* as this process sees it */
	struct nsv_ns ns;     /* the mount namespace */
	struct nsv_mount_name mount;
	__u32 idmapped; /* 1, or 0 */
	__u32 n_uid;
	__u32 n_gid;
	__u32 pad;
	char point[NSV_PATH_LEN]; /* where it is, for the process; raw, cut, NUL-terminated */
};

static inline const struct nsv_extent *nsv_mount_uids(const struct nsv_mount *mount)
{
	return (const struct nsv_extent *)(mount + 1);
}

enum nsv_cgroup_kind {
	NSV_CGROUP_POD = 1,	  /* the pod's own */
	NSV_CGROUP_CONTAINER = 2, /* a child of the pod's */
	NSV_CGROUP_MONITOR = 3,	  /* a child that holds a container monitor (CRI-O's conmon) */
};

/* nsv_cgroup.has */
#define NSV_HAS_POPULATED (1U << 0)
#define NSV_HAS_FROZEN (1U << 1)

/*
 * A pod's cgroup or a child of one; none is sent for what lies deeper. Or a container's that lies elsewhere,
 * with the pod's uid in its name: the kernel side names it where it names a pod, and so does `pod` here, but `uid`
 * says whose it is. Followed by the path.
 */
struct nsv_cgroup {
	struct nsv_event h;
	struct nsv_has has;
	__u64 id;
	/*
	 * The pod's cgroup; == id for the pod itself, and for a container's that lies elsewhere. In a keyframe: of
	 * all that have the pod's uid, the one by which the pod is known.
	 */
	__u64 pod;
	__u32 kind;	 /* enum nsv_cgroup_kind */
	__u32 populated; /* 1: a live process is in it or below (cgroup.events); of pods */
	__u32 frozen;	 /* 1: all processes in it and below are frozen (cgroup.events) */
	__u32 pad;
	char uid[NSV_POD_UID_LEN]; /* dashed where the kubelet's is; empty for a child of the pod's */
	char container[NSV_CONTAINER_LEN]; /* the runtime's id, or the directory's name, cut */
	char path[]; /* from the hierarchy's root as mounted; NUL-terminated */
};

struct nsv_pod_name {
	struct nsv_event h;
	char uid[NSV_POD_UID_LEN];
	char namespace[NSV_NAMESPACE_LEN];
	char name[NSV_POD_NAME_LEN];
};

/*
 * What the node's files say. Each walk tells all of it; what appears between walks is told when it
 * does. `item` is a number of the source's for what is told: the same in each walk.
 */

enum nsv_runtime {
	NSV_RUNTIME_CONTAINERD = 1,
	NSV_RUNTIME_CRIO = 2,
};

enum nsv_bundle_kind {
	NSV_BUNDLE_CONTAINER = 1,
	NSV_BUNDLE_SANDBOX = 2, /* the pod's own: it holds the namespaces that containers share */
};

/* What the bundle says of its first process. */
enum nsv_bundle_state {
	NSV_BUNDLE_RUNS = 1,   /* it is `pid`, which is there */
	NSV_BUNDLE_OVER = 2,   /* it was one that is there no more */
	NSV_BUNDLE_NO_PID = 3, /* nothing: it is not there yet, or this runtime does not say */
};

/* A container, by the bundle from which its runtime starts it. */
struct nsv_bundle {
	struct nsv_event h;
	__u64 item;
	__u32 kind;			   /* enum nsv_bundle_kind */
	__u32 runtime;			   /* enum nsv_runtime */
	char container[NSV_CONTAINER_LEN]; /* the runtime's id */
	char uid[NSV_POD_UID_LEN];	   /* of its pod */
	char name[NSV_NAMESPACE_LEN];	   /* a DNS label; raw, NUL-terminated; empty: not known */
	char handler[NSV_HANDLER_LEN];	   /* what starts it: a shim, a runtime handler; likewise */
	__u32 pid;			   /* as this process sees it */
	__u32 state;			   /* enum nsv_bundle_state; 0: it was not looked at */
};

enum nsv_declarer {
	NSV_BY_KUBELET = 1,  /* what it allotted to the pod */
	NSV_BY_RUNTIME = 2,  /* the configuration of a container */
	NSV_BY_MANIFEST = 3, /* of a static pod */
};

enum nsv_declared_userns {
	NSV_DECLARED_NODE = 1, /* none: the node's */
	NSV_DECLARED_OWN = 2,
	NSV_DECLARED_UNKNOWN = 3, /* there is such a file, and it is not known */
};

/*
 * A file of the node says in which user namespace a pod, or a container, is to run. Followed by
 * n_uid, then n_gid extents, whose `host` is as the node sees it; without any the file says none.
 */
struct nsv_declared {
	struct nsv_event h;
	__u64 item;
	__u64 since_ns; /* when the file was last written; 0: before boot */
	__u32 by;	/* enum nsv_declarer */
	__u32 userns;	/* enum nsv_declared_userns */
	__u32 n_uid;
	__u32 n_gid;
	char uid[NSV_POD_UID_LEN];
	char container[NSV_CONTAINER_LEN]; /* the runtime's id; empty: all of the pod */
	char file[NSV_PATH_LEN];	   /* raw, cut, NUL-terminated */
};

static inline const struct nsv_extent *nsv_declared_uids(const struct nsv_declared *declared)
{
	return (const struct nsv_extent *)(declared + 1);
}

/* nsv_volume.flags */
#define NSV_VOLUME_IDMAPPED (1U << 0) /* with an idmap */

/* A directory or file of the node that a container's configuration mounts into it. */
struct nsv_volume {
	struct nsv_event h;
	__u64 item;
	__u32 flags;
	__u32 pad;
	char uid[NSV_POD_UID_LEN];
	char container[NSV_CONTAINER_LEN];
	char point[NSV_PATH_LEN];  /* where, in the container; raw, NUL-terminated; never cut */
	char source[NSV_PATH_LEN]; /* raw, cut, NUL-terminated */
};

enum nsv_id_file { NSV_FILE_PASSWD = 1, NSV_FILE_SUBUID = 2, NSV_FILE_SUBGID = 3 };

#define NSV_OWNER_LEN 64

/* A line of /etc/passwd, /etc/subuid or /etc/subgid; of these not the kubelet's. */
struct nsv_id_owner {
	struct nsv_event h;
	__u64 item;
	__u32 file;	    /* enum nsv_id_file */
	__u32 first, count; /* as the node sees them */
	__u32 pad;
	char owner[NSV_OWNER_LEN]; /* raw, cut, NUL-terminated */
};

/* From /etc/passwd, subuid and subgid and its configuration, as the kubelet reads them at its start. */
struct nsv_pool {
	struct nsv_event h;
	__u64 first, count; /* of host IDs as the node sees them */
	__u32 is_default;   /* 1: nothing is set for the kubelet */
	__u32 ids_per_pod;  /* as its configuration says; 0: not known */
};

enum nsv_place_kind {
	NSV_PLACE_CONFIG = 1,	 /* the kubelet's configuration, and what goes over it */
	NSV_PLACE_KUBELET = 2,	 /* its directory: what it allotted */
	NSV_PLACE_LOGS = 3,	 /* of pods: their names */
	NSV_PLACE_MANIFESTS = 4, /* of static pods */
	NSV_PLACE_RUNTIME = 5,	 /* the state of a container runtime */
};

enum nsv_place_how {
	NSV_PLACE_GIVEN = 1,	  /* by an option */
	NSV_PLACE_PROCESS = 2,	  /* the kubelet's command line says so */
	NSV_PLACE_CONFIGURED = 3, /* its configuration does */
	NSV_PLACE_USUAL = 4,	  /* there some distribution has it */
};

enum nsv_place_state { NSV_PLACE_FOUND = 1, NSV_PLACE_MISSING = 2, NSV_PLACE_UNUSABLE = 3 };

/* Where the node's files were looked for, and whether they are there. Of a kind there may be several. */
struct nsv_place {
	struct nsv_event h;
	__u64 item;
	__u32 kind;  /* enum nsv_place_kind */
	__u32 how;   /* enum nsv_place_how */
	__u32 state; /* enum nsv_place_state */
	__u32 pad;
	char of[NSV_COMM_LEN];	 /* whose usual place it is, NUL-terminated; or empty */
	char path[NSV_PATH_LEN]; /* as the node has it; raw, cut, NUL-terminated */
};

/* Of a walk: a pod has more than what a walk looks at of one pod. */
struct nsv_limit {
	struct nsv_event h;
	__u64 pod;	  /* its cgroup */
	__u64 tasks;	  /* that were left out */
	__u64 namespaces; /* whose maps were left out: how often one was named */
};

/*
 * The mounts and files of a container were read after a hook saw it begin, while its first process was there:
 * they are in the events before. Of what is certain then, a walk would show nothing more.
 */
struct nsv_look {
	struct nsv_event h;
	struct nsv_task task; /* the first one */
};

struct nsv_node {
	struct nsv_event h;
	__u8 boot_id[16];
	__u32 node_pid; /* the process whose user namespace is the node's; default 1 */
	__u32 pad;
	char release[NSV_RELEASE_LEN];
	char name[NSV_NODE_NAME_LEN]; /* as Kubernetes has it, as far as is known; raw; or empty */
};

enum nsv_policy_default { NSV_POLICY_REQUIRE = 1, NSV_POLICY_OBSERVE = 2, NSV_POLICY_IGNORE = 3 };

struct nsv_policy {
	struct nsv_event h;
	__u32 policy;	   /* enum nsv_policy_default */
	__u32 min_host_id; /* as the node sees it */
	__u64 settle_ns;   /* how long an entrant may take to become a workload process */
	__u64 attest_ns;   /* how often it is said of each pod what was shown; 0: only at its end */
};

/*
 * Pods that may join namespaces that are not theirs: network and storage agents, meshes. Follows
 * an NSV_POLICY, which ends all that were there before. In the names, * is any text and ? any
 * character.
 */
struct nsv_allow {
	struct nsv_event h;
	__u32 kinds; /* bit k (an nsv_ns_kind): into these; never user namespaces */
	__u32 pad;
	char namespace[NSV_NAMESPACE_LEN];
	char name[NSV_POD_NAME_LEN];
};

/* What an entry makes of a rule. */
enum nsv_grade {
	NSV_GRADE_OFF = 1, /* no finding */
	NSV_GRADE_INFO = 2,
	NSV_GRADE_NOTICE = 3,
	NSV_GRADE_WARNING = 4,
	NSV_GRADE_ERROR = 5,
	NSV_GRADE_CRITICAL = 6,
};

/*
 * What is asked of some pods: their policy, or how a rule is graded. Of the entries of a kind the
 * first that names a pod holds for it, else what is said of all pods. Follows an NSV_POLICY as an
 * nsv_allow does; names are as there.
 */
struct nsv_policy_entry {
	struct nsv_event h;
	__u32 policy;			   /* enum nsv_policy_default, if there is no rule */
	__u32 grade;			   /* enum nsv_grade, of the rule */
	char rule[NSV_RULE_LEN];	   /* its name; empty: it is about the policy */
	char namespace[NSV_NAMESPACE_LEN]; /* of the pods; empty: of all pods, of a rule only */
	char name[NSV_POD_NAME_LEN];
};

/* What can be seen other than by walks. */
enum nsv_hook {
	NSV_HOOK_TASKS,	       /* tasks made, executing, exiting; cgroups and moves between them */
	NSV_HOOK_CREDENTIALS,  /* a task's credentials */
	NSV_HOOK_NAMESPACES,   /* the namespaces that it is in */
	NSV_HOOK_CAPABILITIES, /* its capability checks, and whether they only ask */
	NSV_HOOK_IDMAPS,       /* who makes an idmapped mount */
	NSV_HOOKS_MAX = 8,
};

/* When it is seen. 0: this source does not say. */
enum nsv_how {
	NSV_HOW_NEVER = 1,  /* only walks show what came of it */
	NSV_HOW_LATER = 2,  /* at the task's next event: a capability check, an exec */
	NSV_HOW_ONCE = 3,   /* when it happens */
	NSV_HOW_PARTLY = 4, /* likewise, but not all there is to it */
};

struct nsv_hooks {
	struct nsv_event h;
	__u32 how[NSV_HOOKS_MAX]; /* enum nsv_how */
};

struct nsv_tick {
	struct nsv_event h;
	__u64 wall_ns; /* since 1970, UTC: CLOCK_REALTIME */
};

enum nsv_walk_phase { NSV_WALK_BEGIN = 1, NSV_WALK_END = 2 };

/*
 * Between the two come all tasks and namespaces of the node; what was there before and is not
 * named again is gone. The engine judges at the end.
 */
struct nsv_walk {
	struct nsv_event h;
	__u32 phase; /* enum nsv_walk_phase */
	__u32 pad;
};

/* What one task can make an iterator write; the kernel's buffer takes 32 KiB. */
#define NSV_IDENTITY_MAX (sizeof(struct nsv_identity) + NSV_GROUPS_MAX * sizeof(__u32))
#define NSV_USERNS_MAX (sizeof(struct nsv_userns) + 2 * NSV_EXTENTS_MAX * sizeof(struct nsv_extent))
#define NSV_IDMAP_MAX (sizeof(struct nsv_idmap) + 2 * NSV_EXTENTS_MAX * sizeof(struct nsv_extent))

#define NSV_SIZE(type, size)                                                                       \
	_Static_assert(sizeof(struct type) == (size), "the layout of " #type " is protocol")

NSV_SIZE(nsv_event, 24);
NSV_SIZE(nsv_ns, 16);
NSV_SIZE(nsv_task, 16);
NSV_SIZE(nsv_extent, 12);
NSV_SIZE(nsv_ns_ref, 32);
NSV_SIZE(nsv_identity, 552);
NSV_SIZE(nsv_userns, 88);
NSV_SIZE(nsv_cgroup, 176);
NSV_SIZE(nsv_pod_name, 384);
NSV_SIZE(nsv_node, 376);
NSV_SIZE(nsv_policy, 48);
NSV_SIZE(nsv_allow, 352);
NSV_SIZE(nsv_policy_entry, 416);
NSV_SIZE(nsv_hooks, 56);
NSV_SIZE(nsv_tick, 32);
NSV_SIZE(nsv_walk, 32);
NSV_SIZE(nsv_exit, 40);
NSV_SIZE(nsv_changed, 304);
NSV_SIZE(nsv_lost, 152);
NSV_SIZE(nsv_activity, 208);
NSV_SIZE(nsv_mount_name, 304);
NSV_SIZE(nsv_idmap, 416);
NSV_SIZE(nsv_mount, 648);
NSV_SIZE(nsv_cap_key, 16);
NSV_SIZE(nsv_cap, 104);
NSV_SIZE(nsv_capstat, 72);
NSV_SIZE(nsv_bundle, 288);
NSV_SIZE(nsv_declared, 424);
NSV_SIZE(nsv_volume, 664);
NSV_SIZE(nsv_id_owner, 112);
NSV_SIZE(nsv_pool, 48);
NSV_SIZE(nsv_limit, 48);
NSV_SIZE(nsv_look, 40);
NSV_SIZE(nsv_place, 320);

#endif
