/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values that come to be: taken from a host, or imported. */
#include <stdio.h>
#include <string.h>

#include "control.h"
#include "evidence/golden_log.h"
#include "evidence/imapolicy.h"
#include "library.h"
#include "proto/codec.h"
#include "sys/log.h"
#include "sys/sys.h"

/* Who adds it is its author; it begins as a candidate. */
static void
add(struct caller *c, const struct golden_new *new)
{
	struct golden *golden = new->golden;
	char actor[AUDIT_ACTOR_MAX];
	struct err err = {0};

	caller_actor(c, actor, sizeof(actor));
	snprintf(golden->author, sizeof(golden->author), "%.63s", actor);
	golden->state = GOLDEN_CANDIDATE;
	golden->created_s = sys_unix_s();
	if (!store_golden_add(c->v->store, new, actor, &err)) {
		caller_error(c, &err);
		return;
	}
	log_notice("golden=%llu scope=%s event=added by=%s",
	           (unsigned long long)golden->id, golden->scope, actor);
	caller_return_golden(c, golden, false);
}

static void
on_visited(void *arg, const struct visit_result *result, const struct err *why)
{
	struct caller *c = arg;
	struct golden golden;
	const struct golden_new new = {
	    .golden = &golden,
	    .events = result != NULL ? result->events : (struct span){0},
	    .ima_policy = buf_span(&c->wanted_policy),
	};

	if (result == NULL) {
		caller_error(c, why);
	} else {
		golden = c->wanted;
		golden.values = result->golden.values;
		golden.attest = result->golden.attest;
		golden.signature = result->golden.signature;
		golden.by_events = result->golden.by_events;
		golden.pins_firmware = result->golden.pins_firmware;
		golden.firmware = result->golden.firmware;
		add(c, &new);
	}
	visit_free(c->visit);
	c->visit = NULL;
}

/* The words of a golden value that is to be taken from a host. */
static bool
read_wanted(const struct json *arguments, const struct attester *host,
            struct golden *g, struct err *err)
{
	g->of_group = false;
	if (!json_want_text(arguments, "label", g->label, GOLDEN_LABEL_MAX,
	                    err) ||
	    !json_want_u64(arguments, "valid_from", INT64_MAX, &g->valid_from_s,
	                   err) ||
	    !json_want_u64(arguments, "valid_until", INT64_MAX,
	                   &g->valid_until_s, err) ||
	    !json_want_bool(arguments, "allow_sha1", &g->allow_sha1, err) ||
	    !json_want_bool(arguments, "of_group", &g->of_group, err))
		return false;
	if (!text_is_printable(g->label))
		return err_set(err, ERR_MALFORMED,
		               "label has control characters");
	if (g->of_group && host->group[0] == '\0')
		return err_set(err, ERR_CONFLICT,
		               "host '%.100s' is in no group", host->name);
	snprintf(g->scope, sizeof(g->scope), "%s",
	         g->of_group ? host->group : host->name);
	return true;
}

/* "ima_policy": a text that must be one; it is kept as it was written. */
static bool
read_policy(const struct json *arguments, struct buf *out, struct err *err)
{
	const struct json *member = json_get(arguments, "ima_policy");
	const char *text = json_as_text(member);
	struct imapolicy *policy;

	buf_done(out);
	if (member == NULL)
		return true;
	if (text == NULL)
		return err_set(err, ERR_MALFORMED, "'ima_policy' is no text");
	policy = imapolicy_parse(span_str(text), err);
	if (policy == NULL)
		return false;
	imapolicy_free(policy);
	/* A policy that is left out would judge nothing. */
	buf_text(out, text);
	return !out->over || err_set(err, ERR_LIMIT, "'ima_policy': too long");
}

/* Which PCRs, and how each is judged. */
static bool
read_choice(struct caller *c, const struct json *arguments,
            struct visit_request *r, struct err *err)
{
	char pcrs[PCR_TEXT_MAX] = "", by_events[PCR_TEXT_MAX] = "none";

