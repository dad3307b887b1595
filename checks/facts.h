/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known before a migration, collected once, as plain values: from
 * libvirt at both ends (checks/libvirt), from the hosts themselves where
 * libvirt cannot tell (proto/local_facts.h), from the verifier.
 *
 * Texts are NULL where nothing was said; text and lists are an arena's.  A
 * section that is not there says why: `missing` is NULL when it is there. */
#ifndef CHECKS_FACTS_H
#define CHECKS_FACTS_H

#include "checks/domain_facts.h"
#include "checks/host_facts.h"
#include "evidence/verdict.h"
#include "proto/local_facts.h"

/* How the migration is meant to go: the command's words and flags. */
struct plan {
	const char *destination_uri; /* as libvirt reads it, alias resolved */
	const char *destination_host;
	const char *migrate_uri;     /* where the memory goes, the operator's
	                              * or the destination's own host; NULL:
	                              * tunnelled, or none goes */
	const char *data_host;       /* the host of `migrate_uri`, or
	                              * `destination_host` */
	const char *tls_destination; /* the name that the data's TLS expects */
	const char *new_name;        /* --dname */
	bool live, p2p, tunnelled, offline, postcopy, parallel;
	bool persistent, undefine_source;
	bool tls;
	bool copy_storage_all, copy_storage_inc;
	const char *migrate_disks; /* of these, "vda,vdb"; NULL: as libvirt
	                            * chooses */
	bool unsafe;
	bool destination_xml;   /* --xml: libvirt compares its ABI */
	uint64_t bandwidth_mib; /* MiB/s; 0: not limited */
};

/* Whether a port of the destination answers, as seen from the source. */
struct reach {
	const char *missing; /* why nobody looked */
	bool control, data;  /* its libvirt; one of its migration ports */
	bool data_refused;   /* an answer came, and it was no (none listens: no
	                      * firewall is in the way) */
	const char *control_why, *data_why;
};

/* The verifier's word about the destination. */
struct trust {
	const char *missing;
	struct verdict verdict;
	bool same_host; /* destination and migration URI lead to the host that
	                 * was attested */
	const char *other_host; /* else: where the other one leads */
	bool endpoint_checked;  /* libvirt's key there is the attested one */
	bool judges_boot_log, judges_files; /* its golden value does */
};

struct facts {
	struct plan plan;
	struct domain_facts domain;
	struct host_facts source, destination;
	/* What the hosts say themselves; .missing as above. */
	struct local_facts source_local, destination_local;
	struct reach reach;
	struct trust trust;
	uint64_t now_s; /* Unix time where the checks run */
};

#endif
