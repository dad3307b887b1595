/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public areas: whatever passes for an EK or an AK, tpm2-tss reads whole, and
 * it is the same bytes again. */
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "evidence/attester.h"
#include "evidence/endorsement.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
must_be_whole(struct span area, const struct tpm_public *ours)
{
	uint8_t again[sizeof(TPMT_PUBLIC)];
	TPMT_PUBLIC theirs = {0};
	size_t used = 0, len = 0;

	must(Tss2_MU_TPMT_PUBLIC_Unmarshal(area.at, area.len, &used, &theirs) ==
	     TSS2_RC_SUCCESS);
	must(used == area.len);
	must(Tss2_MU_TPMT_PUBLIC_Marshal(&theirs, again, sizeof(again), &len) ==
	     TSS2_RC_SUCCESS);
	must(len == area.len && memcmp(again, area.at, len) == 0);
	must(theirs.type == ours->key.type &&
	     theirs.nameAlg == ours->name_alg &&
	     theirs.objectAttributes == ours->attributes &&
	     theirs.authPolicy.size == ours->policy.len);
	if (theirs.type == TPM_ALG_RSA)
		must(theirs.unique.rsa.size == ours->key.modulus.len);
	else
		must(theirs.unique.ecc.x.size == ours->key.x.len &&
		     theirs.unique.ecc.y.size == ours->key.y.len &&
		     theirs.parameters.eccDetail.curveID == ours->key.curve);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	const struct ek_template *t;
	struct span area = span_of(at, len);
	struct tpm_public p;
	struct tpm_name name;
	struct err err;
	size_t passed = 0;
	bool ak;

	ak = attester_ak_allowed(area, &err);
	for (size_t i = 0; (t = ek_template_at(i)) != NULL; i++)
		passed += ek_public_allowed(area, t, &err);
	if (!tpm_public_parse(area, &p, &err)) {
		must(!ak && passed == 0 && err.code == ERR_MALFORMED);
		return 0;
	}
	/* A key is of one kind: no template is another's, nor an AK's. */
	must(passed + ak <= 1);
	if (passed + ak == 1) {
		must_be_whole(area, &p);
		must(tpm_name_of(area, &name));
	}
	return 0;
}
