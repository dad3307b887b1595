/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What comes of a permit that is asked for: who may go by it, and where its
 * pass is put and taken away again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka has a fail() of its own, as a macro. */
#include "journey.h"
#include "permit.h"

#include <cmocka.h>

#define UUID "3f1f0b4e-5d5c-4f0f-9b3e-0d6e5c1d2a71"
#define PASS "aaa.bbb.ccc"

/* --- a verifier, and two libvirts --- */

static struct {
	struct verdict verdict;
	bool gone, denied, no_permit, no_pass;
	char domain[80], uuid[40], destination[80];
	uint64_t seconds, max_age_s;
	bool source_fails;
	char source[80], destination_pass[80], xml[80];
	int set_there, withdrawn;
} world;

static struct endpoint *const source = (void *)&world.source;
static struct endpoint *const there = (void *)&world.destination_pass;

bool
session_open(struct session *s, const struct cli *cli, struct err *err)
{
	(void)s;
	(void)cli;
	return !world.gone || err_set(err, ERR_UNAVAILABLE, "nobody there");
}

void
session_done(struct session *s)
{
	reply_done(&s->reply);
}

static struct json *
permit_of(const struct json *arguments)
{
	struct json *permit = json_new_object();
	struct err err = {0};

	assert_true(json_get_text(arguments, "domain", world.domain,
	                          sizeof(world.domain), &err));
	assert_true(json_want_text(arguments, "uuid", world.uuid,
	                           sizeof(world.uuid), &err));
	assert_true(json_get_text(arguments, "destination", world.destination,
	                          sizeof(world.destination), &err));
	assert_true(
	    json_get_u64(arguments, "seconds", 1000, &world.seconds, &err));
	world.max_age_s = 0;
	assert_true(
	    json_want_u64(arguments, "max_age", 1000, &world.max_age_s, &err));
	json_put_u64(permit, "seconds", world.seconds);
	if (world.no_pass)
		json_put_text(permit, "no_pass", "it has no name");
	else
		json_put_text(permit, "pass", PASS);
	return permit;
}

bool
session_exchange(struct session *s, const char *command, struct json *arguments,
                 struct err *err)
{
	struct json *result, *permit;

	if (strcmp(command, "permit-withdraw") == 0) {
		assert_string_equal(json_as_text(json_get(arguments, "uuid")),
		                    UUID);
		json_free(arguments);
		world.withdrawn++;
		return err_set(err, ERR_TIMEOUT, "no answer");
	}
	permit = permit_of(arguments);
	assert_string_equal(command, "permit");
	assert_true(s->answer_ms != 0);
	json_free(arguments);
	if (world.denied) {
		json_free(permit);
		err_set(&s->reply.error, ERR_DENIED, "uid 7 may not");
		return true;
	}
	result = verdict_encode(&world.verdict);
	if (world.no_permit)
		json_free(permit);
	else
		json_put(result, "permit", permit);
	s->reply.root = json_new_object();
	json_put(s->reply.root, "return", result);
	return json_get_object(s->reply.root, "return", &s->reply.result, err);
}

bool
endpoint_set_pass(struct endpoint *e, const char *uuid, const char *pass,
                  struct err *err)
{
	char *at = e == source ? world.source : world.destination_pass;

	assert_string_equal(uuid, UUID);
	world.set_there += e == there;
	snprintf(at, sizeof(world.source), "%s", pass != NULL ? pass : "");
	return !(world.source_fails && e == source) ||
	       err_set(err, ERR_UNAVAILABLE, "libvirt will not");
}

bool
domain_xml_with_pass(const char *xml, const char *pass, struct arena *arena,
                     const char **out, struct err *err)
{
	if (strcmp(xml, "bad") == 0)
		return err_set(err, ERR_MALFORMED, "no XML");
	snprintf(world.xml, sizeof(world.xml), "%s with %s", xml, pass);
	*out = arena_text(arena, world.xml);
	return true;
}

/* --- the cases --- */

static struct move move;
static struct way way;
static struct journey journey;

