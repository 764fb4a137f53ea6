/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listmount(2) and statmount(2), which are newer than the libraries and headers that nsvigil is
 * built with: include/uapi/linux/mount.h.
 */
#ifndef NSVIGIL_SOURCE_STATMOUNT_H
#define NSVIGIL_SOURCE_STATMOUNT_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/ioctl.h>

/* The same number on every architecture. */
#define NR_statmount 457
#define NR_listmount 458

/* A mount namespace's id, of a descriptor on it: Linux 6.11 */
#define NS_GET_MNTNS_ID _IOR(0xb7, 0x5, __u64)

#define LSMT_ROOT UINT64_MAX

#define STATMOUNT_MNT_BASIC 0x2U
#define STATMOUNT_SUPPORTED_MASK 0x1000U
#define STATMOUNT_MNT_UIDMAP 0x2000U /* Linux 6.15 */
#define STATMOUNT_MNT_GIDMAP 0x4000U

struct mnt_id_req {
	__u32 size;
	__u32 spare;
	__u64 mnt_id;	 /* of listmount(): whose children */
	__u64 param;	 /* of statmount() what is asked for, of listmount() after which one */
	__u64 mnt_ns_id; /* 0: one's own */
};

struct statmount {
	__u32 size;
	__u32 unused1[1];
	__u64 mask; /* what the kernel has filled in */
	__u64 unused2[3];
	__u64 mnt_id; /* unique */
	__u64 unused3[1];
	__u32 mnt_id_old; /* as in mountinfo */
	__u32 unused4[1];
	__u64 unused5[10];
	__u64 supported_mask;
	/* Strings "first host count", NUL-terminated; their number, and where in `str`. */
	__u32 mnt_uidmap_num, mnt_uidmap;
	__u32 mnt_gidmap_num, mnt_gidmap;
	__u64 unused6[43];
	char str[];
};

_Static_assert(offsetof(struct statmount, mnt_id) == 40, "uapi");
_Static_assert(offsetof(struct statmount, mnt_id_old) == 56, "uapi");
_Static_assert(offsetof(struct statmount, supported_mask) == 144, "uapi");
_Static_assert(offsetof(struct statmount, str) == 512, "uapi");

#endif
