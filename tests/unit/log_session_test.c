/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measurement logs on the agent wire: both halves against each other, cut at
 * every byte, and what is refused. */
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
#include "proto/codec.h"
#include "proto/verifier_session.h"

enum { SMALL = 100 };

static struct mlog_piece *
some_piece(size_t len, bool more)
{
	struct mlog_piece *piece = mem_new(1, sizeof(*piece));

	piece->len = len;
	piece->more = more;
	for (size_t i = 0; i < len; i++)
		piece->at[i] = (uint8_t)(i * 7 + i / 251);
	return piece;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* One question and its answer, each in parts of `step`. */
static void
exchange(const struct mlog_asking *asked, const struct mlog_piece *told,
         size_t step)
{
	AUTO(buf_done) struct buf question = {0}, answer = {0};
	struct verifier_session verifier;
	struct agent_session agent;
	enum agent_want want = AGENT_WANT_BYTES;
	enum verifier_want has = VERIFIER_WANT_BYTES;
	size_t used;

	agent_session_open(&agent);
	verifier_session_open(&verifier);
	verifier_session_ask_log(&verifier, asked, &question);
	for (size_t at = 0; want == AGENT_WANT_BYTES; at += used)
		want = agent_session_feed(
		    &agent,
		    span_of(question.at + at, least(step, question.len - at)),
		    &used, &answer);
	assert_int_equal(want, AGENT_WANT_LOG);
	assert_int_equal(agent.log.kind, asked->kind);
	assert_int_equal(agent.log.from, asked->from);
	agent_session_log(&agent, told, &answer);
	assert_true(answer.len <= LINE_LOG_MAX);
	for (size_t at = 0; has == VERIFIER_WANT_BYTES; at += used)
		has = verifier_session_feed(
		    &verifier,
		    span_of(answer.at + at, least(step, answer.len - at)),
		    &used);
	assert_int_equal(has, VERIFIER_HAS_LOG);
	assert_memory_equal(verifier.piece, told, sizeof(*told));
	agent_session_done(&agent);
	verifier_session_done(&verifier);
}

static void
a_piece_survives_every_cut(void **state)
{
	static const struct mlog_asking asked = {MLOG_IMA, MLOG_FROM_MAX};
	struct mlog_piece *told = some_piece(SMALL, true);

	(void)state;
	for (size_t step = 1; step < 3 * SMALL; step++)
		exchange(&asked, told, step);
	free(told);
}

static void
the_largest_piece_survives(void **state)
{
	static const struct mlog_asking asked = {MLOG_BOOT, 0};
	static const size_t steps[] = {1, 3, 4096, 16384, LINE_LOG_MAX};
	struct mlog_piece *told = some_piece(MLOG_PIECE_MAX, true);

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(steps); i++)
		exchange(&asked, told, steps[i]);
	free(told);
}

static void
the_end_of_a_log_is_an_answer(void **state)
{
	static const struct mlog_asking asked = {MLOG_IMA, 7};
	struct mlog_piece *told = some_piece(0, false);

	(void)state;
	exchange(&asked, told, 5);
	free(told);
}

static void
bad_questions_are_answered(void **state)
{
	static const struct {
		const char *arguments, *says;
	} cases[] = {
	    {"{}", "\"Malformed\",\"desc\":\"'log'"},
	    {"{\"log\":\"boot\"}", "\"Malformed\",\"desc\":\"'from'"},
	    {"{\"from\":0}", "\"Malformed\",\"desc\":\"'log'"},
	    {"{\"log\":7,\"from\":0}", "\"Malformed\""},
	    {"{\"log\":\"boot\",\"from\":\"0\"}", "\"Malformed\""},
	    {"{\"log\":\"boot\",\"from\":1.5}", "\"Malformed\""},
	    {"{\"log\":\"boot\",\"from\":-1}", "\"Limit\""},
	    {"{\"log\":\"boot\",\"from\":9007199254740992}", "\"Limit\""},
	    {"{\"log\":\"boot\\u0000x\",\"from\":0}", "\"Limit\""},
	    {"{\"log\":\"a-log-of-a-long-name\",\"from\":0}", "\"Limit\""},
	    {"{\"log\":\"Boot\",\"from\":0}", "\"Unsupported\""},
	    {"{\"log\":\"\",\"from\":0}", "\"Unsupported\""},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		AUTO(buf_done) struct buf out = {0};
		struct agent_session agent;
		char line[200];
		size_t used;

		snprintf(line, sizeof(line),
		         "{\"execute\":\"log\",\"arguments\":%s,\"id\":3}\n",
		         cases[i].arguments);
		agent_session_open(&agent);
		assert_int_equal(
		    agent_session_feed(&agent, span_str(line), &used, &out),
		    AGENT_WANT_BYTES);
		buf_u8(&out, 0);
		if (strstr((const char *)out.at, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].arguments,
			         (const char *)out.at);
		agent_session_done(&agent);
	}
}

