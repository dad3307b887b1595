/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/child.h"

enum { LINKS_MAX = 40 };

/* `at` is where the walk is, without a link in it; `rest` is still to be
 * walked. */
struct walk {
	char at[PATH_MAX];
	char rest[PATH_MAX];
	unsigned links;
};

static bool
too_long(const char *path, struct err *err)
{
	return err_set(err, ERR_DENIED,
	               "%.150s: the path is too long, or leads in circles",
	               path);
}

/* Root's, and nobody else can write there.  With an access control list the
 * group's bits are its mask, so that its grants are refused, too. */
static bool
is_roots(const char *path, const struct stat *stat, struct err *err)
{
	if (stat->st_uid != 0)
		return err_set(err, ERR_DENIED,
		               "%.150s belongs to uid %u, not to root", path,
		               stat->st_uid);
	/* A link's own bits mean nothing. */
	if (!S_ISLNK(stat->st_mode) &&
	    (stat->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(
		    err, ERR_DENIED,
		    "%.150s can be written by others than root (mode "
		    "%04o)",
		    path, (unsigned)stat->st_mode & 07777);
	return true;
}

/* The link at `walk->at` is replaced by what it says. */
static bool
follow(struct walk *walk, const char *path, struct err *err)
{
	char to[PATH_MAX];
	ssize_t n = readlink(walk->at, to, sizeof(to));
	size_t rest = strlen(walk->rest);

	if (n < 0)
		return err_set(err, ERR_DENIED, "%.150s: %s", walk->at,
		               strerror(errno));
	if (++walk->links > LINKS_MAX ||
	    (size_t)n + 1 + rest + 1 > sizeof(walk->rest))
		return too_long(path, err);
	memmove(walk->rest + n + 1, walk->rest, rest + 1);
	memcpy(walk->rest, to, (size_t)n);
	walk->rest[n] = '/';
	/* Relative to its folder, or to the root. */
	if (to[0] == '/')
		walk->at[0] = '\0';
	else
		*strrchr(walk->at, '/') = '\0';
	return true;
}

/* One name further; false: refused.  `*more`: there was one. */
static bool
step(struct walk *walk, const char *path, bool *more, struct err *err)
{
	char *name = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(name, "/");
	size_t at = strlen(walk->at);
	struct stat stat;

	*more = len != 0;
	if (len == 1 && name[0] == '.')
		len = 0;
	if (len == 2 && memcmp(name, "..", 2) == 0) {
		char *last = strrchr(walk->at, '/');

		if (last != NULL)
			*last = '\0';
		len = 0;
	}
	if (len != 0) {
		if (at + 1 + len + 1 > sizeof(walk->at))
			return too_long(path, err);
		walk->at[at] = '/';
		memcpy(walk->at + at + 1, name, len);
		walk->at[at + 1 + len] = '\0';
	}
	name += strcspn(name, "/");
	memmove(walk->rest, name, strlen(name) + 1);
	if (len == 0)
		return true;
	if (lstat(walk->at, &stat) != 0)
		return err_set(err, ERR_DENIED, "%.150s: %s", walk->at,
		               strerror(errno));
	return is_roots(walk->at, &stat, err) &&
	       (!S_ISLNK(stat.st_mode) || follow(walk, path, err));
}

bool
child_trusted(const char *path, struct err *err)
{
	struct walk walk = {.links = 0};
	struct stat stat;
	bool more = true;

	if (path[0] != '/')
		return err_set(err, ERR_DENIED, "%.150s is no absolute path",
		               path);
	if (strlen(path) >= sizeof(walk.rest))
		return too_long(path, err);
	memcpy(walk.rest, path, strlen(path) + 1);
	if (lstat("/", &stat) != 0 || !is_roots("/", &stat, err))
		return false;
	while (more)
		if (!step(&walk, path, &more, err))
			return false;
	return true;
}
