/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A golden value, as the control wire and its exported file have it. */
#include "proto/codec.h"

struct json *
golden_encode(const struct golden *g)
{
	struct json *object = json_new_object();
	char pcrs[PCR_TEXT_MAX];

	json_put_u64(object, "id", g->id);
	json_put_text(object, g->of_group ? "group" : "host", g->scope);
	json_put_text(object, "label", g->label);
	json_put_text(object, "author", g->author);
	json_put_text(object, "state", golden_state_name(g->state));
	json_put_u64(object, "created", g->created_s);
	json_put_u64(object, "valid_from", g->valid_from_s);
	json_put_u64(object, "valid_until", g->valid_until_s);
	json_put_bool(object, "allow_sha1", g->allow_sha1);
	json_put(object, "pcr_values", pcr_values_encode(&g->values));
	json_put_text(object, "by_events", pcr_list_format(g->by_events, pcrs));
	if (g->pins_firmware)
		json_put_u64(object, "tpm_firmware", g->firmware);
	if (golden_has_events(g))
		json_put_hex(object, "events_sha256",
		             span_of(g->events, SHA256_SIZE));
	if (golden_has_ima(g))
		json_put_hex(object, "ima_policy_sha256",
		             span_of(g->ima_policy, SHA256_SIZE));
	json_put_base64(object, "attest", span_of(g->attest.at, g->attest.len));
	json_put_base64(object, "signature",
	                span_of(g->signature.at, g->signature.len));
	return object;
}

static bool
decode_words(const struct json *object, struct golden *g, struct err *err)
{
	char state[16] = "candidate";

	g->of_group = json_get(object, "group") != NULL;
	if (g->of_group && json_get(object, "host") != NULL)
		return err_set(err, ERR_MALFORMED,
		               "a golden value of both a host and a group");
	if (!json_get_text(object, g->of_group ? "group" : "host", g->scope,
	                   HOST_NAME_MAX_SIZE, err) ||
	    !attester_name_allowed(g->scope, err) ||
	    !json_want_text(object, "label", g->label, GOLDEN_LABEL_MAX, err) ||
	    !json_want_text(object, "author", g->author, GOLDEN_AUTHOR_MAX,
	                    err) ||
	    !json_want_text(object, "state", state, sizeof(state), err))
		return false;
	if (!text_is_printable(g->label) || !text_is_printable(g->author))
		return err_set(err, ERR_MALFORMED,
		               "label or author has control characters");
	if (!golden_state_of(state, &g->state))
		return err_set(err, ERR_MALFORMED,
		               "no such state of a golden value");
	return true;
}

static bool
decode_bytes(const struct json *object, struct golden *g, struct err *err)
{
	if (json_get(object, "attest") == NULL)
		return true;
	return json_get_base64(object, "attest", g->attest.at, ATTEST_MAX,
	                       &g->attest.len, err) &&
	       json_get_base64(object, "signature", g->signature.at,
	                       SIGNATURE_MAX, &g->signature.len, err);
}

/* Which PCRs are judged by their events; TPM firmware that is pinned. */
static bool
decode_choice(const struct json *object, struct golden *g, struct err *err)
{
	char pcrs[PCR_TEXT_MAX] = "none";

	g->pins_firmware = json_get(object, "tpm_firmware") != NULL;
	return json_want_text(object, "by_events", pcrs, sizeof(pcrs), err) &&
	       pcr_list_parse(pcrs, &g->by_events, err) &&
	       json_want_u64(object, "tpm_firmware", UINT64_MAX, &g->firmware,
	                     err);
}

bool
golden_decode(const struct json *object, struct golden *g, struct err *err)
{
	const struct json *values;

	*g = (struct golden){0};
	return json_want_u64(object, "id", INT64_MAX, &g->id, err) &&
	       decode_words(object, g, err) &&
	       json_want_u64(object, "created", INT64_MAX, &g->created_s,
	                     err) &&
	       json_want_u64(object, "valid_from", INT64_MAX, &g->valid_from_s,
	                     err) &&
	       json_want_u64(object, "valid_until", INT64_MAX,
	                     &g->valid_until_s, err) &&
	       json_want_bool(object, "allow_sha1", &g->allow_sha1, err) &&
	       decode_choice(object, g, err) &&
	       json_get_object(object, "pcr_values", &values, err) &&
	       pcr_values_decode_but(values, g->by_events, &g->values, err) &&
	       golden_selection_allowed(&g->values.selection, g->allow_sha1,
	                                err) &&
	       decode_bytes(object, g, err);
}
