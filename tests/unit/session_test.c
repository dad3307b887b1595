/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both halves of the agent wire against each other, cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/agent_session.h"
#include "proto/codec.h"
#include "proto/destination.h"
#include "proto/verifier_session.h"

static const struct challenge challenge = {
    .nonce = {1, 2, 3},
    .selection = {1, {{TPM_ALG_SHA256, 0x95}}},
};

static struct evidence
some_evidence(void)
{
	struct evidence e = {.attest = {3, {1, 2, 3}},
	                     .signature = {2, {4, 5}},
	                     .values.selection = {1, {{TPM_ALG_SHA256, 1}}},
	                     .place = {.index = 1, .size = 2, .n = 1},
	                     .counters = {7, 9}};

	e.values.values[0][0].len = 32;
	memset(e.values.values[0][0].at, 0xab, 32);
	memset(e.place.path[0], 0xcd, 32);
	return e;
}

/* Feeds `bytes` in parts of `step`; the agent answers with evidence. */
static void
feed_agent(struct agent_session *agent, struct span bytes, size_t step,
           struct buf *out)
{
	const struct evidence evidence = some_evidence();

	while (bytes.len != 0) {
		size_t part = bytes.len < step ? bytes.len : step, used;
		enum agent_want want;

		want = agent_session_feed(agent, span_of(bytes.at, part), &used,
		                          out);
		assert_true(used <= part);
		bytes.at += used;
		bytes.len -= used;
		if (want == AGENT_WANT_EVIDENCE) {
			assert_memory_equal(&agent->challenge, &challenge,
			                    sizeof(challenge));
			agent_session_evidence(agent, &evidence, out);
		}
	}
}

