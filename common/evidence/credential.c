/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/credential.h"

#include <string.h>

/* TPMS_ID_OBJECT (Part 2, 12.4.2): the integrity as a TPM2B, then the identity
 * as it was enciphered. */
static void
put_id_object(const struct digest *integrity, struct span identity,
              struct credential *out)
{
	uint8_t *at = out->blob;

	*at++ = 0;
	*at++ = integrity->len;
	memcpy(at, integrity->at, integrity->len);
	at += integrity->len;
	memcpy(at, identity.at, identity.len);
	at += identity.len;
	out->blob_len = (size_t)(at - out->blob);
}

bool
credential_make(struct span ek, const struct sealed_seed *seed,
                const struct tpm_name *name,
                const uint8_t secret[CREDENTIAL_SECRET_SIZE],
                struct credential *out, struct err *err)
{
	struct crypto_kdf storage = {.key = digest_span(&seed->seed),
	                             .label = "STORAGE",
	                             .u = tpm_name_span(name)};
	struct crypto_kdf protection = {.key = digest_span(&seed->seed),
	                                .label = "INTEGRITY"};
	struct span parts[2];
	uint8_t plain[2 + CREDENTIAL_SECRET_SIZE] = {0, CREDENTIAL_SECRET_SIZE};
	uint8_t identity[sizeof(plain)], key[32], mac_key[DIGEST_MAX];
	struct digest integrity;
	struct tpm_public p;
	size_t key_len;

	*out = (struct credential){0};
	if (!tpm_public_parse(ek, &p, err))
		return false;
	key_len = p.symmetric_bits / 8u;
	memcpy(plain + 2, secret, CREDENTIAL_SECRET_SIZE);
	parts[0] = span_of(identity, sizeof(identity));
	parts[1] = tpm_name_span(name);
	storage.hash = protection.hash = p.name_alg;
	if (p.symmetric != TPM_ALG_AES || p.symmetric_mode != TPM_ALG_CFB ||
	    key_len > sizeof(key) ||
	    seed->seed.len != crypto_digest_size(p.name_alg) ||
	    !crypto_kdfa(&storage, key, key_len) ||
	    !crypto_aes_cfb(span_of(key, key_len),
	                    span_of(plain, sizeof(plain)), identity) ||
	    !crypto_kdfa(&protection, mac_key, seed->seed.len) ||
	    !crypto_hmac(p.name_alg, span_of(mac_key, seed->seed.len), parts,
	                 LENGTH_OF(parts), &integrity))
		return err_set(err, ERR_UNSUPPORTED,
		               "endorsement key: no credential can be made "
		               "for it");
	put_id_object(&integrity, parts[0], out);
	memcpy(out->sealed, seed->sealed, seed->len);
	out->sealed_len = seed->len;
	return true;
}
