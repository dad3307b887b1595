/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a host says of itself on the agent wire: both halves against each other,
 * cut at every byte, and what is too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/agent_session.h"
#include "proto/verifier_session.h"

static struct local_path_asked asked_paths[LOCAL_PATHS_MAX];
static const char *asked_links[] = {"br0"};
static struct local_path told_paths[LOCAL_PATHS_MAX];
static char long_paths[LOCAL_PATHS_MAX][LOCAL_PATH_SIZE];

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* `n` paths of `len` letters each. */
static struct local_asking
some_asking(size_t n, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		memset(long_paths[i], 'a' + (int)(i % 26), len);
		long_paths[i][0] = '/';
		long_paths[i][len] = '\0';
		asked_paths[i] =
		    (struct local_path_asked){long_paths[i], i % 2 == 0};
	}
	return (struct local_asking){.n_paths = n,
	                             .paths = asked_paths,
	                             .n_links = 1,
	                             .links = asked_links};
}

static struct local_facts
some_facts(size_t n, const char *why)
{
	for (size_t i = 0; i < n; i++)
		told_paths[i] = (struct local_path){.path = long_paths[i],
		                                    .exists = true,
		                                    .kind = "file",
		                                    .inode = i,
		                                    .why = why};
	return (struct local_facts){
	    .kernel = "6.1", .n_paths = n, .paths = told_paths};
}

static void
is_same(const struct json *one, const struct json *other)
{
	AUTO(buf_done) struct buf a = {0}, b = {0};

	json_format(one, &a);
	json_format(other, &b);
	assert_true(span_eq(buf_span(&a), buf_span(&b)));
}

static void
is_asked(const struct local_asking *got, const struct local_asking *want)
{
	AUTO(json_auto) struct json *a = local_asking_encode(got);
	AUTO(json_auto) struct json *b = local_asking_encode(want);

	is_same(a, b);
}

static void
is_told(const struct local_facts *got, const struct local_facts *want)
{
	AUTO(json_auto) struct json *a = local_facts_encode(got);
	AUTO(json_auto) struct json *b = local_facts_encode(want);

	is_same(a, b);
}

/* One question and its answer, each in parts of `step`. */
static void
exchange(const struct local_asking *asked, const struct local_facts *told,
         bool allowed, size_t step)
{
	AUTO(buf_done) struct buf question = {0}, answer = {0};
	struct verifier_session verifier;
	struct agent_session agent;
	enum agent_want want = AGENT_WANT_BYTES;
	enum verifier_want has = VERIFIER_WANT_BYTES;
	size_t used;

	agent_session_open(&agent);
	if (allowed)
		agent_session_allow_facts(&agent);
	verifier_session_open(&verifier);
	verifier_session_ask_facts(&verifier, asked, &question);
	for (size_t at = 0; want == AGENT_WANT_BYTES; at += used)
		want = agent_session_feed(
		    &agent,
		    span_of(question.at + at, least(step, question.len - at)),
		    &used, &answer);
	assert_int_equal(want, AGENT_WANT_FACTS);
	is_asked(&agent.facts, asked);
	agent_session_facts(&agent, told, &answer);
	assert_null(agent.arena.pieces);
	for (size_t at = 0; has == VERIFIER_WANT_BYTES; at += used)
		has = verifier_session_feed(
		    &verifier,
		    span_of(answer.at + at, least(step, answer.len - at)),
		    &used);
	assert_int_equal(has, VERIFIER_HAS_FACTS);
	is_told(&verifier.facts, told);
	agent_session_done(&agent);
	verifier_session_done(&verifier);
}

static void
facts_survive_every_cut(void **state)
{
	const struct local_asking asked = some_asking(2, 20);
	const struct local_facts told = some_facts(2, NULL);

	(void)state;
	for (size_t step = 1; step < 400; step++)
		exchange(&asked, &told, step % 2 == 0, step);
}

