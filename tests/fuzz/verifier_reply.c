/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as an answer, to every question: what is accepted is within its
 * limits and survives being written and read again. */
#include <stdlib.h>
#include <string.h>

#include "evidence/certify.h"
#include "proto/codec.h"
#include "proto/verifier_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
evidence_again(const struct evidence *e)
{
	struct json *json = evidence_encode(e);
	struct evidence again;

	if (!evidence_decode(json, &again, NULL) ||
	    memcmp(e, &again, sizeof(again)) != 0)
		abort();
	json_free(json);
}

static void
secret_again(const struct activated *a)
{
	struct json *json = activated_encode(a);
	struct activated again;

	if (a->len > DIGEST_MAX || !activated_decode(json, &again, NULL) ||
	    memcmp(a, &again, sizeof(again)) != 0)
		abort();
	json_free(json);
}

static void
certified_again(const struct certified *c)
{
	struct json *json = certified_encode(c);
	struct certified again;
	struct certify said;

	if (!certified_decode(json, &again, NULL) ||
	    memcmp(c, &again, sizeof(again)) != 0)
		abort();
	if (certify_read(span_of(c->attest.at, c->attest.len), &said, NULL) &&
	    said.signer.len + said.extra.len + said.name.len +
	            said.qualified.len + said.trailing >
	        c->attest.len)
		abort();
	json_free(json);
}

static void
piece_again(const struct mlog_piece *p)
{
	struct json *json = mlog_piece_encode(p);
	static struct mlog_piece again;

	if (p->len > MLOG_PIECE_MAX || (p->more && p->len == 0) ||
	    !mlog_piece_decode(json, &again, NULL) || again.len != p->len ||
	    again.more != p->more || memcmp(p->at, again.at, p->len) != 0)
		abort();
	json_free(json);
}

static void
facts_again(const struct local_facts *f)
{
	AUTO(arena_done) struct arena arena = {0};
	struct json *json = local_facts_encode(f);
	struct local_facts again;

	if (f->n_paths > LOCAL_PATHS_MAX ||
	    !local_facts_decode(json, &arena, &again, NULL) ||
	    again.n_paths != f->n_paths || again.cpus != f->cpus)
		abort();
	json_free(json);
}

static void
feed(struct span in, enum verifier_want asked)
{
	static const struct challenge challenge;
	static const struct activation activation;
	static const struct certifying certifying;
	static const struct mlog_asking asking;
	static const struct local_asking nothing;
	AUTO(buf_done) struct buf out = {0};
	struct verifier_session s;
	enum verifier_want want = VERIFIER_WANT_BYTES;

	verifier_session_open(&s);
	if (asked == VERIFIER_HAS_EVIDENCE)
		verifier_session_ask_quote(&s, &challenge, &out);
	else if (asked == VERIFIER_HAS_SECRET)
		verifier_session_ask_secret(&s, &activation, &out);
	else if (asked == VERIFIER_HAS_CERTIFIED)
		verifier_session_ask_certified(&s, &certifying, &out);
	else if (asked == VERIFIER_HAS_LOG)
		verifier_session_ask_log(&s, &asking, &out);
	else if (asked == VERIFIER_HAS_FACTS)
		verifier_session_ask_facts(&s, &nothing, &out);
	else
		verifier_session_ask_identity(&s, &out);
	while (in.len != 0 && want == VERIFIER_WANT_BYTES) {
		size_t used;

		want = verifier_session_feed(&s, in, &used);
		in.at += used;
		in.len -= used;
	}
	if (want == VERIFIER_HAS_EVIDENCE)
		evidence_again(&s.evidence);
	if (want == VERIFIER_HAS_SECRET)
		secret_again(&s.activated);
	if (want == VERIFIER_HAS_CERTIFIED)
		certified_again(&s.certified);
	if (want == VERIFIER_HAS_LOG)
		piece_again(s.piece);
	if (want == VERIFIER_HAS_FACTS)
		facts_again(&s.facts);
	verifier_session_done(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct span in = span_of(at, len);
	struct verdict verdict;
	struct golden golden;
	struct json *json;

	feed(in, VERIFIER_HAS_EVIDENCE);
	feed(in, VERIFIER_HAS_IDENTITY);
	feed(in, VERIFIER_HAS_SECRET);
	feed(in, VERIFIER_HAS_CERTIFIED);
	feed(in, VERIFIER_HAS_LOG);
	feed(in, VERIFIER_HAS_FACTS);
	json = json_parse(in, NULL);
	if (json != NULL && verdict_decode(json, &verdict, NULL) &&
	    verdict.state == VERDICT_TRUSTED && verdict.n_reasons != 0)
		abort();
	if (json != NULL && golden_decode(json, &golden, NULL) &&
	    golden.values.selection.n == 0)
		abort();
	json_free(json);
	return 0;
}
