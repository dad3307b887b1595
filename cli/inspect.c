/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inspect: a quote, the record of an appraisal or a log, offline. */
#include <stdio.h>
#include <string.h>

#include "evidence/bootref.h"
#include "inspect.h"
#include "sys/sys.h"

/* Of a quote or a record; a log has a limit of its own. */
enum { RECORD_MAX = 2 * 1024 * 1024 };

/* A measurement list names its template, so it is the surer of the two. */
static const struct inspect_kind *const logs[] = {
    &inspect_imalog,
    &inspect_bootlog,
};

static struct json *
quote_encode(const struct quote *q)
{
	struct json *object = json_new_object();
	char pcrs[PCR_TEXT_MAX];

	json_put_text(object, "kind", "quote");
	json_put_u64(object, "events", 0);
	json_put_hex(object, "signer", q->signer);
	json_put_hex(object, "extra_data", q->extra);
	json_put_u64(object, "clock_ms", q->session.clock_ms);
	json_put_u64(object, "reset_count", q->session.reset_count);
	json_put_u64(object, "restart_count", q->session.restart_count);
	json_put_bool(object, "safe", q->session.safe);
	json_put_u64(object, "firmware", q->firmware);
	json_put_text(object, "pcrs",
	              pcr_selection_format(&q->selection, pcrs));
	json_put_hex(object, "pcr_digest", q->pcr_digest);
	return object;
}

/* A record proves by itself who signed it and what; which golden value it met
 * is the verifier's to say. */
static bool
record_holds(const struct record *r)
{
	struct span ak = span_of(r->host.ak.at, r->host.ak.len);
	struct span bytes =
	    span_of(r->evidence.signature.at, r->evidence.signature.len);
	struct span attest =
	    span_of(r->evidence.attest.at, r->evidence.attest.len);
	struct crypto_signature signature;
	struct tpm_public key;

	return tpm_public_parse(ak, &key, NULL) &&
	       signature_parse(bytes, &signature, NULL) &&
	       crypto_signed(&key.key, attest, &signature);
}

/* Whether the values are those that were signed. */
static bool
values_hold(const struct record *r, const struct quote *quote)
{
	struct tpm_public key;
	struct digest digest;

	return tpm_public_parse(span_of(r->host.ak.at, r->host.ak.len), &key,
	                        NULL) &&
	       pcr_selection_eq(&r->evidence.values.selection,
	                        &quote->selection) &&
	       pcr_values_digest(&r->evidence.values, key.scheme_hash,
	                         &digest) &&
	       span_eq(digest_span(&digest), quote->pcr_digest);
}

/* Whether the log leads to every quoted PCR of the firmware, and to those of
 * the others that it has events of: what is extended there may be in no boot
 * log.  A log that leads nowhere does not lead to the quote. */
static bool
log_leads(const struct pcr_values *quoted, struct span log)
{
	enum { PCRS_FIRMWARE = 8 };
	const struct pcr_selection *s = &quoted->selection;
	struct bootlog_replay replay;
	bool any = false;

	if (!bootlog_replay(log, &replay, NULL))
		return false;
	for (size_t b = 0; b < s->n; b++) {
		const struct pcr_selection *has = &replay.values.selection;
		int at = pcr_selection_find(has, s->banks[b].alg);

		if (at < 0)
			return false;
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			bool there = has->banks[at].mask >> p & 1;

			if ((s->banks[b].mask >> p & 1) == 0 ||
			    (!there && p >= PCRS_FIRMWARE))
				continue;
			if (!bootref_replays(&replay, quoted, s->banks[b].alg,
			                     p))
				return false;
			any = any || there;
		}
	}
	return any;
}

/* The boot log that was kept with it; what is none is said to be. */
static bool
put_boot_log(const struct json *json, const struct record *r,
             struct json *object, struct err *err)
{
	const char *text = json_as_text(json_get(json, "boot_log"));
	AUTO(buf_done) struct buf log = {0};
	struct json *shown;
	struct err why = {0};

	if (text == NULL)
		return true;
	if (!text_unbase64(span_str(text), &log))
		return err_set(err, ERR_MALFORMED, "'boot_log' is no base64");
	shown = inspect_bootlog_encode(buf_span(&log), &why);
	json_put_bool(object, "boot_log_leads_to_quote",
	              log_leads(&r->evidence.values, buf_span(&log)));
	if (shown != NULL)
		json_put(object, "boot_log", shown);
	else
		json_put_text(object, "boot_log_refused", why.text);
	return true;
}