static void
the_longest_question_survives(void **state)
{
	const struct local_asking asked = some_asking(LOCAL_PATHS_MAX, 1023);
	const struct local_facts told = some_facts(LOCAL_PATHS_MAX, NULL);

	(void)state;
	exchange(&asked, &told, true, 4096);
	exchange(&asked, &told, true, LINE_FACTS_REQUEST_MAX);
}

/* Asks and gives up the answer's text to the caller. */
static enum agent_want
ask(struct agent_session *agent, const struct local_asking *asked,
    struct buf *out)
{
	AUTO(buf_done) struct buf question = {0};
	struct verifier_session verifier;
	enum agent_want want;
	size_t used;

	verifier_session_open(&verifier);
	verifier_session_ask_facts(&verifier, asked, &question);
	want = agent_session_feed(agent, buf_span(&question), &used, out);
	verifier_session_done(&verifier);
	return want;
}

static void
says(struct buf *out, const char *text)
{
	buf_u8(out, 0);
	if (strstr((const char *)out->at, text) == NULL)
		fail_msg("%s", (const char *)out->at);
}

static void
who_may_not_ask_may_not_ask_at_length(void **state)
{
	const struct local_asking asked = some_asking(8, 1000);
	AUTO(buf_done) struct buf out = {0};
	struct agent_session agent;

	(void)state;
	agent_session_open(&agent);
	assert_int_equal(ask(&agent, &asked, &out), AGENT_WANT_CLOSE);
	says(&out, "4096 bytes at most, but from one of this agent's "
	           "facts_verifiers");
	agent_session_done(&agent);
}

static void
an_answer_over_its_line_is_refused(void **state)
{
	static char why[LOCAL_TEXT_MAX + 1];
	static char path[LOCAL_PATH_SIZE];
	const struct local_asking asked = some_asking(1, 20);
	AUTO(buf_done) struct buf out = {0};
	struct agent_session agent;
	struct local_facts told;

	(void)state;
	memset(why, '"', LOCAL_TEXT_MAX); /* two bytes each, escaped */
	memset(path, '\\', sizeof(path) - 1);
	path[0] = '/';
	told = some_facts(LOCAL_PATHS_MAX, why);
	for (size_t i = 0; i < LOCAL_PATHS_MAX; i++)
		told_paths[i].path = path;
	agent_session_open(&agent);
	assert_int_equal(ask(&agent, &asked, &out), AGENT_WANT_FACTS);
	agent_session_facts(&agent, &told, &out);
	assert_true(out.len < 200);
	says(&out, "\"Limit\",\"desc\":\"the facts are over");
	assert_int_equal(agent.want, AGENT_WANT_BYTES);
	agent_session_done(&agent);
}

static void
bent_ones_are_refused(void **state)
{
	static const char question[] =
	    "{\"execute\":\"facts\",\"arguments\":{\"links\":[\"a/b\"]},"
	    "\"id\":3}\n";
	static const char bent[] = "{\"return\":{\"time_ms\":1},\"id\":1}\n";
	const struct local_asking asked = some_asking(1, 20);
	AUTO(buf_done) struct buf out = {0};
	struct verifier_session verifier;
	struct agent_session agent;
	size_t used;

	(void)state;
	agent_session_open(&agent);
	assert_int_equal(
	    agent_session_feed(&agent, span_str(question), &used, &out),
	    AGENT_WANT_BYTES);
	says(&out, "\"Malformed\"");
	agent_session_done(&agent);
	verifier_session_open(&verifier);
	verifier_session_ask_facts(&verifier, &asked, &out);
	assert_int_equal(
	    verifier_session_feed(&verifier, span_str(bent), &used),
	    VERIFIER_BROKEN);
	verifier_session_done(&verifier);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(facts_survive_every_cut),
	    cmocka_unit_test(the_longest_question_survives),
	    cmocka_unit_test(who_may_not_ask_may_not_ask_at_length),
	    cmocka_unit_test(an_answer_over_its_line_is_refused),
	    cmocka_unit_test(bent_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
