/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The source, and a destination with what the verifier says of it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "evidence/golden.h"
#include "move_private.h"
#include "proto/destination.h"
#include "sys/sys.h"

/* A verdict of another URI of one way is for its host's name alone: one that
 * is some seconds old names it as well. */
enum { SAME_HOST_AGE_S = 60 };

static bool
is_this_machine(const char *uri)
{
	char name[HOST_NAME_MAX_SIZE];
	struct destination d;

	/* A socket that a parameter names may lead to another machine. */
	if (strncmp(uri, "qemu:///", 8) == 0 ||
	    strncmp(uri, "qemu+unix:///", 13) == 0)
		return strchr(uri, '?') == NULL;
	return destination_parse(uri, &d, NULL) &&
	       gethostname(name, sizeof(name)) == 0 &&
	       strcmp(name, d.host) == 0;
}

bool
move_open(struct move *move, struct err *err)
{
	if ((move->connect != NULL && !uri_resolve(move->connect, &move->arena,
	                                           &move->source_uri, err)) ||
	    (move->source = endpoint_open(move->source_uri, err)) == NULL) {
		move->source_err = *err;
		return false;
	}
	move->source_is_here = is_this_machine(endpoint_uri(move->source));
	return true;
}

bool
move_find(struct move *move, const char *domain, struct arena *arena,
          struct domain_facts *out, struct err *err)
{
	bool ok;

	if (domain != NULL)
		ok = endpoint_domain(move->source, domain, arena, out, err);
	else
		ok = domain_facts_parse(move->xml, arena, out, err);
	if (!ok)
		*out = (struct domain_facts){.missing =
		                                 arena_text(arena, err->text)};
	return ok;
}

int
move_status(const struct move *move)
{
	const struct err *why = &move->domain_err;

	/* A domain that is not there yet needs no source. */
	if (why->code == ERR_NONE && move->xml == NULL)
		why = &move->source_err;
	if (why->code == ERR_NONE)
		return STATUS_DONE;
	(void)fail(why);
	return why == &move->source_err || why->code == ERR_TIMEOUT ||
	               why->code == ERR_UNAVAILABLE
	           ? STATUS_UNREACHABLE
	           : STATUS_FAILED;
}

/* Asks for a verdict.  False when none came. */
static bool
ask_verdict(struct session *s, const char *destination, const char *domain,
            uint64_t max_age_s, struct verdict *out, struct err *err)
{
	struct json *arguments = json_new_object();
	char name[ASKED_DOMAIN_MAX];

	json_put_text(arguments, "destination", destination);
	if (domain != NULL && text_copy(domain, name, sizeof(name)))
		json_put_text(arguments, "domain", name);
	if (max_age_s != 0)
		json_put_u64(arguments, "max_age", max_age_s);
	if (!session_exchange(s, "verify", arguments, err))
		return false;
	if (s->reply.result == NULL) {
		*err = s->reply.error;
		return false;
	}
	return verdict_decode(s->reply.result, out, err);
}

/* The host behind it is the one that was attested, by whatever name. */
static bool
leads_there(struct session *s, const char *uri, const char *host)
{
	struct verdict verdict = {0};
	struct err err = {0};

	return ask_verdict(s, uri, NULL, SAME_HOST_AGE_S, &verdict, &err) &&
	       verdict.host[0] != '\0' && strcmp(verdict.host, host) == 0;
}

static void
look_at_other_uris(struct way *way, struct session *s)
{
	/* Not the plan's, which without the operator's is the destination. */
	const char *others[] = {
	    migration_value(&way->move->how, "migrateuri"),
	    migration_value(&way->move->how, "disks-uri"),
	};
	struct trust *t = &way->trust;

	t->same_host = true;
	for (size_t i = 0; i < LENGTH_OF(others) && t->same_host; i++) {
		if (others[i] == NULL)
			continue;
		t->same_host = leads_there(s, others[i], t->verdict.host);
		t->other_host = t->same_host ? NULL : others[i];
	}
}

/* What the verdict rests on: whether the key of libvirt's endpoint was among
 * what was attested, and what the golden value judges. */
