/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "permit.h"

static struct json *
arguments_of(const struct permit_wanted *w)
{
	struct json *arguments = json_new_object();

	json_put_text(arguments, "domain", w->domain);
	if (w->uuid != NULL)
		json_put_text(arguments, "uuid", w->uuid);
	json_put_text(arguments, "destination", w->destination);
	json_put_u64(arguments, "seconds", w->seconds);
	if (w->max_age_s != 0)
		json_put_u64(arguments, "max_age", w->max_age_s);
	return arguments;
}

static bool
read_permit(const struct json *told, uint64_t max_age_s,
            struct permit_given *out, struct err *err)
{
	const struct verdict *v = &out->verdict;
	uint64_t seconds;

	if (v->state != VERDICT_TRUSTED || v->age_ms > max_age_s * 1000 ||
	    !v->appraised || v->golden == 0)
		return err_set(err, ERR_MALFORMED,
		               "a permit without a fresh verdict");
	if (!json_get_u64(told, "seconds", PERMIT_MAX_S, &seconds, err) ||
	    !json_want_text(told, "pass", out->pass, sizeof(out->pass), err) ||
	    !json_want_text(told, "no_pass", out->no_pass, sizeof(out->no_pass),
	                    err))
		return false;
	out->json = json_share(told);
	return true;
}

bool
permit_ask(const struct cli *cli, const struct permit_wanted *wanted,
           struct permit_given *out, struct err *err)
{
	AUTO(session_done)
	struct session s = {.answer_ms = PERMIT_ANSWER_MS};
	const struct json *told;

	*out = (struct permit_given){.json = NULL};
	if (!session_open(&s, cli, err) ||
	    !session_exchange(&s, "permit", arguments_of(wanted), err))
		return false;
	if (s.reply.result == NULL) {
		*err = s.reply.error;
		return false;
	}
	if (!verdict_decode(s.reply.result, &out->verdict, err))
		return false;
	told = json_get(s.reply.result, "permit");
	return told == NULL || read_permit(told, wanted->max_age_s, out, err);
}

void
permit_withdraw(const struct cli *cli, const char *uuid)
{
	AUTO(session_done)
	struct session s = {.answer_ms = PERMIT_ANSWER_MS};
	struct json *arguments;
	struct err err = {0};

	/* A verifier that does not answer has its own end of it. */
	if (!session_open(&s, cli, &err))
		return;
	arguments = json_new_object();
	json_put_text(arguments, "uuid", uuid);
	(void)!session_exchange(&s, "permit-withdraw", arguments, &err);
}

void
permit_given_done(struct permit_given *g)
{
	json_free(g->json);
	g->json = NULL;
}

void
permit_why(const struct permit_given *g, const char *destination,
           char why[PERMIT_WHY_MAX])
{
	const struct verdict *v = &g->verdict;
	const struct reason *first = &v->reasons[0];

	if (v->n_reasons == 0)
		snprintf(why, PERMIT_WHY_MAX,
		         "the verdict on %s is not a fresh one", destination);
	else
		snprintf(why, PERMIT_WHY_MAX, "%s is %s: %s%s%s",
		         v->host[0] != '\0' ? v->host : destination,
		         verdict_state_name(v->state), reason_text(first->code),
		         first->detail[0] != '\0' ? ": " : "", first->detail);
}
