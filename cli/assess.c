/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Collects what is known of a domain and two hosts, each from where it is
 * known and all at once, and has it judged. */
#include <stdio.h>

#include "checks/asking.h"
#include "checks/facts_json.h"
#include "further/further.h"
#include "hostfacts/here.h"
#include "move_private.h"
#include "proto/destination.h"
#include "sys/knock.h"
#include "sys/sys.h"

enum {
	KNOCK_MS = 2000,
	SSH_PORT = 22,
};

/* One who collects: he writes into what is his alone. */
struct collector {
	struct way *way;
	struct assessment *a;
	const struct local_asking *asking;
	void (*run)(struct collector *);
	struct arena arena;
};

static const char *
because(struct collector *c, const char *what, const struct err *err)
{
	char why[ERR_TEXT_MAX + 80];

	snprintf(why, sizeof(why), "%s (%s)", what, err->text);
	return arena_text(&c->arena, why);
}

static void
ask_host(struct collector *c, struct endpoint *endpoint,
         enum endpoint_role role, const char *what, struct host_facts *out)
{
	const struct facts *f = &c->a->facts;
	struct err err = {0};

	if (!endpoint_host(endpoint, role, &f->domain, &c->arena, out, &err))
		*out = (struct host_facts){.missing = because(c, what, &err)};
}

static void
ask_source(struct collector *c)
{
	const struct move *move = c->way->move;

	if (move->source != NULL)
		ask_host(c, move->source, ENDPOINT_SOURCE,
		         "the source's libvirt did not tell",
		         &c->a->facts.source);
	else
		c->a->facts.source.missing =
		    because(c, "the source's libvirt cannot be asked",
		            &move->source_err);
}

static void
ask_destination(struct collector *c)
{
	const struct err *dialled = &c->way->dial_err;

	if (c->way->destination != NULL)
		ask_host(c, c->way->destination, ENDPOINT_DESTINATION,
		         "the destination's libvirt did not tell",
		         &c->a->facts.destination);
	else
		c->a->facts.destination.missing = because(
		    c, "the destination's libvirt cannot be asked", dialled);
}

/* By the verifier, from the host's agent. */
static bool
ask_agent(struct collector *c, const char *uri, struct local_facts *out,
          struct err *err)
{
	AUTO(session_done) struct session s = {0};
	struct json *arguments = json_new_object();

	json_put_text(arguments, "host", uri);
	json_put(arguments, "asking", local_asking_encode(c->asking));
	if (!session_open(&s, c->way->move->cli, err)) {
		json_free(arguments);
		return false;
	}
	if (!session_exchange(&s, "facts", arguments, err))
		return false;
	if (s.reply.result == NULL) {
		*err = s.reply.error;
		return false;
	}
	return local_facts_decode(s.reply.result, &c->arena, out, err);
}

static void
ask_source_itself(struct collector *c)
{
	struct local_facts *out = &c->a->facts.source_local;
	const struct move *move = c->way->move;
	struct err err = {0};
	bool ok;

	if (move->source_is_here || move->source == NULL)
		ok = local_facts_here(c->asking, &c->arena, out, &err);
	else
		ok = ask_agent(c, endpoint_uri(move->source), out, &err);
	if (!ok)
		*out = (struct local_facts){
		    .missing =
			because(c, "the source host did not tell", &err)};
}

static void
ask_destination_itself(struct collector *c)
{
	struct local_facts *out = &c->a->facts.destination_local;
	struct err err = {0};

	if (!ask_agent(c, c->way->plan.destination_uri, out, &err))
		*out = (struct local_facts){
		    .missing = because(
			c, "the destination's agent did not tell", &err)};
}

/* QEMU's driver takes ports from the lowest on, so that the last is the one
 * where nobody waits for another guest's memory: to knock at such a port would
 * be taken for it. */
