/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent in the hands of whoever owns its host: its certificate is good,
 * its TPM is real and signs what a TPM signs, and the answer is a lie.  The
 * file that LIE names holds the lies' names, one a line; it is read at each
 * question. */
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>
#include <unistd.h>

#include "lies.h"
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
bool __real_tpm_activate(struct tpm *, const struct activation *,
                         struct activated *, struct err *);
bool __wrap_tpm_activate(struct tpm *, const struct activation *,
                         struct activated *, struct err *);
void __real_agent_session_activated(struct agent_session *,
                                    const struct activated *, struct buf *);
void __wrap_agent_session_activated(struct agent_session *,
                                    const struct activated *, struct buf *);
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

/* The first line that is `word`, or begins with it. */
static bool
find_lie(const char *word, bool whole, char line[LIE_MAX])
{
	const char *path = getenv("LIE");
	FILE *file = path != NULL ? fopen(path, "r") : NULL;
	bool found = false;

	while (file != NULL && !found && fgets(line, LIE_MAX, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		found = whole ? strcmp(line, word) == 0
		              : strncmp(line, word, strlen(word)) == 0;
	}
	if (file != NULL)
		fclose(file);
	return found;
}

bool
lie_is(const char *name)
{
	char line[LIE_MAX];

	return find_lie(name, true, line);
}

bool
lie_says(const char *begin, char rest[LIE_MAX])
{
	char line[LIE_MAX];

	if (!find_lie(begin, false, line))
		return false;
	strcpy(rest, line + strlen(begin));
	return true;
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

/* A key of the host's own, described as a TPM would describe it. */
static EVP_PKEY *soft;
static struct public_bytes soft_public;

void
lies_soft_key(struct tpm *tpm, struct public_bytes *out)
{
	TPM2B_PUBLIC area = tpm->ak_public;
	TPMS_ECC_POINT *at = &area.publicArea.unique.ecc;
	uint8_t point[65];
	size_t len = 0;

	*out = soft_public;
	if (soft != NULL)
		return;
	soft = EVP_EC_gen("P-256");
	if (soft == NULL || EVP_PKEY_get_octet_string_param(
				soft, "pub", point, sizeof(point), &len) != 1)
		abort();
	memcpy(at->x.buffer, point + 1, 32);
	memcpy(at->y.buffer, point + 33, 32);
	at->x.size = at->y.size = 32;
	len = 0;
	if (Tss2_MU_TPMT_PUBLIC_Marshal(&area.publicArea, soft_public.at,
	                                PUBLIC_MAX, &len) != 0)
		abort();
	soft_public.len = len;
	*out = soft_public;
}

/* An honest quote, made out to the host's own key and signed by it. */
static bool
soft_quote(struct evidence *e)
{
	enum { SIGNER = 4 + 2 + 2 }; /* behind magic, type and length */
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct tpm_name name, qualified;
	const uint8_t *der;
	TPMT_SIGNATURE s = {.sigAlg = TPM2_ALG_ECDSA};
	TPMS_SIGNATURE_ECC *rs = &s.signature.ecdsa;
	uint8_t sig[128];
	size_t len = sizeof(sig), out = 0;
	ECDSA_SIG *parsed;

	if (!tpm_name_of(span_of(soft_public.at, soft_public.len), &name) ||
	    !tpm_qualified_name_of(&name, &qualified))
		abort();
	memcpy(e->attest.at + SIGNER, qualified.at, qualified.len);
	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, soft) != 1 ||
	    EVP_DigestSign(ctx, sig, &len, e->attest.at, e->attest.len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	der = sig;
	parsed = d2i_ECDSA_SIG(NULL, &der, (long)len);
	rs->hash = TPM2_ALG_SHA256;
	rs->signatureR.size = rs->signatureS.size = 32;
	if (parsed == NULL ||
	    BN_bn2binpad(ECDSA_SIG_get0_r(parsed), rs->signatureR.buffer, 32) !=
	        32 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(parsed), rs->signatureS.buffer, 32) !=
	        32 ||
	    Tss2_MU_TPMT_SIGNATURE_Marshal(&s, e->signature.at, SIGNATURE_MAX,
	                                   &out) != 0)
		abort();
	ECDSA_SIG_free(parsed);
	e->signature.len = out;
	return true;
}

bool
__wrap_tpm_activate(struct tpm *tpm, const struct activation *a,
                    struct activated *out, struct err *err)
{
	static struct activated last;

	if (lie_is("guessed-secret")) {
		*out = (struct activated){.len = CREDENTIAL_SECRET_SIZE};
		return true;
	}
	if (lie_is("old-secret")) {
		*out = last;
		return true;
	}
	if (!__real_tpm_activate(tpm, a, out, err))
		return false;
	last = *out;
	if (lie_is("cut-secret"))
		out->len--;
	if (lie_is("late-secret"))
		sleep(13); /* over three times the story's deadline */
	return true;
}

void
__wrap_agent_session_activated(struct agent_session *s,
                               const struct activated *a, struct buf *out)
{
	__real_agent_session_activated(s, a, out);
	if (lie_is("secret-twice")) {
		s->want = AGENT_WANT_SECRET;
		__real_agent_session_activated(s, a, out);
	}
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
	if (lie_is("soft-key"))
		return soft_quote(e);
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

/* Signing keys that are less than they should be: of a hierarchy that the
 * machine's owner rules; that sign anything; that can be taken elsewhere. */
TSS2_RC
__wrap_Esys_CreatePrimary(ESYS_CONTEXT *esys, ESYS_TR hierarchy, ESYS_TR s1,
                          ESYS_TR s2, ESYS_TR s3,
                          const TPM2B_SENSITIVE_CREATE *sensitive,
                          const TPM2B_PUBLIC *public, const TPM2B_DATA *outside,
                          const TPML_PCR_SELECTION *pcrs, ESYS_TR *handle,
                          TPM2B_PUBLIC **out, TPM2B_CREATION_DATA **data,
                          TPM2B_DIGEST **hash, TPMT_TK_CREATION **ticket)
{
	TPM2B_PUBLIC changed = *public;
	TPMA_OBJECT *attributes = &changed.publicArea.objectAttributes;

	if ((*attributes & TPMA_OBJECT_SIGN_ENCRYPT) != 0) {
		if (lie_is("owner-key"))
			hierarchy = ESYS_TR_RH_OWNER;
		if (lie_is("unrestricted"))
			*attributes &= ~(TPMA_OBJECT)TPMA_OBJECT_RESTRICTED;
		if (lie_is("movable"))
			*attributes &= ~(TPMA_OBJECT)(TPMA_OBJECT_FIXEDTPM |
			                              TPMA_OBJECT_FIXEDPARENT);
		public = &changed;
	}
	return __real_Esys_CreatePrimary(esys, hierarchy, s1, s2, s3, sensitive,
	                                 public, outside, pcrs, handle, out,
	                                 data, hash, ticket);
}
