/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An honest world with a boot log: the GRUB machine of tests/fixtures/bootlog,
 * judged by its events where that is usual. */
#ifndef TESTS_APPRAISE_BOOT_H
#define TESTS_APPRAISE_BOOT_H

#include "appraise_world.h"
#include "bootref_help.h"

#define BIT(pcr) (UINT32_C(1) << (pcr))

/* Those that GRUB's boot extends and a golden value looks at, and those of them
 * that are judged by events. */
#define PCRS_QUOTED                                                            \
	(BIT(0) | BIT(2) | BIT(4) | BIT(7) | BIT(8) | BIT(9) | BIT(14))
#define PCRS_BY_EVENTS (BIT(4) | BIT(7) | BIT(8) | BIT(9) | BIT(14))

struct boot {
	struct world w;
	struct buf log; /* what the host shows */
	struct bootref events;
	struct references references;
};

/* `w.golden` and `references` are the boot's; pointers lead into it, so it
 * stays where it is. */
void boot_be_honest(struct boot *);
void boot_done(struct boot *);

/* What this log leads to was booted and quoted, and it is shown.  Takes it. */
void boot_from(struct boot *, struct buf log);
/* The host shows another log (taken) than that which it booted by. */
void boot_show(struct boot *, struct buf log);

/* Judges, with what the boot shows now. */
void boot_judge(struct boot *, struct verdict *);
unsigned boot_wants(struct boot *);

/* Untrusted for this reason, and for no other. */
void must_refuse_for(const struct verdict *, enum reason_code,
                     const char *detail);
void must_trust(const struct verdict *, uint64_t golden);

#endif
