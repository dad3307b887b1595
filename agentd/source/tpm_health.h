/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TPM as it is found: nothing is made, loaded, started or written there. */
#ifndef SOURCE_TPM_HEALTH_H
#define SOURCE_TPM_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/err.h"

enum { TPM_MAKER_SIZE = 5, TPM_MODEL_SIZE = 17 };

struct tpm_health {
	bool started; /* else nothing below is filled */
	/* As it tells them (Part 2, 6.13), printable: "IFX", "SLB9670". */
	char maker[TPM_MAKER_SIZE], model[TPM_MODEL_SIZE];
	uint32_t firmware[2];
	uint32_t revision; /* of the specification: 138 is 1.38 */
	bool sha256;       /* it has that bank of PCRs */
	bool in_lockout;
	uint32_t failures, failures_max; /* of authorization, as counted */
	uint32_t forgets_s;              /* after so long it counts one less */
	uint64_t clock_ms;
	uint32_t resets, restarts;
	bool clock_safe; /* it was not behind in this boot */
};

/* Asks by TPM2_GetCapability and TPM2_ReadClock alone; a TPM that was not
 * started stays so.  ERR_UNAVAILABLE (no way to it) or ERR_TPM.  It takes as
 * long as the TPM does: who has a deadline calls it in a thread of its own. */
MUST_CHECK bool tpm_look(const char *tcti, struct tpm_health *, struct err *);

#endif
