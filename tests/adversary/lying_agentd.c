/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent in the hands of whoever owns its host: its certificate is good,
 * its TPM is real and signs what a TPM signs, and the answer is a lie.  The
 * file that LIE names holds the lie's name; it is read at each question. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "proto/agent_session.h"
#include "source/tpm_private.h"

bool __real_tpm_quote(struct tpm *, const struct pcr_selection *,
                      const uint8_t qualifying[SHA256_SIZE], struct evidence *,
                      struct err *);
bool __wrap_tpm_quote(struct tpm *, const struct pcr_selection *,
                      const uint8_t qualifying[SHA256_SIZE], struct evidence *,
                      struct err *);
void __real_agent_session_evidence(struct agent_session *,
                                   const struct evidence *, struct buf *);
void __wrap_agent_session_evidence(struct agent_session *,
                                   const struct evidence *, struct buf *);
TSS2_RC __real_Esys_CreatePrimary(ESYS_CONTEXT *, ESYS_TR, ESYS_TR, ESYS_TR,
                                  ESYS_TR, const TPM2B_SENSITIVE_CREATE *,
                                  const TPM2B_PUBLIC *, const TPM2B_DATA *,
                                  const TPML_PCR_SELECTION *, ESYS_TR *,
                                  TPM2B_PUBLIC **, TPM2B_CREATION_DATA **,
                                  TPM2B_DIGEST **, TPMT_TK_CREATION **);
TSS2_RC __wrap_Esys_CreatePrimary(ESYS_CONTEXT *, ESYS_TR, ESYS_TR, ESYS_TR,
                                  ESYS_TR, const TPM2B_SENSITIVE_CREATE *,
                                  const TPM2B_PUBLIC *, const TPM2B_DATA *,
                                  const TPML_PCR_SELECTION *, ESYS_TR *,
                                  TPM2B_PUBLIC **, TPM2B_CREATION_DATA **,
                                  TPM2B_DIGEST **, TPMT_TK_CREATION **);

static bool
lie_is(const char *name)
{
	const char *path = getenv("LIE");
	FILE *file = path != NULL ? fopen(path, "r") : NULL;
	char said[32] = "";

	if (file == NULL)
		return false;
	if (fgets(said, sizeof(said), file) != NULL)
		said[strcspn(said, "\n")] = '\0';
	fclose(file);
	return strcmp(said, name) == 0;
}

static bool
take(TSS2_RC rc, const TPM2B_ATTEST *attest, const TPMT_SIGNATURE *signature,
     struct evidence *e)
{
	size_t len = 0;

	if (rc != TSS2_RC_SUCCESS ||
	    Tss2_MU_TPMT_SIGNATURE_Marshal(signature, e->signature.at,
	                                   SIGNATURE_MAX, &len) != 0)
		abort();
	memcpy(e->attest.at, attest->attestationData, attest->size);
	e->attest.len = attest->size;
	e->signature.len = len;
	return true;
}

/* TPM2_Certify: the same key signs another kind of statement. */
static bool
certify(struct tpm *tpm, const uint8_t qualifying[SHA256_SIZE],
        struct evidence *e)
{
	const TPMT_SIG_SCHEME keys_own = {.scheme = TPM2_ALG_NULL};
	TPM2B_DATA data = {.size = SHA256_SIZE};
	TPM2B_ATTEST *attest = NULL;
	TPMT_SIGNATURE *signature = NULL;
	TSS2_RC rc;
	bool ok;

	memcpy(data.buffer, qualifying, SHA256_SIZE);
	rc = Esys_Certify(tpm->esys, tpm->ak, tpm->ak, ESYS_TR_PASSWORD,
	                  ESYS_TR_PASSWORD, ESYS_TR_NONE, &data, &keys_own,
	                  &attest, &signature);
	ok = take(rc, attest, signature, e);
	Esys_Free(attest);
	Esys_Free(signature);
	return ok;
}

/* A quote that was never made: the TPM hashes and signs what it is given, as
 * long as it does not begin as its own statements do. */
