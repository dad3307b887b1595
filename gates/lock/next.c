/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "next.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { PLUGIN_PATH_MAX = 4096 };

char *
next_config(const char *config, const char *name, struct err *err)
{
	static const char ours[] = "-virt-attest.conf";
	size_t len = strlen(config), kept;
	size_t size = len + strlen(name) + sizeof("-.conf");
	char *at;

	if (len < sizeof(ours) - 1 ||
	    strcmp(config + len - (sizeof(ours) - 1), ours) != 0) {
		err_set(
		    err, ERR_CONFIG,
		    "'%.160s' does not end in '%s': where is the one of %s?",
		    config, ours, name);
		return NULL;
	}
	kept = len - (sizeof(ours) - 1);
	at = mem_new(1, size);
	snprintf(at, size, "%.*s-%s.conf", (int)kept, config, name);
	return at;
}

static bool
path_of(const char *name, const void *beside, char path[PLUGIN_PATH_MAX],
        struct err *err)
{
	const char *slash;
	Dl_info own;
	int n;

	if (dladdr(beside, &own) == 0 || own.dli_fname == NULL ||
	    (slash = strrchr(own.dli_fname, '/')) == NULL)
		return err_set(err, ERR_INTERNAL,
		               "the folder of this plugin is not known");
	n = snprintf(path, PLUGIN_PATH_MAX, "%.*s/%s.so",
	             (int)(slash - own.dli_fname), own.dli_fname, name);
	return n < PLUGIN_PATH_MAX ||
	       err_set(err, ERR_LIMIT, "the path of %s is too long", name);
}

static bool
is_whole(const struct lock_driver *d)
{
	return d->version / LOCK_ABI_MAJOR_UNIT == LOCK_ABI_MAJOR &&
	       d->init != NULL && d->deinit != NULL && d->new != NULL &&
	       d->free != NULL && d->add_resource != NULL &&
	       d->acquire != NULL && d->release != NULL && d->inquire != NULL;
}

static bool
open_plugin(struct next *next, const char *path, struct err *err)
{
	const char *why;

	next->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (next->handle == NULL) {
		why = dlerror();
		return err_set(err, ERR_CONFIG, "next: %s",
		               why != NULL ? why : path);
	}
	next->driver = dlsym(next->handle, "virLockDriverImpl");
	return (next->driver != NULL && is_whole(next->driver)) ||
	       err_set(err, ERR_CONFIG,
	               "next: %s is no lock manager of libvirt's ABI %d", path,
	               LOCK_ABI_MAJOR);
}

bool
next_load(struct next *next, const char *name, const void *beside,
          const char *config, struct err *err)
{
	AUTO(mem_auto) char *its_config = NULL;
	char path[PLUGIN_PATH_MAX];

	if (name[0] == '\0')
		return true;
	its_config = next_config(config, name, err);
	if (its_config == NULL || !path_of(name, beside, path, err))
		return false;
	if (open_plugin(next, path, err) &&
	    next->driver->init(LOCK_ABI_MAJOR * LOCK_ABI_MAJOR_UNIT, its_config,
	                       0) == 0)
		return true;
	if (next->handle != NULL)
		dlclose(next->handle);
	*next = (struct next){0};
	return false;
}

bool
next_unload(struct next *next)
{
	if (next->driver != NULL && next->driver->deinit() < 0)
		return false;
	if (next->handle != NULL)
		dlclose(next->handle);
	*next = (struct next){0};
	return true;
}