static int
begin(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	verdict_set(&world.verdict, "host-b", VERDICT_TRUSTED, REASON_COUNT,
	            NULL);
	world.verdict.n_reasons = 0;
	world.verdict.appraised = true;
	world.verdict.golden = 3;
	world.verdict.time_s = 1;
	move = (struct move){
	    .source = source, .source_is_here = true, .seconds = 60};
	way = (struct way){
	    .move = &move,
	    .destination = there,
	    .plan = {.destination_uri = "qemu+tls://host-b/system",
	             .destination_host = "host-b"},
	};
	snprintf(way.trust.verdict.host, sizeof(way.trust.verdict.host),
	         "host-b");
	journey = (struct journey){.way = &way, .domain = "db1"};
	snprintf(journey.label, sizeof(journey.label), "db1");
	journey.a.facts.domain.name = "db1";
	journey.a.facts.domain.uuid = UUID;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_done(&journey.a.arena);
	return 0;
}

static void
comes_to(int status, bool permitted, bool passed, const char *words)
{
	const char *said =
	    permitted || status == STATUS_DONE ? journey.note : journey.why;

	assert_int_equal(journey_permit(&journey, NULL), status);
	assert_int_equal(journey.permitted, permitted);
	assert_int_equal(journey.passed, passed);
	assert_string_equal(world.source, passed ? PASS : "");
	if (strstr(said, words) == NULL || (*words == '\0') != (*said == '\0'))
		fail_msg("'%s' in '%s'", words, said);
}

static void
it_is_given(void **state)
{
	struct json *told = NULL;

	(void)state;
	comes_to(STATUS_DONE, true, true, "");
	assert_string_equal(world.domain, "db1");
	assert_string_equal(world.uuid, UUID);
	assert_string_equal(world.destination, "qemu+tls://host-b/system");
	assert_int_equal(world.seconds, 60);
	assert_int_equal(world.max_age_s, 0);
	/* And told, to whoever wants it. */
	assert_int_equal(journey_permit(&journey, &told), STATUS_DONE);
	assert_string_equal(json_as_text(json_get(told, "pass")), PASS);
	json_free(told);
}

/* The wire has no room for it: it is asked for by its UUID. */
static void
a_long_name_is_a_uuid(void **state)
{
	char name[ASKED_DOMAIN_MAX + 1] = "";

	(void)state;
	memset(name, 'x', ASKED_DOMAIN_MAX);
	journey.a.facts.domain.name = name;
	comes_to(STATUS_DONE, true, true, "");
	assert_string_equal(world.domain, UUID);
	name[ASKED_DOMAIN_MAX - 1] = '\0';
	assert_int_equal(journey_permit(&journey, NULL), STATUS_DONE);
	assert_string_equal(world.domain, name);
}

static void
it_is_not_given(void **state)
{
	(void)state;
	world.no_permit = true;
	comes_to(STATUS_REFUSED, false, false, "not a fresh one");
	verdict_set(&world.verdict, "host-b", VERDICT_UNTRUSTED, REASON_GOLDEN,
	            "PCR 7");
	comes_to(STATUS_REFUSED, false, false, "host-b is untrusted: ");
	verdict_set(&world.verdict, "host-b", VERDICT_UNREACHABLE,
	            REASON_UNREACHABLE, NULL);
	comes_to(STATUS_UNREACHABLE, false, false, "unreachable");
	world.gone = true;
	comes_to(STATUS_FAILED, false, false, "no verdict came (nobody there)");
}

/* Whatever says so: without a whole verdict there is none. */
static void
a_permit_alone_is_none(void **state)
{
	const struct verdict whole = world.verdict;

	(void)state;
	world.verdict.appraised = false;
	comes_to(STATUS_FAILED, false, false, "without a fresh verdict");
	world.verdict = whole;
	world.verdict.age_ms = 1;
	comes_to(STATUS_FAILED, false, false, "without a fresh verdict");
	world.verdict = whole;
	world.verdict.golden = 0;
	comes_to(STATUS_FAILED, false, false, "without a fresh verdict");
	verdict_set(&world.verdict, "host-b", VERDICT_STALE, REASON_AGE, NULL);
	comes_to(STATUS_FAILED, false, false, "without a fresh verdict");
	/* Beside a guard it may be as old as one that lets a migration begin.
	 */
	world.verdict = whole;
	world.verdict.age_ms = GUARD_YOUNG_MS + 1;
	journey.guard = (void *)&world;
	comes_to(STATUS_FAILED, false, false, "without a fresh verdict");
	world.verdict.age_ms = GUARD_YOUNG_MS;
	comes_to(STATUS_DONE, true, true, "");
	assert_int_equal(world.max_age_s, PERMIT_AGE_MAX_S);
	begin(NULL);
	/* Of another host than the one that was judged. */
	world.verdict = whole;
	snprintf(world.verdict.host, sizeof(world.verdict.host), "host-c");
	comes_to(STATUS_REFUSED, false, false, "not a fresh one of host-b");
}

