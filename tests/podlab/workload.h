/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in containers: podlab again, under the name WORKLOAD_NAME.
 *
 *	podlab-workload SUBJECT COMM [STEP]...
 *
 * It does the steps one by one and says READY on its standard output, or on its standard error in
 * one line what failed. A step that makes a child leaves the rest to that child. Every
 * process of them then stays, until it is killed.
 *
 *	unshare-user		enters a user namespace of its own, with a map of its own ID alone
 *	child-user		makes a child in such a one
 *	child-user-pid-net	and in its own PID and net namespace, as browsers' sandboxes do
 *	mount-volume		mounts a file system at VOLUME_POINT, without an idmap
 *	mount-namespaces	makes twenty children, each in a mount namespace of its own
 *	end-leader		in the end only a second thread goes on
 */
#ifndef PODLAB_WORKLOAD_H
#define PODLAB_WORKLOAD_H

#define WORKLOAD_STEPS_MAX 4

#define VOLUME_POINT "/mnt"

int workload_main(int argc, char **argv);

#endif
