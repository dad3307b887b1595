/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ek_roots.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/sys.h"

enum { ROOTS_FILE_MAX = 4 * 1024 * 1024 };

struct ek_roots {
	char *folder;
	struct roots *roots;        /* NULL: nothing was read, or not whole */
	uint8_t stamp[SHA256_SIZE]; /* of the files that it was read from */
};

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool
path_of(const char *folder, const char *name, char path[PATH_MAX])
{
	return (size_t)snprintf(path, PATH_MAX, "%s/%s", folder, name) <
	       PATH_MAX;
}

static bool
add_file(struct roots *roots, const char *folder, const char *name,
         struct err *err)
{
	AUTO(buf_done) struct buf bytes = {0};
	char path[PATH_MAX], shown[100];

	text_ascii(span_str(name), shown, sizeof(shown));
	if (!path_of(folder, name, path) ||
	    !sys_read_file(path, ROOTS_FILE_MAX, &bytes, NULL))
		return err_set(err, ERR_CONFIG, "%s: cannot be read", shown);
	return roots_add(roots, shown, buf_span(&bytes), err);
}

/* What a change of the file changes; a pipe would keep us waiting for its other
 * end, so it is none. */
static bool
stamp_file(const char *folder, const char *name, struct buf *stamp,
           struct err *err)
{
	char path[PATH_MAX], shown[100];
	struct stat file;

	text_ascii(span_str(name), shown, sizeof(shown));
	if (!path_of(folder, name, path) || stat(path, &file) != 0 ||
	    !S_ISREG(file.st_mode))
		return err_set(err, ERR_CONFIG, "%s: not a file", shown);
	buf_sized(stamp, span_str(name));
	buf_u64(stamp, (uint64_t)file.st_ino);
	buf_u64(stamp, (uint64_t)file.st_size);
	buf_u64(stamp, (uint64_t)file.st_mtim.tv_sec);
	buf_u64(stamp, (uint64_t)file.st_mtim.tv_nsec);
	buf_u64(stamp, (uint64_t)file.st_ctim.tv_sec);
	buf_u64(stamp, (uint64_t)file.st_ctim.tv_nsec);
	return true;
}

static struct roots *
read_files(const char *folder, struct dirent **files, int n, struct err *err)
{
	struct roots *roots = roots_new();

	for (int i = 0; i < n; i++) {
		if (add_file(roots, folder, files[i]->d_name, err))
			continue;
		roots_free(roots);
		return NULL;
	}
	return roots;
}

/* As it is now, when it is not what was read before. */
static bool
read_folder(struct ek_roots *r, struct dirent **files, int n, struct err *err)
{
	AUTO(buf_done) struct buf bytes = {0};
	uint8_t stamp[SHA256_SIZE];
	struct span all;

	for (int i = 0; i < n; i++)
		if (!stamp_file(r->folder, files[i]->d_name, &bytes, err))
			return false;
	all = buf_span(&bytes);
	crypto_sha256(&all, 1, stamp);
	if (r->roots != NULL && memcmp(stamp, r->stamp, SHA256_SIZE) == 0)
		return true;
	roots_free(r->roots);
	r->roots = read_files(r->folder, files, n, err);
	memcpy(r->stamp, stamp, SHA256_SIZE);
	return r->roots != NULL;
}

const struct roots *
ek_roots_now(struct ek_roots *r, struct err *err)
{
	struct dirent **files = NULL;
	struct err why = {0};
	bool ok;
	int n = 0;

	if (r->folder[0] != '\0' && (strcmp(r->folder, EK_ROOTS_DEFAULT) != 0 ||
	                             access(r->folder, F_OK) == 0))
		n = scandir(r->folder, &files, is_visible, alphasort);
	if (n < 0)
		ok = err_set(&why, ERR_CONFIG, "%.150s: %s", r->folder,
		             strerror(errno));
	else
		ok = read_folder(r, files, n, &why);
	for (int i = 0; i < n; i++)
		free(files[i]);
	free(files);
	if (ok)
		return r->roots;
	err_set(err, ERR_CONFIG, "ek_roots: %s", why.text);
	return NULL;
}

struct ek_roots *
ek_roots_new(const char *folder)
{
	struct ek_roots *r = mem_new(1, sizeof(*r));

	r->folder = mem_text(folder);
	return r;
}

void
ek_roots_free(struct ek_roots *r)
{
	if (r == NULL)
		return;
	roots_free(r->roots);
	free(r->folder);
	free(r);
}
