// SPDX-License-Identifier: BSD-2-Clause
#include "source/bpf/modules.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

/*
 * What is weak may be missing, but libbpf looks for it in modules, too, and takes it for an error that it may not (1.1,
 * load_module_btfs()). It tries that once for an object: here, for a function that nobody has. Where it may, all
 * modules would be read for nothing.
 */
void modules_leave_out(struct bpf_object *object)
{
	struct bpf_program *any = bpf_object__next_program(object, NULL);
	__u32 first = 0;

	if (any && bpf_btf_get_next_id(0, &first) && errno == EPERM)
		bpf_program__set_attach_target(any, 0, "nsvigil_nowhere");
}
