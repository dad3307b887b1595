/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One host of a list, as `enroll HOST` does it: the verifier visits it and
 * shows it (enroll), and keeps it when it is told so on the same connection
 * (enroll-commit).  So a host is enrolled or it is not, whenever this ends. */
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "base/mem.h"
#include "inventory.h"

static void
came_out(struct inventory_host *host, enum outcome outcome,
         const struct err *why)
{
	host->outcome = outcome;
	if (why == NULL)
		return;
	free(host->why);
	host->why = mem_text(why->text);
}

/* What the operator would see before he says yes. */
static void
take_warning(struct inventory_host *host, const struct json *shown)
{
	const struct json *warnings = json_get(shown, "warnings");
	const char *text = json_as_text(json_at(warnings, 0));
	char why[ERR_TEXT_MAX];

	if (json_count(warnings) == 0 || text == NULL)
		return;
	snprintf(why, sizeof(why), "WARNING: %s",
	         text_is_printable(text) ? text : "?");
	free(host->why);
	host->why = mem_text(why);
}

static struct json *
arguments_of(const struct visiting *v, const struct inventory_host *host)
{
	struct json *arguments = json_new_object();
	struct err err;

	json_put_text(arguments, "host", host->name);
	json_put_text(arguments, "label", host->label);
	json_put_text(arguments, "group", host->group);
	json_put_text(arguments, "ek_sha256", host->ek);
	if (v->pcrs != NULL)
		json_put_text(arguments, "pcrs", v->pcrs);
	if (*host->address != '\0')
		(void)!put_address(arguments, host->address, &err); /* parsed */
	return arguments;
}

/* Enrolled before, and as the one that the file means?  Then nobody visits it.
 * What became of it is set, or left when it is not enrolled. */
static bool
compare_known(const struct visiting *v, struct inventory_host *host,
              struct err *err)
{
	struct json *arguments = json_new_object();
	const struct reply *reply = &v->session->reply;
	const char *known;

	json_put_text(arguments, "host", host->name);
	if (!session_exchange(v->session, "show", arguments, err))
		return false;
	if (reply->result == NULL) {
		if (reply->error.code != ERR_NOT_FOUND)
			came_out(host, OUTCOME_FAILED, &reply->error);
		return true;
	}
	known = field(reply->result, "ek_sha256");
	if (*host->ek == '\0' || strcasecmp(known, host->ek) == 0) {
		came_out(host, OUTCOME_ALREADY, NULL);
		return true;
	}
	err_set(err, ERR_CONFLICT, "it is enrolled with the endorsement key %s",
	        known);
	came_out(host, OUTCOME_CONFLICT, err);
	return true;
}

static enum outcome
outcome_of(enum err_code code)
{
	switch (session_status(code)) {
	case STATUS_REFUSED:
		return OUTCOME_REFUSED;
	case STATUS_UNREACHABLE:
		return OUTCOME_UNREACHABLE;
	default:
		return OUTCOME_FAILED;
	}
}

static bool
commit(const struct visiting *v, struct inventory_host *host, struct err *err)
{
	const struct reply *reply = &v->session->reply;
	struct err unsure = {0};

	if (!v->may_commit(v->arg))
		return true;
	if (!session_exchange(v->session, "enroll-commit", NULL, err)) {
		err_set(&unsure, err->code,
		        "whether it was enrolled, the next run will say: %s",
		        err->text);
		came_out(host, OUTCOME_FAILED, &unsure);
		return false;
	}
	if (reply->result == NULL) {
		came_out(host, outcome_of(reply->error.code), &reply->error);
		return true;
	}
	host->golden = json_as_u64(json_get(reply->result, "id"));
	came_out(host, OUTCOME_ENROLLED, NULL);
	return true;
}

bool
inventory_enrol(const struct visiting *v, struct inventory_host *host,
                struct err *err)
{
	const struct reply *reply = &v->session->reply;

	if (!compare_known(v, host, err))
		return false;
	if (host->outcome != OUTCOME_NOT_ASKED)
		return true;
	if (!session_exchange(v->session, "enroll", arguments_of(v, host), err))
		return false;
	if (reply->result == NULL && reply->error.code == ERR_DENIED) {
		*err = reply->error;
		return false;
	}
	if (reply->result == NULL) {
		came_out(host, outcome_of(reply->error.code), &reply->error);
		return true;
	}
	take_warning(host, reply->result);
	if (!v->dry)
		return commit(v, host, err);
	came_out(host, OUTCOME_WOULD, NULL);
	return true;
}
