/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest.so, a lock manager of libvirt: libvirt inquires after a domain's
 * leases at the begin of a migration's source side, and of nothing else
 * (qemu_migration_cookie.c, qemuMigrationCookieAddLockstate), so there stands
 * the gate.  All else is done as the site's own lock manager does it, or not
 * at all where there is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "base/mem.h"
#include "gate.h"
#include "locksettings/settings.h"
#include "next.h"
#include "paused.h"
#include "tell.h"

/* Written while libvirtd starts and ends, by one thread; read by all. */
static struct {
	unsigned int users; /* drivers of libvirt: qemu, xen */
	char *config;
	struct lock_settings settings;
	struct next next;
} loaded;

/* Of one lock_manager: ours, and what the next one sees in its place. */
struct managed {
	struct lock_manager inner;
	struct gate_domain domain;
};

extern struct lock_driver virLockDriverImpl
    __attribute__((visibility("default")));

static void
forget(void)
{
	lock_settings_done(&loaded.settings);
	free(loaded.config);
	memset(&loaded, 0, sizeof(loaded));
}

static bool
load(const char *config, struct err *err)
{
	loaded.config = mem_text(config);
	if (lock_settings_load(config, &loaded.settings, err) &&
	    next_load(&loaded.next, loaded.settings.next, &virLockDriverImpl,
	              config, err))
		return true;
	forget();
	return false;
}

static int
init(unsigned int version, const char *config, unsigned int flags)
{
	struct err err = {0};

	if (version / LOCK_ABI_MAJOR_UNIT != LOCK_ABI_MAJOR || flags != 0 ||
	    config == NULL)
		return tell(
		    "virt-attest: this libvirt speaks version %u of the "
		    "lock managers' ABI (flags %x), not %d",
		    version, flags, LOCK_ABI_MAJOR);
	if (loaded.users != 0 && strcmp(loaded.config, config) != 0)
		return tell(
		    "virt-attest: loaded already, with %s: not with %s, "
		    "too",
		    loaded.config, config);
	if (loaded.users == 0 && !load(config, &err))
		/* Empty: the next one has said why itself. */
		return err.text[0] == '\0' ? -1
		                           : tell("virt-attest: %s", err.text);
	loaded.users++;
	return 0;
}

static int
deinit(void)
{
	if (loaded.users == 0 || --loaded.users != 0)
		return 0;
	if (!next_unload(&loaded.next)) {
		loaded.users++;
		return -1;
	}
	forget();
	return 0;
}

static void
view_free(struct lock_manager *man)
{
	struct managed *m = man->own;

	if (m == NULL)
		return;
	if (m->inner.driver != NULL)
		m->inner.driver->free(&m->inner);
	free(m->domain.name);
	free(m);
	man->own = NULL;
}

/* Its name may be missing; without a UUID no permit could be its own. */
static bool
take_domain(struct gate_domain *d, size_t n, const struct lock_param *params)
{
	for (size_t i = 0; i < n; i++) {
		const struct lock_param *p = &params[i];

		if (p->key == NULL)
			continue;
		if (strcmp(p->key, "uuid") == 0 && p->type == LOCK_PARAM_UUID)
			uuid_format(p->value.uuid, d->uuid);
		if (strcmp(p->key, "name") == 0 && d->name == NULL &&
		    (p->type == LOCK_PARAM_STRING ||
		     p->type == LOCK_PARAM_CSTRING))
			d->name = mem_text(p->value.text);
	}
	return d->uuid[0] != '\0';
}

static int
view_new(struct lock_manager *man, unsigned int type, size_t n_params,
         struct lock_param *params, unsigned int flags)
{
	struct managed *m = mem_new(1, sizeof(*m));
	struct lock_driver *next = loaded.next.driver;

	man->own = m;
	if (type == LOCK_OBJECT_DOMAIN &&
	    !take_domain(&m->domain, n_params, params)) {
		view_free(man);
		return tell("virt-attest: libvirt tells no domain's UUID");
	}
	if (next == NULL)
		return 0;
	m->inner.driver = next;
	if (next->new (&m->inner, type, n_params, params, flags) == 0)
		return 0;
	m->inner.driver = NULL; /* nothing of it to free */
	view_free(man);
	return -1;
}

static int
add_resource(struct lock_manager *man, unsigned int type, const char *name,
             size_t n_params, struct lock_param *params, unsigned int flags)
{
	struct managed *m = man->own;

	if (m->inner.driver == NULL)
		return 0;
	return m->inner.driver->add_resource(&m->inner, type, name, n_params,
	                                     params, flags);
}

static int
acquire(struct lock_manager *man, const char *state, unsigned int flags,
        int action, int *fd)
{
	struct managed *m = man->own;

	if (m->inner.driver == NULL)
		return 0;
	return m->inner.driver->acquire(&m->inner, paused_inner(state), flags,
	                                action, fd);
}

static int
release(struct lock_manager *man, char **state, unsigned int flags)
{
	struct managed *m = man->own;
	char *leases = NULL;

	if (state != NULL)
		*state = NULL;
	if (m->inner.driver != NULL &&
	    m->inner.driver->release(&m->inner, &leases, flags) != 0)
		return -1;
	if (state != NULL && lock_settings_keep_paused(&loaded.settings)) {
		*state = paused_state(leases);
		free(leases);
	} else if (state != NULL) {
		*state = leases;
	} else {
		free(leases);
	}
	return 0;
}

/* The next one first: when it says no, the permit is not used up. */
static int
inquire(struct lock_manager *man, char **state, unsigned int flags)
{
	struct managed *m = man->own;
	char why[TELL_MAX], *leases = NULL;

	if (state != NULL)
		*state = NULL;
	if (m->inner.driver != NULL &&
	    m->inner.driver->inquire(&m->inner, &leases, flags) != 0)
		return -1;
	if (m->domain.uuid[0] == '\0' ||
	    !gate_lets_go(loaded.settings.socket, loaded.settings.deadline_ms,
	                  &m->domain, why)) {
		free(leases);
		return tell("%s", m->domain.uuid[0] != '\0'
		                      ? why
		                      : "virt-attest: this is no domain");
	}
	if (state != NULL)
		*state = leases;
	else
		free(leases);
	return 0;
}

/* LOCK_USES_STATE whatever the next one says: a destination that denies version
 * 3 of the migration protocol would else be sent the domain by version 2, where
 * nobody inquires. */
struct lock_driver virLockDriverImpl = {
    .version = LOCK_ABI_MAJOR * LOCK_ABI_MAJOR_UNIT,
    .flags = LOCK_USES_STATE,
    .init = init,
    .deinit = deinit,
    .new = view_new,
    .free = view_free,
    .add_resource = add_resource,
    .acquire = acquire,
    .release = release,
    .inquire = inquire,
};
