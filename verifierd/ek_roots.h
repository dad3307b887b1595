/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The folder of the CAs that are believed about TPMs, and of their lists. */
#ifndef VERIFIERD_EK_ROOTS_H
#define VERIFIERD_EK_ROOTS_H

#include "crypto/certificate.h"

struct ek_roots;

/* `folder` may be empty: then nobody is believed.  So it is when the default
 * folder is not there. */
#define EK_ROOTS_DEFAULT "/etc/virt-attest/ek_roots"
struct ek_roots *ek_roots_new(const char *folder);
void ek_roots_free(struct ek_roots *);

/* What lies in the folder now: every file whose name does not begin with a dot
 * counts.  Read again only when a file came, went or changed; borrowed until
 * the next call.  NULL with ERR_CONFIG and the file that cannot be read or is
 * none: a list that was passed over would revoke nobody. */
const struct roots *ek_roots_now(struct ek_roots *, struct err *);

#endif
