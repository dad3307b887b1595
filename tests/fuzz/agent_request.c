/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes: the agent's session never stores more than a line, never stops in
 * the middle of what it was given without wanting something, and says what it
 * says in whole lines. */
#include <stdlib.h>
#include <string.h>

#include "proto/agent_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
feed(const uint8_t *at, size_t len, bool may_ask_facts)
{
	static const struct local_facts facts;
	static const struct identity identity;
	static const struct evidence evidence;
	static const struct activated activated;
	static const struct certified certified;
	static const struct mlog_piece piece = {.len = 3, .more = true};
	AUTO(buf_done) struct buf out = {0};
	struct agent_session s;
	size_t done = 0;

	agent_session_open(&s);
	if (may_ask_facts)
		agent_session_allow_facts(&s);
	while (done < len && s.want != AGENT_WANT_CLOSE) {
		size_t used;
		enum agent_want want;

		want = agent_session_feed(&s, span_of(at + done, len - done),
		                          &used, &out);
		done += used;
		if (want == AGENT_WANT_IDENTITY)
			agent_session_identity(&s, &identity, &out);
		else if (want == AGENT_WANT_EVIDENCE)
			agent_session_evidence(&s, &evidence, &out);
		else if (want == AGENT_WANT_SECRET)
			agent_session_activated(&s, &activated, &out);
		else if (want == AGENT_WANT_CERTIFIED)
			agent_session_certified(&s, &certified, &out);
		else if (want == AGENT_WANT_LOG) {
			if (s.log.kind >= MLOG_KINDS ||
			    s.log.from > MLOG_FROM_MAX)
				abort();
			agent_session_log(&s, &piece, &out);
		} else if (want == AGENT_WANT_FACTS) {
			if (s.facts.n_paths > LOCAL_PATHS_MAX)
				abort();
			agent_session_facts(&s, &facts, &out);
		} else if (want == AGENT_WANT_BYTES && done != len)
			abort();
		if (s.line.buf.len >= (may_ask_facts ? LINE_FACTS_REQUEST_MAX
		                                     : LINE_AGENT_REQUEST_MAX))
			abort();
	}
	if (out.len != 0 && out.at[out.len - 1] != '\n')
		abort();
	agent_session_done(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	feed(at, len, false);
	feed(at, len, true);
	return 0;
}
