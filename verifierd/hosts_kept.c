/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verdict that may be given again. */
#include <string.h>

#include "hosts_kept.h"
#include "hosts_private.h"
#include "sys/sys.h"

void
kept_set(struct host *h, const struct verdict *verdict, uint64_t until_s)
{
	/* A connection that ended before the round did is not made up for by
	 * the next one. */
	if (verdict->state != VERDICT_TRUSTED || !host_is_connected(h)) {
		kept_drop(h);
		return;
	}
	h->kept.there = true;
	h->kept.golden = verdict->golden;
	h->kept.time_s = verdict->time_s;
	h->kept.session = verdict->session;
	memcpy(h->kept.warning, verdict->warning, sizeof(h->kept.warning));
	h->kept.since_ms = sys_boot_ms();
	h->kept.generation = h->hosts->v->generation;
	h->kept.until_s = until_s;
	h->memory.has_session = true;
	h->memory.session = verdict->session;
}

void
kept_drop(struct host *h)
{
	h->kept.there = false;
	h->kept.endpoint.port = 0;
}

void
kept_set_endpoint(struct host *h, const struct verdict *verdict)
{
	struct kept *k = &h->kept;

	if (!h->to.tls)
		return;
	if (verdict->state == VERDICT_TRUSTED) {
		k->endpoint = h->to;
		k->endpoint_ms = k->since_ms;
	} else if (same_endpoint(&k->endpoint, &h->to)) {
		k->endpoint.port = 0;
	}
}

/* That the host is trusted says nothing of whatever listens there. */
static bool
endpoint_stands(const struct kept *k, const struct destination *to,
                uint64_t max_age_ms)
{
	return !to->tls ||
	       (k->endpoint.port != 0 && same_endpoint(&k->endpoint, to) &&
	        sys_boot_ms() - k->endpoint_ms <= max_age_ms);
}

bool
kept_stands(const struct host *h)
{
	uint64_t until_s = h->kept.until_s;

	return h->kept.there && h->kept.generation == h->hosts->v->generation &&
	       (until_s == 0 || sys_unix_s() < until_s) && host_is_connected(h);
}

uint64_t
kept_age_ms(const struct host *h)
{
	return sys_boot_ms() - h->kept.since_ms;
}

void
kept_show(const struct host *h, struct verdict *out)
{
	*out = (struct verdict){
	    .state = VERDICT_TRUSTED,
	    .golden = h->kept.golden,
	    .time_s = h->kept.time_s,
	    .age_ms = kept_age_ms(h),
	    .appraised = true,
	    .session = h->kept.session,
	};
	memcpy(out->host, h->name, sizeof(out->host));
	memcpy(out->warning, h->kept.warning, sizeof(out->warning));
}

bool
kept_answer(struct host *h, const struct destination *to, uint64_t max_age_ms,
            struct verdict *out)
{
	struct verifierd *v = h->hosts->v;
	uint64_t age = kept_age_ms(h);

	if (!kept_stands(h) || age > max_age_ms ||
	    !endpoint_stands(&h->kept, to, max_age_ms) ||
	    age > v->config.max_age_s * 1000)
		return false;
	kept_show(h, out);
	v->counters.cached++;
	return true;
}
