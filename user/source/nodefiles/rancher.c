// SPDX-License-Identifier: BSD-2-Clause
#include "source/nodefiles/rancher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/alloc.h"
#include "lib/cleanup.h"
#include "source/nodefiles/files.h"
#include "source/nodefiles/yamlpick.h"

static const struct {
	const char *of, *config, *data_dir;
} distributions[] = {
	{"k3s", "/etc/rancher/k3s/config.yaml", "/var/lib/rancher/k3s"},
	{"RKE2", "/etc/rancher/rke2/config.yaml", "/var/lib/rancher/rke2"},
};

#define DISTRIBUTIONS (sizeof(distributions) / sizeof(*distributions))

/* A "+" adds to what files before have said; without it a key says it anew. */
enum { DATA_DIR, NODE_NAME, RUNTIME, ARGS, MORE_ARGS, KEYS };

struct told {
	char *text[KEYS]; /* of a list a line each */
};

static void told_free(struct told *told)
{
	for (size_t i = 0; i < KEYS; i++)
		free(told->text[i]);
}

static void append(char **to, const char *text)
{
	const size_t len = *to ? strlen(*to) : 0, size = len + strlen(text) + 2;
	char *both = xcalloc(1, size);

	snprintf(both, size, "%s%s%s", len ? *to : "", len && (*to)[len - 1] != '\n' ? "\n" : "",
		 text);
	free(*to);
	*to = both;
}

/* What one file says goes over what those before it said. */
static int take_text(const char *text, size_t len, struct told *told, struct problem *problem)
{
	struct yamlpick values[KEYS] = {
		[DATA_DIR] = {.path = "data-dir"},
		[NODE_NAME] = {.path = "node-name"},
		[RUNTIME] = {.path = "container-runtime-endpoint"},
		[ARGS] = {.path = "kubelet-arg", .list = true},
		[MORE_ARGS] = {.path = "kubelet-arg+", .list = true},
	};
	int err = yamlpick_read(text, len, values, KEYS, problem);

	for (size_t i = 0; !err && i < MORE_ARGS; i++) {
		if (!values[i].is_there)
			continue;
		free(told->text[i]);
		told->text[i] = values[i].text;
		values[i].text = NULL;
	}
	if (!err && values[MORE_ARGS].text)
		append(&told->text[ARGS], values[MORE_ARGS].text);
	yamlpick_free(values, KEYS);
	return err;
}

/* A file that has nothing in it, or comments only, says nothing. */
static bool is_blank(const char *text)
{
	while (*text) {
		text += strspn(text, " \t\r\n");
		if (*text && *text != '#')
			return false;
		text += strcspn(text, "\n");
	}
	return true;
}

/* Returns whether it is there. */
static bool take_file(int root, const char *path, struct told *told, struct rancher *out)
{
	AUTO_FREE char *text = NULL;
	struct file_stamp any = {};
	size_t len;
	int err = files_read(root, path, true, &any, &text, &len);

	if (err == -ENOENT || err == -ENOTDIR)
		return false;
	if (err < 0)
		problem_set(&out->problem, err, "%s", files_error(err));
	else if (!is_blank(text))
		err = take_text(text, len, told, &out->problem);
	if (err < 0 && !out->err) {
		out->err = err;
		snprintf(out->which, sizeof(out->which), "%s", path);
	}
	return true;
}

static bool is_yaml(const char *name)
{
	const char *end = strrchr(name, '.');

	return end && (!strcasecmp(end, ".yaml") || !strcasecmp(end, ".yml"));
}

/* First the file, then those of its directory by name: dotDFiles() of k3s' pkg/configfilearg. */
static bool take_files(int root, const char *config, struct told *told, struct rancher *out)
{
	struct files_list names = {};
	char path[PATH_MAX];
	bool any = take_file(root, config, told, out);

	snprintf(path, sizeof(path), "%s.d", config);
	files_list(root, path, &names);
	for (size_t i = 0; i < names.n; i++)
		if (is_yaml(names.v[i]) &&
		    snprintf(path, sizeof(path), "%s.d/%s", config, names.v[i]) < (int)sizeof(path))
			any |= take_file(root, path, told, out);
	files_list_free(&names);
	return any;
}

/* As it hands them to the kubelet: the last of a flag holds. */
static void make_args(const struct told *told, struct rancher *out)
{
	FILE *args = xmemstream(&out->args, &out->args_len);
	AUTO_FREE char *list = told->text[ARGS] ? xstrdup(told->text[ARGS]) : NULL;
	char *state = NULL;

	if (told->text[NODE_NAME])
		fprintf(args, "--hostname-override=%s%c", told->text[NODE_NAME], 0);
	if (told->text[RUNTIME])
		fprintf(args, "--container-runtime-endpoint=%s%c", told->text[RUNTIME], 0);
	for (char *arg = list ? strtok_r(list, "\n", &state) : NULL; arg;
	     arg = strtok_r(NULL, "\n", &state))
		fprintf(args, "%s%s%c", strncmp(arg, "--", 2) ? "--" : "", arg, 0);
	fclose(args);
}

static void take_data_dir(const char *dir, struct rancher *out)
{
	size_t len = dir ? strlen(dir) : 0;

	while (len > 1 && dir[len - 1] == '/')
		len--;
	/* "${HOME}/..." is that of whoever started it. */
	if (len < 2 || *dir != '/')
		return;
	out->data_dir = xstrdup(dir);
	out->data_dir[len] = '\0';
}

void rancher_read(int root, struct rancher *out)
{
	struct told told = {};

	*out = (struct rancher){};
	for (size_t i = 0; root >= 0 && !out->of && i < DISTRIBUTIONS; i++)
		if (take_files(root, distributions[i].config, &told, out)) {
			out->of = distributions[i].of;
			out->default_dir = distributions[i].data_dir;
		}
	if (out->of) {
		take_data_dir(told.text[DATA_DIR], out);
		make_args(&told, out);
	}
	told_free(&told);
}

void rancher_free(struct rancher *rancher)
{
	free(rancher->data_dir);
	free(rancher->args);
	*rancher = (struct rancher){};
}

const char *rancher_path(const struct rancher *rancher, const char *below, char out[PATH_MAX])
{
	const char *dir = rancher->data_dir ?: rancher->default_dir;

	if (!dir || snprintf(out, PATH_MAX, "%s%s", dir, below) >= PATH_MAX)
		*out = '\0';
	return out;
}
