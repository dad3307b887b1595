/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/ear.h"

#include <stdio.h>
#include <string.h>

static const char nonce_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789+/-_=";

bool
ear_nonce_allowed(const char *nonce, struct err *err)
{
	size_t len = strlen(nonce);

	if (len < EAR_NONCE_MIN || len > EAR_NONCE_MAX)
		return err_set(err, ERR_LIMIT,
		               "a nonce has %d to %d characters, not %zu",
		               EAR_NONCE_MIN, EAR_NONCE_MAX, len);
	if (strspn(nonce, nonce_letters) != len)
		return err_set(err, ERR_MALFORMED,
		               "a nonce is base64 or base64url");
	return true;
}

static struct json *
verifier_id(void)
{
	struct json *object = json_new_object();

	json_put_text(object, "developer", "virt-attest");
	json_put_text(object, "build", "virt-attest " VIRT_ATTEST_VERSION);
	return object;
}

static struct json *
vector_encode(const struct ar4si *a)
{
	struct json *object = json_new_object();

	for (size_t i = AR4SI_NO_CLAIM + 1; i < AR4SI_CLAIM_COUNT; i++)
		if (a->made[i])
			json_put_i64(object,
			             ar4si_claim_name((enum ar4si_claim)i),
			             a->value[i]);
	return object;
}

/* The verdict in our own words: names of its state and reasons, never their
 * details, which may speak of the verifier's inside. */
static struct json *
verifier_claims(const struct ear *ear)
{
	struct json *object = json_new_object(), *reasons = json_new_array();
	const struct verdict *v = ear->verdict;

	json_put_text(object, "virt-attest.verdict",
	              verdict_state_name(v->state));
	for (size_t i = 0; i < v->n_reasons; i++)
		json_add_text(reasons, reason_name(v->reasons[i].code));
	json_put(object, "virt-attest.reasons", reasons);
	if (v->host[0] != '\0') /* what led nowhere is not echoed */
		json_put_text(object, "virt-attest.destination", ear->asked);
	if (v->state == VERDICT_TRUSTED)
		json_put_text(object, "virt-attest.endorser",
		              endorser_name(ear->basis.endorser));
	return object;
}

static struct json *
policy_ids(uint64_t golden)
{
	struct json *array = json_new_array();
	char id[32];

	snprintf(id, sizeof(id), "golden:%llu", (unsigned long long)golden);
	json_add_text(array, id);
	return array;
}

static struct json *
appraisal_encode(const struct ear *ear)
{
	struct json *object = json_new_object();
	struct ar4si a;

	ar4si_of(ear->verdict, &ear->basis, &a);
	json_put_text(object, "ear_status", ar4si_tier_name(a.status));
	json_put(object, "ear_trustworthiness_vector", vector_encode(&a));
	if (ear->verdict->golden != 0)
		json_put(object, "ear_appraisal_policy_ids",
		         policy_ids(ear->verdict->golden));
	json_put(object, "ear_verifier_claims", verifier_claims(ear));
	return object;
}

struct json *
ear_encode(const struct ear *ear)
{
	struct json *object = json_new_object(), *submods = json_new_object();
	const struct verdict *v = ear->verdict;
	uint64_t end_s = v->time_s + ear->life_s;

	if (ear->until_s != 0 && ear->until_s < end_s)
		end_s = ear->until_s;
	json_put_text(object, "eat_profile", EAR_PROFILE);
	json_put_u64(object, "iat", v->time_s);
	json_put_u64(object, "exp", end_s);
	json_put(object, "ear_verifier_id", verifier_id());
	if (ear->nonce[0] != '\0')
		json_put_text(object, "eat_nonce", ear->nonce);
	json_put(submods, v->host[0] != '\0' ? v->host : EAR_NAMELESS,
	         appraisal_encode(ear));
	json_put(object, "submods", submods);
	return object;
}