static void
knock_at_destination(struct collector *c)
{
	const struct plan *plan = &c->a->facts.plan;
	struct reach *reach = &c->a->facts.reach;
	struct destination d, data;
	enum knocked answer;
	struct err err = {0};

	if (!c->way->move->source_is_here) {
		reach->missing = "only the source can tell what it reaches, "
				 "and this is another machine";
		return;
	}
	if (!destination_parse(plan->destination_uri, &d, &err)) {
		reach->missing = arena_text(&c->arena, err.text);
		return;
	}
	if (d.port == 0)
		d.port = SSH_PORT;
	reach->control = knock(d.host, d.port, KNOCK_MS, &err) == KNOCK_OPEN;
	reach->control_why = arena_text(&c->arena, err.text);
	if (plan->migrate_uri == NULL ||
	    !destination_parse(plan->migrate_uri, &data, &err))
		data = (struct destination){0};
	err = (struct err){0};
	answer = knock(plan->data_host,
	               data.port != 0 ? data.port : MIGRATION_PORT_MAX,
	               KNOCK_MS, &err);
	reach->data = answer == KNOCK_OPEN;
	reach->data_refused = answer == KNOCK_REFUSED;
	reach->data_why = arena_text(&c->arena, err.text);
}

static void
run_collector(void *task)
{
	struct collector *c = task;

	c->run(c);
}

/* What the hosts themselves are asked depends on what the destination is called
 * and on the domain's networks there: a glance, so that nobody waits for the
 * rest of it.  Where it fails ask_destination() says why. */
static void
make_asking(struct way *way, struct assessment *a, struct local_asking *asking)
{
	struct host_facts glance = {0};
	struct err err = {0};

	local_asking_of(&a->facts.plan, &a->facts.domain, &a->arena, asking);
	if (way->destination != NULL &&
	    endpoint_host(way->destination, ENDPOINT_GLANCE, &a->facts.domain,
	                  &a->arena, &glance, &err))
		local_asking_add(&glance, &a->arena, asking);
}

static void
collect(struct way *way, struct assessment *a)
{
	void (*const runs[])(struct collector *) = {
	    ask_destination, ask_source, ask_source_itself,
	    ask_destination_itself, knock_at_destination};
	struct collector collectors[LENGTH_OF(runs)];
	void *tasks[LENGTH_OF(runs)];
	struct local_asking asking = {0};

	make_asking(way, a, &asking);
	for (size_t i = 0; i < LENGTH_OF(runs); i++) {
		collectors[i] = (struct collector){
		    .way = way, .a = a, .asking = &asking, .run = runs[i]};
		tasks[i] = &collectors[i];
	}
	together(run_collector, tasks, LENGTH_OF(runs), LENGTH_OF(runs));
	for (size_t i = 0; i < LENGTH_OF(runs); i++)
		arena_take(&a->arena, &collectors[i].arena);
}

void
assess(struct way *way, const char *domain, struct assessment *a)
{
	struct json *facts;
	struct err err = {0};

	*a = (struct assessment){0};
	a->facts.plan = way->plan;
	a->facts.trust = way->trust;
	if (way->domain != NULL)
		a->facts.domain = *way->domain;
	else
		(void)move_find(way->move, domain, &a->arena, &a->facts.domain,
		                &err);
	collect(way, a);
	a->facts.now_s = sys_unix_s();
	report_run(&a->report, &a->facts);
	facts = facts_encode(&a->facts);
	further_run(FURTHER_OBJECTS, FURTHER_EXECUTABLES, facts, &a->report);
	json_free(facts);
}

int
force_checks(const struct move *move, struct report *report)
{
	struct err err = {0};

	for (size_t i = 0; i < move->n_force; i++)
		if (!report_force(report, move->force[i], &err))
			return fail(&err);
	return STATUS_DONE;
}

void
assessment_done(struct assessment *a)
{
	report_done(&a->report);
	arena_done(&a->arena);
}
