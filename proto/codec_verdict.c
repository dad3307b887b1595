/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attestation result, with the members that scripts rely on. */
#include <stdio.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/message.h"

static struct json *
reasons_encode(const struct verdict *v)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < v->n_reasons; i++) {
		const struct reason *reason = &v->reasons[i];
		struct json *object = json_new_object();

		json_put_text(object, "code", reason_name(reason->code));
		json_put_text(object, "text", reason_text(reason->code));
		json_put_text(object, "remedy", reason_remedy(reason->code));
		json_put_text(object, "detail", reason->detail);
		json_add(array, object);
	}
	return array;
}

static bool
reasons_decode(const struct json *object, struct verdict *v, struct err *err)
{
	const struct json *array;

	if (!json_get_array(object, "reasons", REASONS_MAX, &array, err))
		return false;
	for (size_t i = 0; i < json_count(array); i++) {
		struct reason *reason = &v->reasons[v->n_reasons++];
		const struct json *from = json_at(array, i);
		char code[COMMAND_MAX];

		if (!json_get_text(from, "code", code, sizeof(code), err) ||
		    !json_want_text(from, "detail", reason->detail,
		                    REASON_DETAIL_MAX, err))
			return false;
		if (!text_is_printable(reason->detail))
			return err_set(err, ERR_MALFORMED,
			               "reason %zu: control characters", i);
		/* A later version's code is still a refusal. */
		if (!reason_of(code, &reason->code))
			reason->code = REASON_INTERNAL;
	}
	return true;
}

static struct json *
differences_encode(const struct verdict *v)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < v->n_differences; i++) {
		const struct pcr_difference *d = &v->differences[i];
		struct json *object = json_new_object();

		json_put_text(object, "bank", pcr_bank_name(d->bank));
		json_put_u64(object, "pcr", d->pcr);
		json_put_hex(object, "expected", digest_span(&d->expected));
		json_put_hex(object, "actual", digest_span(&d->actual));
		json_put(object, "event", NULL);
		if (i < EVENTS_MAX && v->events[i][0] != '\0')
			json_put_text(object, "event", v->events[i]);
		if (i < EVENTS_MAX && v->event_remedies[i][0] != '\0')
			json_put_text(object, "remedy", v->event_remedies[i]);
		json_add(array, object);
	}
	return array;
}

static bool
get_digest(const struct json *object, const char *key, struct digest *out,
           struct err *err)
{
	AUTO(buf_done) struct buf bytes = {.max = DIGEST_MAX};
	char hex[TEXT_HEX_SIZE(DIGEST_MAX)];

	if (!json_get_text(object, key, hex, sizeof(hex), err))
		return false;
	if (!text_unhex(hex, &bytes))
		return err_set(err, ERR_MALFORMED, "'%s' is no hexadecimal",
		               key);
	out->len = (uint8_t)bytes.len;
	if (bytes.len != 0)
		memcpy(out->at, bytes.at, bytes.len);
	return true;
}

static bool
get_event(const struct json *object, struct verdict *v, size_t i,
          struct err *err)
{
	return i >= EVENTS_MAX ||
	       (json_want_text(object, "event", v->events[i], EVENT_MAX, err) &&
	        json_want_text(object, "remedy", v->event_remedies[i],
	                       EVENT_REMEDY_MAX, err) &&
	        ((text_is_printable(v->events[i]) &&
	          text_is_printable(v->event_remedies[i])) ||
	         err_set(err, ERR_MALFORMED,
	                 "difference %zu: control characters", i)));
}

static bool
differences_decode(const struct json *object, struct verdict *v,
                   struct err *err)
{
	const struct json *array;

