/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trustdisk/trustdisk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sys.h"

enum { BOOT_TEXT_MAX = 64 };

/* An open folder and a name in it: nothing that happens to the path later
 * leads elsewhere. */
struct place {
	int folder;
	char name[NAME_MAX + 1];
	char aside[NAME_MAX + 1]; /* the lock, or the new file */
};

static void
place_done(struct place *p)
{
	if (p->folder >= 0)
		close(p->folder);
}

static bool
failed(const char *path, const char *doing, struct err *err)
{
	return err_set(err, ERR_IO, "trust file '%.100s': %s: %s", path, doing,
	               strerror(errno));
}

static bool
place_open(const char *path, const char *suffix, struct place *p,
           struct err *err)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	if (slash == NULL || path[0] != '/' || len >= sizeof(folder) ||
	    strlen(slash + 1) + strlen(suffix) + 2 > sizeof(p->name) ||
	    slash[1] == '\0')
		return err_set(err, ERR_CONFIG,
		               "trust file '%.100s': not the full path of a "
		               "file",
		               path);
	memcpy(folder, path, len);
	memcpy(folder + len, "/", 2); /* of "/name", too */
	snprintf(p->name, sizeof(p->name), "%s", slash + 1);
	snprintf(p->aside, sizeof(p->aside), ".%s%s", slash + 1, suffix);
	p->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return p->folder >= 0 || failed(path, "its folder", err);
}

/* What stands there; false when it is nothing that we may replace. */
static bool
look(const struct place *p, const char *path, struct stat *st, bool *there,
     struct err *err)
{
	*there = fstatat(p->folder, p->name, st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*there)
		return errno == ENOENT || failed(path, "look at it", err);
	return S_ISREG(st->st_mode) ||
	       err_set(err, ERR_IO,
	               "trust file '%.100s': there is a link or something "
	               "else than a file: remove it",
	               path);
}

/* Root writes for the account that the file belongs to, which could replace it
 * in a sticky folder no more otherwise. */
static bool
give(int fd, const struct stat *st, bool there)
{
	return !there || geteuid() != 0 ||
	       fchown(fd, st->st_uid, st->st_gid) == 0;
}

/* Ours alone: whoever could open it could hold it for ever.  Not O_CREAT for
 * one that is there: in a sticky folder the kernel refuses that of another's
 * file (fs.protected_regular). */
static int
open_lock(const struct place *p)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(p->folder, p->aside, flags);

	if (fd < 0 && errno == ENOENT)
		fd =
		    openat(p->folder, p->aside, flags | O_CREAT | O_EXCL, 0600);
	return fd;
}

bool
trustdisk_lock(const char *path, int *fd, struct err *err)
{
	AUTO(place_done) struct place p = {.folder = -1};
	struct stat st;
	bool there;

	*fd = -1;
	if (!place_open(path, ".lock", &p, err) ||
	    !look(&p, path, &st, &there, err))
		return false;
	*fd = open_lock(&p);
	if (*fd >= 0 && give(*fd, &st, there) &&
	    flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		err_set(err, ERR_BUSY, "trust file '%.100s': another writes it",
		        path);
	else
		failed(path, "its lock", err);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return false;
}

static bool
write_all(int fd, struct span text)
{
	while (text.len != 0) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text = span_of(text.at + n, text.len - (size_t)n);
	}
	return true;
}

static bool
fill(int fd, struct span text, const struct stat *st, bool there)
{
	bool ok = write_all(fd, text) && fchmod(fd, 0644) == 0 &&
	          give(fd, st, there) && fsync(fd) == 0;

	/* Some file systems say it here that the disk is full. */
	return close(fd) == 0 && ok;
}

static bool
replace(const struct place *p, const char *path, uint64_t made_ms,
        struct err *err)
{
	if (sys_boot_ms() - made_ms > TRUSTDISK_AGE_MS)
		return err_set(err, ERR_BUSY,
		               "trust file '%.100s': writing it took too long",
		               path);
	return (renameat(p->folder, p->aside, p->folder, p->name) == 0 &&
	        fsync(p->folder) == 0) ||
	       failed(path, "replace it", err);
}

bool
trustdisk_write(const char *path, const char *writer, struct span text,
                uint64_t made_ms, struct err *err)
{
	AUTO(place_done) struct place p = {.folder = -1};
	char suffix[32];
	struct stat st;
	bool there;
	int fd;

	snprintf(suffix, sizeof(suffix), ".%.24s", writer);
	if (!place_open(path, suffix, &p, err) ||
	    !look(&p, path, &st, &there, err))
		return false;
	/* Left by one that was killed. */
	(void)unlinkat(p.folder, p.aside, 0);
	fd = openat(p.folder, p.aside,
	            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed(path, "make a new one", err);
	if (!fill(fd, text, &st, there))
		failed(path, "write it", err);
	else if (replace(&p, path, made_ms, err))
		return true;
	(void)unlinkat(p.folder, p.aside, 0);
	return false;
}

/* QEMU takes no file without a certificate, either. */
static bool
empty(const struct place *p)
{
	int fd = openat(p->folder, p->name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	          st.st_nlink == 1 && ftruncate(fd, 0) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool
trustdisk_remove(const char *path, struct err *err)
{
	AUTO(place_done) struct place p = {.folder = -1};
	struct stat st;
	bool there;

	return place_open(path, "", &p, err) &&
	       look(&p, path, &st, &there, err) &&
	       (!there || unlinkat(p.folder, p.name, 0) == 0 || empty(&p) ||
	        failed(path, "remove it", err));
}

bool
trustdisk_boot(char out[TRUSTFILE_BOOT_SIZE], struct err *err)
{
	AUTO(buf_done) struct buf text = {0};
	const char *said = getenv("VIRT_ATTEST_BOOT_ID");

	if (said == NULL) {
		if (!sys_read_file("/proc/sys/kernel/random/boot_id",
		                   BOOT_TEXT_MAX, &text, err))
			return false;
		buf_add(&text, span_of("", 1));
		said = (const char *)text.at;
	}
	return trustfile_boot(said, out) ||
	       err_set(err, ERR_MALFORMED, "this boot has no id");
}
