/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lies of an agent about who it is: the TPM is real, and what is said of
 * its keys is not so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/migration_ca.h"
#include "lies.h"
#include "proto/agent_session.h"

bool __real_tpm_identity(struct tpm *, struct identity *, struct err *);
bool __wrap_tpm_identity(struct tpm *, struct identity *, struct err *);
void __real_agent_session_identity(struct agent_session *,
                                   const struct identity *, struct buf *);
void __wrap_agent_session_identity(struct agent_session *,
                                   const struct identity *, struct buf *);

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

/* The certificate in a file, as the migration CA. */
static void
show_ca(struct identity *id, const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL)
		abort();
	id->migration_ca.len =
	    fread(id->migration_ca.at, 1, CERTIFICATE_MAX, file);
	(void)fclose(file);
}

/* With its key among those that it says the TPM signs for. */
static void
claim_ca(struct identity *id, const char *path)
{
	const struct endpoint_keys honest = id->endpoints;
	struct migration_ca ca;

	show_ca(id, path);
	(void)!migration_ca_read(
	    span_of(id->migration_ca.at, id->migration_ca.len), &ca, NULL);
	id->endpoints = (struct endpoint_keys){0};
	for (size_t i = 0; i < honest.n; i++)
		if (strcmp(honest.keys[i].kind, MIGRATION_CA_KIND) != 0)
			(void)!endpoint_keys_add(&id->endpoints,
			                         honest.keys[i].kind,
			                         honest.keys[i].sha256);
	(void)!endpoint_keys_add(&id->endpoints, MIGRATION_CA_KIND,
	                         ca.key_sha256);
}

void
__wrap_agent_session_identity(struct agent_session *s,
                              const struct identity *honest, struct buf *out)
{
	struct identity id = *honest;
	char path[LIE_MAX];

	if (lie_says("migration-ca=", path))
		show_ca(&id, path);
	if (lie_says("migration-key=", path))
		claim_ca(&id, path);
	if (lie_is("no-migration-ca"))
		id.migration_ca.len = 0;
	__real_agent_session_identity(s, &id, out);
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
