/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pass in a domain's metadata: of libvirt's own test driver, and of a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "virt_help.h"

#define NODE   "test://" FIXTURES_DIR "/libvirt/node.xml"
#define RUNS   "3f1f0b4e-5d5c-4f0f-9b3e-0d6e5c1d2a71"
#define ASLEEP "3f1f0b4e-5d5c-4f0f-9b3e-0d6e5c1d2a72"
#define NOBODY "3f1f0b4e-5d5c-4f0f-9b3e-0d6e5c1d2aff"
#define PASS   "aaa.b-b_b.ccc"
#define URI    "urn:virt-attest:pass:1"

/* q->text: a UUID; q->running: of the guest that runs, else of its
 * configuration.  The answer is its pass, or NULL. */
static bool
ask_pass(struct endpoint *e, struct question *q)
{
	virDomainPtr domain =
	    virDomainLookupByUUIDString(e->connection, q->text);
	char *text = virDomainGetMetadata(
	    domain, VIR_DOMAIN_METADATA_ELEMENT, URI,
	    q->running ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG);
	const char **answer = arena_new(&q->arena, 1, sizeof(*answer));

	*answer = text != NULL ? arena_text(&q->arena, text) : NULL;
	q->answer = answer;
	free(text);
	virDomainFree(domain);
	return true;
}

static const char *
pass_of(struct endpoint *e, const char *uuid, bool running, struct arena *a)
{
	struct question *q = question_new(ask_pass);
	const char *answer = NULL;

	q->text = arena_text(&q->arena, uuid);
	q->running = running;
	assert_true(endpoint_ask(e, q, a, &answer, sizeof(answer), NULL));
	return answer;
}

static void
it_is_put_and_taken(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	struct err err = {0};

	(void)state;
	assert_null(pass_of(e, RUNS, true, &a));
	assert_true(endpoint_set_pass(e, RUNS, "x.y.z", &err));
	assert_true(endpoint_set_pass(e, RUNS, PASS, &err));
	assert_non_null(strstr(pass_of(e, RUNS, true, &a), ">" PASS "<"));
	assert_non_null(strstr(pass_of(e, RUNS, false, &a), ">" PASS "<"));
	assert_true(endpoint_set_pass(e, RUNS, NULL, &err));
	assert_null(pass_of(e, RUNS, true, &a));
	assert_null(pass_of(e, RUNS, false, &a));
	/* What is not there is taken away. */
	assert_true(endpoint_set_pass(e, RUNS, NULL, &err));
	assert_true(endpoint_set_pass(e, NOBODY, NULL, &err));
	endpoint_free(e);
}

static void
one_that_does_not_run_has_a_configuration(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	struct endpoint *e = opened(NODE);
	struct err err = {0};

	(void)state;
	assert_true(endpoint_set_pass(e, ASLEEP, PASS, &err));
	assert_non_null(strstr(pass_of(e, ASLEEP, false, &a), ">" PASS "<"));
	assert_true(endpoint_set_pass(e, ASLEEP, NULL, &err));
	assert_null(pass_of(e, ASLEEP, false, &a));
	endpoint_free(e);
}

static void
it_is_refused(void **state)
{
	static char long_one[ENDPOINT_PASS_MAX + 2];
	const char *const none[] = {"",        "a b",  "a<b",
	                            "a&amp;b", "a\nb", long_one};
	struct endpoint *e = opened(NODE);
	AUTO(arena_done) struct arena a = {0};
	const char *out = NULL;
	struct err err = {0};

	(void)state;
	memset(long_one, 'a', sizeof(long_one) - 1);
	for (size_t i = 0; i < LENGTH_OF(none); i++) {
		err = (struct err){0};
		assert_false(endpoint_set_pass(e, RUNS, none[i], &err));
		check_said(&err, ERR_MALFORMED, "JWT");
		err = (struct err){0};
		assert_false(
		    domain_xml_with_pass("<domain/>", none[i], &a, &out, &err));
		check_said(&err, ERR_MALFORMED, "JWT");
	}
	err = (struct err){0};
	assert_false(endpoint_set_pass(e, NOBODY, PASS, &err));
	check_said(&err, ERR_UNAVAILABLE, "does not take the metadata of 3f1f");
	endpoint_free(e);
}

/* The text with PASS in it. */
static const char *
with_pass(const char *xml, struct arena *a)
{
	const char *out = NULL;
	struct err err = {0};

	if (!domain_xml_with_pass(xml, PASS, a, &out, &err))
		fail_msg("%s", err.text);
	return out;
}

#define WRITTEN                                                                \
	"<virt-attest:pass xmlns:virt-attest=\"" URI "\">" PASS                \
	"</virt-attest:pass>"

static void
a_file_gets_it(void **state)
{
	AUTO(arena_done) struct arena a = {0};
	const char *out = NULL;
	struct err err = {0};

	(void)state;
	assert_string_equal(
	    with_pass("<domain type='kvm'><name>a&lt;b</name></domain>", &a),
	    "<domain type=\"kvm\"><name>a&lt;b</name><metadata>" WRITTEN
	    "</metadata></domain>");
	/* Beside what others have there, and in the place of an earlier one. */
	assert_string_equal(
	    with_pass("<domain><metadata><o:x xmlns:o='urn:o'>1</o:x>"
	              "<pass xmlns='" URI "'>old</pass>"
	              "<v:old xmlns:v='" URI "'/></metadata></domain>",
	              &a),
	    "<domain><metadata><o:x xmlns:o=\"urn:o\">1</o:x>" WRITTEN
	    "</metadata></domain>");
	assert_false(domain_xml_with_pass("<network/>", PASS, &a, &out, &err));
	check_said(&err, ERR_MALFORMED, "is not a <domain>");
	assert_false(domain_xml_with_pass("<!DOCTYPE domain><domain/>", PASS,
	                                  &a, &out, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_put_and_taken),
	    cmocka_unit_test(one_that_does_not_run_has_a_configuration),
	    cmocka_unit_test(it_is_refused),
	    cmocka_unit_test(a_file_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
