/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libvirt and a lock manager plugin know of each other, ABI 1.0.0.  Its
 * document is libvirt's src/locking/lock_driver.h (the same from 0.9.2 to
 * 11.3.0 but for a flag); libvirt installs no header of it.  Names are ours,
 * but for the one that is looked up: `virLockDriverImpl`. */
#ifndef LOCK_ABI_H
#define LOCK_ABI_H

#include <stddef.h>

/* MAJOR * 1000000 + MINOR * 1000 + MICRO; another major is another ABI. */
enum { LOCK_ABI_MAJOR = 1, LOCK_ABI_MAJOR_UNIT = 1000000 };

/* lock_driver.flags: libvirt wants a migration's cookie for this driver, and so
 * speaks no protocol without one (version 2 has no Begin, and asks nobody). */
enum { LOCK_USES_STATE = 1 << 0 };

/* new()'s type, and its parameters' types. */
enum { LOCK_OBJECT_DOMAIN = 0 };
enum lock_param_type {
	LOCK_PARAM_STRING,
	LOCK_PARAM_CSTRING,
	LOCK_PARAM_INT,
	LOCK_PARAM_LONG,
	LOCK_PARAM_UINT,
	LOCK_PARAM_ULONG,
	LOCK_PARAM_DOUBLE,
	LOCK_PARAM_UUID,
};

/* add_resource()'s type; acquire()'s and new()'s flags. */
enum { LOCK_RESOURCE_DISK = 0, LOCK_RESOURCE_LEASE = 1 };
enum { LOCK_ACQUIRE_REGISTER_ONLY = 1 << 0, LOCK_ACQUIRE_RESTRICT = 1 << 1 };
enum { LOCK_NEW_STARTED = 1 << 0 };

struct lock_param {
	int type;
	const char *key;
	union {
		int i;
		long long l;
		unsigned int ui;
		unsigned long long ul;
		double d;
		const char *text; /* STRING and CSTRING */
		unsigned char uuid[16];
	} value;
};

struct lock_driver;

/* One call's view of one domain: made, used and freed by libvirt. */
struct lock_manager {
	struct lock_driver *driver;
	void *own;
};

/* Each int: 0, or -1 with libvirt's error of the thread set.  A state is the
 * caller's to free(). */
struct lock_driver {
	unsigned int version, flags;
	int (*init)(unsigned int version, const char *config,
	            unsigned int flags);
	int (*deinit)(void);
	int (*new)(struct lock_manager *, unsigned int type, size_t n_params,
	           struct lock_param *, unsigned int flags);
	void (*free)(struct lock_manager *);
	int (*add_resource)(struct lock_manager *, unsigned int type,
	                    const char *name, size_t n_params,
	                    struct lock_param *, unsigned int flags);
	/* At a domain's start in the process that becomes QEMU, forked off a
	 * libvirtd of many threads: nothing of ours may wait there. */
	int (*acquire)(struct lock_manager *, const char *state,
	               unsigned int flags, int action, int *fd);
	int (*release)(struct lock_manager *, char **state, unsigned int flags);
	int (*inquire)(struct lock_manager *, char **state, unsigned int flags);
};

#endif
