/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gather.h"

void
gather_begin(struct gather *g, struct agent *agent, enum mlog_kind kind,
             uint64_t from)
{
	g->busy = true;
	g->agent = agent;
	g->asking = (struct mlog_asking){kind, from};
	agent_ask_log(agent, &g->asking, g->timeout_ms);
}

static void
end(struct gather *g, const struct err *absent)
{
	g->busy = false;
	g->done(g->arg, absent);
}

void
gather_piece(struct gather *g, const struct mlog_piece *piece)
{
	bool more = piece->more; /* the piece goes with the next question */
	uint64_t next = g->asking.from + piece->len;

	if (!g->take(g->arg, span_of(piece->at, piece->len)) || !more ||
	    next > MLOG_FROM_MAX)
		end(g, NULL);
	else
		gather_begin(g, g->agent, g->asking.kind, next);
}

void
gather_absent(struct gather *g, const struct err *why)
{
	end(g, why);
}

bool
gather_boot_log(struct buf *log, struct span bytes)
{
	if (bytes.len > GATHER_BOOT_MAX - log->len) {
		log->len = 0;
		return false;
	}
	buf_add(log, bytes);
	return true;
}
