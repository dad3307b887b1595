/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that this host says of itself. */
#ifndef HOSTFACTS_COLLECT_H
#define HOSTFACTS_COLLECT_H

#include "proto/local_facts.h"

/* Files that a test has elsewhere. */
struct collect_files {
	const char *qemu_conf, *maintenance;
	const char *migrate_pki; /* where it is there and qemu.conf is silent */
	const char *pki;         /* the last resort */
	const char *boot; /* this boot's id in 32 digits; NULL: /proc has it */
};

extern const struct collect_files collect_files;

enum {
	/* Then what is not looked at is told to be so: well below
	 * LOCAL_FACTS_MS. */
	COLLECT_MS = 3000,
	COLLECT_SWTPM_MS = 500,
};

/* Fills `facts`; false when something hangs, and then nothing that `asking`
 * points to may go before the process does. */
bool collect(const struct local_asking *asking, const struct collect_files *,
             struct arena *, struct local_facts *);

/* "TPM emulator version 0.7.1, Copyright ..." has "0.7.1"; NULL. */
const char *collect_swtpm_version(const char *said, struct arena *);

#endif