	if (!json_want_text(arguments, "pcrs", pcrs, sizeof(pcrs), err) ||
	    !json_want_text(arguments, "by_events", by_events,
	                    sizeof(by_events), err) ||
	    !pcr_list_parse(by_events, &r->by_events, err) ||
	    !json_want_bool(arguments, "from_log", &r->from_log, err) ||
	    !json_want_bool(arguments, "pin_firmware", &r->pin_firmware, err))
		return false;
	if (pcrs[0] != '\0' || !r->from_log) {
		if (!pcr_selection_parse(pcrs[0] != '\0' ? pcrs
		                                         : GOLDEN_PCRS_DEFAULT,
		                         &r->selection, err))
			return false;
	} else {
		golden_usual_selection(&r->selection);
	}
	for (size_t b = 0; b < r->selection.n; b++) {
		r->selection.banks[b].mask |= r->by_events;
		if (c->wanted_policy.len != 0)
			r->selection.banks[b].mask |= UINT32_C(1)
			                              << GOLDEN_PCR_IMA;
	}
	r->allow_sha1 = c->wanted.allow_sha1;
	return golden_selection_allowed(&r->selection, r->allow_sha1, err);
}

/* "with": the golden value whose reference events are known, too. */
static bool
read_with(struct caller *c, const struct json *arguments,
          struct visit_request *r, struct err *err)
{
	struct golden known;
	uint64_t id = 0;

	if (!json_want_u64(arguments, "with", INT64_MAX, &id, err))
		return false;
	if (id == 0)
		return true;
	if (!store_golden_get(c->v->store, id, &known, err))
		return false;
	if (!golden_has_events(&known) || (!r->from_log && r->by_events == 0))
		return err_set(err, ERR_CONFLICT,
		               golden_has_events(&known)
		                   ? "nothing is to be judged by events: "
		                     "'from_log' or 'by_events'"
		                   : "golden value %llu has no events",
		               (unsigned long long)id);
	memcpy(r->known_events, known.events, SHA256_SIZE);
	return true;
}

/* golden-add: host, label, pcrs, of_group, allow_sha1, valid_from, valid_until,
 * from_log, by_events, with, pin_firmware, ima_policy. */
static void
take(struct caller *c, const struct json *arguments)
{
	struct visit_request request = {.enrolled = true};
	char name[HOST_NAME_MAX_SIZE];
	struct err err = {0};

	c->wanted = (struct golden){0};
	if (json_get_text(arguments, "host", name, sizeof(name), &err) &&
	    store_host_get(c->v->store, name, &request.host, &err) &&
	    read_wanted(arguments, &request.host, &c->wanted, &err) &&
	    read_policy(arguments, &c->wanted_policy, &err) &&
	    read_choice(c, arguments, &request, &err) &&
	    read_with(c, arguments, &request, &err))
		c->visit = visit_new(c->v, &request, on_visited, c);
	else
		caller_error(c, &err);
}

/* "events": as they are kept. */
static bool
read_events(const struct json *object, struct buf *out, struct err *err)
{
	AUTO(bootref_done) struct bootref events = {0};
	const struct json *array;

	if (json_get(object, "events") == NULL)
		return true;
	if (!json_get_array(object, "events", BOOTREF_EVENTS_MAX, &array,
	                    err) ||
	    !bootref_decode(array, &events, err))
		return false;
	library_write_events(&events, out);
	return true;
}

/* golden-import: golden, as golden-show gives it.  It comes as a candidate,
 * whatever it was elsewhere. */
static void
import(struct caller *c, const struct json *arguments)
{
	AUTO(buf_done) struct buf events = {0};
	const struct json *object;
	struct golden golden;
	struct err err = {0};

	if (json_get_object(arguments, "golden", &object, &err) &&
	    golden_decode(object, &golden, &err) &&
	    read_events(object, &events, &err) &&
	    read_policy(object, &c->wanted_policy, &err)) {
		if (golden_values_quoted(&golden)) {
			const struct golden_new new = {
			    &golden, buf_span(&events),
			    buf_span(&c->wanted_policy)};

			add(c, &new);
			return;
		}
		err_set(&err, ERR_MALFORMED,
		        "its PCR values are not those of the quote that it "
		        "brings; without 'attest' and 'signature' they are "
		        "taken as they are");
	}
	caller_error(c, &err);
}

const struct verb verbs_golden_new[] = {
    {"golden-add", true, take},
    {"golden-import", true, import},
    {0},
};