static struct json *
record_show(const struct record *r, struct err *err)
{
	struct span attest =
	    span_of(r->evidence.attest.at, r->evidence.attest.len);
	struct json *object;
	struct quote quote;

	if (!quote_parse(attest, &quote, err))
		return NULL;
	object = quote_encode(&quote);
	json_put_text(object, "kind", "evidence");
	json_put_text(object, "host", r->host.name);
	json_put_u64(object, "time", r->time_s);
	json_put_bool(object, "signed", record_holds(r));
	json_put_bool(object, "values_signed", values_hold(r, &quote));
	json_put(object, "pcr_values", pcr_values_encode(&r->evidence.values));
	return object;
}

/* The rest: what is none of those kinds is an answer of the project's own. */
static struct json *
look(struct span bytes, struct err *err)
{
	struct json *json, *shown = NULL;
	struct record record;
	struct quote quote;

	if (bytes.len == 0) {
		err_set(err, ERR_MALFORMED,
		        "nothing is in it; a machine that hands over no boot "
		        "log has an empty one");
		return NULL;
	}
	if (bytes.at[0] == '{') {
		json = json_parse(bytes, err);
		if (json != NULL && record_decode(json, &record, err))
			shown = record_show(&record, err);
		if (shown != NULL && !put_boot_log(json, &record, shown, err)) {
			json_free(shown);
			shown = NULL;
		}
		json_free(json);
		return shown;
	}
	return quote_parse(bytes, &quote, err) ? quote_encode(&quote) : NULL;
}

static bool
print_member(void *arg, const char *key, const struct json *value)
{
	(void)arg;
	if (strcmp(key, "boot_log") == 0)
		printf("%-14s %s events; see --json\n", key,
		       field(value, "events"));
	else if (json_is_object(value))
		print_pcrs(value);
	else if (json_as_text(value) != NULL)
		printf("%-14s %s\n", key, json_as_text(value));
	else
		printf("%-14s %s\n", key, json_as_bool(value) ? "yes" : "no");
	return true;
}

/* A record that does not prove what it says. */
static bool
is_forged(const struct json *shown)
{
	return json_get(shown, "signed") != NULL &&
	       !(json_as_bool(json_get(shown, "signed")) &&
	         json_as_bool(json_get(shown, "values_signed")));
}

/* NULL: no log. */
static const struct inspect_kind *
log_of(struct span bytes)
{
	for (size_t i = 0; i < LENGTH_OF(logs); i++)
		if (logs[i]->is(bytes))
			return logs[i];
	return NULL;
}

static size_t
largest(void)
{
	size_t max = RECORD_MAX;

	for (size_t i = 0; i < LENGTH_OF(logs); i++)
		if (logs[i]->max > max)
			max = logs[i]->max;
	return max;
}

static int
show_record(const struct cli *cli, struct buf *bytes, struct err *err)
{
	AUTO(json_auto) struct json *shown = NULL;

	while (bytes->len > 1 && bytes->at[0] == '{' &&
	       strchr(" \t\r\n", bytes->at[bytes->len - 1]) != NULL)
		bytes->len--;
	shown = look(buf_span(bytes), err);
	if (shown == NULL)
		return fail(err);
	if (cli->option[OPTION_JSON] != NULL)
		print_json(shown);
	else
		(void)json_members(shown, print_member, NULL);
	return is_forged(shown) ? STATUS_REFUSED : STATUS_DONE;
}

int
run_inspect(struct cli *cli)
{
	AUTO(buf_done) struct buf bytes = {.max = largest()};
	const struct inspect_kind *log;
	struct err err = {0};
	size_t max;

	if (!sys_read_file(cli->words[0], bytes.max, &bytes, &err))
		return fail(&err);
	log = log_of(buf_span(&bytes));
	max = log != NULL ? log->max : RECORD_MAX;
	if (bytes.len > max) {
		(void)err_set(&err, ERR_LIMIT, "%.150s: over %zu bytes",
		              cli->words[0], max);
		return fail(&err);
	}
	if (log == NULL)
		return show_record(cli, &bytes, &err);
	return log->show(cli, buf_span(&bytes), &err) ? STATUS_DONE
	                                              : fail(&err);
}