static bool
invent(struct tpm *tpm, struct evidence *e)
{
	const TPMT_SIG_SCHEME keys_own = {.scheme = TPM2_ALG_NULL};
	TPM2B_MAX_BUFFER data = {.size = (UINT16)e->attest.len};
	TPM2B_ATTEST attest = {.size = (UINT16)e->attest.len};
	TPM2B_DIGEST *digest = NULL;
	TPMT_TK_HASHCHECK *ticket = NULL;
	TPMT_SIGNATURE *signature = NULL;
	TSS2_RC rc;
	bool ok;

	e->attest.at[0] ^= 1; /* of TPM_GENERATED_VALUE */
	memcpy(data.buffer, e->attest.at, e->attest.len);
	memcpy(attest.attestationData, e->attest.at, e->attest.len);
	rc = Esys_Hash(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	               &data, TPM2_ALG_SHA256, ESYS_TR_RH_ENDORSEMENT, &digest,
	               &ticket);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Sign(tpm->esys, tpm->ak, ESYS_TR_PASSWORD,
		               ESYS_TR_NONE, ESYS_TR_NONE, digest, &keys_own,
		               ticket, &signature);
	ok = take(rc, &attest, signature, e);
	Esys_Free(digest);
	Esys_Free(ticket);
	Esys_Free(signature);
	return ok;
}

/* Other PCRs than were asked, under the labels of those that were. */
static bool
relabelled(struct tpm *tpm, const struct pcr_selection *asked,
           struct pcr_selection quoted, const uint8_t qualifying[SHA256_SIZE],
           struct evidence *e, struct err *err)
{
	bool ok = __real_tpm_quote(tpm, &quoted, qualifying, e, err);
	struct pcr_values values = {.selection = *asked};
	unsigned from = 0;

	if (lie_is("sha1") || lie_is("subset"))
		return ok;
	for (unsigned p = 0; p < PCR_COUNT; p++) {
		if ((asked->banks[0].mask >> p & 1) == 0)
			continue;
		while ((quoted.banks[0].mask >> from & 1) == 0)
			from++;
		values.values[0][p] = e->values.values[0][from++];
	}
	e->values = values;
	return ok;
}

bool
__wrap_tpm_quote(struct tpm *tpm, const struct pcr_selection *asked,
                 const uint8_t qualifying[SHA256_SIZE], struct evidence *e,
                 struct err *err)
{
	static struct evidence honest; /* the first one */
	struct pcr_selection other = *asked;

	if (lie_is("sha1"))
		other.banks[0].alg = TPM_ALG_SHA1;
	if (lie_is("subset"))
		other.banks[0].mask &= other.banks[0].mask - 1;
	if (lie_is("other-pcrs"))
		other.banks[0].mask <<= 8;
	if (!pcr_selection_eq(&other, asked))
		return relabelled(tpm, asked, other, qualifying, e, err);
	if (!__real_tpm_quote(tpm, asked, qualifying, e, err))
		return false;
	if (honest.attest.len == 0)
		honest = *e;
	if (lie_is("certify"))
		return certify(tpm, qualifying, e);
	if (lie_is("invent"))
		return invent(tpm, e);
	if (lie_is("replay"))
		*e = honest;
	if (lie_is("old-values"))
		e->values = honest.values;
	if (lie_is("trailing"))
		e->attest.at[e->attest.len++] = 0;
	return true;
}

void
__wrap_agent_session_evidence(struct agent_session *s,
                              const struct evidence *honest, struct buf *out)
{
	static const uint8_t foreign[SHA256_SIZE] = {1};
	struct evidence e = *honest;
	size_t before = out->len;

	if (lie_is("endpoint") &&
	    !endpoint_keys_add(&e.endpoints, "libvirt-tls", foreign))
		abort();
	__real_agent_session_evidence(s, &e, out);
	if (lie_is("half"))
		out->len = before + (out->len - before) / 2;
}

/* A signing key of a hierarchy that the machine's owner rules. */
TSS2_RC
__wrap_Esys_CreatePrimary(ESYS_CONTEXT *esys, ESYS_TR hierarchy, ESYS_TR s1,
                          ESYS_TR s2, ESYS_TR s3,
                          const TPM2B_SENSITIVE_CREATE *sensitive,
                          const TPM2B_PUBLIC *public, const TPM2B_DATA *outside,
                          const TPML_PCR_SELECTION *pcrs, ESYS_TR *handle,
                          TPM2B_PUBLIC **out, TPM2B_CREATION_DATA **data,
                          TPM2B_DIGEST **hash, TPMT_TK_CREATION **ticket)
{
	if (lie_is("owner-key") && (public->publicArea.objectAttributes &
	                            TPMA_OBJECT_SIGN_ENCRYPT) != 0)
		hierarchy = ESYS_TR_RH_OWNER;
	return __real_Esys_CreatePrimary(esys, hierarchy, s1, s2, s3, sensitive,
	                                 public, outside, pcrs, handle, out,
	                                 data, hash, ticket);
}
