/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A site's own lock manager, which tells the test of each call. */
#include <stdlib.h>
#include <string.h>

#include "abi.h"

/* lock_help.c has it. */
void next_called(const char *call, const char *what);

extern struct lock_driver virLockDriverImpl;

static int
init(unsigned int version, const char *config, unsigned int flags)
{
	if (version != 1000000 || flags != 0)
		return -1;
	next_called("init", strrchr(config, '/') + 1);
	return 0;
}

static int
deinit(void)
{
	next_called("deinit", "");
	return 0;
}

static int
new_domain(struct lock_manager *man, unsigned int type, size_t n,
           struct lock_param *params, unsigned int flags)
{
	(void)type;
	if (man->driver != &virLockDriverImpl || n != 5 ||
	    strcmp(params[1].value.text, "not-here") == 0)
		return -1;
	next_called(flags == LOCK_NEW_STARTED ? "new-started" : "new",
	            params[1].value.text);
	man->own = strdup(params[1].value.text);
	return man->own != NULL ? 0 : -1;
}

static void
free_domain(struct lock_manager *man)
{
	next_called("free", man->own);
	free(man->own);
}

static int
add_resource(struct lock_manager *man, unsigned int type, const char *name,
             size_t n, struct lock_param *params, unsigned int flags)
{
	(void)man;
	next_called("add", name);
	return type == LOCK_RESOURCE_DISK && n == 0 && params == NULL &&
	               flags == 0
	           ? 0
	           : -1;
}

static int
acquire(struct lock_manager *man, const char *state, unsigned int flags,
        int action, int *fd)
{
	(void)man;
	(void)flags;
	(void)fd;
	next_called("acquire", state != NULL ? state : "-");
	return action == 0 ? 0 : -1;
}

static int
release(struct lock_manager *man, char **state, unsigned int flags)
{
	(void)flags;
	next_called("release", man->own);
	*state = strdup("paused-leases");
	return 0;
}

static int
inquire(struct lock_manager *man, char **state, unsigned int flags)
{
	(void)flags;
	next_called("inquire", man->own);
	if (strcmp(man->own, "not-now") == 0)
		return -1;
	*state = strdup("leases");
	return 0;
}

struct lock_driver virLockDriverImpl = {
    .version = NEXT_ABI,
    .init = init,
    .deinit = deinit,
    .new = new_domain,
    .free = free_domain,
    .add_resource = add_resource,
    .acquire = acquire,
    .release = release,
    .inquire = inquire,
};
