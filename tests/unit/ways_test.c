/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verifier's answers come to: which of them let a migration go, and
 * whether all that a migration leads to is the one host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka has a fail() of its own, as a macro. */
#include "move_private.h"
#include "proto/codec.h"
#include "sys/sys.h"

#include <cmocka.h>

/* --- a verifier --- */

static struct {
	bool gone;              /* nobody is there */
	struct verdict verdict; /* of host-b and what leads there */
	struct attester host;
	unsigned asked;
	uint64_t at_ms;     /* of the first question */
	uint64_t max_age_s; /* of the question about the destination */
} said;

bool
session_open(struct session *s, const struct cli *cli, struct err *err)
{
	(void)cli;
	s->fd = -1;
	return !said.gone || err_set(err, ERR_UNAVAILABLE, "nobody is there");
}

void
session_done(struct session *s)
{
	reply_done(&s->reply);
}

static struct json *
verdict_of(const char *destination)
{
	struct verdict v = said.verdict;

	if (strstr(destination, "host-b") == NULL)
		verdict_set(&v, "host-c", VERDICT_TRUSTED, REASON_COUNT, NULL);
	if (strstr(destination, "nowhere") != NULL)
		verdict_set(&v, "", VERDICT_UNKNOWN, REASON_DESTINATION, NULL);
	return verdict_encode(&v);
}

bool
session_exchange(struct session *s, const char *command, struct json *arguments,
                 struct err *err)
{
	const char *to = json_as_text(json_get(arguments, "destination"));
	uint64_t age = 0;

	if (said.asked++ == 0)
		said.at_ms = sys_boot_ms();
	reply_done(&s->reply);
	s->reply.root = json_new_object();
	if (strcmp(command, "verify") == 0) {
		assert_true(
		    json_want_u64(arguments, "max_age", 1000, &age, err));
		if (strncmp(to, "qemu", 4) == 0)
			said.max_age_s = age;
		json_put(s->reply.root, "return", verdict_of(to));
	} else if (strcmp(command, "show") == 0) {
		json_put(s->reply.root, "return", attester_encode(&said.host));
	}
	json_free(arguments);
	if (json_get(s->reply.root, "return") != NULL)
		return json_get_object(s->reply.root, "return",
		                       &s->reply.result, err);
	return err_set(&s->reply.error, ERR_NOT_FOUND, "no such thing");
}

/* --- libvirts that are not there --- */

struct endpoint *
endpoint_open(const char *uri, struct err *err)
{
	(void)err_set(err, ERR_UNAVAILABLE, "no connection to %s", uri);
	return NULL;
}

void
endpoint_free(struct endpoint *e)
{
	assert_null(e);
}

const char *
endpoint_uri(const struct endpoint *e)
{
	(void)e;
	return "qemu:///system";
}

bool
endpoint_domain(struct endpoint *e, const char *domain, struct arena *arena,
                struct domain_facts *out, struct err *err)
{
	(void)e;
	(void)arena;
	*out = (struct domain_facts){0};
	return err_set(err, ERR_NOT_FOUND, "no %s", domain);
}

/* --- the cases --- */

static void
trusted(void)
{
	static const uint8_t key[SHA256_SIZE] = {1};

	memset(&said, 0, sizeof(said));
	verdict_set(&said.verdict, "host-b", VERDICT_TRUSTED, REASON_COUNT,
	            NULL);
	said.verdict.n_reasons = 0;
	said.verdict.appraised = true;
	said.verdict.golden = 3;
	snprintf(said.host.name, sizeof(said.host.name), "host-b");
	snprintf(said.host.address, sizeof(said.host.address), "192.0.2.7");
	snprintf(said.host.ek_algorithm, sizeof(said.host.ek_algorithm),
	         "ecc-p256-high");
	said.host.port = 16515;
	said.host.ak.len = 1;
	assert_true(
	    endpoint_keys_add(&said.host.endpoints, "libvirt-tls", key));
}

static bool
holds(const char *host, char why[ERR_TEXT_MAX])
{
	const struct cli cli = {.socket = "/run/s"};
	struct verdict v;
	struct err err;
	bool ok =
	    verdict_holds(&cli, "qemu+tls://host-b/system", host, &v, &err);

	snprintf(why, ERR_TEXT_MAX, "%s", err.text);
	return ok;
}

