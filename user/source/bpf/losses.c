// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/losses.h"

#include <bpf/bpf.h>
#include <stdlib.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"

static struct pod_losses *of_pod(struct losses *losses, __u64 pod)
{
	for (size_t i = 0; i < losses->n; i++)
		if (losses->v[i].pod == pod)
			return &losses->v[i];
	xgrow(losses->v, losses->n, &losses->cap);
	losses->v[losses->n] = (struct pod_losses){.pod = pod};
	return &losses->v[losses->n++];
}

/* A pod that is gone loses no more. */
static void forget(struct losses *losses, struct pod_losses *its)
{
	__u8 known;

	if (!bpf_map_lookup_elem(losses->pods_fd, &its->pod, &known))
		return;
	bpf_map_delete_elem(losses->fd, &its->pod);
	*its = losses->v[--losses->n];
}

struct nsv_lost losses_between(const struct lost *before, const struct lost *now)
{
	return (struct nsv_lost){
		.identities = now->identities - before->identities,
		.namespaces = now->namespaces - before->namespaces,
		.exits = now->exits - before->exits,
		.changes = now->changes - before->changes,
		.limited = now->limited - before->limited,
		.activities = now->activities - before->activities,
		.idmaps = now->idmaps - before->idmaps,
		.caps = now->caps - before->caps,
	};
}

int losses_push(struct losses *losses, __u64 had, uint64_t since_ns, struct stream *stream,
		uint64_t *sum)
{
	AUTO_FREE __u64 *pods = NULL;
	size_t n = 0, cap = 0;
	__u64 pod;

	if (!losses->n && losses->had == had)
		return 0;
	losses->had = had;

	for (__u64 *from = NULL; !bpf_map_get_next_key(losses->fd, from, &pod); from = &pod) {
		xgrow(pods, n, &cap);
		pods[n++] = pod;
	}
	for (size_t i = 0; i < n; i++) {
		struct pod_losses *its = of_pod(losses, pods[i]);
		struct nsv_lost event;
		struct lost now;
		int err;

		if (bpf_map_lookup_elem(losses->fd, &pods[i], &now))
			continue;
		event = losses_between(&its->lost, &now);
		event.since_ns = since_ns;
		event.pod = pods[i];
		its->lost = now;
		forget(losses, its);
		if (!nsv_lost_some(&event))
			continue;
		*sum += nsv_lost_sum(&event);
		stream_event(&event.h, NSV_LOST, sizeof(event));
		err = stream_push(stream, &event.h);
		if (err)
			return err;
	}
	return 0;
}

void losses_free(struct losses *losses)
{
	free(losses->v);
}
