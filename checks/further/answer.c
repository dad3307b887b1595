/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a check of others says, as JSON, into a finding. */
#include <string.h>

#include "further/further_private.h"

bool
id_is_valid(const char *id)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	return id[0] != '\0' && strlen(id) < FINDING_ID_MAX &&
	       strspn(id, allowed) == strlen(id);
}

static bool
get_outcome(const struct json *answer, enum outcome *outcome, struct err *err)
{
	char word[16] = "";

	if (json_get_text(answer, "outcome", word, sizeof(word), err) &&
	    outcome_of(word, outcome))
		return true;
	return err_set(err, ERR_MALFORMED,
	               "its 'outcome' is none of pass, warn, block, not-run");
}

/* One that says nothing of it blocks. */
static bool
get_severity(const struct json *answer, enum severity *severity,
             struct err *err)
{
	char word[16] = "block";

	if (!json_want_text(answer, "severity", word, sizeof(word), err))
		return false;
	*severity = strcmp(word, "warn") == 0 ? SEVERITY_WARN : SEVERITY_BLOCK;
	return *severity == SEVERITY_WARN || strcmp(word, "block") == 0 ||
	       err_set(err, ERR_MALFORMED,
	               "its 'severity' is neither warn nor block");
}

static bool
decode(const struct json *answer, struct finding *f, struct err *err)
{
	struct result *r = &f->result;

	if (!get_outcome(answer, &r->outcome, err) ||
	    !get_severity(answer, &f->severity, err) ||
	    !json_want_text(answer, "id", f->id, sizeof(f->id), err) ||
	    !json_want_text(answer, "compares", f->compares,
	                    sizeof(f->compares), err) ||
	    !json_get_text(answer, "text", r->text, sizeof(r->text), err) ||
	    !json_want_text(answer, "source", r->source, sizeof(r->source),
	                    err) ||
	    !json_want_text(answer, "destination", r->destination,
	                    sizeof(r->destination), err) ||
	    !json_want_text(answer, "remedy", r->remedy, sizeof(r->remedy),
	                    err))
		return false;
	if (!id_is_valid(f->id))
		return err_set(err, ERR_MALFORMED,
		               "its id is not of letters, digits and '-'");
	return r->text[0] != '\0' ||
	       err_set(err, ERR_MALFORMED, "its 'text' says nothing");
}

bool
answer_decode(struct span text, struct finding *finding, struct err *err)
{
	AUTO(json_auto) struct json *answer = NULL;

	while (text.len != 0 && strchr(" \t\r\n", text.at[text.len - 1]) &&
	       text.at[text.len - 1] != '\0')
		text.len--;
	if (text.len == 0)
		return err_set(err, ERR_MALFORMED, "it printed no answer");
	answer = json_parse(text, err);
	return answer != NULL && decode(answer, finding, err);
}