static void
only_a_whole_fresh_word_holds(void **state)
{
	char why[ERR_TEXT_MAX];

	(void)state;
	trusted();
	assert_true(holds("host-b", why));
	assert_int_equal(said.max_age_s, 0);
	assert_false(
	    holds("host-c", why)); /* the host that it was is another */
	assert_false(holds("", why));
	said.verdict.age_ms = 1;
	assert_false(holds("host-b", why));
	trusted();
	said.verdict.golden = 0;
	assert_false(holds("host-b", why));
	trusted();
	said.verdict.appraised = false;
	assert_false(holds("host-b", why));
	trusted();
	said.verdict.state = VERDICT_STALE;
	assert_false(holds("host-b", why));
	trusted();
	said.gone = true;
	assert_false(holds("host-b", why));
	assert_string_equal(why, "nobody is there");
}

static size_t
option_of(const char *name)
{
	size_t i = 0;

	while (strcmp(migration_option_at(i)->name, name) != 0)
		i++;
	return i;
}

static void
all_that_it_leads_to_is_one_host(void **state)
{
	static const struct {
		const char *option, *value;
		bool same;
	} cases[] = {
	    {"live", "", true},
	    {"migrateuri", "tcp://host-b:5555", true},
	    {"migrateuri", "tcp://host-c:5555", false},
	    {"migrateuri", "tcp://nowhere", false},
	    {"disks-uri", "tcp://host-b:5555", true},
	    {"disks-uri", "tcp://host-c:5555", false},
	};
	const struct cli cli = {.socket = "/run/s"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		uint64_t before_ms = sys_boot_ms();
		struct move move = {.cli = &cli};
		struct way way;
		struct err err = {0};

		trusted();
		assert_true(migration_set(&move.how, option_of(cases[i].option),
		                          cases[i].value, &err));
		assert_true(
		    way_open(&way, &move, "qemu+tls://host-b/system", &err));
		assert_null(way.trust.missing);
		assert_true(way.asked_ms >= before_ms &&
		            way.asked_ms <= said.at_ms);
		if (way.trust.same_host != cases[i].same)
			fail_msg("--%s %s", cases[i].option, cases[i].value);
		if (!cases[i].same)
			assert_string_equal(way.trust.other_host,
			                    cases[i].value);
		way_done(&way);
	}
}

/* The key of libvirt there was compared: the verifier knows one, was asked
 * about a TLS endpoint, and appraised it. */
static void
a_key_that_nobody_compared_is_none(void **state)
{
	static const struct {
		const char *uri;
		bool enrolled, appraised, checked;
	} cases[] = {
	    {"qemu+tls://host-b/system", true, true, true},
	    {"qemu+tls://host-b/system", false, true, false},
	    {"qemu+tls://host-b/system", true, false, false},
	    {"qemu+ssh://host-b/system", true, true, false},
	};
	const struct cli cli = {.socket = "/run/s"};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct move move = {.cli = &cli};
		struct way way;
		struct err err = {0};

		trusted();
		said.verdict.appraised = cases[i].appraised;
		if (!cases[i].enrolled)
			said.host.endpoints.n = 0;
		assert_true(way_open(&way, &move, cases[i].uri, &err));
		if (way.trust.endpoint_checked != cases[i].checked)
			fail_msg("case %zu", i);
		way_done(&way);
	}
}

static void
no_word_is_no_trust(void **state)
{
	const struct cli cli = {.socket = "/run/s"};
	struct move move = {.cli = &cli};
	struct way way;
	struct err err = {0};

	(void)state;
	trusted();
	said.gone = true;
	assert_true(way_open(&way, &move, "qemu+tls://host-b/system", &err));
	assert_non_null(strstr(way.trust.missing, "nobody is there"));
	assert_false(way.trust.same_host);
	assert_false(way.trust.endpoint_checked);
	assert_non_null(way.destination_missing);
	way_done(&way);
	/* And one that is refused asks nobody. */
	trusted();
	assert_false(way_open(&way, &move, "qemu+tcp://host-b/system", &err));
	assert_int_equal(said.asked, 0);
	way_done(&way);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_a_whole_fresh_word_holds),
	    cmocka_unit_test(all_that_it_leads_to_is_one_host),
	    cmocka_unit_test(a_key_that_nobody_compared_is_none),
	    cmocka_unit_test(no_word_is_no_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
