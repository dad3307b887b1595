/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "hosts_private.h"
#include "sys/sys.h"

struct host *
host_find(struct hosts *hosts, const char *name)
{
	struct host *h;

	LIST_FOREACH(h, &hosts->all, of_hosts)
	if (strcasecmp(h->name, name) == 0)
		return h;
	return NULL;
}

struct host *
host_take(struct hosts *hosts, const char *name)
{
	struct host *h = host_find(hosts, name);

	if (h != NULL)
		return h;
	h = mem_new(1, sizeof(*h));
	h->hosts = hosts;
	snprintf(h->name, sizeof(h->name), "%s", name);
	TAILQ_INIT(&h->running);
	TAILQ_INIT(&h->waiting);
	LIST_INSERT_HEAD(&hosts->all, h, of_hosts);
	return h;
}

bool
host_is_connected(const struct host *h)
{
	return h->agent != NULL && agent_is_connected(h->agent);
}

void
host_forget_replaced(struct host *h)
{
	if (!h->replaced)
		return;
	agent_free(h->agent);
	h->agent = NULL;
	h->replaced = false;
	ima_kept_free(h->ima_kept);
	h->ima_kept = NULL;
	kept_drop(h);
}

bool
hosts_standing(struct hosts *hosts, const char *name, struct verdict *out,
               struct err *err)
{
	struct verifierd *v = hosts->v;
	const struct host *h = host_find(hosts, name);
	uint64_t now = sys_unix_s();

	if (!store_verdict_last(v->store, name, out, NULL, NULL, err))
		return false;
	out->age_ms = now > out->time_s ? (now - out->time_s) * 1000 : 0;
	if (out->state != VERDICT_TRUSTED)
		return true;
	if (out->age_ms > v->config.max_age_s * 1000) {
		out->state = VERDICT_STALE;
		verdict_add(out, REASON_AGE, NULL);
	} else if (h == NULL || !kept_stands(h)) {
		out->state = VERDICT_STALE;
		verdict_add(out, REASON_REBOOTED, NULL);
	} else {
		out->age_ms = kept_age_ms(h);
	}
	return true;
}

bool
hosts_agent(struct hosts *hosts, const char *name, struct agent_counters *out)
{
	const struct host *h = host_find(hosts, name);

	*out = h != NULL ? h->counters : (struct agent_counters){0};
	return h != NULL && host_is_connected(h);
}

void
hosts_drop(struct hosts *hosts, const char *name)
{
	struct host *h = host_find(hosts, name);

	if (h == NULL)
		return;
	h->replaced = true;
	if (h->round == NULL && h->ending == NULL)
		host_forget_replaced(h);
}

struct hosts *
hosts_new(struct verifierd *v)
{
	struct hosts *hosts = mem_new(1, sizeof(*hosts));

	hosts->v = v;
	LIST_INIT(&hosts->all);
	TAILQ_INIT(&hosts->ready);
	TAILQ_INIT(&hosts->commits);
	return hosts;
}

void
hosts_free(struct hosts *hosts)
{
	struct host *h;

	if (hosts == NULL)
		return;
	timer_free(hosts->commit);
	askers_free(&hosts->ready);
	while ((h = LIST_FIRST(&hosts->all)) != NULL) {
		LIST_REMOVE(h, of_hosts);
		askers_free(&h->running);
		askers_free(&h->waiting);
		round_free(h->round);
		agent_free(h->agent);
		ending_free(h->ending);
		ima_kept_free(h->ima_kept);
		free(h);
	}
	free(hosts);
}