static void
who_may_not_give_one_has_none(void **state)
{
	(void)state;
	world.denied = true;
	comes_to(STATUS_DONE, false, false,
	         "there is no permit: uid 7 may not");
}

static void
its_pass_is_not_put(void **state)
{
	(void)state;
	world.no_pass = true;
	comes_to(STATUS_DONE, true, false, "made no pass: it has no name");
	begin(NULL);
	/* Its own verifier's may be there. */
	move.source_is_here = false;
	comes_to(STATUS_DONE, false, false, "'virt-attest permit db1 qemu+tls");
	assert_string_equal(world.domain, ""); /* nobody was asked */
	begin(NULL);
	world.source_fails = true;
	assert_int_equal(journey_permit(&journey, NULL), STATUS_DONE);
	assert_true(journey.permitted && !journey.passed);
	assert_non_null(strstr(journey.note, "libvirt will not"));
}

/* The option of that name. */
static void
set_xml(const char *xml)
{
	const struct migration_option *o;

	for (size_t i = 0; (o = migration_option_at(i)) != NULL; i++)
		if (strcmp(o->name, "xml") == 0)
			journey.how.values[i] = xml;
}

static void
it_is_in_an_operators_xml(void **state)
{
	(void)state;
	set_xml("<domain/>");
	comes_to(STATUS_DONE, true, true, "");
	assert_string_equal(migration_value(&journey.how, "xml"),
	                    "<domain/> with " PASS);
	set_xml("bad");
	assert_int_equal(journey_permit(&journey, NULL), STATUS_DONE);
	assert_non_null(strstr(journey.note, "no XML"));
	/* It is in the metadata all the same, and taken away. */
	journey_unpass(&journey);
	assert_string_equal(world.source, "");
}

static void
it_is_taken_away(void **state)
{
	(void)state;
	comes_to(STATUS_DONE, true, true, "");
	journey_unpass(&journey);
	assert_string_equal(world.source, "");
	assert_int_equal(world.set_there, 0); /* it has not gone */
	assert_int_equal(world.withdrawn, 1);
	assert_int_equal(journey_permit(&journey, NULL), STATUS_DONE);
	journey.migrated = true;
	snprintf(world.destination_pass, sizeof(world.destination_pass), PASS);
	journey_unpass(&journey);
	assert_string_equal(world.source, "");
	assert_string_equal(world.destination_pass, "");
	/* Nobody connected there. */
	assert_int_equal(journey_permit(&journey, NULL), STATUS_DONE);
	way.destination = NULL;
	journey_unpass(&journey);
	assert_string_equal(world.source, "");
	/* A libvirt that hangs is not asked. */
	assert_int_equal(journey_permit(&journey, NULL), STATUS_DONE);
	journey.hangs = true;
	journey_unpass(&journey);
	assert_string_equal(world.source, PASS);
	assert_int_equal(world.withdrawn, 4);
	/* Where none was put, none is taken. */
	begin(NULL);
	world.no_pass = true;
	comes_to(STATUS_DONE, true, false, "made no pass");
	journey.migrated = true;
	journey_unpass(&journey);
	assert_int_equal(world.set_there, 0);
	assert_int_equal(world.withdrawn, 1);
	begin(NULL);
	world.denied = true;
	comes_to(STATUS_DONE, false, false, "there is no permit");
	journey_unpass(&journey);
	assert_int_equal(world.withdrawn, 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(it_is_given),
	    CASE(a_long_name_is_a_uuid),
	    CASE(it_is_not_given),
	    CASE(a_permit_alone_is_none),
	    CASE(who_may_not_give_one_has_none),
	    CASE(its_pass_is_not_put),
	    CASE(it_is_in_an_operators_xml),
	    CASE(it_is_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
