/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* endpoint_host(): group by group; one that fails says why and the next one is
 * asked. */
#include <limits.h>
#include <stdlib.h>

#include "host_private.h"

static void
ask_arrival(struct host_question *h)
{
	if (h->role == ENDPOINT_DESTINATION) {
		host_cpu(h);
		host_dry_run(h);
		return;
	}
	h->host->cpu_why = "only the destination is asked";
	h->host->dry_run_why = h->host->cpu_why;
}

static void (*const groups[])(struct host_question *) = {
    host_memory,   host_pages,    host_online,     host_domcaps,
    ask_arrival,   host_networks, host_filters,    host_secrets,
    host_nodedevs, host_storage,  host_neighbours,
};

static void
ask_hostname(struct host_question *h)
{
	char *text = CALL(h->endpoint, virConnectGetHostname, h->connection);

	h->host->hostname = arena_text(h->arena, text);
	free(text);
}

static void
ask_identity(struct host_question *h)
{
	struct host_facts *host = h->host;
	unsigned long version = 0;

	host->uri = arena_text(h->arena, h->endpoint->uri);
	host->type = arena_text(
	    h->arena, CALL(h->endpoint, virConnectGetType, h->connection));
	ask_hostname(h);
	if (CALL(h->endpoint, virConnectGetVersion, h->connection, &version) ==
	    0)
		host->version = version;
	version = 0;
	if (CALL(h->endpoint, virConnectGetLibVersion, h->connection,
	         &version) == 0)
		host->lib_version = version;
}

/* Without them nothing is known: what is not listed would look unsupported. */
static bool
ask_capabilities(struct host_question *h, struct err *err)
{
	char *xml = CALL(h->endpoint, virConnectGetCapabilities, h->connection);
	struct err why = {0};

	if (xml == NULL) {
		h->host->missing = endpoint_said(h->endpoint, h->arena);
		return endpoint_is_there(h->endpoint, err);
	}
	if (!capabilities_parse(xml, h->domain->arch, h->arena, h->host, &why))
		h->host->missing = arena_text(h->arena, why.text);
	free(xml);
	return true;
}

static bool
ask_host(struct endpoint *e, struct question *q)
{
	struct domain_facts domain = {0};
	struct host_facts *host = arena_new(&q->arena, 1, sizeof(*host));
	struct host_question h = {
	    .endpoint = e,
	    .connection = e->connection,
	    .role = q->role,
	    .arena = &q->arena,
	    .domain = &domain,
	    .host = host,
	};

	/* The facts are the caller's: this thread may outlive them. */
	if (!domain_facts_parse(q->text, &q->arena, &domain, &q->err))
		return false;
	for (size_t i = 0; i < domain.n_disks && i < q->n_paths; i++)
		domain.disks[i].path = q->paths[i];
	q->answer = host;
	host->jobs = UINT_MAX;
	if (q->role == ENDPOINT_GLANCE) {
		ask_hostname(&h);
		host_networks(&h);
		return endpoint_is_there(e, &q->err);
	}
	ask_identity(&h);
	if (!ask_capabilities(&h, &q->err))
		return false;
	for (size_t i = 0; host->missing == NULL && i < LENGTH_OF(groups);
	     i++) {
		if (endpoint_is_given_up(e) || !endpoint_is_there(e, &q->err))
			return false;
		groups[i](&h);
	}
	return endpoint_is_there(e, &q->err);
}

bool
endpoint_host(struct endpoint *e, enum endpoint_role role,
              const struct domain_facts *domain, struct arena *arena,
              struct host_facts *out, struct err *err)
{
	struct question *q;

	if (domain->missing != NULL || domain->xml == NULL)
		return err_set(err, ERR_NOT_FOUND,
		               "what libvirt at %s is to be asked about is not "
		               "known: %s",
		               e->label,
		               domain->missing != NULL ? domain->missing
		                                       : "no domain");
	q = question_new(ask_host);
	q->role = role;
	q->text = arena_text(&q->arena, domain->xml);
	q->n_paths = domain->n_disks;
	q->paths = arena_new(&q->arena, q->n_paths, sizeof(*q->paths));
	for (size_t i = 0; i < q->n_paths; i++)
		q->paths[i] = arena_text(&q->arena, domain->disks[i].path);
	return endpoint_ask(e, q, arena, out, sizeof(*out), err);
}
