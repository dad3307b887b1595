/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "further/further_private.h"

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Every name but hidden ones; `errno` is 0 at the end of the folder. */
static const char *
next_name(DIR *at)
{
	const struct dirent *one;

	do {
		errno = 0;
		one = readdir(at);
	} while (one != NULL && one->d_name[0] == '.');
	return one != NULL ? one->d_name : NULL;
}

static bool
read_names(DIR *at, const char *path, struct folder *folder, struct err *err)
{
	const char *name;

	while ((name = next_name(at)) != NULL) {
		if (folder->n == FURTHER_MAX)
			return err_set(err, ERR_LIMIT,
			               "%.150s: more than %d files, so none is "
			               "run",
			               path, FURTHER_MAX);
		if (!text_copy(name, folder->names[folder->n],
		               sizeof(folder->names[0])))
			return err_set(err, ERR_LIMIT,
			               "%.150s: a name is too long", path);
		folder->n++;
	}
	return errno == 0 ||
	       err_set(err, ERR_IO, "%.150s: %s", path, strerror(errno));
}

bool
folder_read(const char *path, struct folder *folder, struct err *err)
{
	DIR *at = opendir(path);
	bool ok;

	folder->n = 0;
	if (at == NULL)
		return errno == ENOENT || err_set(err, ERR_IO, "%.150s: %s",
		                                  path, strerror(errno));
	ok = read_names(at, path, folder, err);
	closedir(at);
	qsort(folder->names, folder->n, sizeof(folder->names[0]), by_name);
	return ok;
}