	if (!json_get_array(object, "differences", DIFFERENCES_MAX, &array,
	                    err))
		return false;
	for (size_t i = 0; i < json_count(array); i++) {
		struct pcr_difference *d = &v->differences[v->n_differences++];
		const struct json *from = json_at(array, i);
		char bank[16];
		uint64_t pcr;

		if (!json_get_text(from, "bank", bank, sizeof(bank), err) ||
		    !json_get_u64(from, "pcr", PCR_COUNT - 1, &pcr, err) ||
		    !get_digest(from, "expected", &d->expected, err) ||
		    !get_digest(from, "actual", &d->actual, err))
			return false;
		d->bank = pcr_bank_of(bank);
		d->pcr = (uint8_t)pcr;
		if (d->bank == 0)
			return err_set(err, ERR_MALFORMED, "no such PCR bank");
		if (!get_event(from, v, i, err))
			return false;
	}
	return true;
}

struct json *
boot_session_encode(const struct boot_session *s)
{
	struct json *object = json_new_object();

	json_put_u64(object, "reset_count", s->reset_count);
	json_put_u64(object, "restart_count", s->restart_count);
	json_put_u64(object, "clock_ms", s->clock_ms);
	json_put_bool(object, "safe", s->safe);
	return object;
}

bool
boot_session_decode(const struct json *object, struct boot_session *s,
                    struct err *err)
{
	uint64_t resets, restarts;

	if (!json_get_u64(object, "reset_count", UINT32_MAX, &resets, err) ||
	    !json_get_u64(object, "restart_count", UINT32_MAX, &restarts,
	                  err) ||
	    !json_get_u64(object, "clock_ms", UINT64_MAX, &s->clock_ms, err) ||
	    !json_get_bool(object, "safe", &s->safe, err))
		return false;
	s->reset_count = (uint32_t)resets;
	s->restart_count = (uint32_t)restarts;
	return true;
}

struct json *
verdict_encode(const struct verdict *v)
{
	struct json *object = json_new_object();

	json_put_text(object, "verdict", verdict_state_name(v->state));
	json_put_text(object, "host", v->host);
	json_put(object, "reasons", reasons_encode(v));
	json_put(object, "warning", NULL);
	if (v->warning[0] != '\0')
		json_put_text(object, "warning", v->warning);
	json_put(object, "golden", NULL);
	if (v->golden != 0)
		json_put_u64(object, "golden", v->golden);
	json_put_u64(object, "time", v->time_s);
	json_put_u64(object, "age_ms", v->age_ms);
	json_put(object, "boot_session", NULL);
	if (v->appraised)
		json_put(object, "boot_session",
		         boot_session_encode(&v->session));
	json_put(object, "differences", differences_encode(v));
	return object;
}

bool
verdict_decode(const struct json *object, struct verdict *v, struct err *err)
{
	const struct json *session = json_get(object, "boot_session");
	char state[16];

	*v = (struct verdict){0};
	if (!json_get_text(object, "verdict", state, sizeof(state), err) ||
	    !json_get_text(object, "host", v->host, HOST_NAME_MAX_SIZE, err) ||
	    !reasons_decode(object, v, err) ||
	    !json_want_text(object, "warning", v->warning, REASON_DETAIL_MAX,
	                    err) ||
	    !json_want_u64(object, "golden", INT64_MAX, &v->golden, err) ||
	    !json_get_u64(object, "time", UINT64_MAX, &v->time_s, err) ||
	    !json_get_u64(object, "age_ms", UINT64_MAX, &v->age_ms, err) ||
	    !differences_decode(object, v, err))
		return false;
	v->appraised = session != NULL;
	if (v->appraised && !boot_session_decode(session, &v->session, err))
		return false;
	if (!text_is_printable(v->host) || !text_is_printable(v->warning))
		return err_set(err, ERR_MALFORMED,
		               "'host' or 'warning' has control characters");
	if (!verdict_state_of(state, &v->state))
		return err_set(err, ERR_MALFORMED, "no such verdict");
	/* A trusted one with reasons against it is a contradiction. */
	if (v->state == VERDICT_TRUSTED && v->n_reasons != 0)
		return err_set(err, ERR_MALFORMED,
		               "trusted, with reasons against it");
	return true;
}
