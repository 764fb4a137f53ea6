// SPDX-License-Identifier: BSD-2-Clause
/*
 * empty OBJECT SECTION...: attaches programs of these sections, says "ready", and stays until its standard input
 * ends.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_in(const char *section, char **sections, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(section, sections[i]))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct bpf_object *object = argc > 1 ? bpf_object__open(argv[1]) : NULL;
	struct bpf_program *program;
	char none;

	if (!object)
		return 2;
	bpf_object__for_each_program(program, object) bpf_program__set_autoload(
		program, is_in(bpf_program__section_name(program), argv + 2, argc - 2));
	if (bpf_object__load(object))
		return 1;
	bpf_object__for_each_program(program, object) if (bpf_program__autoload(program) &&
							  !bpf_program__attach(program)) return 1;
	puts("ready");
	fflush(stdout);
	return read(STDIN_FILENO, &none, 1) < 0;
}
