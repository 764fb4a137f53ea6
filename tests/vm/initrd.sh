#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: BSD-2-Clause
#
# /init of the initramfs: makes the machine's own root the guest's, and goes on with what the host
# wants done there. The root is read only, below a tmpfs that takes all that is written: the tests
# find every tool of the machine in its place, and change nothing of it.
set -eu

/bin/busybox --install /bin
mkdir -p /proc /root /lower /upper
mount -t proc proc /proc

for module in /modules/*; do
	insmod "$module"
done

# Each message as large as Linux 5.10 lets it be; a smaller one makes a program slow to start.
options=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o ro,cache=loose,$options root /lower
mount -t tmpfs -o mode=755,size=75% upper /upper
mkdir /upper/root /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/root,workdir=/upper/work root /root

# What is in the machine's /run tells of the machine.
mount -t tmpfs -o mode=755 run /root/run
mkdir /root/run/host
mount -t 9p -o $options host /root/run/host

# What it has besides, likewise.
tail -n +2 /root/run/host/shares | while read -r tag path; do
	mkdir -p "/lower.$tag" "/upper/$tag" "/upper/$tag.work" "/root$path"
	mount -t 9p -o ro,cache=loose,$options "$tag" "/lower.$tag"
	mount -t overlay -o "lowerdir=/lower.$tag,upperdir=/upper/$tag,workdir=/upper/$tag.work" "$tag" "/root$path"
done

umount /proc
exec switch_root /root /run/host/start
