/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lies of an agent about who it is: the TPM is real, and what is said of
 * its keys is not so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lies.h"

bool __real_tpm_identity(struct tpm *, struct identity *, struct err *);
bool __wrap_tpm_identity(struct tpm *, struct identity *, struct err *);

/* The endorsement keys of another machine's TPM. */
static void
other_identity(struct identity *theirs)
{
	const struct tpm_options other = {.tcti = getenv("OTHER_TCTI")};
	struct err err = {0};
	struct tpm *tpm = tpm_open(&other, &err);

	if (tpm == NULL || !__real_tpm_identity(tpm, theirs, &err))
		abort();
	tpm_close(tpm);
}

static void
borrow_eks(struct identity *id)
{
	struct identity theirs;

	other_identity(&theirs);
	id->n_eks = theirs.n_eks;
	memcpy(id->eks, theirs.eks, sizeof(id->eks));
}

/* Its own ones first; public areas are public. */
static void
add_eks(struct identity *id)
{
	struct identity theirs;

	other_identity(&theirs);
	for (size_t i = 0; i < theirs.n_eks && id->n_eks < EKS_MAX; i++) {
		id->eks[id->n_eks] = theirs.eks[i];
		id->eks[id->n_eks++].certificate.len = 0;
	}
}

/* The certificate in the file that CERTIFICATE names, for our AK. */
static void
certify_ak(struct identity *id)
{
	struct certificate_bytes *c = &id->eks[0].certificate;
	const char *path = getenv("CERTIFICATE");
	FILE *file = path != NULL ? fopen(path, "r") : NULL;

	if (file == NULL)
		abort();
	c->len = fread(c->at, 1, CERTIFICATE_MAX, file);
	(void)fclose(file);
	id->eks[0].public_area = id->ak;
	snprintf(id->eks[0].algorithm, EK_ALGORITHM_MAX, "ecc-p256");
	id->n_eks = 1;
}

/* The same RSA key, its exponent of 0 in so many words; the modulus and its
 * length stand behind it. */
static void
spell_exponent(struct identity *id)
{
	struct public_bytes *area = &id->eks[0].public_area;

	memcpy(area->at + area->len - 256 - 2 - 4, "\0\1\0\1", 4);
}

bool
__wrap_tpm_identity(struct tpm *tpm, struct identity *id, struct err *err)
{
	if (!__real_tpm_identity(tpm, id, err))
		return false;
	if (lie_is("soft-key"))
		lies_soft_key(tpm, &id->ak);
	/* TPMA_OBJECT_RESTRICTED, and a byte of the key. */
	if (lie_is("iak-unrestricted"))
		id->iaks[0].public_area.at[5] ^= 1;
	if (lie_is("iak-of-another-key"))
		id->iaks[0].public_area.at[id->iaks[0].public_area.len - 1] ^=
		    1;
	if (lie_is("other-ek"))
		borrow_eks(id);
	if (lie_is("both-eks"))
		add_eks(id);
	if (lie_is("certified-ak"))
		certify_ak(id);
	if (lie_is("exponent"))
		spell_exponent(id);
	/* One that is no EK: its private half can be known to anybody. */
	if (lie_is("ak-as-ek"))
		id->eks[0].public_area = id->ak;
	return true;
}
