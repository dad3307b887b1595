/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An enrolled host, and the record of one appraisal. */
#include <string.h>

#include "proto/codec.h"

static struct json *
certificate_encode(const struct certificate *c)
{
	struct json *object = json_new_object();

	json_put_hex(object, "sha256", span_of(c->sha256, SHA256_SIZE));
	json_put_text(object, "subject", c->subject);
	json_put_text(object, "issuer", c->issuer);
	json_put_text(object, "serial", c->serial);
	json_put_u64(object, "not_after", c->not_after_s);
	json_put_text(object, "tpm_manufacturer", c->tpm_manufacturer);
	json_put_text(object, "tpm_model", c->tpm_model);
	json_put_text(object, "tpm_version", c->tpm_version);
	return object;
}

static void
put_keys(struct json *object, const struct attester *a)
{
	struct span ak = span_of(a->ak.at, a->ak.len);
	struct tpm_name name = {0}, qualified = {0};
	struct tpm_public p;

	json_put_base64(object, "ak_public", ak);
	if (tpm_name_of(ak, &name) &&
	    tpm_qualified_name_of(&name, &qualified)) {
		json_put_hex(object, "ak_name", tpm_name_span(&name));
		json_put_hex(object, "ak_qualified_name",
		             tpm_name_span(&qualified));
	}
	if (tpm_public_parse(ak, &p, NULL))
		json_put_text(object, "ak_scheme",
		              p.scheme == TPM_ALG_RSASSA ? "rsassa-sha256"
		                                         : "ecdsa-sha256");
	json_put_text(object, "ek_algorithm", a->ek_algorithm);
	json_put_hex(object, "ek_sha256", span_of(a->ek_sha256, SHA256_SIZE));
	json_put_text(object, "endorsed_by", endorser_name(a->endorser));
	if (!span_is_zero(span_of(a->certificate.sha256, SHA256_SIZE)))
		json_put(object, "certificate",
		         certificate_encode(&a->certificate));
}

struct json *
attester_encode(const struct attester *a)
{
	struct json *object = json_new_object();

	json_put_text(object, "host", a->name);
	json_put_text(object, "address", a->address);
	json_put_u64(object, "port", a->port);
	json_put_text(object, "label", a->label);
	json_put_text(object, "group", a->group);
	json_put_u64(object, "enrolled", a->enrolled_s);
	put_keys(object, a);
	json_put_text(object, "tpm_manufacturer", a->manufacturer);
	json_put_text(object, "tpm_vendor", a->vendor);
	json_put_u64(object, "tpm_firmware", a->firmware);
	json_put(object, "endpoint_keys", endpoint_keys_encode(&a->endpoints));
	migration_ca_put(object, &a->migration_ca);
	return object;
}

static bool
decode_place(const struct json *object, struct attester *a, struct err *err)
{
	uint64_t port;

	if (!json_get_text(object, "host", a->name, HOST_NAME_MAX_SIZE, err) ||
	    !attester_name_allowed(a->name, err) ||
	    !json_get_text(object, "address", a->address, ADDRESS_MAX, err) ||
	    !attester_name_allowed(a->address, err) ||
	    !json_get_u64(object, "port", UINT16_MAX, &port, err) ||
	    !json_want_text(object, "label", a->label, GOLDEN_LABEL_MAX, err) ||
	    !json_want_text(object, "group", a->group, GROUP_MAX, err) ||
	    !json_want_u64(object, "enrolled", INT64_MAX, &a->enrolled_s, err))
		return false;
	a->port = (uint16_t)port;
	return true;
}

static bool
decode_digest(const struct json *object, const char *key,
              uint8_t out[SHA256_SIZE], struct err *err)
{
	AUTO(buf_done) struct buf digest = {.max = SHA256_SIZE};
	char hex[TEXT_HEX_SIZE(SHA256_SIZE)];

	if (!json_get_text(object, key, hex, sizeof(hex), err))
		return false;
	if (!text_unhex(hex, &digest) || digest.len != SHA256_SIZE)
		return err_set(err, ERR_MALFORMED, "'%s' is not 32 bytes", key);
	memcpy(out, digest.at, SHA256_SIZE);
	return true;
}

