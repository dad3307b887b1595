/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One migration at work, in a thread of its own (virDomainMigrate3,
 * virDomainMigrateToURI3), looked at and ended from outside. */
#ifndef VIRT_MIGRATION_H
#define VIRT_MIGRATION_H

#include "checks/libvirt/endpoint.h"

/* virsh migrate's own, beyond those of struct plan.  NULL and 0: not given. */
struct migration_how {
	bool suspend, non_shared_synchronous_writes, change_protection;
	bool abort_on_error, auto_converge, rdma_pin_all, compressed;
	bool postcopy_after_precopy, zerocopy;
	const char *xml;            /* the destination's, --xml */
	const char *persistent_xml; /* --persistent-xml */
	const char *graphics_uri, *listen_address, *disks_uri;
	const char *migrate_disks;       /* "vda,vdb" */
	const char *compression_methods; /* comp-methods: "xbzrle,zstd" */
	int parallel_connections;
	uint64_t disks_port, postcopy_bandwidth, downtime_ms;
};

struct migration_progress {
	bool running;                         /* a job is there */
	uint64_t total, processed, remaining; /* bytes, memory and disks */
	uint64_t elapsed_ms, iteration;
	bool switching; /* about to pause, or paused, at the source */
};

struct migration;

/* Begins.  Direct migration connects to the destination from here (inside the
 * thread).  `source` is borrowed and is asked nothing else meanwhile. */
struct migration *migration_begin(struct endpoint *source, const char *domain,
                                  const struct plan *,
                                  const struct migration_how *, struct err *);
/* Waits up to `ms` for the end; true: it is over, migration_ended() tells. */
MUST_CHECK bool migration_wait(struct migration *, uint64_t ms);
/* How far it is; false: not to be had now.  Never waits beyond some hundred
 * milliseconds. */
MUST_CHECK bool migration_look(struct migration *, struct migration_progress *);
/* Asks libvirt to abort (virDomainAbortJob); false: it said no, or hangs. */
MUST_CHECK bool migration_abort(struct migration *, struct err *);
/* --timeout: pauses the guest, or begins post-copy. */
MUST_CHECK bool migration_suspend(struct migration *, struct err *);
MUST_CHECK bool migration_start_postcopy(struct migration *, struct err *);
/* True: done, the guest runs there.  False: libvirt's own words. */
MUST_CHECK bool migration_ended(struct migration *, struct err *);
/* One that is not over is given up, not aborted. */
void migration_free(struct migration *);

#endif
