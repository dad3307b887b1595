/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host whose TPM is software of the same process: two keys on P-256, made
 * when it is, and what the agent wire asks of them. */
#ifndef BENCH_SOFT_HOST_H
#define BENCH_SOFT_HOST_H

#include "evidence/evidence.h"

struct soft_host;

struct soft_host *soft_host_new(const char *name);
void soft_host_free(struct soft_host *);
const char *soft_host_name(const struct soft_host *);

void soft_host_identity(const struct soft_host *, struct identity *);
/* The answers of TPM2_ActivateCredential, whatever was wrong, and of TPM2_Quote
 * for the one leaf `qualifying`; the bank is SHA-256. */
MUST_CHECK bool soft_host_activate(const struct soft_host *,
                                   const struct activation *,
                                   struct activated *, struct err *);
MUST_CHECK bool soft_host_quote(const struct soft_host *,
                                const struct pcr_selection *,
                                const uint8_t qualifying[SHA256_SIZE],
                                struct evidence *, struct err *);

#endif
