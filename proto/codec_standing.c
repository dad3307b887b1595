/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a host stands: what every event and every gate goes by. */
#include <string.h>

#include "base/address.h"
#include "proto/codec.h"
#include "proto/message.h"

struct json *
standing_encode(const struct standing *s)
{
	struct json *object = json_new_object(), *addresses = json_new_array();
	char detail[REASON_DETAIL_MAX] = "";

	json_put_text(object, "host", s->host);
	json_put_text(object, "state", verdict_state_name(s->state));
	json_put_text(object, "was", verdict_state_name(s->was));
	json_put(object, "reason", NULL);
	if (s->has_reason)
		json_put_text(object, "reason", reason_name(s->reason.code));
	if (s->has_reason)
		memcpy(detail, s->reason.detail, sizeof(detail));
	text_make_printable(detail);
	json_put_text(object, "detail", detail);
	json_put(object, "golden", NULL);
	if (s->golden != 0)
		json_put_u64(object, "golden", s->golden);
	json_put(object, "boot_session", NULL);
	if (s->has_session)
		json_put(object, "boot_session",
		         boot_session_encode(&s->session));
	json_put_u64(object, "time", s->time_s);
	json_put_u64(object, "trusted_ms", s->trusted_ms);
	json_put_bool(object, "changed", s->changed);
	for (size_t i = 0; i < s->n_addresses; i++)
		json_add_text(addresses, s->addresses[i]);
	json_put(object, "addresses", addresses);
	return object;
}

static bool
states_decode(const struct json *object, struct standing *s, struct err *err)
{
	char state[16], was[16];

	if (!json_get_text(object, "state", state, sizeof(state), err) ||
	    !json_get_text(object, "was", was, sizeof(was), err))
		return false;
	if (!verdict_state_of(state, &s->state) ||
	    !verdict_state_of(was, &s->was))
		return err_set(err, ERR_MALFORMED, "no such state");
	return true;
}

static bool
reason_decode(const struct json *object, struct standing *s, struct err *err)
{
	char code[COMMAND_MAX] = "";

	if (!json_want_text(object, "reason", code, sizeof(code), err) ||
	    !json_get_text(object, "detail", s->reason.detail,
	                   REASON_DETAIL_MAX, err))
		return false;
	if (!text_is_printable(s->reason.detail))
		return err_set(err, ERR_MALFORMED,
		               "'detail' has control characters");
	s->has_reason = json_get(object, "reason") != NULL;
	/* A later version's code is still a refusal. */
	if (s->has_reason && !reason_of(code, &s->reason.code))
		s->reason.code = REASON_INTERNAL;
	return s->has_reason || s->reason.detail[0] == '\0' ||
	       err_set(err, ERR_MALFORMED, "'detail' without a reason");
}

static bool
addresses_decode(const struct json *object, struct standing *s, struct err *err)
{
	const struct json *array;

	if (!json_get_array(object, "addresses", STANDING_ADDRESSES_MAX, &array,
	                    err))
		return false;
	for (size_t i = 0; i < json_count(array); i++) {
		char *into = s->addresses[s->n_addresses++];

		if (!json_at_text(array, i, into, STANDING_ADDRESS_SIZE, err))
			return false;
		if (!address_is_literal(into))
			return err_set(err, ERR_MALFORMED,
			               "address %zu is no literal one", i);
	}
	return true;
}

/* What contradicts itself is nobody's word. */
static bool
makes_sense(const struct standing *s, struct err *err)
{
	if (s->host[0] == '\0' || !text_is_printable(s->host))
		return err_set(err, ERR_MALFORMED,
		               "'host' is empty or has control characters");
	if (s->state == VERDICT_TRUSTED && s->has_reason)
		return err_set(err, ERR_MALFORMED,
		               "trusted, with a reason against it");
	if (s->state != VERDICT_TRUSTED && s->trusted_ms != 0)
		return err_set(err, ERR_MALFORMED,
		               "'trusted_ms' of one that is not trusted");
	return true;
}

bool
standing_decode(const struct json *object, struct standing *s, struct err *err)
{
	const struct json *session = json_get(object, "boot_session");

	*s = (struct standing){0};
	s->has_session = session != NULL;
	return json_get_text(object, "host", s->host, HOST_NAME_MAX_SIZE,
	                     err) &&
	       states_decode(object, s, err) && reason_decode(object, s, err) &&
	       json_want_u64(object, "golden", INT64_MAX, &s->golden, err) &&
	       (session == NULL ||
	        boot_session_decode(session, &s->session, err)) &&
	       json_get_u64(object, "time", INT64_MAX, &s->time_s, err) &&
	       json_get_u64(object, "trusted_ms", STANDING_TRUSTED_MS_MAX,
	                    &s->trusted_ms, err) &&
	       json_get_bool(object, "changed", &s->changed, err) &&
	       addresses_decode(object, s, err) && makes_sense(s, err);
}