static void
evidence_survives_every_cut(void **state)
{
	const struct evidence evidence = some_evidence();

	(void)state;
	for (size_t step = 1; step < 700; step += step < 40 ? 1 : 37) {
		AUTO(buf_done) struct buf question = {0}, answer = {0};
		struct verifier_session verifier;
		struct agent_session agent;
		enum verifier_want want = VERIFIER_WANT_BYTES;
		size_t at = 0;

		agent_session_open(&agent);
		verifier_session_open(&verifier);
		verifier_session_ask_quote(&verifier, &challenge, &question);
		feed_agent(&agent, buf_span(&question), step, &answer);
		while (at < answer.len) {
			size_t part = answer.len - at, used;

			part = part < step ? part : step;
			want = verifier_session_feed(
			    &verifier, span_of(answer.at + at, part), &used);
			at += used;
		}
		assert_int_equal(want, VERIFIER_HAS_EVIDENCE);
		assert_memory_equal(&verifier.evidence, &evidence,
		                    sizeof(evidence));
		agent_session_done(&agent);
		verifier_session_done(&verifier);
	}
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void
a_secret_survives_every_cut(void **state)
{
	static const struct activation asked = {
	    .ek = "ecc-p384",
	    .credential = {.blob_len = CREDENTIAL_BLOB_MAX,
	                   .sealed_len = SEALED_MAX,
	                   .blob = {7, 8},
	                   .sealed = {9}},
	};
	static const struct activated told = {.len = 32, .secret = {3, 2, 1}};

	(void)state;
	for (size_t step = 1; step < 1200; step += step < 40 ? 1 : 37) {
		AUTO(buf_done) struct buf question = {0}, answer = {0};
		struct verifier_session verifier;
		struct agent_session agent;
		enum agent_want want = AGENT_WANT_BYTES;
		enum verifier_want has = VERIFIER_WANT_BYTES;
		size_t used;

		agent_session_open(&agent);
		verifier_session_open(&verifier);
		verifier_session_ask_secret(&verifier, &asked, &question);
		for (size_t at = 0; want == AGENT_WANT_BYTES; at += used)
			want = agent_session_feed(
			    &agent,
			    span_of(question.at + at,
			            least(step, question.len - at)),
			    &used, &answer);
		assert_int_equal(want, AGENT_WANT_SECRET);
		assert_memory_equal(&agent.activation, &asked, sizeof(asked));
		agent_session_activated(&agent, &told, &answer);
		for (size_t at = 0; has == VERIFIER_WANT_BYTES; at += used)
			has = verifier_session_feed(
			    &verifier,
			    span_of(answer.at + at,
			            least(step, answer.len - at)),
			    &used);
		assert_int_equal(has, VERIFIER_HAS_SECRET);
		assert_memory_equal(&verifier.activated, &told, sizeof(told));
		agent_session_done(&agent);
		verifier_session_done(&verifier);
	}
}

static void
a_certification_survives_every_cut(void **state)
{
	static const struct certifying asked = {
	    .iak = {.len = NAME_MAX_SIZE, .at = {0, 0x0c, 7}}, .nonce = {9, 8}};
	static const struct certified told = {
	    .attest = {ATTEST_MAX, {1, 2}}, .signature = {SIGNATURE_MAX, {3}}};

	(void)state;
	for (size_t step = 1; step < 2500; step += step < 40 ? 1 : 37) {
		AUTO(buf_done) struct buf question = {0}, answer = {0};
		struct verifier_session verifier;
		struct agent_session agent;
		enum agent_want want = AGENT_WANT_BYTES;
		enum verifier_want has = VERIFIER_WANT_BYTES;
		size_t used;

		agent_session_open(&agent);
		verifier_session_open(&verifier);
		verifier_session_ask_certified(&verifier, &asked, &question);
		for (size_t at = 0; want == AGENT_WANT_BYTES; at += used)
			want = agent_session_feed(
			    &agent,
			    span_of(question.at + at,
			            least(step, question.len - at)),
			    &used, &answer);
		assert_int_equal(want, AGENT_WANT_CERTIFIED);
		assert_memory_equal(&agent.certifying, &asked, sizeof(asked));
		agent_session_certified(&agent, &told, &answer);
		for (size_t at = 0; has == VERIFIER_WANT_BYTES; at += used)
			has = verifier_session_feed(
			    &verifier,
			    span_of(answer.at + at,
			            least(step, answer.len - at)),
			    &used);
		assert_int_equal(has, VERIFIER_HAS_CERTIFIED);
		assert_memory_equal(&verifier.certified, &told, sizeof(told));
		agent_session_done(&agent);
		verifier_session_done(&verifier);
	}
}

/* The largest identity that there is fits its line, IAKs and all. */
static void
the_largest_identity_survives(void **state)
{
	AUTO(buf_done) struct buf question = {0}, answer = {0};
	struct identity *id = mem_new(1, sizeof(*id));
	struct verifier_session verifier;
	struct agent_session agent;
	size_t used;

	(void)state;
	id->ak.len = PUBLIC_MAX;
	for (; id->n_eks < EKS_MAX; id->n_eks++) {
		strcpy(id->eks[id->n_eks].algorithm, "rsa2048-highest");
		id->eks[id->n_eks].public_area.len = PUBLIC_MAX;
		id->eks[id->n_eks].certificate.len = CERTIFICATE_MAX;
	}
	for (; id->n_iaks < IAKS_MAX; id->n_iaks++) {
		id->iaks[id->n_iaks].public_area.len = PUBLIC_MAX;
		id->iaks[id->n_iaks].certificate.len = CERTIFICATE_MAX;
		id->iaks[id->n_iaks].certificate.at[id->n_iaks] = 7;
	}
	for (; id->n_chain < CERTIFICATE_CHAIN_MAX; id->n_chain++)
		id->chain[id->n_chain].len = CERTIFICATE_MAX;
	agent_session_open(&agent);
	verifier_session_open(&verifier);
	verifier_session_ask_identity(&verifier, &question);
	assert_int_equal(
	    agent_session_feed(&agent, buf_span(&question), &used, &answer),
	    AGENT_WANT_IDENTITY);
	agent_session_identity(&agent, id, &answer);
	assert_int_equal(
	    verifier_session_feed(&verifier, buf_span(&answer), &used),
	    VERIFIER_HAS_IDENTITY);
	assert_memory_equal(verifier.identity, id, sizeof(*id));
	agent_session_done(&agent);
	verifier_session_done(&verifier);
	free(id);
}

/* Evidence is no secret and a secret no evidence: an answer of another kind
 * than was asked for breaks. */
static void
an_answer_of_another_kind_breaks(void **state)
{
	static const struct activation asked = {.ek = "rsa2048"};
	static const struct activated told = {.len = 32};
	const struct evidence evidence = some_evidence();

	(void)state;
	for (int secret = 0; secret < 2; secret++) {
		AUTO(buf_done) struct buf out = {0}, answer = {0};
		struct verifier_session s;
		size_t used;

		verifier_session_open(&s);
		if (secret != 0) {
			verifier_session_ask_secret(&s, &asked, &out);
			reply_format(evidence_encode(&evidence), s.id, &answer);
		} else {
			verifier_session_ask_quote(&s, &challenge, &out);
			reply_format(activated_encode(&told), s.id, &answer);
		}
		assert_int_equal(
		    verifier_session_feed(&s, buf_span(&answer), &used),
		    VERIFIER_BROKEN);
		verifier_session_done(&s);
	}
}

static enum agent_want
say(const char *text, struct buf *out)
{
	struct agent_session agent;
	enum agent_want want;
	size_t used;

	agent_session_open(&agent);
	want = agent_session_feed(&agent, span_str(text), &used, out);
	agent_session_done(&agent);
	return want;
}

static void
bad_requests_are_answered_or_ended(void **state)
{
	static const struct {
		const char *line, *says;
		enum agent_want want;
	} cases[] = {
	    {"rubbish\n", "Malformed", AGENT_WANT_CLOSE},
	    {"[]\n", "Malformed", AGENT_WANT_CLOSE},
	    {"{}\n", "Malformed", AGENT_WANT_CLOSE},
	    {"{\"execute\":\"identity\"} {}\n", "Malformed", AGENT_WANT_CLOSE},
	    {"{\"execute\":\"no\",\"id\":3}\n", "CommandNotFound",
	     AGENT_WANT_BYTES},
	    {"{\"execute\":\"identity\",\"version\":2}\n", "VersionRefused",
	     AGENT_WANT_BYTES},
	    {"{\"execute\":\"quote\",\"arguments\":{}}\n", "Malformed",
	     AGENT_WANT_BYTES},
	    {"{\"execute\":\"quote\",\"arguments\":{\"nonce\":\"AA==\","
	     "\"pcrs\":\"sha256:0\"}}\n",
	     "Malformed", AGENT_WANT_BYTES},
	    {"{\"execute\":\"activate-credential\",\"arguments\":{}}\n",
	     "Malformed", AGENT_WANT_BYTES},
	    {"{\"execute\":\"activate-credential\",\"arguments\":{\"ek\":"
	     "\"a-name-of-an-ek-that-is-too-long\",\"credential_blob\":\"AA=="
	     "\","
	     "\"encrypted_secret\":\"AA==\"}}\n",
	     "Limit", AGENT_WANT_BYTES},
	    {"{\"execute\":\"certify\",\"arguments\":{\"iak\":\"AAs=\"}}\n",
	     "Malformed", AGENT_WANT_BYTES},
	    {"{\"execute\":\"certify\",\"arguments\":{\"iak\":\"AAs=\","
	     "\"nonce\":\"AA==\"}}\n",
	     "Malformed", AGENT_WANT_BYTES},
	    {"{\"execute\":\"identity\",\"unknown\":1}\n", "",
	     AGENT_WANT_IDENTITY},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		AUTO(buf_done) struct buf out = {0};

		assert_int_equal(say(cases[i].line, &out), cases[i].want);
		buf_u8(&out, 0);
		assert_non_null(strstr((const char *)out.at, cases[i].says));
	}
}

static void
a_line_over_the_limit_is_not_stored(void **state)
{
	AUTO(buf_done) struct buf out = {0};
	static uint8_t part[1000];
	struct agent_session agent;
	enum agent_want want = AGENT_WANT_BYTES;
	size_t used, fed = 0;

	(void)state;
	memset(part, 'a', sizeof(part));
	agent_session_open(&agent);
	while (want == AGENT_WANT_BYTES) {
		want = agent_session_feed(&agent, span_of(part, sizeof(part)),
		                          &used, &out);
		fed += sizeof(part);
		assert_true(agent.line.buf.len < LINE_AGENT_REQUEST_MAX);
	}
	assert_int_equal(want, AGENT_WANT_CLOSE);
	assert_true(fed <= LINE_AGENT_REQUEST_MAX + sizeof(part));
	agent_session_done(&agent);
}

static void
bytes_that_answer_nothing_break(void **state)
{
	struct verifier_session s;
	size_t used;

	(void)state;
	verifier_session_open(&s);
	assert_int_equal(verifier_session_feed(&s, span_str("{}\n"), &used),
	                 VERIFIER_BROKEN);
	verifier_session_done(&s);
}

static void
a_reply_to_another_question_breaks(void **state)
{
	AUTO(buf_done) struct buf out = {0};
	struct verifier_session s;
	size_t used;

	(void)state;
	verifier_session_open(&s);
	verifier_session_ask_identity(&s, &out);
	assert_int_equal(verifier_session_feed(
			     &s, span_str("{\"return\":{},\"id\":9}\n"), &used),
	                 VERIFIER_BROKEN);
	verifier_session_done(&s);
}

static void
destinations_lead_to_one_host(void **state)
{
	static const struct {
		const char *text, *host; /* host NULL: refused */
		bool tls;
		unsigned port;
	} cases[] = {
	    {"host-b", "host-b", false, 0},
	    {"::1", "::1", false, 0},
	    {"qemu+tls://host-b.example/system", "host-b.example", true, 16514},
	    {"qemu://host-b/system", "host-b", true, 16514},
	    {"qemu+tls://[fe80::1]:17000/system", "fe80::1", true, 17000},
	    {"qemu+ssh://root@host-b/system", "host-b", false, 0},
	    {"qemu+ssh://root@host-b:22/system?no_tty=1", "host-b", false, 22},
	    {"tcp:host-b:49152", "host-b", false, 49152},
	    {"host-b.", "host-b", false, 0},
	    {"qemu+tls://host-b/system?no_verify=1", NULL, false, 0},
	    {"qemu+tls://host-b/system?pkipath=/tmp", NULL, false, 0},
	    {"qemu+ssh://host-b/system?socket=/x", NULL, false, 0},
	    {"qemu+ext://host-b/system?command=/bin/sh", NULL, false, 0},
	    {"qemu+tcp://host-b/system", NULL, false, 0},
	    {"qemu+unix:///system", NULL, false, 0},
	    {"qemu:///system", NULL, false, 0},
	    {"qemu+tls://host%2db/system", NULL, false, 0},
	    {"qemu+tls://::1/system", NULL, false, 0},
	    {"qemu+tls://host-b:0/system", NULL, false, 0},
	    {"qemu+tls://host-b/system#x", NULL, false, 0},
	    {"qemu+tls://host-b/?no_tty=1?no_verify=1", NULL, false, 0},
	    {"unix:/run/x", NULL, false, 0},
	    {"host b", NULL, false, 0},
	    {"", NULL, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct destination d;
		bool ok = destination_parse(cases[i].text, &d, NULL);

		if (cases[i].host == NULL
		        ? ok
		        : !ok || strcmp(d.host, cases[i].host) != 0 ||
		              d.tls != cases[i].tls || d.port != cases[i].port)
			fail_msg("'%s' -> %d '%s' %d %u", cases[i].text, ok,
			         d.host, d.tls, d.port);
	}
}

static void
a_verdict_survives_and_lies_do_not(void **state)
{
	struct verdict v, back;
	struct json *json;

	(void)state;
	verdict_set(&v, "host-a", VERDICT_UNTRUSTED, REASON_GOLDEN, "PCR 4");
	v.appraised = true;
	v.session.reset_count = 3;
	json = verdict_encode(&v);
	assert_true(verdict_decode(json, &back, NULL));
	assert_memory_equal(&v, &back, sizeof(v));
	json_put_text(json, "verdict", "trusted"); /* with a reason against */
	assert_false(verdict_decode(json, &back, NULL));
	json_put_text(json, "verdict", "yes");
	assert_false(verdict_decode(json, &back, NULL));
	json_free(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(evidence_survives_every_cut),
	    cmocka_unit_test(a_secret_survives_every_cut),
	    cmocka_unit_test(a_certification_survives_every_cut),
	    cmocka_unit_test(the_largest_identity_survives),
	    cmocka_unit_test(an_answer_of_another_kind_breaks),
	    cmocka_unit_test(bad_requests_are_answered_or_ended),
	    cmocka_unit_test(a_line_over_the_limit_is_not_stored),
	    cmocka_unit_test(bytes_that_answer_nothing_break),
	    cmocka_unit_test(a_reply_to_another_question_breaks),
	    cmocka_unit_test(destinations_lead_to_one_host),
	    cmocka_unit_test(a_verdict_survives_and_lies_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
