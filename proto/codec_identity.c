/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who an agent says it is. */
#include <string.h>

#include "proto/codec.h"
#include "proto/message.h"

static struct json *
eks_encode(const struct identity *id)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < id->n_eks; i++) {
		const struct ek *ek = &id->eks[i];
		struct json *object = json_new_object();

		json_put_text(object, "algorithm", ek->algorithm);
		json_put_base64(
		    object, "public",
		    span_of(ek->public_area.at, ek->public_area.len));
		if (ek->certificate.len != 0)
			json_put_base64(
			    object, "certificate",
			    span_of(ek->certificate.at, ek->certificate.len));
		json_add(array, object);
	}
	return array;
}

static bool
ek_decode(const struct json *key, struct ek *ek, struct err *err)
{
	struct certificate_bytes *c = &ek->certificate;

	if (!json_get_text(key, "algorithm", ek->algorithm, EK_ALGORITHM_MAX,
	                   err) ||
	    !json_get_base64(key, "public", ek->public_area.at, PUBLIC_MAX,
	                     &ek->public_area.len, err))
		return false;
	if (!text_is_printable(ek->algorithm))
		return err_set(err, ERR_MALFORMED, "EK: control characters");
	return json_get(key, "certificate") == NULL ||
	       json_get_base64(key, "certificate", c->at, CERTIFICATE_MAX,
	                       &c->len, err);
}

static bool
eks_decode(const struct json *object, struct identity *id, struct err *err)
{
	const struct json *array;

	if (!json_get_array(object, "eks", EKS_MAX, &array, err))
		return false;
	for (size_t i = 0; i < json_count(array); i++)
		if (!ek_decode(json_at(array, i), &id->eks[id->n_eks++], err))
			return false;
	return true;
}

static struct json *
iaks_encode(const struct identity *id)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < id->n_iaks; i++) {
		const struct iak *iak = &id->iaks[i];
		struct json *object = json_new_object();

		json_put_base64(
		    object, "public",
		    span_of(iak->public_area.at, iak->public_area.len));
		json_put_base64(
		    object, "certificate",
		    span_of(iak->certificate.at, iak->certificate.len));
		json_add(array, object);
	}
	return array;
}

static bool
iaks_decode(const struct json *object, struct identity *id, struct err *err)
{
	const struct json *array;

	if (json_get(object, "iaks") == NULL)
		return true;
	if (!json_get_array(object, "iaks", IAKS_MAX, &array, err))
		return false;
	for (size_t i = 0; i < json_count(array); i++) {
		const struct json *key = json_at(array, i);
		struct iak *iak = &id->iaks[id->n_iaks++];

		if (!json_get_base64(key, "public", iak->public_area.at,
		                     PUBLIC_MAX, &iak->public_area.len, err) ||
		    !json_get_base64(key, "certificate", iak->certificate.at,
		                     CERTIFICATE_MAX, &iak->certificate.len,
		                     err))
			return false;
	}
	return true;
}

static struct json *
chain_encode(const struct identity *id)
{
	char text[TEXT_BASE64_SIZE(CERTIFICATE_MAX)];
	struct json *array = json_new_array();

	for (size_t i = 0; i < id->n_chain; i++)
		json_add_text(array, text_base64(span_of(id->chain[i].at,
		                                         id->chain[i].len),
		                                 text));
	return array;
}

static bool
chain_decode(const struct json *object, struct identity *id, struct err *err)
{
	const struct json *array;

	if (json_get(object, "ek_chain") == NULL)
		return true;
	if (!json_get_array(object, "ek_chain", CERTIFICATE_CHAIN_MAX, &array,
	                    err))
		return false;
	for (size_t i = 0; i < json_count(array); i++) {
		AUTO(buf_done) struct buf der = {.max = CERTIFICATE_MAX};
		struct certificate_bytes *to = &id->chain[id->n_chain++];
		char text[TEXT_BASE64_SIZE(CERTIFICATE_MAX)];

		if (!json_at_text(array, i, text, sizeof(text), err))
			return false;
		if (!text_unbase64(span_str(text), &der) || der.len == 0)
			return err_set(err, ERR_MALFORMED,
			               "'ek_chain' element %zu is no base64",
			               i);
		memcpy(to->at, der.at, der.len);
		to->len = der.len;
	}
	return true;
}

static struct json *
banks_encode(const struct identity *id)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < id->n_banks; i++)
		if (pcr_bank_name(id->banks[i]) != NULL)
			json_add_text(array, pcr_bank_name(id->banks[i]));
	return array;
}

static bool
banks_decode(const struct json *object, struct identity *id, struct err *err)
{
	const struct json *array;

	if (!json_get_array(object, "pcr_banks", PCR_BANKS_MAX, &array, err))
		return false;
	for (size_t i = 0; i < json_count(array); i++) {
		char name[16];

		if (!json_at_text(array, i, name, sizeof(name), err))
			return false;
		if (pcr_bank_of(name) == 0)
			return err_set(err, ERR_MALFORMED, "no such PCR bank");
		id->banks[id->n_banks++] = pcr_bank_of(name);
	}
	return true;
}

void
migration_ca_put(struct json *object, const struct certificate_bytes *ca)
{
	if (ca->len != 0)
		json_put_base64(object, "migration_ca",
		                span_of(ca->at, ca->len));
}

bool
migration_ca_want(const struct json *object, struct certificate_bytes *ca,
                  struct err *err)
{
	return json_get(object, "migration_ca") == NULL ||
	       json_get_base64(object, "migration_ca", ca->at, CERTIFICATE_MAX,
	                       &ca->len, err);
}

struct json *
identity_encode(const struct identity *id)
{
	struct json *object = json_new_object();

	json_put_text(object, "protocol", PROTO_ALPN);
	json_put_base64(object, "ak_public", span_of(id->ak.at, id->ak.len));
	json_put(object, "eks", eks_encode(id));
	json_put(object, "iaks", iaks_encode(id));
	json_put(object, "ek_chain", chain_encode(id));
	json_put_text(object, "tpm_manufacturer", id->manufacturer);
	json_put_text(object, "tpm_vendor", id->vendor);
	json_put_u64(object, "tpm_firmware", id->firmware);
	json_put(object, "pcr_banks", banks_encode(id));
	json_put(object, "endpoint_keys", endpoint_keys_encode(&id->endpoints));
	migration_ca_put(object, &id->migration_ca);
	return object;
}

bool
identity_decode(const struct json *object, struct identity *id, struct err *err)
{
	*id = (struct identity){0};
	if (!json_get_base64(object, "ak_public", id->ak.at, PUBLIC_MAX,
	                     &id->ak.len, err) ||
	    !eks_decode(object, id, err) || !iaks_decode(object, id, err) ||
	    !chain_decode(object, id, err) ||
	    !json_get_text(object, "tpm_manufacturer", id->manufacturer,
	                   TPM_WORD_MAX, err) ||
	    !json_get_text(object, "tpm_vendor", id->vendor, TPM_WORD_MAX,
	                   err) ||
	    !json_get_u64(object, "tpm_firmware", UINT64_MAX, &id->firmware,
	                  err) ||
	    !banks_decode(object, id, err) ||
	    !endpoint_keys_get(object, &id->endpoints, err) ||
	    !migration_ca_want(object, &id->migration_ca, err))
		return false;
	if (!text_is_printable(id->manufacturer) ||
	    !text_is_printable(id->vendor))
		return err_set(err, ERR_MALFORMED,
		               "TPM's maker: control characters");
	return true;
}