static void
look_at_its_grounds(struct way *way, struct session *s)
{
	struct trust *t = &way->trust;
	struct json *arguments = json_new_object();
	struct destination d;
	struct attester host;
	struct golden golden;
	struct err err = {0};

	json_put_text(arguments, "host", t->verdict.host);
	if (destination_parse(way->plan.destination_uri, &d, &err) &&
	    session_exchange(s, "show", arguments, &err) &&
	    s->reply.result != NULL &&
	    attester_decode(s->reply.result, &host, &err))
		t->endpoint_checked =
		    d.tls && t->verdict.appraised &&
		    endpoint_keys_have_kind(&host.endpoints, "libvirt-tls");
	if (t->verdict.golden == 0)
		return;
	arguments = json_new_object();
	json_put_u64(arguments, "id", t->verdict.golden);
	if (!session_exchange(s, "golden-show", arguments, &err) ||
	    s->reply.result == NULL ||
	    !golden_decode(s->reply.result, &golden, &err))
		return;
	t->judges_boot_log = golden.by_events != 0;
	t->judges_files = golden_has_ima(&golden);
}

static void
ask_verifier(void *task)
{
	struct way *way = task;
	AUTO(session_done) struct session s = {0};
	struct err err = {0};
	char why[ERR_TEXT_MAX + 64];
	bool opened;

	way->asked_ms = sys_boot_ms();
	opened = session_open(&s, way->move->cli, &err);
	if (opened &&
	    ask_verdict(&s, way->plan.destination_uri, way->move->domain, 0,
	                &way->trust.verdict, &err)) {
		look_at_other_uris(way, &s);
		look_at_its_grounds(way, &s);
		return;
	}
	snprintf(why, sizeof(why), "no verdict came (%s)%s", err.text,
	         opened ? "" : "; is virt-attest-verifierd running?");
	way->trust.missing = arena_text(&way->arena, why);
}

static void
connect_there(void *task)
{
	struct way *way = task;

	way->destination =
	    endpoint_open(way->plan.destination_uri, &way->dial_err);
	if (way->destination == NULL)
		way->destination_missing = way->dial_err.text;
}

/* The way of one domain: its source, and the domain itself, are asked for while
 * the destination answers. */
static void
connect_here(void *task)
{
	struct way *way = task;
	struct move *move = way->move;
	struct err err = {0};

	if (!move_open(move, &err) && move->xml == NULL)
		return;
	way->domain = arena_new(&move->arena, 1, sizeof(*way->domain));
	(void)move_find(move, move->domain, &move->arena, way->domain,
	                &move->domain_err);
}

struct errand {
	void (*run)(void *);
	struct way *way;
};

static void
run_errand(void *task)
{
	struct errand *errand = task;

	errand->run(errand->way);
}

/* Each writes into what is his alone: of the arenas, the source's is move's. */
static bool
open_all(struct way *way, struct move *move, const char *uri, bool here,
         struct err *err)
{
	struct errand ask = {ask_verifier, way}, dial = {connect_there, way};
	struct errand source = {connect_here, way};
	void *const errands[] = {&ask, &dial, &source};
	size_t n = here ? LENGTH_OF(errands) : LENGTH_OF(errands) - 1;

	*way = (struct way){.move = move,
	                    .destination_missing = "nobody connected"};
	if (!plan_of(uri, &move->how, &way->arena, &way->plan, err))
		return false;
	way->destination_missing = NULL;
	together(run_errand, errands, n, n);
	return true;
}

bool
way_open(struct way *way, struct move *move, const char *uri, struct err *err)
{
	return open_all(way, move, uri, false, err);
}

bool
way_open_one(struct way *way, struct move *move, struct err *err)
{
	return open_all(way, move, move->destination_uri, true, err);
}

void
way_done(struct way *way)
{
	endpoint_free(way->destination);
	arena_done(&way->arena);
}

bool
verdict_holds(const struct cli *cli, const char *uri, const char *host,
              struct verdict *verdict, struct err *err)
{
	AUTO(session_done) struct session s = {0};

	*verdict = (struct verdict){0};
	*err = (struct err){0};
	if (!session_open(&s, cli, err) ||
	    !ask_verdict(&s, uri, NULL, 0, verdict, err))
		return false;
	return verdict->state == VERDICT_TRUSTED && verdict->age_ms == 0 &&
	       verdict->appraised && verdict->golden != 0 &&
	       strcmp(verdict->host, host) == 0;
}
