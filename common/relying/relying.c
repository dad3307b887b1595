/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "relying.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "proto/codec.h"
#include "proto/message.h"
#include "sys/control.h"
#include "sys/sys.h"

enum { REFUSED = 2, OWN_FAILURE = 1 };

static void
put_question(const struct relying_question *q, struct buf *line)
{
	struct json *arguments = json_new_object();

	if (q->pass != NULL)
		json_put_text(arguments, "pass", q->pass);
	else if (q->destination == NULL)
		json_put_bool(arguments, "permit", true);
	else
		json_put_text(arguments, "destination", q->destination);
	if (q->domain != NULL)
		json_put_text(arguments, "domain", q->domain);
	if (q->uuid != NULL)
		json_put_text(arguments, "uuid", q->uuid);
	request_format(q->pass != NULL ? "pass" : "verify", arguments, 1, line);
}

bool
relying_ask(const struct relying_question *q, struct verdict *out,
            struct err *err)
{
	uint64_t all = q->answer_ms != 0 ? q->answer_ms : RELYING_ANSWER_MS;
	uint64_t began = sys_boot_ms(), spent;
	AUTO(buf_done) struct buf line = {0}, answer = {0};
	struct reply reply = {0};
	bool ok;
	int fd;

	put_question(q, &line);
	fd = control_connect(
	    q->socket, all < RELYING_CONNECT_MS ? all : RELYING_CONNECT_MS,
	    err);
	if (fd < 0)
		return false;
	spent = sys_boot_ms() - began;
	ok = control_exchange(fd, buf_span(&line), RELYING_REPLY_MAX,
	                      all > spent ? all - spent : 0, &answer, err) &&
	     reply_parse(buf_span(&answer), &reply, err);
	close(fd);
	if (ok && reply.result == NULL) {
		*err = reply.error;
		ok = false;
	} else if (ok && reply.id != 1) {
		ok = err_set(err, ERR_MALFORMED,
		             "an answer to another question");
	}
	ok = ok && verdict_decode(reply.result, out, err);
	reply_done(&reply);
	return ok;
}

/* Fresh: it was asked without an age, and says that it has none. */
bool
relying_may_go(const struct verdict *v)
{
	return v->state == VERDICT_TRUSTED && v->age_ms == 0 && v->appraised &&
	       v->golden != 0;
}

static void
why_not_trusted(const struct relying_question *q, const struct verdict *v,
                char why[RELYING_WHY_MAX])
{
	const char *nameless =
	    q->pass != NULL ? "the source" : "the destination";
	const struct reason *first = &v->reasons[0];
	const char *event = v->events[0];

	snprintf(why, RELYING_WHY_MAX, "%s is %s: %s%s%s. %s%s%sWhat to do: %s",
	         v->host[0] != '\0' ? v->host : nameless,
	         verdict_state_name(v->state), reason_text(first->code),
	         first->detail[0] != '\0' ? ": " : "", first->detail,
	         event[0] != '\0' ? "What changed: " : "", event,
	         event[0] != '\0' ? ". " : "", reason_remedy(first->code));
}

int
relying_why(const struct relying_question *q, const struct verdict *v,
            const struct err *err, char why[RELYING_WHY_MAX])
{
	const char *domain = q->domain != NULL ? q->domain : "DOMAIN";

	if (v == NULL) {
		snprintf(why, RELYING_WHY_MAX, "no verdict (%s)%s", err->text,
		         err->code == ERR_DENIED
		             ? ""
		             : ". Is virt-attest-verifierd running?");
		return OWN_FAILURE;
	}
	if (v->n_reasons == 0) {
		snprintf(why, RELYING_WHY_MAX, "the verdict is not fresh");
		return OWN_FAILURE;
	}
	if (q->pass == NULL && q->destination == NULL && v->host[0] == '\0' &&
	    v->reasons[0].code == REASON_DESTINATION) {
		snprintf(why, RELYING_WHY_MAX,
		         "who migrates it does not say where to (%s). What to "
		         "do: run 'virt-attest permit %.64s DESTINATION-URI', "
		         "and migrate within its time",
		         v->reasons[0].detail,
		         text_is_printable(domain) ? domain : "DOMAIN");
		return REFUSED;
	}
	why_not_trusted(q, v, why);
	return verdict_exit_status(v->state);
}
