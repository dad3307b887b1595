/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "golden_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

#define SUFFIX        ".pcrlock"
#define SUFFIX_FOLDER ".pcrlock.d"

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && strcmp(text + len - n, end) == 0;
}

static bool
append(struct named_files *f, const char *path, const char *name, bool masked,
       struct err *err)
{
	if (f->n == FILES_MAX)
		return err_set(err, ERR_LIMIT, "over %d files", FILES_MAX);
	if (f->files == NULL)
		f->files = mem_new(FILES_MAX, sizeof(*f->files));
	f->files[f->n].path = mem_text(path);
	f->files[f->n].name = mem_text(name);
	f->files[f->n++].masked = masked;
	return true;
}

/* A file of a folder; `name` is its name to systemd. */
static bool
add_found(struct named_files *f, const char *path, const char *name,
          const struct stat *st, struct err *err)
{
	bool masked = !S_ISREG(st->st_mode) || st->st_size == 0;

	f->n_found++;
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->files[i].name, name) == 0)
			return true;
	return append(f, path, name, masked, err);
}

static int
is_wanted(const struct dirent *entry)
{
	return ends_with(entry->d_name, SUFFIX) ||
	       ends_with(entry->d_name, SUFFIX_FOLDER);
}

static bool add_folder(struct named_files *, const char *path,
                       const char *prefix, struct err *);

static bool
add_entry(struct named_files *f, const char *folder, const char *prefix,
          const char *entry, struct err *err)
{
	char path[PATH_MAX], name[2 * NAME_MAX + 2];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", prefix, entry);
	if (snprintf(path, sizeof(path), "%s/%s", folder, entry) >=
	    (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "%.100s: the path is too long",
		               folder);
	if (stat(path, &st) != 0)
		return err_set(err, ERR_IO, "%.150s: %s", path,
		               strerror(errno));
	if (ends_with(entry, SUFFIX))
		return add_found(f, path, name, &st, err);
	/* Variants of a component: a folder in the folder, and no deeper. */
	if (!S_ISDIR(st.st_mode) || prefix[0] != '\0')
		return true;
	snprintf(name, sizeof(name), "%s/", entry);
	return add_folder(f, path, name, err);
}

static bool
add_folder(struct named_files *f, const char *path, const char *prefix,
           struct err *err)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, is_wanted, alphasort);
	bool ok = n >= 0;

	if (!ok)
		err_set(err, ERR_IO, "%.150s: %s", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		ok = ok && add_entry(f, path, prefix, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

/* The last part of a path; with the folder of a component's variants. */
static const char *
short_name(const char *path)
{
	const char *last = strrchr(path, '/'), *before = last;

	if (last == NULL)
		return path;
	while (before > path && before[-1] != '/')
		before--;
	if ((size_t)(last - before) > strlen(SUFFIX_FOLDER) &&
	    strncmp(last - strlen(SUFFIX_FOLDER), SUFFIX_FOLDER,
	            strlen(SUFFIX_FOLDER)) == 0)
		return before;
	return last + 1;
}

bool
files_add(struct named_files *f, const char *path, struct err *err)
{
	char prefix[NAME_MAX + 2] = "";
	size_t len = strlen(path), before = f->n_found;
	AUTO(mem_auto) char *bare = mem_text(path);
	struct stat st;

	if (strcmp(path, "-") == 0 || stat(path, &st) != 0 ||
	    !S_ISDIR(st.st_mode))
		return append(f, path, short_name(path), false, err);
	while (len > 1 && bare[len - 1] == '/')
		bare[--len] = '\0';
	if (ends_with(bare, SUFFIX_FOLDER)) {
		const char *last = strrchr(bare, '/');

		snprintf(prefix, sizeof(prefix), "%s/",
		         last != NULL ? last + 1 : bare);
	}
	if (!add_folder(f, bare, prefix, err))
		return false;
	if (f->n_found == before)
		return err_set(err, ERR_NOT_FOUND,
		               "%.150s: no .pcrlock file in it", path);
	return true;
}

void
files_done(struct named_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->files[i].path);
		free(f->files[i].name);
	}
	free(f->files);
	*f = (struct named_files){0};
}