/* What a verifier makes of a line that answers its question for a log. */
static enum verifier_want
hear(struct span line, struct err *err)
{
	static const struct mlog_asking asked = {MLOG_BOOT, 0};
	AUTO(buf_done) struct buf out = {0};
	struct verifier_session s;
	enum verifier_want want = VERIFIER_WANT_BYTES;
	size_t used;

	verifier_session_open(&s);
	verifier_session_ask_log(&s, &asked, &out);
	for (; line.len != 0 && want == VERIFIER_WANT_BYTES; line.len -= used) {
		want = verifier_session_feed(&s, line, &used);
		line.at += used;
	}
	*err = s.error;
	verifier_session_done(&s);
	return want;
}

static void
bad_answers_break(void **state)
{
	static const struct {
		const char *result;
		enum err_code code;
	} cases[] = {
	    {"{}", ERR_MALFORMED},
	    {"{\"data\":\"AA==\"}", ERR_MALFORMED},
	    {"{\"more\":false}", ERR_MALFORMED},
	    {"{\"data\":7,\"more\":false}", ERR_MALFORMED},
	    {"{\"data\":\"AA==\",\"more\":0}", ERR_MALFORMED},
	    {"{\"data\":\"AA==\",\"more\":null}", ERR_MALFORMED},
	    {"{\"data\":\"AA\",\"more\":false}", ERR_MALFORMED},
	    {"{\"data\":\"AB==\",\"more\":false}", ERR_MALFORMED},
	    {"{\"data\":\"AA==\\n\",\"more\":false}", ERR_MALFORMED},
	    /* It would be asked for ever. */
	    {"{\"data\":\"\",\"more\":true}", ERR_MALFORMED},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		char line[200];

		snprintf(line, sizeof(line), "{\"return\":%s,\"id\":1}\n",
		         cases[i].result);
		if (hear(span_str(line), &err) != VERIFIER_BROKEN ||
		    err.code != cases[i].code)
			fail_msg("%s: %d %s", line, err.code, err.text);
	}
	assert_int_equal(
	    hear(span_str("{\"return\":{\"data\":\"AA==\",\"more\":true},"
	                  "\"id\":1}\n"),
	         &err),
	    VERIFIER_HAS_LOG);
}

/* One byte over: as many letters of base64, and room in the line. */
static void
a_piece_over_the_limit_is_refused(void **state)
{
	uint8_t *bytes = mem_new(MLOG_PIECE_MAX + 1, 1);
	struct err err;

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		AUTO(buf_done) struct buf line = {0};
		struct json *result = json_new_object();

		json_put_base64(result, "data",
		                span_of(bytes, MLOG_PIECE_MAX + over));
		json_put_bool(result, "more", false);
		reply_format(result, 1, &line);
		assert_true(line.len < LINE_LOG_MAX);
		assert_int_equal(hear(buf_span(&line), &err),
		                 over != 0 ? VERIFIER_BROKEN
		                           : VERIFIER_HAS_LOG);
	}
	free(bytes);
}

