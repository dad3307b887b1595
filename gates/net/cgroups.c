/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control groups come and go: a service that is restarted gets another one of
 * the same name, which nftables does not take for the same. */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "gated.h"
#include "gateplan/ruleset.h"

#define ROOT "/sys/fs/cgroup" /* libnftables knows no other */

enum { PATH_SIZE = sizeof(ROOT) + RULESET_CGROUP_MAX + 1 };

struct cgroups {
	struct gated *gated;
	int fd; /* inotify(7) */
	struct watch *watch;
};

/* Another file system's folder has a number, too, and it would be somebody
 * else's. */
static bool
is_cgroup2(const char *path, struct stat *st)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC &&
	       stat(path, st) == 0 && S_ISDIR(st->st_mode);
}

bool
cgroups_usable(void)
{
	struct stat st;

	return is_cgroup2(ROOT, &st);
}

uint64_t
cgroup_id(const char *path)
{
	char whole[PATH_SIZE];
	struct stat st;

	snprintf(whole, sizeof(whole), ROOT "/%s", path);
	return is_cgroup2(whole, &st) ? st.st_ino : 0;
}

/* Each folder above it: whichever is made tells of the next. */
static void
watch_above(const struct cgroups *c, const char *path)
{
	char whole[PATH_SIZE];

	snprintf(whole, sizeof(whole), ROOT "/%s", path);
	for (char *end = strrchr(whole, '/');
	     end != NULL && (size_t)(end - whole) >= strlen(ROOT);
	     end = strrchr(whole, '/')) {
		*end = '\0';
		/* One that is watched already stays watched; one that is not
		 * there is told of by the one above it. */
		(void)inotify_add_watch(c->fd, whole,
		                        IN_CREATE | IN_DELETE | IN_MOVED_TO |
		                            IN_ONLYDIR);
	}
}

void
cgroups_follow(struct cgroups *c)
{
	const struct config_list *list = &c->gated->config.cgroups;

	/* First the watches: what is made between the two is then told of. */
	for (size_t i = 0; i < list->n; i++)
		watch_above(c, list->items[i]);
	table_regroup(c->gated->table);
}

static void
on_change(void *arg)
{
	struct cgroups *c = arg;
	uint8_t part[4096];

	/* What changed is not asked: all are looked at again. */
	while (read(c->fd, part, sizeof(part)) > 0)
		;
	cgroups_follow(c);
}

struct cgroups *
cgroups_new(struct gated *g, struct err *err)
{
	struct cgroups *c = mem_new(1, sizeof(*c));

	c->gated = g;
	c->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (c->fd < 0) {
		err_set(err, ERR_IO, "inotify: %s", strerror(errno));
		free(c);
		return NULL;
	}
	c->watch = watch_fd(g->loop, c->fd, on_change, c);
	cgroups_follow(c);
	return c;
}

void
cgroups_free(struct cgroups *c)
{
	if (c == NULL)
		return;
	watch_free(c->watch);
	close(c->fd);
	free(c);
}
