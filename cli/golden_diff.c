/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* golden diff: what differs between two golden values, or between one and what
 * a host last showed, and which event made the difference. */
#include <stdio.h>

#include "appraise/appraise.h"
#include "base/mem.h"
#include "golden.h"

/* One side: PCR values, and what was measured into them. */
struct side {
	struct golden golden;
	bool of_host;
	struct bootref events; /* of a golden value */
	struct buf boot_log;   /* of a host */
};

static void
side_done(struct side *s)
{
	bootref_done(&s->events);
	buf_done(&s->boot_log);
}

static int
load_golden(struct session *s, const struct cli *cli, uint64_t id,
            struct side *out)
{
	struct json *arguments = json_new_object();
	struct err err = {0};
	int status;

	json_put_u64(arguments, "id", id);
	status = session_ask(s, cli, "golden-show", arguments);
	if (status != STATUS_DONE)
		return status;
	return golden_decode(s->reply.result, &out->golden, &err) &&
	               golden_events(s->reply.result, &out->events, &err)
	           ? STATUS_DONE
	           : fail(&err);
}

static bool
read_boot_log(const struct json *evidence, struct buf *out, struct err *err)
{
	const char *text = json_as_text(json_get(evidence, "boot_log"));

	return text == NULL || text_unbase64(span_str(text), out) ||
	       err_set(err, ERR_MALFORMED, "'boot_log' is no base64");
}

/* What says that the values are not the host's, at that time. */
static bool
is_of_quote(enum reason_code code)
{
	static const enum reason_code ours[] = {
	    REASON_SIGNATURE,     REASON_MAGIC,      REASON_TYPE,
	    REASON_LENGTH,        REASON_SIGNER,     REASON_NONCE,
	    REASON_PCR_SELECTION, REASON_PCR_DIGEST,
	};

	for (size_t i = 0; i < LENGTH_OF(ours); i++)
		if (code == ours[i])
			return true;
	return false;
}

/* A record is kept of a lie, too: values that no TPM signed for the question
 * are no values to compare with. */
static bool
is_proved(const struct record *r, struct err *err)
{
	struct appraisal a = {
	    .host = &r->host,
	    .challenge = &r->challenge,
	    .exporter = r->exporter,
	    .evidence = &r->evidence,
	};
	struct verdict v;

	appraise(&a, &v);
	for (size_t i = 0; i < v.n_reasons; i++)
		if (is_of_quote(v.reasons[i].code))
			return err_set(err, ERR_PEER,
			               "what the host last showed proves "
			               "nothing: %s (%s)",
			               reason_text(v.reasons[i].code),
			               reason_name(v.reasons[i].code));
	return true;
}

static int
load_host(struct session *s, const struct cli *cli, const char *name,
          struct side *out)
{
	struct json *arguments = json_new_object();
	struct record record;
	struct err err = {0};
	int status;

	json_put_text(arguments, "host", name);
	status = session_ask(s, cli, "evidence", arguments);
	if (status != STATUS_DONE)
		return status;
	if (!record_decode(s->reply.result, &record, &err) ||
	    !is_proved(&record, &err) ||
	    !read_boot_log(s->reply.result, &out->boot_log, &err))
		return fail(&err);
	out->golden.values = record.evidence.values;
	out->of_host = true;
	return STATUS_DONE;
}

static int
load(struct session *s, const struct cli *cli, const char *word,
     struct side *out)
{
	uint64_t id;

	return text_u64(word, INT64_MAX, &id) ? load_golden(s, cli, id, out)
	                                      : load_host(s, cli, word, out);
}

/* A golden value is what was known before; a host, what it showed. */
static void
explain(const struct side *a, const struct side *b, struct verdict *v)
{
	if (a->events.n == 0)
		return;
	for (size_t i = 0; i < v->n_differences && i < EVENTS_MAX; i++) {
		const struct pcr_difference *d = &v->differences[i];
		const char *remedy = "";

		if (b->of_host)
			remedy = bootref_explain(
			    &a->events, buf_span(&b->boot_log),
			    &b->golden.values, d->bank, d->pcr, v->events[i]);
		else if (b->events.n != 0)
			remedy = bootref_compare(&a->events, &b->events,
			                         d->bank, d->pcr, v->events[i]);
		snprintf(v->event_remedies[i], EVENT_REMEDY_MAX, "%s", remedy);
	}
}

static void
compare(struct side *a, const struct side *b, struct verdict *v)
{
	/* What differs, whatever judges it. */
	a->golden.by_events = 0;
	v->n_differences = golden_differences(&a->golden, &b->golden.values,
	                                      v->differences, DIFFERENCES_MAX);
	if (v->n_differences > DIFFERENCES_MAX)
		v->n_differences = DIFFERENCES_MAX;
	if (v->n_differences != 0)
		v->state = VERDICT_UNTRUSTED;
	explain(a, b, v);
}

static int
print_diff(const struct cli *cli, const struct verdict *v)
{
	struct json *json;

	if (cli->option[OPTION_JSON] != NULL) {
		json = verdict_encode(v);
		print_json(json_get(json, "differences"));
		json_free(json);
	} else if (v->n_differences == 0) {
		printf("no difference\n");
	} else {
		print_differences(v);
	}
	return verdict_exit_status(v->state);
}

int
run_golden_diff(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	struct side a = {0}, b = {0};
	struct verdict v = {.state = VERDICT_TRUSTED};
	int status = load(&s, cli, cli->words[0], &a);

	if (status == STATUS_DONE)
		status = load(&s, cli, cli->words[1], &b);
	if (status == STATUS_DONE) {
		compare(&a, &b, &v);
		status = print_diff(cli, &v);
	}
	side_done(&a);
	side_done(&b);
	return status;
}