static bool
decode_certificate(const struct json *object, struct certificate *c,
                   struct err *err)
{
	const struct {
		const char *key;
		char *text;
		size_t size;
	} texts[] = {
	    {"subject", c->subject, CERTIFICATE_NAME_MAX},
	    {"issuer", c->issuer, CERTIFICATE_NAME_MAX},
	    {"serial", c->serial, sizeof(c->serial)},
	    {"tpm_manufacturer", c->tpm_manufacturer, CERTIFICATE_WORD_MAX},
	    {"tpm_model", c->tpm_model, CERTIFICATE_WORD_MAX},
	    {"tpm_version", c->tpm_version, CERTIFICATE_WORD_MAX},
	};

	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		if (!json_want_text(object, texts[i].key, texts[i].text,
		                    texts[i].size, err))
			return false;
		if (!text_is_printable(texts[i].text))
			return err_set(err, ERR_MALFORMED,
			               "certificate: control characters");
	}
	return decode_digest(object, "sha256", c->sha256, err) &&
	       json_want_u64(object, "not_after", INT64_MAX, &c->not_after_s,
	                     err);
}

static bool
decode_endorser(const struct json *object, struct attester *a, struct err *err)
{
	const struct json *certificate;
	char name[32] = "nobody";

	if (!json_want_text(object, "endorsed_by", name, sizeof(name), err))
		return false;
	if (!endorser_of(name, &a->endorser))
		return err_set(err, ERR_MALFORMED, "'endorsed_by' is no word");
	return json_get(object, "certificate") == NULL ||
	       (json_get_object(object, "certificate", &certificate, err) &&
	        decode_certificate(certificate, &a->certificate, err));
}

static bool
decode_ek(const struct json *object, struct attester *a, struct err *err)
{
	return json_get_text(object, "ek_algorithm", a->ek_algorithm,
	                     EK_ALGORITHM_MAX, err) &&
	       decode_digest(object, "ek_sha256", a->ek_sha256, err) &&
	       decode_endorser(object, a, err);
}

static bool
words_printable(const struct attester *a)
{
	return text_is_printable(a->label) && text_is_printable(a->group) &&
	       text_is_printable(a->ek_algorithm) &&
	       text_is_printable(a->manufacturer) &&
	       text_is_printable(a->vendor);
}

bool
attester_decode(const struct json *object, struct attester *a, struct err *err)
{
	const struct json *keys;

	*a = (struct attester){0};
	if (!decode_place(object, a, err) || !decode_ek(object, a, err) ||
	    !json_get_base64(object, "ak_public", a->ak.at, PUBLIC_MAX,
	                     &a->ak.len, err) ||
	    !json_want_text(object, "tpm_manufacturer", a->manufacturer,
	                    TPM_WORD_MAX, err) ||
	    !json_want_text(object, "tpm_vendor", a->vendor, TPM_WORD_MAX,
	                    err) ||
	    !json_want_u64(object, "tpm_firmware", UINT64_MAX, &a->firmware,
	                   err) ||
	    !json_get_array(object, "endpoint_keys", ENDPOINT_KEYS_MAX, &keys,
	                    err) ||
	    !endpoint_keys_decode(keys, &a->endpoints, err) ||
	    !migration_ca_want(object, &a->migration_ca, err))
		return false;
	if (!words_printable(a))
		return err_set(err, ERR_MALFORMED, "host: control characters");
	return true;
}

struct json *
record_encode(const struct record *r)
{
	struct json *object = json_new_object();

	json_put_text(object, "kind", "evidence");
	json_put_u64(object, "time", r->time_s);
	json_put(object, "host", attester_encode(&r->host));
	json_put(object, "challenge", challenge_encode(&r->challenge));
	json_put_base64(object, "exporter",
	                span_of(r->exporter, EXPORTER_SIZE));
	json_put(object, "evidence", evidence_encode(&r->evidence));
	return object;
}

bool
record_decode(const struct json *object, struct record *r, struct err *err)
{
	const struct json *host, *challenge, *evidence;

	*r = (struct record){0};
	return json_get_u64(object, "time", INT64_MAX, &r->time_s, err) &&
	       json_get_object(object, "host", &host, err) &&
	       attester_decode(host, &r->host, err) &&
	       json_get_object(object, "challenge", &challenge, err) &&
	       challenge_decode(challenge, &r->challenge, err) &&
	       json_get_bytes(object, "exporter", r->exporter, EXPORTER_SIZE,
	                      err) &&
	       json_get_object(object, "evidence", &evidence, err) &&
	       evidence_decode(evidence, &r->evidence, err);
}