static void
a_line_over_the_limit_is_not_stored(void **state)
{
	static const struct mlog_asking asked = {MLOG_BOOT, 0};
	AUTO(buf_done) struct buf out = {0};
	static uint8_t part[1000];
	struct verifier_session s;
	size_t used, fed = 0;

	(void)state;
	memset(part, 'a', sizeof(part));
	verifier_session_open(&s);
	verifier_session_ask_log(&s, &asked, &out);
	while (s.want == VERIFIER_WANT_BYTES) {
		(void)verifier_session_feed(&s, span_of(part, sizeof(part)),
		                            &used);
		fed += sizeof(part);
	}
	assert_int_equal(s.want, VERIFIER_BROKEN);
	assert_int_equal(s.error.code, ERR_LIMIT);
	assert_true(fed <= LINE_LOG_MAX + sizeof(part));
	verifier_session_done(&s);
}

/* A piece is no evidence and evidence no piece. */
static void
an_answer_of_another_kind_breaks(void **state)
{
	static const struct challenge challenge = {
	    .selection = {1, {{TPM_ALG_SHA256, 1}}}};
	struct mlog_piece *piece = some_piece(SMALL, false);
	AUTO(buf_done) struct buf out = {0}, line = {0};
	struct evidence evidence = {0};
	struct verifier_session s;
	struct err err;
	size_t used;

	(void)state;
	verifier_session_open(&s);
	verifier_session_ask_quote(&s, &challenge, &out);
	reply_format(mlog_piece_encode(piece), s.id, &line);
	assert_int_equal(verifier_session_feed(&s, buf_span(&line), &used),
	                 VERIFIER_BROKEN);
	verifier_session_done(&s);
	line.len = 0;
	reply_format(evidence_encode(&evidence), 1, &line);
	assert_int_equal(hear(buf_span(&line), &err), VERIFIER_BROKEN);
	free(piece);
}

/* A host without a log is asked other things over the same connection. */
static void
no_log_is_an_answer_and_the_next_question_forgets(void **state)
{
	static const struct mlog_asking asked = {MLOG_IMA, 0};
	struct mlog_piece *told = some_piece(SMALL, false);
	AUTO(buf_done) struct buf question = {0}, answer = {0};
	struct verifier_session s;
	struct err err = {0};
	size_t used;

	(void)state;
	verifier_session_open(&s);
	verifier_session_ask_log(&s, &asked, &question);
	err_set(&err, ERR_NOT_FOUND, "switched off");
	reply_format_error(&err, 1, &answer);
	assert_int_equal(verifier_session_feed(&s, buf_span(&answer), &used),
	                 VERIFIER_HAS_ERROR);
	assert_int_equal(s.error.code, ERR_NOT_FOUND);
	verifier_session_ask_log(&s, &asked, &question);
	answer.len = 0;
	reply_format(mlog_piece_encode(told), 2, &answer);
	assert_int_equal(verifier_session_feed(&s, buf_span(&answer), &used),
	                 VERIFIER_HAS_LOG);
	assert_non_null(s.piece);
	assert_null(s.line.buf.at); /* nor is the line kept */
	verifier_session_ask_identity(&s, &question);
	assert_null(s.piece);
	verifier_session_done(&s);
	free(told);
}

static void
logs_have_names(void **state)
{
	enum mlog_kind kind;

	(void)state;
	for (int i = 0; i < MLOG_KINDS; i++) {
		const char *name = mlog_kind_name((enum mlog_kind)i);

		assert_true(mlog_kind_of(name, &kind));
		assert_int_equal(kind, i);
		assert_true(*mlog_kind_text(kind) != '\0');
	}
	assert_string_equal(mlog_kind_name(MLOG_BOOT), "boot");
	assert_string_equal(mlog_kind_name(MLOG_IMA), "ima");
	assert_false(mlog_kind_of("ima ", &kind));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_piece_survives_every_cut),
	    cmocka_unit_test(the_largest_piece_survives),
	    cmocka_unit_test(the_end_of_a_log_is_an_answer),
	    cmocka_unit_test(bad_questions_are_answered),
	    cmocka_unit_test(bad_answers_break),
	    cmocka_unit_test(a_piece_over_the_limit_is_refused),
	    cmocka_unit_test(a_line_over_the_limit_is_not_stored),
	    cmocka_unit_test(an_answer_of_another_kind_breaks),
	    cmocka_unit_test(no_log_is_an_answer_and_the_next_question_forgets),
	    cmocka_unit_test(logs_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
