/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where daemons listen, and where the verifier writes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "look_private.h"
#include "sys/control.h"
#include "sys/sys.h"
#include "words.h"

enum {
	SOCKETS_MAX = 4 * 1024 * 1024,
	STATE_LISTENS = 0x0a,
	INODES_LEAST = 100
};

/* Whether a line of /proc/net/tcp (proc(5)) is of who listens at the port. */
static bool
is_listener(const char *line, unsigned port)
{
	unsigned at = 0, state = 0;
	const char *colon = strchr(line, ':'); /* behind its number */

	colon = colon != NULL ? strchr(colon + 1, ':') : NULL;
	if (colon == NULL)
		return false;
	at = (unsigned)strtoul(colon + 1, NULL, 16);
	colon = strchr(colon + 1, ':');
	if (colon == NULL || (colon = strchr(colon, ' ')) == NULL)
		return false;
	state = (unsigned)strtoul(colon + 1, NULL, 16);
	return at == port && state == STATE_LISTENS;
}

static bool
has_listener(const char *path, unsigned port, bool *read)
{
	AUTO(buf_done) struct buf text = {0};
	struct err err = {0};
	char *line, *rest;
	bool found = false;

	if (!sys_read_file(path, SOCKETS_MAX, &text, &err))
		return false;
	*read = true;
	buf_u8(&text, '\0');
	rest = (char *)text.at;
	while (!found && (line = strsep(&rest, "\n")) != NULL)
		found = is_listener(line, port);
	return found;
}

/* By the kernel's list: who connects to an agent only to see whether it is
 * there is a failed handshake in its log. */
enum seen
look_port(struct arena *arena, const char *listen, const char **why)
{
	const char *colon = strrchr(listen, ':');
	bool read = false, found;
	uint64_t port;

	(void)arena;
	if (colon == NULL || !text_u64(colon + 1, UINT16_MAX, &port) ||
	    port == 0)
		return SEEN_NOT_KNOWN;
	found = has_listener("/proc/net/tcp", (unsigned)port, &read) ||
	        has_listener("/proc/net/tcp6", (unsigned)port, &read);
	*why = "no program has that port";
	if (!read)
		return SEEN_NOT_KNOWN;
	return found ? SEEN_YES : SEEN_NO;
}

enum seen
look_socket(struct arena *arena, const char *path, const char **why)
{
	struct err err = {0};
	int fd = control_connect(path, LOOK_CONNECT_MS, &err);
	size_t n = strlen(path);
	const char *text = err.text;

	if (fd >= 0) {
		close(fd);
		return SEEN_YES;
	}
	/* Where was said already. */
	if (strncmp(text, path, n) == 0 && strncmp(text + n, ": ", 2) == 0)
		text += n + 2;
	*why = words_shown(arena, text);
	return SEEN_NO;
}

/* Who beside its account and root may get at the store. */
static const char *
loose(struct arena *arena, const char *folder, const char *file)
{
	char text[LOOK_PATH_SIZE + 64];
	struct stat dir, db;

	if (stat(folder, &dir) != 0)
		return NULL;
	if ((dir.st_mode & S_IWOTH) != 0 && (dir.st_mode & S_ISVTX) == 0)
		snprintf(text, sizeof(text), "%s has %s", folder,
		         look_owner(arena, &dir));
	else if ((dir.st_mode & S_IXOTH) != 0 && stat(file, &db) == 0 &&
	         (db.st_mode & (S_IROTH | S_IWOTH)) != 0)
		snprintf(text, sizeof(text), "%s has %s", file,
		         look_owner(arena, &db));
	else
		return NULL;
	return words_shown(arena, text);
}

void
look_store(struct look *look, struct arena *arena)
{
	static const char sqlite[] = "sqlite:";
	struct health_store *s = &look->facts.store;
	const char *file = look->verifierd.store;
	char folder[LOOK_PATH_SIZE];
	struct statvfs disk;

	s->folder = "";
	if (!health_is_set_up(&look->facts.verifierd) ||
	    strncmp(file, sqlite, strlen(sqlite)) != 0 ||
	    !text_copy(file + strlen(sqlite), folder, sizeof(folder)) ||
	    strrchr(folder, '/') == NULL)
		return;
	file += strlen(sqlite);
	*strrchr(folder, '/') = '\0';
	s->folder = words_shown(arena, folder);
	if (access(folder, R_OK | X_OK) != 0) {
		*(errno == EACCES ? &s->hidden : &s->missing) =
		    words_errno(arena, errno);
		return;
	}
	s->loose = loose(arena, folder, file);
	if (statvfs(folder, &disk) != 0) {
		s->hidden = words_errno(arena, errno);
		return;
	}
	s->free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	/* Some file systems count no inodes. */
	s->no_inodes = disk.f_files != 0 && disk.f_favail < INODES_LEAST;
}
