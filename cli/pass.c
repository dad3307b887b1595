/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The permit of a domain that is about to leave, and the pass that goes along
 * in its metadata. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "journey.h"
#include "permit.h"

_Static_assert((int)ENDPOINT_PASS_MAX == (int)PASS_MAX,
               "libvirt takes what the verifier gives");

static void
note(struct journey *j, const char *what, const char *why)
{
	snprintf(j->note, sizeof(j->note), "%s%s%s", what,
	         why[0] != '\0' ? ": " : "",
	         text_is_printable(why) ? why : "?");
}

static void
set_xml(struct migration_how *how, const char *xml)
{
	const struct migration_option *o;

	for (size_t i = 0; (o = migration_option_at(i)) != NULL; i++)
		if (strcmp(o->name, "xml") == 0)
			how->values[i] = xml;
}

/* Where it cannot be put the migration is begun all the same: whether one is
 * wanted is the destination's to say. */
static void
put_pass(struct journey *j, const char *pass)
{
	const char *xml = migration_value(&j->how, "xml");
	struct err err = {0};

	if (!endpoint_set_pass(j->way->move->source, j->a.facts.domain.uuid,
	                       pass, &err)) {
		note(j, "its pass is not in its metadata", err.text);
		return;
	}
	j->passed = true;
	if (xml == NULL)
		return;
	if (domain_xml_with_pass(xml, pass, &j->a.arena, &xml, &err))
		set_xml(&j->how, xml);
	else
		note(j, "its pass is not in the XML that it is given",
		     err.text);
}

/* A permit of the verifier here would open a gate here, if the domain came. */
static void
note_elsewhere(struct journey *j)
{
	char words[JOURNEY_NOTE_MAX];

	snprintf(words, sizeof(words),
	         "the source is another machine, whose gates ask its own "
	         "verifier: run 'virt-attest permit %.64s %.200s' there first",
	         j->label, j->way->plan.destination_uri);
	note(j, words, "");
}

static void
take_pass(struct journey *j, const struct permit_given *g)
{
	if (g->pass[0] == '\0') {
		note(j, "the verifier made no pass", g->no_pass);
	} else {
		put_pass(j, g->pass);
	}
}

/* The one that was judged, and no other that is trusted, too. */
static int
judge_permit(struct journey *j, const struct permit_given *g)
{
	const struct way *way = j->way;

	if (g->json == NULL) {
		permit_why(g, way->plan.destination_host, j->why);
		return g->verdict.state == VERDICT_TRUSTED
		           ? STATUS_REFUSED
		           : verdict_exit_status(g->verdict.state);
	}
	if (strcmp(g->verdict.host, way->trust.verdict.host) != 0) {
		snprintf(j->why, sizeof(j->why),
		         "the verdict is not a fresh one of %s",
		         way->trust.verdict.host);
		return STATUS_REFUSED;
	}
	j->permitted = true;
	take_pass(j, g);
	return STATUS_DONE;
}

int
journey_permit(struct journey *j, struct json **told)
{
	const struct domain_facts *d = &j->a.facts.domain;
	const struct move *move = j->way->move;
	char name[ASKED_DOMAIN_MAX];
	/* A name that is too long to be asked for is its UUID's. */
	const struct permit_wanted wanted = {
	    .domain = d->name != NULL && text_is_printable(d->name) &&
	                      text_copy(d->name, name, sizeof(name))
	                  ? name
	                  : d->uuid,
	    .uuid = d->uuid,
	    .destination = j->way->plan.destination_uri,
	    .seconds = move->seconds,
	    /* What lets a migration begin: it was asked for not long ago, or
	     * by its guard. */
	    .max_age_s = j->guard != NULL ? PERMIT_AGE_MAX_S : 0,
	};
	struct permit_given *g;
	struct err err = {0};
	int status;

	if (!move->source_is_here) {
		note_elsewhere(j);
		return STATUS_DONE;
	}
	g = mem_new(1, sizeof(*g));
	if (permit_ask(move->cli, &wanted, g, &err)) {
		status = judge_permit(j, g);
	} else if (err.code == ERR_DENIED) {
		/* Who may ask and not give one moves it past no gate. */
		note(j, "there is no permit", err.text);
		status = STATUS_DONE;
	} else {
		snprintf(j->why, sizeof(j->why), "no verdict came (%s)",
		         err.text);
		status = STATUS_FAILED;
	}
	if (told != NULL && g->json != NULL)
		*told = json_share(g->json);
	permit_given_done(g);
	free(g);
	return status;
}

/* One who is told that it is over. */
struct leave {
	const struct journey *j;
	struct endpoint *endpoint; /* NULL: the verifier */
};

static void
take_leave(void *task)
{
	const struct leave *l = task;
	const struct journey *j = l->j;
	const struct move *move = j->way->move;
	const char *uuid = j->a.facts.domain.uuid;
	struct err err = {0};

	if (l->endpoint == NULL)
		permit_withdraw(move->cli, uuid);
	else if (!endpoint_set_pass(l->endpoint, uuid, NULL, &err) &&
	         move->verbose)
		fprintf(stderr,
		        "virt-attest: %s: its pass stays in its metadata, and "
		        "is of no use: %s\n",
		        j->label, err.text);
}

void
journey_unpass(struct journey *j)
{
	struct leave verifier = {.j = j};
	struct leave source = {.j = j, .endpoint = j->way->move->source};
	struct leave there = {.j = j, .endpoint = j->way->destination};
	/* A libvirt that does not end it would not answer, either. */
	bool answers = j->passed && !j->hangs;
	void *tasks[3];
	size_t n = 0;

	if (j->permitted)
		tasks[n++] = &verifier;
	/* Also of what it leaves at the source, switched off. */
	if (answers)
		tasks[n++] = &source;
	if (answers && j->migrated && there.endpoint != NULL)
		tasks[n++] = &there;
	together(take_leave, tasks, n, n);
}
